"""Somebody is out: what stands at once, what is proposed, taken, adjusted and taken back."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from scheduling.core.refusals import Code, Refused
from scheduling.core.repair import Pin
from scheduling.models import (
    Appointment,
    CarePlan,
    Closure,
    Disruption,
    Event,
    ProtocolVersion,
    Reservation,
    Resource,
    StaffTask,
)
from scheduling.operations import told
from scheduling.operations.actor import Actor
from scheduling.operations.adjust import adjust, refresh
from scheduling.operations.apply_repair import apply_repair
from scheduling.operations.close import AFFECTED, UNPLACED, close
from scheduling.operations.disrupt import disrupt
from scheduling.operations.improve import improve, improve_due
from scheduling.operations.reopen import reopen
from scheduling.operations.reschedule import reschedule
from scheduling.operations.undo_repair import undo_repair
from tests.factories import NOW, Clinic, at, make_appointment, make_patient, make_service
from tests.scheduling.operations.booking import book
from tests.scheduling.operations.care import EVERY_ROLE, actor, load_clinic

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
QUERIES = 32
SOON = timedelta(minutes=1)


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def desk() -> Actor:
    return actor("front_desk")


def courses(clinic: Clinic, desk: Actor, *names: str) -> list[CarePlan]:
    version = ProtocolVersion.objects.get(protocol="trd_iv6")
    return [book(clinic, version, make_patient(name), desk) for name in names]


def talk_of(plan: CarePlan) -> Appointment:
    """The first session with a therapist."""
    return plan.appointments.filter(reservations__role="therapist").order_by("start")[0]


def therapist_of(appointment: Appointment) -> Resource:
    return appointment.reservations.get(role="therapist").resource


def out(desk: Actor, resource: Resource, when: datetime, *, days: int = 1) -> Disruption:
    """The resource is out from that day's first to its last hour."""
    start = when.replace(hour=7, minute=0)
    return disrupt(
        actor=desk, resource=resource, start=start, end=start + days * DAY, reason="ill", now=NOW
    )


def changes_of(disruption: Disruption) -> dict[UUID, dict[str, Any]]:
    return {UUID(one["appointment"]): one for one in disruption.proposal["changes"]}


def test_it_closes_at_once_and_proposes_a_complete_repair(clinic: Clinic, desk: Actor) -> None:
    [plan] = courses(clinic, desk, "Ada")
    talk = talk_of(plan)

    disruption = out(desk, therapist_of(talk), talk.start)

    closure = Closure.objects.get()
    assert (disruption.closure, disruption.status) == (closure, "proposed")
    assert [UUID(key) for key in disruption.proposal["affected"]] == [talk.pk]
    [change] = disruption.proposal["changes"]
    other = {unit for role, unit, *_ in change["taken"] if role == "therapist"}
    assert (change["start"], change["price"]) == (int(talk.start.timestamp()), 8)
    assert other == {str(one.pk) for one in clinic.therapists} - {str(therapist_of(talk).pk)}
    assert not disruption.proposal["unplaced"]
    # Nothing has moved yet, and somebody has to look.
    assert talk.version == Appointment.objects.get(pk=talk.pk).version
    assert StaffTask.objects.get(kind=AFFECTED).appointment_id == talk.pk
    assert Event.objects.filter(verb="disrupted").count() == 1


def test_what_depends_on_it_through_gaps_is_named(clinic: Clinic, desk: Actor) -> None:
    [plan] = courses(clinic, desk, "Ada")
    infusion = plan.appointments.get(step="inf.1")
    chair = infusion.reservations.get(role="infusion_chair").resource

    disruption = out(desk, chair, infusion.start)

    depends = set(
        Appointment.objects.filter(pk__in=disruption.proposal["depends"]).values_list(
            "step", flat=True
        )
    )
    assert "inf.2" in depends


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_front_desk_and_managers_alone(clinic: Clinic, role: str) -> None:
    def ask() -> Disruption:
        return disrupt(
            actor=actor(role),
            resource=clinic.therapists[0],
            start=NOW,
            end=NOW + DAY,
            reason="ill",
            now=NOW,
        )

    if role in {"front_desk", "manager"}:
        assert ask().proposal["affected"] == []
    else:
        with pytest.raises(Refused, match=r"^not_allowed$"):
            ask()
        assert not Closure.objects.exists()


