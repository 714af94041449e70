"""The six protocols: their numbers, written out once more, and the courses they make."""

from __future__ import annotations

from collections import Counter

import pytest

from scheduling.core.catalogue import BookableBy
from scheduling.core.course import Window
from scheduling.core.expand import expand
from scheduling.core.protocol import StepTemplate, Strength
from scheduling.protocols.loading import load_library

LIBRARY = load_library()
SERVICES = LIBRARY.catalogue.services

EVAL = ("eval", "evaluation", 1, None, (), None, None)
PREP = ("prep", "therapy", 2, "inf.1", (), (-14, -5, -1), (1, 3, 7))
REVIEW = ("review", "review", 1, "inf.3", (), (0, 1, 3), None)
ROWS = {
    "trd_iv6": [
        EVAL,
        PREP,
        ("inf", "infusion", 6, "eval.1", (), (2, 7, 28), (2, 3, 7)),
        ("integ", "therapy", 4, None, (1, 2, 4, 6), (1, 2, 5), None),
        REVIEW,
        ("counsel", "counselling", 4, "inf.1", (), (-7, 2, 7), (5, 7, 14)),
        ("lifestyle", "lifestyle_group", 4, "inf.1", (), (-7, 3, 10), (5, 7, 14)),
        ("maint", "infusion", 4, "inf.6", (), (5, 7, 10), (5, 7, 14)),
    ],
    "ptsd_iv6_wet": [
        EVAL,
        PREP,
        ("inf", "infusion", 6, "eval.1", (), (2, 7, 28), (2, 2, 5)),
        ("wet", "therapy", 5, "inf.5", (), (1, 1, 3), (2, 5, 8)),
        REVIEW,
    ],
    "anx_ocd_iv6": [
        EVAL,
        PREP,
        ("inf", "infusion", 6, "eval.1", (), (2, 7, 28), (2, 3, 7)),
        ("integ", "therapy", 6, None, (1, 2, 3, 4, 5, 6), (1, 2, 5), None),
    ],
    "crps_10day": [
        EVAL,
        ("inf", "infusion_long", 10, "eval.1", (), (2, 7, 28), (1, 1, 3)),
        ("counsel", "counselling", 4, "inf.1", (), (-7, 2, 5), (5, 7, 14)),
    ],
    "pain_trial": [
        EVAL,
        ("inf", "infusion_medium", 1, "eval.1", (), (2, 7, 28), (21, None, None)),
        ("decide", "review", 1, "inf.1", (), (21, 21, 35), None),
    ],
    "esketamine_rems": [
        EVAL,
        ("ind", "esketamine", 8, "eval.1", (), (2, 7, 28), (2, 3, 7)),
        ("wk5_8", "esketamine", 4, "ind.8", (), (5, 7, 10), (5, 7, 10)),
        ("integ", "therapy", 4, None, (1, 2, 4, 8), (1, 2, 5), None),
        ("wk9", "esketamine", None, "wk5_8.4", (), (5, 14, 16), (5, 14, 16)),
    ],
}


def row(step: StepTemplate) -> tuple[object, ...]:
    def days(window: Window | None) -> tuple[int | None, ...] | None:
        return None if window is None else (window.min, window.target, window.max)

    after = tuple(int(anchor.rpartition(".")[2]) for anchor in step.after)
    return (
        step.id,
        step.service,
        step.count,
        step.anchor,
        after,
        days(step.window),
        days(step.gap),
    )


def test_every_protocol_is_here() -> None:
    assert set(LIBRARY.protocols) == set(ROWS)


@pytest.mark.parametrize("slug", ROWS)
def test_the_numbers_are_those_agreed_with_the_clinic(slug: str) -> None:
    protocol = LIBRARY.protocols[slug]
    assert [row(step) for step in protocol.steps()] == ROWS[slug]
    first = protocol.core[0]
    assert (first.first, first.within, first.skip_if_cleared) == (True, 14, True)


