"""What to do before a session, in a few lines: the same for everybody, never a medical order."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TREATMENT = (
    _("Eat and drink only as the clinic told you."),
    _("Take your medicines as agreed. Never stop one on your own: ask your clinician."),
    _("Wear loose clothes. You may bring music."),
    _("Call us if you are sick, may be pregnant, or do not feel safe."),
)
TALK = {
    "in_person": (_("Come a few minutes early."),),
    "video": (
        _("Find a quiet place where you can talk freely."),
        _("Try your camera and sound before."),
    ),
    "phone": (_("Keep your phone near you, in a place where you can talk freely."),),
}


def before(session: dict[str, Any]) -> tuple[str | Promise, ...]:
    """The lines for a session as `rows.session_row` gives it."""
    return TREATMENT if session["treatment"] else TALK.get(session["mode"], ())
