"""What a clinic offers: its roles and services, as a manager writes them down.

A definition is turned into the planner's `Service` for one mode and one set of overrides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scheduling.core.service import Phase, Requirement, Service

PHASES = ("prepare", "treat", "recover", "turnover")
"""In the order in which they follow one another; the patient is there for all but the last."""

MODES = ("in_person", "video", "phone")


class BookableBy(StrEnum):
    """Who may book a service or a course without somebody of the staff."""

    ANYONE = "anyone"
    AFTER_EVALUATION = "after_evaluation"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Roles:
    """Every role a resource can have, by what kind of thing it is."""

    people: tuple[str, ...]
    places: tuple[str, ...]
    groups: tuple[str, ...]

    def __contains__(self, role: object) -> bool:
        return role in self.people or role in self.places or role in self.groups


@dataclass(frozen=True, slots=True)
class Need:
    """One unit of a role. `during` names phases; `minutes` a span from the session's start instead.

    With `handover` one person may follow another between phases; without it one unit serves all.
    `in_person`: needed only where the patient comes to the clinic (a room).
    `present`, `qualification` and `speaks` are those of `service.Requirement`.
    """

    role: str
    during: tuple[str, ...] = ("prepare", "treat", "recover")
    minutes: tuple[int, int] | None = None
    handover: bool = False
    in_person: bool = False
    present: bool = False
    qualification: str | None = None
    speaks: bool = False


@dataclass(frozen=True, slots=True)
class GateRule:
    """A gate of the service, to be closed this many hours before the session starts."""

    gate: str
    due_hours_before: int


@dataclass(frozen=True, slots=True)
class ServiceDefinition:
    """A bookable kind of session.

    `title` is for the signed-in patient and staff; `neutral_title` may stand in any message.
    `minimum_observation`: minutes of `recover` before which only a prescriber discharges.
    `lead_hours`: how long before its start a patient may still book it. `late_cancel_hours`:
    a cancellation later than this is late. `no_driving`: the patient does not drive until the next
    day, after a night's sleep. `before_treatment`: on a day with a treatment it comes first.
    `source` says which published source each number rests on, by the number's name in the file;
    `clinic_default` lists the numbers that no source supports.
    """

    slug: str
    title: str
    neutral_title: str
    phases: tuple[Phase, ...]
    needs: tuple[Need, ...]
    modes: tuple[str, ...] = ("in_person",)
    bookable_by: BookableBy = BookableBy.STAFF
    min_age: int = 0
    minimum_observation: int = 0
    lead_hours: int = 0
    late_cancel_hours: int = 0
    gates: tuple[GateRule, ...] = ()
    treatment: bool = False
    before_treatment: bool = False
    continuity: str | None = None
    no_driving: bool = False
    source: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clinic_default: tuple[str, ...] = ()

    @property
    def recovery(self) -> bool:
        """Whether the session passes through the state `recovering`."""
        return any(phase.name == "recover" for phase in self.phases)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All roles and services that protocols may name."""

    roles: Roles
    services: Mapping[str, ServiceDefinition]


def service_for(
    definition: ServiceDefinition, *, mode: str = "in_person", alone: Collection[str] = ()
) -> Service:
    """The service as the planner sees it, in one of its modes.

    People in the roles of `alone` watch nobody else meanwhile. Raises ValueError for a mode that
    the service does not have.
    """
    if mode not in definition.modes:
        raise ValueError(f"{definition.slug} is not offered by {mode}")
    spans = _spans(definition.phases)
    return Service(
        slug=definition.slug,
        phases=definition.phases,
        requirements=tuple(
            Requirement(
                role=need.role,
                start=start,
                end=end,
                present=need.present,
                alone=need.role in alone and not need.present,
                qualification=need.qualification,
                speaks=need.speaks,
            )
            for need in definition.needs
            if mode == "in_person" or not need.in_person
            for start, end in _when(need, spans)
        ),
        mode=mode,
        treatment=definition.treatment,
        talk=definition.before_treatment,
        continuity=definition.continuity,
    )


def _spans(phases: tuple[Phase, ...]) -> dict[str, tuple[int, int]]:
    spans, minute = {}, 0
    for phase in phases:
        spans[phase.name] = (minute, minute + phase.minutes)
        minute += phase.minutes
    return spans


def _when(need: Need, spans: Mapping[str, tuple[int, int]]) -> list[tuple[int, int]]:
    if need.minutes is not None:
        return [need.minutes]
    during = [spans[name] for name in PHASES if name in need.during and name in spans]
    return during if need.handover else [(during[0][0], during[-1][1])]
