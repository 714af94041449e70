"""A search answers with whole courses that can be held as they are, or says why there is none."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from scheduling import proposals
from scheduling.core.refusals import Code, Refused
from scheduling.core.verify import verify
from scheduling.core.walltime import local_date
from scheduling.core.wishes import Wishes
from scheduling.models import ProtocolVersion
from scheduling.selectors.course_search import SearchResult, search
from tests.factories import (
    NOW,
    Clinic,
    at,
    make_appointment,
    make_care_plan,
    make_clinic,
    make_meeting,
    make_patient,
    make_protocol_version,
    make_service,
)

pytestmark = pytest.mark.django_db(transaction=True)
WISHES = Wishes(earliest=date(2026, 12, 1))


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def version() -> ProtocolVersion:
    return make_protocol_version("trd_iv6")


def find(clinic: Clinic, version: ProtocolVersion, wishes: Wishes = WISHES, **more) -> SearchResult:
    asked = {"limit": 1, "now": NOW} | more
    return search(site=clinic.site, protocol_version=version, wishes=wishes, **asked)


def test_a_proposal_keeps_every_rule_and_can_be_held(
    clinic: Clinic, version: ProtocolVersion
) -> None:
    result = find(clinic, version)

    [proposal] = result.answer.proposals
    sessions = {session.step: session for session in proposal.sessions}
    assert len(sessions) == 14
    findings = verify(result.course, sessions, zone=result.timezone, start=WISHES.earliest)
    assert findings.broken == ()
    offer = proposals.read(result.token(proposal), NOW)
    assert offer.protocol_version == version
    assert {session.step for session in offer.sessions} == sessions.keys()
    promised = {session.step: dict(session.practitioners) for session in offer.sessions}
    assert promised["inf.1"] == {}
    assert promised["eval.1"] == {"prescriber": str(clinic.prescriber.pk)}
    assert promised["prep.1"] == promised["integ.4"]
    assert result.practitioner(sessions["eval.1"]) == "Dr Pell"
    assert result.title("eval.1") == "Medical and psychiatric evaluation"


def test_the_whole_course_with_its_blocks(clinic: Clinic, version: ProtocolVersion) -> None:
    service = make_service("lifestyle_group")
    for week in range(12):
        evening = at("2026-12-02 17:30") + timedelta(weeks=week)
        make_meeting(clinic.group, service, clinic.coach, clinic.group_room, evening)

    result = find(clinic, version, blocks=["counsel", "lifestyle"])

    [proposal] = result.answer.proposals
    assert len(proposal.sessions) == 22
    group = [session for session in proposal.sessions if session.step.startswith("lifestyle")]
    assert [result.people(session) for session in group] == [[]] * 4


def test_a_cleared_patient_needs_no_evaluation(clinic: Clinic, version: ProtocolVersion) -> None:
    ada = make_patient()
    make_care_plan(ada, clinic.site, status="completed", clearance="cleared")

    assert "eval.1" not in {step.id for step in find(clinic, version, patient=ada).course.steps}
    expired = make_patient("Bob")
    make_care_plan(expired, clinic.site, clearance="cleared", clearance_until=date(2026, 11, 22))
    assert "eval.1" in {step.id for step in find(clinic, version, patient=expired).course.steps}


def test_what_the_patient_has_elsewhere_stays_free(
    clinic: Clinic, version: ProtocolVersion
) -> None:
    ada = make_patient()
    first = find(clinic, version, patient=ada).answer.proposals[0].sessions[0]
    therapy = make_service("therapy")
    make_appointment(
        ada, therapy, clinic.site, at("2026-12-01 08:00"), [clinic.therapists[0]], minutes=540
    )

    sessions = find(clinic, version, patient=ada).answer.proposals[0].sessions

    assert local_date(first.start, "America/Denver") == date(2026, 12, 1)
    assert local_date(sessions[0].start, "America/Denver") > date(2026, 12, 1)


def test_nothing_is_offered_sooner_than_the_lead_time(
    clinic: Clinic, version: ProtocolVersion
) -> None:
    long_ago = replace(WISHES, earliest=date(2026, 1, 1))

    [proposal] = find(clinic, version, long_ago).answer.proposals

    assert proposal.sessions[0].start >= (NOW + timedelta(hours=12)).timestamp()


def test_no_plan_says_why(clinic: Clinic, version: ProtocolVersion) -> None:
    result = find(clinic, version, replace(WISHES, weekdays=frozenset({7})))

    assert result.answer.proposals == ()
    codes = [refusal.code for refusal in result.answer.refusals]
    assert codes[0] == Code.NO_START
    assert Code.WOULD_HELP in codes


@pytest.mark.parametrize("earliest", [date(2027, 8, 30), date(9999, 12, 31)])
def test_too_far_ahead(clinic: Clinic, version: ProtocolVersion, earliest: date) -> None:
    result = find(clinic, version, replace(WISHES, earliest=earliest))

    [refusal] = result.answer.refusals
    assert (refusal.code, refusal.facts["last_date"]) == (Code.BEYOND_HORIZON, "2027-08-21")


def test_everything_unknown_is_named_at_once(clinic: Clinic, version: ProtocolVersion) -> None:
    wishes = replace(
        WISHES,
        practitioners={"therapist": str(clinic.counsellor.pk)},
        fixed={
            "inf.99": int(at("2026-12-01 09:00").timestamp()),
            "inf.1": int(at("2026-11-01 09:01").timestamp()),
        },
    )

    with pytest.raises(Refused) as refused:
        find(clinic, version, wishes)

    assert [refusal.code for refusal in refused.value.refusals] == [
        Code.UNKNOWN,
        Code.STEP_UNKNOWN,
        Code.OFF_GRID,
        Code.IN_THE_PAST,
    ]


@pytest.mark.parametrize("bookings", [1, 3])
def test_query_counts_do_not_grow(
    clinic: Clinic,
    version: ProtocolVersion,
    bookings: int,
    django_assert_num_queries: type[CaptureQueriesContext],
) -> None:
    ada = make_patient()
    find(clinic, version)
    for hour in range(bookings):
        start = at("2026-12-01 09:00") + timedelta(hours=hour)
        make_appointment(ada, make_service("therapy"), clinic.site, start, [clinic.therapists[0]])

    with django_assert_num_queries(5):
        find(clinic, version, patient=ada)
