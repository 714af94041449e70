"""From protocol and service values to the JSON they are stored as: the form that is read back.

What says nothing (an empty list, no window) is left out.
"""

from __future__ import annotations

from typing import Any

from scheduling.core.catalogue import Need, ServiceDefinition
from scheduling.core.course import Window
from scheduling.core.protocol import Due, ProtocolDefinition, StepTemplate, TaskTemplate

Json = dict[str, Any]


def to_json(protocol: ProtocolDefinition) -> Json:
    """The protocol as a JSON document; `reading.from_json` gives it back unchanged."""
    evidence = protocol.evidence
    return _said(
        protocol=protocol.slug,
        title=protocol.title,
        summary=protocol.summary,
        bookable_by=protocol.bookable_by.value,
        experimental=protocol.experimental,
        reason_required=protocol.reason_required,
        spacing_override=protocol.spacing_override,
        treatments_per_year=protocol.treatments_per_year,
        evidence=_said(
            strength=evidence.strength.value,
            summary=evidence.summary,
            sources=list(evidence.sources),
        ),
        reading=list(protocol.reading),
        core=[_step(step) for step in protocol.core],
        blocks=[
            {"id": block.id, "title": block.title, "steps": [_step(step) for step in block.steps]}
            for block in protocol.blocks
        ],
        added_by_prescriber=[_step(step) for step in protocol.added_by_prescriber],
        tasks=[_task(task) for task in protocol.tasks],
        **_origins(protocol),
    )


def service_to_json(service: ServiceDefinition) -> Json:
    """The service as a JSON document; `services.service_from_json` gives it back unchanged."""
    return _said(
        service=service.slug,
        title=service.title,
        neutral_title=service.neutral_title,
        phases={phase.name: phase.minutes for phase in service.phases},
        needs=[_need(need) for need in service.needs],
        modes=list(service.modes),
        bookable_by=service.bookable_by.value,
        min_age=service.min_age or None,
        minimum_observation=service.minimum_observation or None,
        lead_hours=service.lead_hours or None,
        late_cancel_hours=service.late_cancel_hours or None,
        gates={rule.gate: rule.due_hours_before for rule in service.gates},
        treatment=service.treatment,
        before_treatment=service.before_treatment,
        continuity=service.continuity,
        no_driving=service.no_driving,
        **_origins(service),
    )


def _step(step: StepTemplate) -> Json:
    count: int | str | None = "open" if step.count is None else step.count
    return _said(
        id=step.id,
        service=step.service,
        count=None if step.after or count == 1 else count,
        at="first" if step.first else None,
        within=step.within,
        anchor=step.anchor,
        after=list(step.after),
        window=_window(step.window),
        gap=_window(step.gap),
        before=step.before,
        not_same_day_as=list(step.not_same_day_as),
        skip_if="cleared" if step.skip_if_cleared else None,
        gates=list(step.gates),
        overrides=[
            {"occurrence": override.occurrence, "alone": list(override.alone)}
            for override in step.overrides
        ],
        needs=list(step.needs),
        read=list(step.read),
        **_origins(step),
    )


def _task(task: TaskTemplate) -> Json:
    return _said(
        id=task.id,
        title=task.title,
        who=task.who,
        due=[_due(due) for due in task.due],
        record=task.record,
        **_origins(task),
    )


def _due(due: Due) -> Json:
    return _said(anchor=due.anchor, days=list(due.days), every=due.every, times=due.times)


def _need(need: Need) -> Json:
    return _said(
        role=need.role,
        during=list(need.during) if need.minutes is None else None,
        minutes=None if need.minutes is None else list(need.minutes),
        handover=need.handover,
        in_person=need.in_person,
        present=need.present,
        qualification=need.qualification,
        speaks=need.speaks,
    )


def _window(window: Window | None) -> list[int | None] | None:
    return None if window is None else [window.min, window.target, window.max]


def _origins(item: ProtocolDefinition | ServiceDefinition | StepTemplate | TaskTemplate) -> Json:
    return {
        "source": {name: list(tags) for name, tags in item.source.items()},
        "clinic_default": list(item.clinic_default),
    }


def _said(**values: Any) -> Json:
    return {
        key: value
        for key, value in values.items()
        if value is not None and value is not False and value != [] and value != {}
    }