def test_all_is_moved_with_one_event_each_and_tasks_end(clinic: Clinic, desk: Actor) -> None:
    plans = courses(clinic, desk, "Ada", "Grace")
    talk = talk_of(plans[0])
    disruption = out(desk, therapist_of(talk), talk.start, days=7)
    changes = changes_of(disruption)
    assert len(changes) > 1

    applied = apply_repair(
        actor=desk, disruption=disruption, revision=disruption.revision, now=NOW + SOON
    )

    assert (applied.status, applied.applied_by) == ("applied", desk.user)
    for row in Appointment.objects.filter(pk__in=changes).prefetch_related("reservations"):
        wanted = changes[row.pk]
        assert int(row.start.timestamp()) == wanted["start"]
        held = Counter(str(one.resource_id) for one in row.reservations.all())
        assert held == Counter(
            unit for _, unit, _, _, lanes in wanted["taken"] for _ in range(lanes)
        )
    told_of = Event.objects.filter(verb__in=["moved", "rebound"], facts__disruption=str(applied.pk))
    assert Counter(told_of.values_list("appointment", flat=True)) == Counter(list(changes))
    assert not StaffTask.objects.filter(kind=AFFECTED, finished_at=None).exists()
    assert not Reservation.objects.filter(
        resource=disruption.resource, during__overlap=disruption.during
    ).exists()


def test_who_finds_no_place_gets_a_task_with_options(clinic: Clinic, desk: Actor) -> None:
    [plan] = courses(clinic, desk, "Ada")
    talk = talk_of(plan)
    disruption = out(desk, clinic.prescriber, talk.start, days=60)
    unplaced = {UUID(one["appointment"]): one for one in disruption.proposal["unplaced"]}

    assert unplaced
    reasons = [reason for one in unplaced.values() for reason in one["refusals"]]
    assert {one["code"] for one in reasons} <= {"no_start", "no_plan"}

    apply_repair(actor=desk, disruption=disruption, now=NOW + SOON)

    tasks = StaffTask.objects.filter(kind=UNPLACED, finished_at=None)
    assert {task.appointment_id for task in tasks} == set(unplaced)
    improve(Disruption.objects.get(pk=disruption.pk), NOW)  # what is applied is left alone
    assert Disruption.objects.get(pk=disruption.pk).status == "applied"


def test_options_name_what_somebody_could_do(clinic: Clinic, desk: Actor) -> None:
    patient = make_patient()
    talk = make_appointment(
        patient,
        make_service("therapy"),
        clinic.site,
        at("2026-12-01 10:00"),
        [clinic.therapists[0], clinic.rooms[0]],
    )
    for room in clinic.rooms:
        if room != clinic.rooms[0]:
            Resource.objects.filter(pk=room.pk).update(active=False)

    disruption = out(desk, clinic.rooms[0], NOW, days=200)

    [unplaced] = disruption.proposal["unplaced"]
    options = {one["option"]: one["start"] for one in unplaced["options"]}
    assert options["video"] == talk.start.isoformat()
    assert options["waitlist"] is None


def test_the_world_moved_and_nothing_does(clinic: Clinic, desk: Actor) -> None:
    plans = courses(clinic, desk, "Ada", "Grace")
    talk = talk_of(plans[0])
    disruption = out(desk, therapist_of(talk), talk.start, days=7)
    before = positions()
    row = Appointment.objects.get(pk=next(iter(changes_of(disruption))))
    Appointment.objects.filter(pk=row.pk).update(extended=not row.extended)  # its version grows

    with pytest.raises(Refused, match=r"^proposal_outdated$"):
        apply_repair(actor=desk, disruption=disruption, now=NOW + SOON)

    assert positions() == before
    fresh = refresh(disruption, NOW + SOON)
    assert fresh.revision > disruption.revision
    assert apply_repair(actor=desk, disruption=fresh, now=NOW + SOON).status == "applied"


