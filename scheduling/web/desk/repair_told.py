"""Why something about a repair was refused, in the words of its own page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from scheduling.core.refusals import Code, Refused
from scheduling.models import Disruption
from scheduling.web.tell import tell

STATES: dict[str, Any] = {
    "applied": gettext_lazy("This repair was taken already, here or at another desk."),
    "proposed": gettext_lazy("This repair is not taken. There is nothing to put back."),
    "withdrawn": gettext_lazy("The closure was taken away. There is nothing to repair."),
    "changed since": gettext_lazy(
        "A session was changed after the repair. It cannot be put back; move sessions one by one."
    ),
}
NO_WAY_BACK = gettext_lazy(
    "A patient was told, or it is too long ago. It cannot be put back; move sessions one by one."
)


def tell_of(request: HttpRequest, refused: Refused, disruption: Disruption) -> None:
    """Every reason, on the next page. A state that is in the way is that of the repair."""
    for one in refused.refusals:
        state = str(one.facts.get("state"))
        if one.code is not Code.WRONG_STATE or state not in STATES:
            tell(request, Refused([one]), disruption.site.timezone)
        elif one.facts.get("action") == "undo" and state == "applied":
            messages.warning(request, NO_WAY_BACK)
        else:
            messages.warning(request, STATES[state])
