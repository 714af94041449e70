"""Staff are asked in time for the forms of a protocol, once, wherever the sessions move."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scheduling.core.refusals import Code, Refused
from scheduling.models import CarePlan, ProtocolVersion, QuestionnaireResponse, StaffTask
from scheduling.operations.cancel import cancel
from scheduling.operations.forms import KIND, open_due_forms, record_form
from scheduling.selectors.forms import STAFF, Form, forms_of
from tests.factories import Clinic, at, make_patient
from tests.scheduling.operations.care import actor, load_clinic, make_course, make_infusion

pytestmark = pytest.mark.django_db
FIRST = at("2026-12-01 09:00")


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def plan(clinic: Clinic) -> CarePlan:
    """An esketamine course: it enrols before the first dose, and reports each within a week."""
    version = ProtocolVersion.objects.get(protocol="esketamine_rems")
    plan = make_course(make_patient(), clinic, protocol_version=version)
    make_infusion(plan, clinic, "ind.1", FIRST)
    return plan


def tasks() -> list[tuple[str, str]]:
    rows = StaffTask.objects.filter(kind__startswith=KIND, finished_at=None).order_by("due_at")
    return [(row.kind, f"{row.due_at:%m-%d}") for row in rows]


def form(plan: CarePlan, slug: str) -> Form:
    forms = forms_of(CarePlan.objects.get(pk=plan.pk), FIRST, who=STAFF)
    return next(one for one in forms if one.moment.task.id == slug)


def test_asked_for_when_its_days_begin_and_only_once(plan: CarePlan) -> None:
    assert open_due_forms(FIRST - timedelta(days=20)) == 0
    assert open_due_forms(FIRST - timedelta(days=10)) == 1
    assert open_due_forms(FIRST - timedelta(days=9)) == 0
    assert tasks() == [("form_rems_enrolment", "12-01")]
    assert open_due_forms(FIRST) == 1
    assert tasks() == [("form_rems_enrolment", "12-01"), ("form_rems_form", "12-09")]


def test_recorded_it_is_done_and_never_asked_again(plan: CarePlan) -> None:
    open_due_forms(FIRST)
    found = form(plan, "rems_form")
    record_form(actor=actor("nurse"), care_plan=plan, form=found, value=None, now=FIRST)

    assert open_due_forms(FIRST) == 0
    assert [kind for kind, _ in tasks()] == ["form_rems_enrolment"]
    with pytest.raises(Refused):
        record_form(actor=actor("nurse"), care_plan=plan, form=found, value=None, now=FIRST)
    assert QuestionnaireResponse.objects.count() == 1


def test_it_ends_with_a_session_given_up_and_comes_again_with_the_next(
    plan: CarePlan, clinic: Clinic
) -> None:
    early = FIRST - timedelta(days=10)
    open_due_forms(early)
    give_up(plan)
    assert open_due_forms(early) == 0
    assert tasks() == []

    make_infusion(plan, clinic, "ind.1", FIRST + timedelta(days=2))
    assert open_due_forms(early) == 1
    assert tasks() == [("form_rems_enrolment", "12-03")]


def test_an_open_task_follows_its_session(plan: CarePlan, clinic: Clinic) -> None:
    early = FIRST - timedelta(days=10)
    open_due_forms(early)
    give_up(plan)
    make_infusion(plan, clinic, "ind.1", FIRST + timedelta(days=2))

    assert open_due_forms(early) == 0
    assert tasks() == [("form_rems_enrolment", "12-03")]


def give_up(plan: CarePlan) -> None:
    session = plan.appointments.get(status="booked")
    cancel(
        actor=actor("front_desk"),
        appointment=session,
        reason="patient_request",
        version=session.version,
        now=FIRST - timedelta(days=15),
    )


def test_what_fell_due_in_an_outage_is_asked_for_and_what_is_history_is_not(plan: CarePlan) -> None:
    assert open_due_forms(FIRST + timedelta(days=12)) == 1  # the report, since five days
    StaffTask.objects.all().delete()

    assert open_due_forms(FIRST + timedelta(days=30)) == 0


@pytest.mark.parametrize(
    ("role", "value", "code"),
    [
        ("front_desk", None, Code.NOT_ALLOWED),
        ("manager", None, Code.NOT_ALLOWED),
        ("nurse", 3, Code.UNKNOWN),
    ],
)
def test_who_may_record_and_what(plan: CarePlan, role: str, value: int | None, code: Code) -> None:
    with pytest.raises(Refused) as refused:
        record_form(
            actor=actor(role),
            care_plan=plan,
            form=form(plan, "rems_form"),
            value=value,
            now=FIRST,
        )

    assert [one.code for one in refused.value.refusals] == [code]
    assert not QuestionnaireResponse.objects.exists()


def test_a_result_stays_within_the_instrument(clinic: Clinic) -> None:
    plan = make_course(make_patient(), clinic)
    make_infusion(plan, clinic, "inf.1", FIRST)
    found = form(plan, "asq")

    for value in (None, 9):
        with pytest.raises(Refused):
            record_form(actor=actor("nurse"), care_plan=plan, form=found, value=value, now=FIRST)
    record_form(actor=actor("nurse"), care_plan=plan, form=found, value=1, now=FIRST)

    assert QuestionnaireResponse.objects.get().score == 1
