"""What the drawings say."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from education.markup.document import Strength

STEPS = {
    Strength.STRONG: 5,
    Strength.MODERATE: 4,
    Strength.MIXED: 3,
    Strength.SMALL: 2,
    Strength.WEAK: 1,
    Strength.NONE: 0,
}
"""How many of five fields are filled."""
STRENGTH: dict[Strength, Any] = {
    Strength.STRONG: _("Strong"),
    Strength.MODERATE: _("Moderate"),
    Strength.MIXED: _("Mixed: studies disagree"),
    Strength.SMALL: _("Small studies only"),
    Strength.WEAK: _("Weak"),
    Strength.NONE: _("None yet"),
}
PHASES: dict[str, Any] = {
    "prepare": _("Getting ready"),
    "treat": _("The medicine"),
    "recover": _("Resting"),
}
PHASE_NOTES: dict[str, Any] = {
    "prepare": _("You arrive and sit down. Somebody checks that all is well."),
    "treat": _("The medicine flows in slowly. Somebody stays near, and you can ask to stop."),
    "recover": _("You rest in the chair until you are clear again."),
}
