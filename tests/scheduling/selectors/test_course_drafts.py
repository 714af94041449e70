"""A proposal that is changed before it is held keeps every rule, and only what must move moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from scheduling import proposals
from scheduling.core.plan import Session
from scheduling.core.refusals import Code, Refused
from scheduling.core.verify import verify
from scheduling.core.walltime import local_date
from scheduling.core.wishes import Wishes
from scheduling.operations.actor import Actor
from scheduling.operations.hold import Wanted, hold_course
from scheduling.selectors.course_drafts import Draft, as_offered, draft_of, moved, starts_of
from scheduling.selectors.course_search import SearchResult, search
from tests.factories import NOW, ZONE, Clinic, at, make_clinic, make_patient, make_protocol_version

pytestmark = pytest.mark.django_db
MONTH = at("2026-12-01 00:00"), at("2027-01-01 00:00")


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def draft(clinic: Clinic) -> Draft:
    """The best plan from 1 December on, as a visitor who wants no Fridays was offered it."""
    result = search(
        site=clinic.site,
        protocol_version=make_protocol_version(),
        blocks=["counsel"],
        wishes=Wishes(earliest=date(2026, 12, 1), weekdays=frozenset({1, 2, 3, 4})),
        limit=1,
        now=NOW,
    )
    return read(result)


def read(result: SearchResult) -> Draft:
    token = result.token(result.answer.proposals[0])
    return draft_of(proposals.read(token, NOW), now=NOW)


def placed(result: SearchResult) -> Mapping[str, Session]:
    return {session.step: session for session in result.answer.proposals[0].sessions}


def test_an_unchanged_draft_is_what_was_offered(draft: Draft) -> None:
    shown = as_offered(draft)

    assert {step: one.start for step, one in placed(shown).items()} == {
        one.step: int(one.start.timestamp()) for one in draft.offer.sessions
    }
    assert {shown.practitioner(one) for one in placed(shown).values()} >= {"Dr Pell", "Cora Webb"}


@pytest.mark.parametrize("step", ["eval.1", "inf.3", "integ.2", "counsel.4"])
def test_every_start_that_is_shown_can_be_chosen_and_keeps_the_rules(
    draft: Draft, step: str
) -> None:
    starts = starts_of(draft, step, *MONTH)
    assert starts

    for start in {starts[0], starts[len(starts) // 2], starts[-1]}:
        sessions = placed(moved(draft, step, start))
        assert sessions[step].start == int(start.timestamp())
        broken = verify(draft.course, sessions, zone=ZONE, start=draft.wishes.earliest).broken
        assert not broken
        days = {datetime.fromtimestamp(one.start, UTC).isoweekday() for one in sessions.values()}
        assert days <= {1, 2, 3, 4}


def test_a_small_change_leaves_other_days_alone(draft: Draft) -> None:
    last = draft.current["integ.4"]
    later = next(
        start
        for start in starts_of(draft, "integ.4", *MONTH)
        if start.timestamp() > last.start and start.timestamp() - last.start <= 2 * 3600
    )

    changed = placed(moved(draft, "integ.4", later))

    days = {
        local_date(one.start, ZONE)
        for step, one in changed.items()
        if one.start != draft.current[step].start
    }
    assert days == {local_date(last.start, ZONE)}


def test_a_changed_plan_can_be_changed_again_and_held(clinic: Clinic, draft: Draft) -> None:
    once = moved(draft, "inf.3", starts_of(draft, "inf.3", *MONTH)[-1])
    again = read(once)
    twice = moved(again, "counsel.1", starts_of(again, "counsel.1", *MONTH)[0])
    offer = proposals.read(twice.token(twice.answer.proposals[0]), NOW)
    ada = make_patient()

    plan = hold_course(
        actor=Actor.visitor(ada),
        patient=ada,
        protocol_version=offer.protocol_version,
        site=clinic.site,
        sessions={one.step: Wanted(one.start, one.practitioners) for one in offer.sessions},
        blocks=offer.blocks,
        modes=offer.modes,
        wishes_json=offer.wishes,
        now=NOW,
    )

    held = dict(plan.appointments.values_list("step", "start"))
    assert {step: int(start.timestamp()) for step, start in held.items()} == {
        step: one.start for step, one in placed(twice).items()
    }


def test_a_start_nobody_can_follow_is_refused(draft: Draft) -> None:
    with pytest.raises(Refused) as caught:
        moved(draft, "inf.3", NOW + timedelta(minutes=5))

    assert [refusal.code for refusal in caught.value.refusals] == [Code.TAKEN]