def test_nobody_agrees_to_what_they_have_not_seen(clinic: Clinic, desk: Actor) -> None:
    [plan] = courses(clinic, desk, "Ada")
    talk = talk_of(plan)
    disruption = out(desk, therapist_of(talk), talk.start)
    seen = disruption.revision
    refresh(disruption, NOW + SOON)

    with pytest.raises(Refused, match=r"^proposal_outdated$"):
        apply_repair(actor=desk, disruption=disruption, revision=seen, now=NOW + SOON)


def test_a_proposal_that_has_waited_asks_nobody_to_come_too_soon(
    clinic: Clinic, desk: Actor
) -> None:
    tess, toni = clinic.therapists
    four, six = at("2026-12-01 16:00"), at("2026-12-01 18:00")
    Resource.objects.filter(pk=toni.pk).update(active=False)
    for start, end in ((NOW, at("2026-12-01 13:00")), (six, six + timedelta(days=150))):
        close(actor=desk, resource=tess, start=start, end=end, reason="leave", now=NOW)
    units = [tess, clinic.rooms[0]]
    talk = make_appointment(make_patient(), make_service("therapy"), clinic.site, four, units)
    disruption = disrupt(actor=desk, resource=tess, start=four, end=six, reason="ill", now=NOW)
    [second] = [one["start"] for one in disruption.proposal["changes"]]
    start = datetime.fromtimestamp(second, tz=NOW.tzinfo)
    assert start < four, "earlier on that day"
    an_hour_before, after = start - timedelta(hours=1), start + timedelta(minutes=5)

    with pytest.raises(Refused, match=r"^proposal_outdated$"):
        apply_repair(actor=desk, disruption=disruption, now=an_hour_before)

    pinned = adjust(actor=desk, disruption=disruption, pins={talk.pk: Pin(second)}, now=NOW)
    with pytest.raises(Refused, match=r"^proposal_outdated$"):
        apply_repair(actor=desk, disruption=pinned, now=after)
    done = apply_repair(actor=desk, disruption=pinned, now=an_hour_before)
    assert done.status == "applied", "whoever pinned it has asked them"


def test_a_place_somebody_took_meanwhile_is_seen(clinic: Clinic, desk: Actor) -> None:
    [plan] = courses(clinic, desk, "Ada")
    talk = talk_of(plan)
    disruption = out(desk, therapist_of(talk), talk.start)
    [change] = disruption.proposal["changes"]
    unit = next(unit for role, unit, *_ in change["taken"] if role == "therapist")
    make_appointment(
        make_patient("Hedy"),
        make_service("therapy"),
        clinic.site,
        talk.start,
        [Resource.objects.get(pk=unit)],
    )

    with pytest.raises(Refused, match=r"^proposal_outdated$"):
        apply_repair(actor=desk, disruption=disruption, now=NOW + SOON)

    assert Appointment.objects.get(pk=talk.pk).version == talk.version


def test_a_pin_is_kept_and_one_that_cannot_be_is_refused(clinic: Clinic, desk: Actor) -> None:
    [plan] = courses(clinic, desk, "Ada")
    talk = talk_of(plan)
    disruption = out(desk, therapist_of(talk), talk.start)
    later = int(talk.start.timestamp()) + 3600
    night = int(talk.start.timestamp()) + 15 * 3600

    pinned = adjust(actor=desk, disruption=disruption, pins={talk.pk: Pin(later)}, now=NOW)

    [change] = pinned.proposal["changes"]
    assert (change["start"], change["pinned"]) == (later, True)
    assert (pinned.revision, pinned.inputs) == (disruption.revision + 1, disruption.inputs + 1)
    with pytest.raises(Refused, match=r"^taken$"):
        adjust(actor=desk, disruption=pinned, pins={talk.pk: Pin(night)}, now=NOW)
    free = adjust(actor=desk, disruption=pinned, pins={talk.pk: None}, now=NOW)
    assert not free.pins


