"""From a document to services: the catalogue file, or the JSON one service is stored as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scheduling.core.catalogue import (
    MODES,
    PHASES,
    BookableBy,
    Catalogue,
    GateRule,
    Need,
    Roles,
    ServiceDefinition,
)
from scheduling.core.gates import Gate
from scheduling.core.mistakes import Mistake
from scheduling.core.service import Phase
from scheduling.protocols.fields import Fields
from scheduling.protocols.reading import DocumentError

MAX_MINUTES = 12 * 60


def read_catalogue(document: object, mistakes: list[Mistake]) -> Catalogue:
    """The roles and services a document describes. Adds to `mistakes` what is wrong with it."""
    fields = Fields(document, (), mistakes)
    named = fields.inner("roles")
    roles = Roles(
        people=named.words("people"), places=named.words("places"), groups=named.words("groups")
    )
    named.close()
    services: dict[str, ServiceDefinition] = {}
    for item in fields.each("services"):
        service = _service(item)
        if service.slug in services:
            item.mistake(("service",), f"there are two services called {service.slug}")
        services[service.slug] = service
        _check(service, roles, item)
    fields.close()
    return Catalogue(roles, services)


def service_from_json(document: Mapping[str, Any]) -> ServiceDefinition:
    """The service that `service_to_json` wrote. Raises DocumentError where it cannot be read."""
    mistakes: list[Mistake] = []
    service = _service(Fields(document, (), mistakes))
    if mistakes:
        raise DocumentError(mistakes)
    return service


def _service(fields: Fields) -> ServiceDefinition:
    service = ServiceDefinition(
        slug=fields.slug("service"),
        title=fields.text("title"),
        neutral_title=fields.text("neutral_title"),
        phases=_phases(fields.inner("phases")),
        needs=tuple(_need(item) for item in fields.each("needs")),
        modes=fields.words("modes", default=("in_person",)),
        bookable_by=fields.choice("bookable_by", BookableBy),
        min_age=fields.number("min_age"),
        minimum_observation=fields.number("minimum_observation"),
        lead_hours=fields.number("lead_hours"),
        late_cancel_hours=fields.number("late_cancel_hours"),
        gates=_gates(fields.inner("gates")) if fields.has("gates") else (),
        treatment=fields.flag("treatment"),
        before_treatment=fields.flag("before_treatment"),
        continuity=fields.optional_text("continuity"),
        no_driving=fields.flag("no_driving"),
        source=fields.source(),
        clinic_default=fields.words("clinic_default"),
    )
    fields.close()
    return service


def _phases(fields: Fields) -> tuple[Phase, ...]:
    phases = tuple(Phase(name, fields.number(name)) for name in PHASES if fields.has(name))
    if not 0 < sum(phase.minutes for phase in phases) <= MAX_MINUTES:
        fields.mistake((), f"phases must last 1 to {MAX_MINUTES} minutes together")
    if any(phase.minutes % 5 for phase in phases):
        fields.mistake((), "phases last a multiple of 5 minutes")
    fields.close()
    return phases


def _need(fields: Fields) -> Need:
    need = Need(
        role=fields.slug("role"),
        during=fields.words("during", default=("prepare", "treat", "recover")),
        minutes=fields.pair("minutes") if fields.has("minutes") else None,
        handover=fields.flag("handover"),
        in_person=fields.flag("in_person"),
        present=fields.flag("present"),
        qualification=fields.optional_text("qualification"),
        speaks=fields.flag("speaks"),
    )
    fields.close()
    return need


def _gates(fields: Fields) -> tuple[GateRule, ...]:
    """In the order of the closed list: a stored document does not keep the order of its keys."""
    rules = tuple(
        GateRule(gate.value, fields.number(gate.value)) for gate in Gate if fields.has(gate.value)
    )
    for unknown in fields.names():
        fields.mistake((unknown,), f"unknown gate {unknown}")
    return rules


def _check(service: ServiceDefinition, roles: Roles, fields: Fields) -> None:
    """What is wrong with a service as a whole: its modes, its roles and when it needs them."""
    for mode in service.modes:
        if mode not in MODES:
            fields.mistake(("modes",), f"{mode!r} must be one of {', '.join(MODES)}")
    phases = {phase.name for phase in service.phases}
    length = sum(phase.minutes for phase in service.phases)
    for index, need in enumerate(service.needs):
        where = ("needs", index)
        if need.role not in roles:
            fields.mistake((*where, "role"), f"unknown role {need.role}")
        if not set(need.during) & phases or not set(need.during) <= set(PHASES):
            fields.mistake((*where, "during"), f"{service.slug} has no such phase")
        if need.minutes and not 0 <= need.minutes[0] < need.minutes[1] <= length:
            fields.mistake((*where, "minutes"), f"must lie within 0 and {length} minutes")
        if need.role in roles.places and len(service.modes) > 1 and not need.in_person:
            fields.mistake(where, "a video or telephone session needs no place: `in_person: true`")
        if need.present and need.role not in roles.people:
            fields.mistake((*where, "present"), "only people are present")
    if service.continuity and service.continuity not in {need.role for need in service.needs}:
        fields.mistake(("continuity",), f"{service.slug} needs nobody of that role")
