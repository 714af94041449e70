"""The drawings by the names that pages use, from protocols, services and pages as they are now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from education.figures.course import course_days
from education.figures.words import PHASE_NOTES, PHASES, STEPS, STRENGTH
from education.library import Entry, evidence_by_page
from education.markup.document import Document, Evidence
from scheduling.core.protocol import ProtocolDefinition
from scheduling.models import ProtocolVersion, Service
from scheduling.protocols.services import service_from_json
from scheduling.selectors.protocols import definition_of

USUAL = "trd_iv6"
"""The course that is drawn for a reader who has none: the one studied most."""
LEFT, WIDTH, ROW = 8, 324, 46
MINUTE = 1.6


def figures_of(
    document: Document, language: str, protocol: ProtocolDefinition | None = None
) -> dict[str, str]:
    """The drawings that the page asks for, as HTML. `protocol` is the reader's own course."""
    wanted = {
        line.removeprefix("::figure ").strip()
        for line in document.body.splitlines()
        if line.startswith("::figure ")
    }
    drawn = {}
    if "evidence" in wanted and document.evidence is not None:
        drawn["evidence"] = evidence_bar(document.evidence)
    if "evidence-all" in wanted:
        drawn["evidence-all"] = evidence_table(evidence_by_page(language), language)
    if wanted & {"course-timeline", "session-minutes"}:
        protocol = protocol or usual_course()
        if protocol is not None:
            titles, services = _services()
            drawn["course-timeline"] = timeline(protocol, titles)
            drawn["session-minutes"] = _minutes(protocol, titles, services)
    return drawn


def usual_course() -> ProtocolDefinition | None:
    """The newest version of the usual course, or of any that is offered. One query."""
    rows = ProtocolVersion.objects.filter(protocol__active=True)
    newest = rows.order_by("protocol_id", "-number").distinct("protocol_id")
    known = {version.protocol_id: version for version in newest}
    version = known.get(USUAL) or next(iter(known.values()), None)
    return definition_of(version) if version is not None else None


def timeline(protocol: ProtocolDefinition, titles: dict[str, str]) -> str:
    """A row for each kind of session, a dot for each session, a line for each week."""
    rows = course_days(protocol)
    last = max((day for row in rows for day in row.days), default=0)
    weeks = last // 7 + 1
    scale = WIDTH / (weeks * 7)
    context = {
        "width": LEFT + WIDTH + 8,
        "height": 34 + ROW * len(rows),
        "weeks": [
            {"number": number + 1, "x": round(LEFT + number * 7 * scale, 1)}
            for number in range(weeks)
        ],
        "rows": [
            {
                "title": _(titles.get(row.service, row.service)),
                "label_y": 46 + index * ROW,
                "y": 62 + index * ROW,
                "count": len(row.days),
                "dots": [round(LEFT + (day + 0.5) * scale, 1) for day in row.days],
                "in_weeks": sorted({day // 7 + 1 for day in row.days}),
            }
            for index, row in enumerate(rows)
        ],
    }
    return render_to_string("education/figures/timeline.html", context)


def evidence_bar(evidence: Evidence) -> str:
    """How strong the evidence is: so many of five fields, the same on every page."""
    return render_to_string("education/figures/evidence.html", evidence_row(evidence))


def evidence_row(evidence: Evidence) -> dict[str, Any]:
    """One evidence in words and fields."""
    steps = STEPS[evidence.strength]
    return {
        "words": STRENGTH[evidence.strength],
        "steps": steps,
        "fields": [{"x": 2 + 34 * number, "full": number < steps} for number in range(5)],
        "people": evidence.people,
        "one_line": evidence.one_line,
    }


def evidence_table(rows: Iterable[tuple[Entry, Evidence]], language: str) -> str:
    """All conditions below one another."""
    context = {
        "rows": [{"page": page, **evidence_row(evidence)} for page, evidence in rows],
        "language": language,
    }
    return render_to_string("education/figures/evidence_all.html", context)


def _services() -> tuple[dict[str, str], dict[str, Any]]:
    rows = list(Service.objects.all())
    definitions = {row.pk: service_from_json(row.definition) for row in rows}
    return {row.pk: row.title for row in rows}, definitions


def _minutes(protocol: ProtocolDefinition, titles: dict[str, str], services: dict[str, Any]) -> str:
    """The first treatment of the course from minute to minute; nothing where it has none."""
    treatments = (step.service for step in protocol.core if services[step.service].treatment)
    slug = next(treatments, None)
    if slug is None:
        return ""
    parts, begin = [], 0
    for phase in services[slug].phases:
        if phase.name in PHASES:
            parts.append(
                {
                    "name": phase.name,
                    "words": PHASES[phase.name],
                    "note": PHASE_NOTES[phase.name],
                    "begin": begin,
                    "end": begin + phase.minutes,
                    "minutes": phase.minutes,
                    "y": round(8 + begin * MINUTE, 1),
                    "height": round(phase.minutes * MINUTE, 1),
                    "middle": round(8 + (begin + phase.minutes / 2) * MINUTE, 1),
                }
            )
            begin += phase.minutes
    context = {
        "title": _(titles[slug]),
        "parts": parts,
        "total": begin,
        "height": round(8 + begin * MINUTE + 22, 1),
        "end_y": round(8 + begin * MINUTE, 1),
        "observe": services[slug].minimum_observation,
    }
    return render_to_string("education/figures/minutes.html", context)