def test_what_is_excluded_stays_and_keeps_its_task(clinic: Clinic, desk: Actor) -> None:
    [plan] = courses(clinic, desk, "Ada")
    talk = talk_of(plan)
    disruption = out(desk, therapist_of(talk), talk.start)

    left = adjust(actor=desk, disruption=disruption, exclusions={talk.pk: True}, now=NOW)

    assert (left.proposal["changes"], left.proposal["unplaced"]) == ([], [])
    assert left.proposal["excluded"] == [str(talk.pk)]
    apply_repair(actor=desk, disruption=left, now=NOW)
    assert Appointment.objects.get(pk=talk.pk).version == talk.version
    assert StaffTask.objects.filter(kind=AFFECTED, finished_at=None).exists()


def test_a_stranger_to_it_cannot_be_pinned(clinic: Clinic, desk: Actor) -> None:
    [plan] = courses(clinic, desk, "Ada")
    talk = talk_of(plan)
    other = plan.appointments.get(step="inf.1")
    disruption = out(desk, therapist_of(talk), talk.start)

    with pytest.raises(Refused, match=r"^unknown$"):
        adjust(actor=desk, disruption=disruption, exclusions={other.pk: True}, now=NOW)


def test_a_search_writes_only_what_is_better(clinic: Clinic, desk: Actor) -> None:
    plans = courses(clinic, desk, "Ada", "Grace")
    talk = talk_of(plans[0])
    disruption = out(desk, therapist_of(talk), talk.start, days=7)
    worse = {**disruption.proposal, "cost": disruption.cost + 50, "changes": []}
    Disruption.objects.filter(pk=disruption.pk).update(proposal=worse, cost=worse["cost"])

    improve_due(NOW)

    found = Disruption.objects.get(pk=disruption.pk)
    assert found.cost <= disruption.cost
    assert (found.search_ended, found.revision) == (True, disruption.revision + 1)
    improve_due(NOW)  # nothing is left to do
    assert Disruption.objects.get(pk=disruption.pk).revision == found.revision


def test_a_search_that_began_before_an_adjustment_writes_nothing(
    clinic: Clinic, desk: Actor
) -> None:
    plans = courses(clinic, desk, "Ada", "Grace")
    talk = talk_of(plans[0])
    disruption = out(desk, therapist_of(talk), talk.start, days=7)
    Disruption.objects.filter(pk=disruption.pk).update(inputs=disruption.inputs + 1, cost=9999)

    improve(disruption, NOW)

    assert Disruption.objects.get(pk=disruption.pk).cost == 9999


def test_taken_back_all_is_as_it_was(clinic: Clinic, desk: Actor) -> None:
    plans = courses(clinic, desk, "Ada", "Grace")
    talk = talk_of(plans[0])
    before = positions()
    disruption = out(desk, therapist_of(talk), talk.start, days=9)
    applied = apply_repair(actor=desk, disruption=disruption, now=NOW + SOON)
    assert positions() != before

    undone = undo_repair(actor=desk, disruption=applied, now=NOW + 2 * SOON)

    assert positions() == before
    assert (undone.status, undone.applied_at) == ("proposed", None)
    open_ = StaffTask.objects.filter(finished_at=None)
    asked = open_.filter(kind=AFFECTED).values_list("appointment", flat=True)
    assert {str(key) for key in asked} == set(undone.proposal["affected"])
    assert not open_.filter(kind=UNPLACED).exists()


def test_taken_back_where_nobody_is_away_any_more_it_leaves_no_work(
    clinic: Clinic, desk: Actor
) -> None:
    [plan] = courses(clinic, desk, "Ada")
    talk = talk_of(plan)
    disruption = out(desk, therapist_of(talk), talk.start)
    apply_repair(actor=desk, disruption=disruption, now=NOW + SOON)
    assert disruption.closure is not None
    reopen(actor=desk, closure=disruption.closure, now=NOW + SOON)

    undo_repair(actor=desk, disruption=disruption, now=NOW + 2 * SOON)

    left = StaffTask.objects.filter(kind__in=[AFFECTED, UNPLACED], finished_at=None)
    assert not left.exists()