@pytest.mark.parametrize(
    ("service", "minutes", "observation"),
    [
        ("infusion", [30, 40, 60, 15], 60),
        ("infusion_medium", [30, 150, 60, 15], 60),
        ("infusion_long", [30, 240, 60, 15], 60),
        ("esketamine", [30, 10, 120, 15], 120),
        ("therapy", [50], 0),
        ("counselling", [50], 0),
        ("lifestyle_group", [60], 0),
        ("evaluation", [60], 0),
        ("review", [20], 0),
    ],
)
def test_the_minutes_of_each_service(service: str, minutes: list[int], observation: int) -> None:
    definition = SERVICES[service]
    assert [phase.minutes for phase in definition.phases] == minutes
    assert definition.minimum_observation == observation


def test_every_treatment_has_its_gates_and_only_esketamine_rems() -> None:
    gates = {
        slug: {rule.gate for rule in service.gates}
        for slug, service in SERVICES.items()
        if service.treatment
    }
    usual = {"clearance", "consent", "screening", "ride", "fasting"}
    assert gates == {
        "infusion": usual,
        "infusion_medium": usual,
        "infusion_long": usual,
        "esketamine": usual | {"rems"},
    }


def test_a_whole_course_for_depression_has_22_sessions() -> None:
    course = expand(LIBRARY.protocols["trd_iv6"], SERVICES, blocks=["counsel", "lifestyle"])

    assert Counter(step.id.rpartition(".")[0] for step in course.steps) == {
        "eval": 1,
        "prep": 2,
        "inf": 6,
        "integ": 4,
        "review": 1,
        "counsel": 4,
        "lifestyle": 4,
    }
    assert course.spacing_days == 2


@pytest.mark.parametrize(
    ("slug", "core", "everything", "spacing"),
    [
        ("trd_iv6", 14, 22, 2),
        ("ptsd_iv6_wet", 15, 15, 2),
        ("anx_ocd_iv6", 15, 15, 2),
        ("crps_10day", 11, 15, 1),
        ("pain_trial", 3, 3, 21),
        ("esketamine_rems", 17, 17, 2),
    ],
)
def test_each_protocol_expands(slug: str, core: int, everything: int, spacing: int) -> None:
    protocol = LIBRARY.protocols[slug]
    whole = expand(protocol, SERVICES, blocks=[block.id for block in protocol.blocks])

    assert len(expand(protocol, SERVICES).steps) == core
    assert len(expand(protocol, SERVICES, cleared=True).steps) == core - 1
    assert (len(whole.steps), whole.spacing_days) == (everything, spacing)


@pytest.mark.parametrize("slug", ROWS)
def test_at_the_first_dose_and_only_there_a_nurse_watches_nobody_else(slug: str) -> None:
    course = expand(LIBRARY.protocols[slug], SERVICES)
    treatments = [step.service for step in course.steps if step.service.treatment]
    alone = [
        {need.alone for need in service.requirements if need.role == "nurse"}
        for service in treatments
    ]
    assert alone == [{True}] + [{False}] * (len(treatments) - 1)


def test_who_may_book_and_what_is_said_about_the_evidence() -> None:
    assert {
        slug: (
            protocol.bookable_by,
            protocol.evidence.strength,
            protocol.experimental,
            protocol.reason_required,
            protocol.treatments_per_year,
        )
        for slug, protocol in LIBRARY.protocols.items()
    } == {
        "trd_iv6": (BookableBy.ANYONE, Strength.BEST_STUDIED, False, False, None),
        "ptsd_iv6_wet": (BookableBy.ANYONE, Strength.MIXED, False, False, None),
        "anx_ocd_iv6": (BookableBy.STAFF, Strength.EXPERIMENTAL, True, True, None),
        "crps_10day": (BookableBy.STAFF, Strength.MODERATE, False, False, None),
        "pain_trial": (BookableBy.ANYONE, Strength.WEAK, False, False, 12),
        "esketamine_rems": (BookableBy.STAFF, Strength.APPROVED, False, False, None),
    }


def test_written_exposure_never_shares_a_day_with_an_infusion() -> None:
    course = expand(LIBRARY.protocols["ptsd_iv6_wet"], SERVICES)
    assert len(course.apart) == 5 * 6
