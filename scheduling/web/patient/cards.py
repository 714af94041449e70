"""What a proposal looks like to a reader."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from scheduling import wording
from scheduling.core.plan import Proposal
from scheduling.models import Site
from scheduling.selectors.course_search import SearchResult

LABELS = {
    "balanced": _("Good all round"),
    "earliest": _("Done soonest"),
    "fewest_trips": _("Fewest trips"),
    "preferred": _("Times you like"),
    "later": _("Starts later"),
    "therapist": _("Other therapist"),
    "variation": _("Another choice"),
}


def cards(result: SearchResult, site: Site) -> list[dict[str, Any]]:
    """One dictionary for each proposal, best first."""
    return [_card(result, proposal, site) for proposal in result.answer.proposals]


def _card(result: SearchResult, proposal: Proposal, site: Site) -> dict[str, Any]:
    return {
        "id": result.token(proposal),
        "label": LABELS.get(proposal.profile, LABELS["variation"]),
        "starts_on": proposal.starts_on,
        "ends_on": proposal.ends_on,
        "trips": proposal.trips,
        "weeks": (proposal.ends_on - proposal.starts_on).days // 7 + 1,
        "reasons": [
            wording.reason_sentence(reason.code, reason.facts, site.timezone)
            for reason in proposal.reasons
        ],
        "sessions": [
            {
                "start": datetime.fromtimestamp(session.start, UTC),
                "title": result.title(session.step),
                "practitioner": result.practitioner(session),
            }
            for session in sorted(proposal.sessions, key=lambda session: session.start)
        ],
    }