def test_taken_back_it_can_be_taken_again(clinic: Clinic, desk: Actor) -> None:
    plans = courses(clinic, desk, "Ada", "Grace")
    talk = talk_of(plans[0])
    disruption = out(desk, therapist_of(talk), talk.start, days=9)
    applied = apply_repair(actor=desk, disruption=disruption, now=NOW + SOON)
    repaired = positions()
    undone = undo_repair(actor=desk, disruption=applied, now=NOW + 2 * SOON)

    apply_repair(actor=desk, disruption=undone, revision=undone.revision, now=NOW + 3 * SOON)

    assert positions() == repaired


def test_once_somebody_was_told_it_stands(
    clinic: Clinic, desk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    [plan] = courses(clinic, desk, "Ada")
    talk = talk_of(plan)
    disruption = out(desk, therapist_of(talk), talk.start)
    applied = apply_repair(actor=desk, disruption=disruption, now=NOW + SOON)
    monkeypatch.setattr(told, "_asked", [lambda key: key == applied.pk])

    with pytest.raises(Refused, match=r"^wrong_state$"):
        undo_repair(actor=desk, disruption=applied, now=NOW + 2 * SOON)


def test_what_somebody_changed_since_is_not_taken_back(clinic: Clinic, desk: Actor) -> None:
    [plan] = courses(clinic, desk, "Ada")
    talk = talk_of(plan)
    disruption = out(desk, therapist_of(talk), talk.start)
    applied = apply_repair(actor=desk, disruption=disruption, now=NOW + SOON)
    reschedule(
        actor=desk,
        appointment=talk,
        start=talk.start + timedelta(hours=1),
        practitioners={"therapist": str(clinic.therapists[1].pk)},
        now=NOW + SOON,
    )

    with pytest.raises(Refused) as refused:
        undo_repair(actor=desk, disruption=applied, now=NOW + 2 * SOON)
    assert [one.code for one in refused.value.refusals] == [Code.WRONG_STATE]


def test_a_closure_that_ended_leaves_nothing_to_repair(clinic: Clinic, desk: Actor) -> None:
    [plan] = courses(clinic, desk, "Ada")
    talk = talk_of(plan)
    disruption = out(desk, therapist_of(talk), talk.start)
    reopen(actor=desk, closure=Closure.objects.get(), now=NOW)
    seen = Disruption.objects.get(pk=disruption.pk)

    assert seen.closure is None
    with pytest.raises(Refused, match=r"^wrong_state$"):
        apply_repair(actor=desk, disruption=seen, now=NOW)


def test_a_closure_that_ended_gives_back_the_place_to_who_found_none(
    clinic: Clinic, desk: Actor
) -> None:
    [plan] = courses(clinic, desk, "Ada")
    disruption = out(desk, clinic.prescriber, talk_of(plan).start, days=60)
    apply_repair(actor=desk, disruption=disruption, now=NOW + SOON)
    open_ = StaffTask.objects.filter(kind=UNPLACED, finished_at=None)
    assert open_.exists()

    reopen(actor=desk, closure=Closure.objects.get(), now=NOW + 2 * SOON)

    assert not open_.exists()


@pytest.mark.parametrize("patients", [1, 3])
def test_a_proposal_asks_as_much_for_three_patients_as_for_one(
    clinic: Clinic, desk: Actor, patients: int
) -> None:
    plans = courses(clinic, desk, *[f"Patient {n}" for n in range(patients)])
    talk = talk_of(plans[0])
    queries: list[str] = []

    def count(execute: Any, sql: str, *others: Any) -> Any:
        queries.append(sql)
        return execute(sql, *others)

    with connection.execute_wrapper(count):
        disruption = out(desk, therapist_of(talk), talk.start, days=9)

    assert len(disruption.proposal["affected"]) >= patients
    # Twelve of them read the whole clinic: in a test it is never kept from one look to the next.
    assert len(queries) == QUERIES


def positions() -> set[Any]:
    """Where every appointment is and what it holds, lanes aside."""
    rows = Reservation.objects.values_list("appointment", "resource", "role", "during")
    return {(*key, during.lower, during.upper) for *key, during in rows} | {
        (one.pk, one.start) for one in Appointment.objects.all()
    }
