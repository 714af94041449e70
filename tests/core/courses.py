"""A little protocol to write tests about: an evaluation, doses, and talk around them."""

from __future__ import annotations

from datetime import date

from scheduling.core.catalogue import BookableBy, Need, ServiceDefinition
from scheduling.core.course import Window
from scheduling.core.plan import Session, Taken
from scheduling.core.protocol import (
    Block,
    Evidence,
    ProtocolDefinition,
    StepTemplate,
    Strength,
)
from scheduling.core.service import Phase
from scheduling.core.walltime import to_posix

ZONE = "America/Denver"

EVALUATION = ServiceDefinition(
    slug="evaluation",
    title="Evaluation",
    neutral_title="Appointment",
    phases=(Phase("treat", 60),),
    needs=(Need("prescriber"),),
)
DOSE = ServiceDefinition(
    slug="dose",
    title="Dose",
    neutral_title="Appointment",
    phases=(Phase("prepare", 30), Phase("treat", 40), Phase("recover", 60), Phase("turnover", 15)),
    needs=(
        Need("nurse", handover=True),
        Need("chair", during=("prepare", "treat", "recover", "turnover")),
        Need("prescriber", minutes=(0, 10)),
        Need("prescriber", present=True),
    ),
    treatment=True,
)
TALK = ServiceDefinition(
    slug="talk",
    title="Talk",
    neutral_title="Appointment",
    phases=(Phase("treat", 50),),
    needs=(Need("therapist", speaks=True), Need("room", in_person=True)),
    modes=("in_person", "video"),
    before_treatment=True,
    continuity="therapist",
)
SERVICES = {service.slug: service for service in (EVALUATION, DOSE, TALK)}

EVAL_STEP = StepTemplate("eval", "evaluation", first=True, within=14, skip_if_cleared=True)
DOSE_STEP = StepTemplate(
    "dose", "dose", count=3, anchor="eval.1", window=Window(2, 7, 28), gap=Window(2, 3, 7)
)


def protocol(
    *core: StepTemplate, blocks: tuple[Block, ...] = (), **fields: object
) -> ProtocolDefinition:
    return ProtocolDefinition(
        slug="little",
        title="A little course",
        summary="For tests.",
        bookable_by=BookableBy.ANYONE,
        evidence=Evidence(Strength.WEAK, "None.", ()),
        core=core,
        blocks=blocks,
        **fields,  # type: ignore[arg-type]
    )


def session(step: str, day: str, start: str, minutes: int, **units: str) -> Session:
    """`session("dose.1", "2026-12-01", "09:00", 130, nurse="Ann")`, in Denver."""
    hour, minute = map(int, start.split(":"))
    begins = to_posix(date.fromisoformat(day), hour * 60 + minute, ZONE)
    ends = begins + minutes * 60
    taken = tuple(Taken(role, unit, begins, ends) for role, unit in units.items())
    return Session(step, begins, ends, taken)
