"""What could be done about a session without a place: taken, applied, and taken back."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import Patient
from scheduling.core.clinic import Booking
from scheduling.core.refusals import Code, Refused
from scheduling.core.repair import Option, Pin
from scheduling.models import (
    Appointment,
    CarePlan,
    Closure,
    Disruption,
    Event,
    ProtocolVersion,
    Resource,
    StaffTask,
    WaitlistEntry,
    WeeklyHours,
)
from scheduling.operations.actor import Actor
from scheduling.operations.adjust import adjust, refresh
from scheduling.operations.apply_repair import apply_repair
from scheduling.operations.cancel import cancel
from scheduling.operations.close import UNPLACED, close
from scheduling.operations.disrupt import disrupt
from scheduling.operations.improve import improve
from scheduling.operations.join_waitlist import Wish, join_waitlist
from scheduling.operations.overtime import close_again, close_unneeded, open_longer
from scheduling.operations.reschedule import reschedule
from scheduling.operations.take_option import take_option, wait_for_a_place
from scheduling.operations.undo_repair import undo_repair
from tests.factories import (
    NOW,
    Clinic,
    at,
    make_appointment,
    make_clinic,
    make_patient,
    make_service,
)
from tests.scheduling.operations.booking import book
from tests.scheduling.operations.care import actor, load_clinic, make_course, make_infusion

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SOON = NOW + timedelta(minutes=1)
TEN = at("2026-12-01 10:00")
"""When the talk is: a Tuesday."""


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


@pytest.fixture
def desk() -> Actor:
    return actor("front_desk")


@pytest.fixture
def talk(clinic: Clinic) -> Appointment:
    """A talk outside a course, with Tess Stone in Room 1. Nobody else gives talks."""
    Resource.objects.filter(pk=clinic.therapists[1].pk).update(active=False)
    units = [clinic.therapists[0], clinic.rooms[0]]
    return make_appointment(make_patient(), make_service("therapy"), clinic.site, TEN, units)


@pytest.fixture
def course(clinic: Clinic, desk: Actor) -> CarePlan:
    """A whole course with the only therapist there is."""
    Resource.objects.filter(pk=clinic.therapists[1].pk).update(active=False)
    version = ProtocolVersion.objects.get(protocol="trd_iv6")
    return book(clinic, version, make_patient(), desk)


def out(desk: Actor, resource: Resource, start: datetime, end: datetime) -> Disruption:
    return disrupt(actor=desk, resource=resource, start=start, end=end, reason="ill", now=NOW)


def no_room(clinic: Clinic, desk: Actor, days: int = 200) -> Disruption:
    """Every room is out for so long."""
    Resource.objects.filter(pk=clinic.rooms[1].pk).update(active=False)
    return out(desk, clinic.rooms[0], NOW, NOW + days * DAY)


def nearly_all_day(clinic: Clinic, desk: Actor) -> Disruption:
    """Tess Stone is there on that Tuesday from half past four on, which is too late for a talk in
    her hours, and on no other day."""
    WeeklyHours.objects.filter(site=clinic.site).update(end=time(17))
    later = {"start": at("2026-12-02 00:00"), "end": at("2027-06-01 00:00")}
    close(actor=desk, resource=clinic.therapists[0], reason="leave", now=NOW, **later)
    return out(desk, clinic.therapists[0], NOW, at("2026-12-01 16:30"))


def searched(disruption: Disruption) -> Disruption:
    """As the worker leaves it, which names the options of many sessions."""
    improve(disruption, NOW)
    return Disruption.objects.select_related("site", "closure").get(pk=disruption.pk)


def options_of(disruption: Disruption, appointment: Appointment) -> dict[str, dict[str, Any]]:
    unplaced = {UUID(one["appointment"]): one for one in disruption.proposal["unplaced"]}
    return {one["option"]: one for one in unplaced[appointment.pk]["options"]}


def take(disruption: Disruption, desk: Actor, visit: Appointment, option: Option) -> Disruption:
    way = options_of(disruption, visit).get(option, {})
    return take_option(
        actor=desk,
        disruption=disruption,
        appointment=visit.pk,
        option=option,
        start=int(datetime.fromisoformat(way.get("start") or TEN.isoformat()).timestamp()),
        now=NOW,
    )


def applied(disruption: Disruption, desk: Actor) -> Disruption:
    return apply_repair(actor=desk, disruption=disruption, revision=disruption.revision, now=SOON)


def grace(clinic: Clinic) -> Appointment:
    """Another talk with Tess Stone, an hour after the first."""
    units = [clinic.therapists[0], clinic.rooms[0]]
    start = TEN + DAY / 24
    return make_appointment(
        make_patient("Grace"), make_service("therapy"), clinic.site, start, units
    )


def units(visit: Appointment) -> set[str]:
    return set(visit.reservations.values_list("resource__name", flat=True))


class TestVideo:
    def test_it_is_proposed_at_the_same_time_without_a_room(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        disruption = no_room(clinic, desk)

        found = take(disruption, desk, talk, Option.VIDEO)

        [change] = found.proposal["changes"]
        assert (change["start"], change["option"], change["pinned"]) == (
            int(TEN.timestamp()),
            "video",
            True,
        )
        assert {role for role, *_ in change["taken"]} == {"therapist"}
        assert found.revision == disruption.revision + 1
        talk.refresh_from_db()
        assert talk.mode == "in_person", "nothing moves before all of it is taken"

    def test_applied_the_visit_is_by_video_and_taken_back_it_is_not(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        before = (talk.mode, talk.end, units(talk))
        found = applied(take(no_room(clinic, desk), desk, talk, Option.VIDEO), desk)

        talk.refresh_from_db()
        assert (talk.mode, talk.start, units(talk)) == ("video", TEN, {"Tess Stone"})
        assert talk.sequence == 1, "calendars and links of mails know that it is another"
        assert Event.objects.get(verb="rebound").facts["mode"] == "video"
        undo_repair(actor=desk, disruption=found, now=SOON)
        talk.refresh_from_db()
        assert (talk.mode, talk.end, units(talk)) == before

    def test_a_course_knows_which_of_its_sessions_are_by_video(
        self, clinic: Clinic, desk: Actor, course: CarePlan
    ) -> None:
        visit = course.appointments.get(step="prep.2")
        disruption = searched(no_room(clinic, desk))
        for row in course.appointments.filter(service="therapy"):
            disruption = take(disruption, desk, row, Option.VIDEO)
        applied(disruption, desk)
        visit.refresh_from_db()

        reschedule(actor=desk, appointment=visit, start=visit.start + DAY / 24, now=SOON)

        visit.refresh_from_db()
        assert (visit.mode, units(visit)) == ("video", {"Tess Stone"}), "there is no room to have"

    def test_what_is_not_given_by_video_cannot_be_pinned_so(
        self, clinic: Clinic, desk: Actor, course: CarePlan
    ) -> None:
        infusion = course.appointments.get(step="inf.1")
        disruption = out(desk, clinic.nurses[0], infusion.start, infusion.start + DAY)
        pin = Pin(int(infusion.start.timestamp()), option=Option.VIDEO)

        with pytest.raises(Refused, match=r"^unknown$"):
            adjust(actor=desk, disruption=disruption, pins={infusion.pk: pin}, now=NOW)


class TestOvertime:
    def test_it_names_who_stays_and_until_when(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        way = options_of(nearly_all_day(clinic, desk), talk)["overtime"]

        assert way["start"] == at("2026-12-01 16:30").isoformat()
        ends = {unit: end for unit, _start, end in way["opens"]}
        assert set(ends) == {str(clinic.therapists[0].pk), str(clinic.rooms[0].pk)}
        assert set(ends.values()) == {int((at("2026-12-01 16:30") + talk_length(talk)).timestamp())}

    def test_nobody_is_asked_to_stay_while_they_are_away(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        evening = {"start": at("2026-12-01 17:00"), "end": at("2026-12-01 20:00")}
        close(actor=desk, resource=clinic.therapists[0], reason="leave", now=NOW, **evening)

        assert "overtime" not in options_of(nearly_all_day(clinic, desk), talk)

    def test_applied_it_opens_as_long_as_it_takes_and_taken_back_closes_again(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        disruption = take(nearly_all_day(clinic, desk), desk, talk, Option.OVERTIME)
        assert not Closure.objects.filter(opens=True).exists()

        found = applied(disruption, desk)

        talk.refresh_from_db()
        assert talk.start == at("2026-12-01 16:30")
        opened = Closure.objects.filter(opens=True)
        assert {one.resource_id or one.site_id for one in opened} == {
            clinic.therapists[0].pk,
            clinic.site.pk,
        }, "a room is open whenever its site is"
        assert {(one.during.lower, one.during.upper) for one in opened} == {
            (at("2026-12-01 17:00"), talk.end)
        }
        undo_repair(actor=desk, disruption=found, now=SOON)
        assert not Closure.objects.filter(opens=True).exists()
        talk.refresh_from_db()
        assert talk.start == TEN

    def test_it_stays_open_for_who_has_come_into_it_since(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        found = applied(take(nearly_all_day(clinic, desk), desk, talk, Option.OVERTIME), desk)
        make_appointment(
            make_patient("Grace"),
            make_service("therapy"),
            clinic.site,
            at("2026-12-01 16:30"),
            [clinic.rooms[1]],
        )

        undo_repair(actor=desk, disruption=found, now=SOON)

        assert [one.site for one in Closure.objects.filter(opens=True)] == [clinic.site]

    def test_it_stays_open_for_whom_somebody_else_counts_on(
        self, clinic: Clinic, desk: Actor
    ) -> None:
        """The prescriber of an infusion is on site without being reserved."""
        WeeklyHours.objects.filter(site=clinic.site).update(end=time(17))
        WeeklyHours.objects.filter(resource=clinic.prescriber).update(end=time(17))
        evening = (at("2026-12-01 17:00"), at("2026-12-01 18:00"))
        low, high = (int(one.timestamp()) for one in evening)
        pell, quinn, reyes = clinic.prescriber, *clinic.nurses
        spans = [Booking(str(one.pk), low, high) for one in (pell, quinn)]
        opened = open_longer(spans, clinic.site, desk, NOW)
        plan = make_course(make_patient("Grace"), clinic)
        infusion = make_infusion(plan, clinic, "inf.1", at("2026-12-01 15:30"))
        infusion.reservations.filter(resource=quinn).update(resource=reyes)

        close_again(opened, clinic.site, desk, NOW)

        left = Closure.objects.filter(opens=True)
        assert {one.resource or one.site for one in left} == {pell, clinic.site}

    def test_who_stayed_for_a_session_that_is_off_stays_for_no_other(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        applied(take(nearly_all_day(clinic, desk), desk, talk, Option.OVERTIME), desk)
        close_unneeded(SOON)
        assert Closure.objects.filter(opens=True).count() == 2, "it stands"
        talk.refresh_from_db()
        cancel(
            actor=desk, appointment=talk, reason="patient_request", version=talk.version, now=SOON
        )

        close_unneeded(SOON)

        assert not Closure.objects.filter(opens=True).exists()
        assert Event.objects.filter(verb="reopened", actor_label="sweep").count() == 2

    def test_of_a_session_that_does_not_go_any_more_nothing_is_opened(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        other = grace(clinic)
        disruption = take(nearly_all_day(clinic, desk), desk, talk, Option.OVERTIME)
        Patient.objects.filter(pk=talk.patient_id).update(status="deceased")

        found = refresh(disruption, NOW)

        assert found.proposal["changes"] == [], "nobody has allowed it for Grace"
        assert {one["appointment"] for one in found.proposal["unplaced"]} == {
            str(talk.pk),
            str(other.pk),
        }
        left = adjust(actor=desk, disruption=found, exclusions={other.pk: True}, now=NOW)
        assert left.exclusions == [other.pk], "what stands there from before is in nobody's way"
        pin = {talk.pk: Pin(int(TEN.timestamp()))}
        with pytest.raises(Refused, match=r"^patient_status$"):
            adjust(actor=desk, disruption=left, pins=pin, now=NOW)

    def test_a_day_is_an_hour_longer_at_most_whoever_has_stayed_already(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        other = grace(clinic)
        disruption = nearly_all_day(clinic, desk)
        assert "overtime" in options_of(disruption, other)

        found = take(disruption, desk, talk, Option.OVERTIME)

        assert "overtime" not in options_of(found, other), "it would end at ten past six"

    def test_who_need_not_stay_after_all_does_not(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        disruption = take(nearly_all_day(clinic, desk), desk, talk, Option.OVERTIME)
        stored = disruption.pins[str(talk.pk)]
        tess, toni = clinic.therapists
        WeeklyHours.objects.exclude(resource=tess).update(end=time(19))
        Resource.objects.filter(pk=toni.pk).update(active=True)
        pin = Pin(
            stored["start"],
            {"therapist": str(toni.pk)},
            Option.OVERTIME,
            tuple(Booking(*one) for one in stored["opens"]),
        )

        found = adjust(actor=desk, disruption=disruption, pins={talk.pk: pin}, now=NOW)

        assert str(tess.pk) not in {unit for unit, *_ in found.proposal["changes"][0]["opens"]}
        applied(found, desk)
        assert "Toni Vega" in units(talk)
        assert not Closure.objects.filter(opens=True, resource=tess).exists()

    def test_it_cannot_be_pinned_by_itself(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        disruption = nearly_all_day(clinic, desk)
        pin = Pin(int(at("2026-12-01 18:00").timestamp()), option=Option.OVERTIME)

        with pytest.raises(Refused, match=r"^unknown$"):
            adjust(actor=desk, disruption=disruption, pins={talk.pk: pin}, now=NOW)


class TestOtherTimes:
    def test_outside_the_days_they_asked_for(
        self, clinic: Clinic, desk: Actor, course: CarePlan
    ) -> None:
        visit = course.appointments.get(step="prep.2")
        weekday = visit.start.isoweekday()
        CarePlan.objects.filter(pk=course.pk).update(
            wishes={**course.wishes, "weekdays": [weekday]}
        )
        disruption = out(desk, clinic.therapists[0], visit.start - DAY / 2, visit.start + DAY / 2)
        way = options_of(disruption, visit)["other_times"]

        found = take(disruption, desk, visit, Option.OTHER_TIMES)

        [change] = found.proposal["changes"]
        start = datetime.fromisoformat(way["start"])
        assert start.isoweekday() != weekday
        assert (change["start"], change["option"]) == (int(start.timestamp()), "other_times")
        plain = {visit.pk: Pin(change["start"])}
        with pytest.raises(Refused, match=r"^taken$"):  # control
            adjust(actor=desk, disruption=disruption, pins=plain, now=NOW)
        applied(found, desk)
        visit.refresh_from_db()
        assert visit.start == start


class TestLaterStart:
    def test_a_longer_gap_is_looked_at_by_a_prescriber(
        self, clinic: Clinic, desk: Actor, course: CarePlan
    ) -> None:
        away = course.appointments.get(step="prep.2").start - DAY / 4
        disruption = out(desk, clinic.therapists[0], away, away + 14 * DAY)
        [visit, *_] = [
            row
            for one in disruption.proposal["unplaced"]
            for row in course.appointments.filter(pk=one["appointment"])
            if "later_start" in options_of(disruption, row)
        ]
        way = options_of(disruption, visit)["later_start"]

        found = take(disruption, desk, visit, Option.LATER_START)
        plain = {visit.pk: Pin(int(datetime.fromisoformat(way["start"]).timestamp()))}
        with pytest.raises(Refused, match=r"^taken$"):  # control
            adjust(actor=desk, disruption=disruption, pins=plain, now=NOW)
        done = applied(found, desk)

        visit.refresh_from_db()
        assert visit.start == datetime.fromisoformat(way["start"])
        task = StaffTask.objects.get(kind="gap_exceeded", finished_at=None)
        assert (task.appointment_id, task.role) == (visit.pk, "prescriber")
        assert visit.step in {one["step"] for one in task.facts["warnings"]}
        undo_repair(actor=desk, disruption=done, now=SOON)
        assert not StaffTask.objects.filter(kind="gap_exceeded", finished_at=None).exists()

    def test_where_no_gap_is_longer_nobody_has_to_look(
        self, clinic: Clinic, desk: Actor, course: CarePlan
    ) -> None:
        visit = course.appointments.get(step="prep.2")
        disruption = out(desk, clinic.rooms[0], visit.start - DAY / 24, visit.start + DAY / 24)
        pin = Pin(int(visit.start.timestamp()), option=Option.LATER_START)

        applied(adjust(actor=desk, disruption=disruption, pins={visit.pk: pin}, now=NOW), desk)

        assert not StaffTask.objects.filter(kind="gap_exceeded").exists()


class TestOtherSite:
    def test_a_visit_of_its_own_could_be_at_another_site(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        other = make_clinic("north")

        way = options_of(no_room(clinic, desk), talk)["other_site"]

        assert way["site"] == other.site.slug
        assert abs(datetime.fromisoformat(way["start"]) - TEN) <= DAY / 12
        assert not Event.objects.filter(verb="booked").exists()

    def test_a_course_has_one_site(self, clinic: Clinic, desk: Actor, course: CarePlan) -> None:
        make_clinic("north")
        visit = course.appointments.get(step="prep.2")

        assert "other_site" not in options_of(searched(no_room(clinic, desk)), visit)

    def test_nothing_is_named_where_there_is_no_time(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        other = make_clinic("north")
        Resource.objects.filter(pk__in=[one.pk for one in other.therapists]).update(active=False)

        assert "other_site" not in options_of(no_room(clinic, desk), talk)


class TestWaitlist:
    def test_they_wait_for_any_time_and_the_session_still_needs_somebody(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        disruption = no_room(clinic, desk)

        entry = wait(disruption, desk, talk)

        assert (entry.appointment, entry.want, entry.weekdays) == (talk, "time_of_day", [])
        assert Event.objects.filter(verb="waitlist_joined", appointment=talk).count() == 1
        with pytest.raises(Refused, match=r"^waits_already$"):
            wait(disruption, desk, talk)
        done = applied(disruption, desk)
        assert StaffTask.objects.filter(kind=UNPLACED, finished_at=None).count() == 1
        assert done.status == "applied"

    def test_after_it_was_applied_too(self, clinic: Clinic, desk: Actor, talk: Appointment) -> None:
        assert wait(applied(no_room(clinic, desk), desk), desk, talk).appointment == talk

    def test_whose_time_stands_waits_for_no_other(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        """The control: the same wish is refused while nobody is away."""
        wish = Wish(want="time_of_day", appointment=talk)

        with pytest.raises(Refused) as refused:
            join_waitlist(actor=desk, patient=talk.patient, site=clinic.site, wish=wish, now=NOW)

        assert [one.code for one in refused.value.refusals] == [Code.NOT_WANTED]

    def test_on_the_days_they_once_asked_for(
        self, clinic: Clinic, desk: Actor, course: CarePlan
    ) -> None:
        CarePlan.objects.filter(pk=course.pk).update(
            wishes={**course.wishes, "weekdays": [1, 5], "day_parts": ["morning"]}
        )
        visit = course.appointments.get(step="prep.2")

        entry = wait(searched(no_room(clinic, desk)), desk, visit)

        assert (entry.weekdays, entry.day_parts) == ([1, 5], ["morning"])

    def test_it_ends_where_the_repair_finds_a_place_after_all(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        disruption = no_room(clinic, desk)
        entry = wait(disruption, desk, talk)

        done = applied(take(disruption, desk, talk, Option.VIDEO), desk)

        entry.refresh_from_db()
        assert entry.status == "withdrawn"
        undo_repair(actor=desk, disruption=done, now=SOON)
        entry.refresh_from_db()
        assert (entry.status, entry.turn) == ("waiting", NOW), "back where it was in the row, too"

    def test_who_waits_anew_by_then_waits_once(
        self, clinic: Clinic, desk: Actor, talk: Appointment
    ) -> None:
        disruption = no_room(clinic, desk)
        entry = wait(disruption, desk, talk)
        done = applied(take(disruption, desk, talk, Option.VIDEO), desk)
        wish = Wish(want="earlier", appointment=talk)
        join_waitlist(actor=desk, patient=talk.patient, site=clinic.site, wish=wish, now=SOON)

        undo_repair(actor=desk, disruption=done, now=SOON)

        entry.refresh_from_db()
        assert entry.status == "withdrawn"


def test_only_a_part_of_the_proposal_is_taken(
    clinic: Clinic, desk: Actor, talk: Appointment
) -> None:
    disruption = no_room(clinic, desk)

    for option in (Option.OTHER_SITE, Option.WAITLIST):
        with pytest.raises(Refused, match=r"^unknown$"):
            take(disruption, desk, talk, option)
    with pytest.raises(Refused, match=r"^not_allowed$"):
        take(disruption, actor("nurse"), talk, Option.VIDEO)
    done = applied(disruption, desk)
    with pytest.raises(Refused, match=r"^wrong_state$"):
        take(done, desk, talk, Option.VIDEO)


def test_what_somebody_was_quicker_to_take_is_refused(
    clinic: Clinic, desk: Actor, talk: Appointment
) -> None:
    disruption = no_room(clinic, desk)
    tess = clinic.therapists[0]
    close(actor=desk, resource=tess, start=TEN, end=TEN + DAY / 24, reason="x", now=NOW)

    with pytest.raises(Refused, match=r"^taken$"):
        take(disruption, desk, talk, Option.VIDEO)


def test_overtime_is_taken_as_it_was_shown_or_not_at_all(
    clinic: Clinic, desk: Actor, talk: Appointment
) -> None:
    disruption = nearly_all_day(clinic, desk)
    way = options_of(disruption, talk)["overtime"]
    shown = int(datetime.fromisoformat(way["start"]).timestamp())

    with pytest.raises(Refused, match=r"^stale$"):
        take_option(
            actor=desk,
            disruption=disruption,
            appointment=talk.pk,
            option=Option.OVERTIME,
            start=shown + 300,
            now=NOW,
        )
    for stays in ([str(clinic.therapists[1].pk)], []):  # somebody else was asked, or nobody
        with pytest.raises(Refused, match=r"^stale$"):
            take_option(
                actor=desk,
                disruption=disruption,
                appointment=talk.pk,
                option=Option.OVERTIME,
                start=shown,
                stays=stays,
                now=NOW,
            )


def test_the_world_moved_under_an_option_and_nothing_does(
    clinic: Clinic, desk: Actor, talk: Appointment
) -> None:
    found = take(nearly_all_day(clinic, desk), desk, talk, Option.OVERTIME)
    evening = DateTimeTZRange(at("2026-12-01 17:00"), at("2026-12-01 20:00"))
    Closure.objects.create(resource=clinic.therapists[0], during=evening)

    with pytest.raises(Refused, match=r"^proposal_outdated$"):
        applied(found, desk)

    assert not Closure.objects.filter(opens=True).exists()


def test_a_worker_that_looks_for_better_keeps_what_was_allowed(
    clinic: Clinic, desk: Actor, talk: Appointment
) -> None:
    found = take(no_room(clinic, desk), desk, talk, Option.VIDEO)
    Disruption.objects.filter(pk=found.pk).update(search_ended=False, cost=9999)

    improve(Disruption.objects.get(pk=found.pk), NOW)

    [change] = Disruption.objects.get(pk=found.pk).proposal["changes"]
    assert change["option"] == "video"


def test_what_is_left_once_it_was_applied_is_named_in_the_task(
    clinic: Clinic, desk: Actor, talk: Appointment
) -> None:
    applied(no_room(clinic, desk), desk)

    [task] = StaffTask.objects.filter(kind=UNPLACED)

    assert [one["option"] for one in task.facts["options"]] == ["waitlist"], "video is no more"


def wait(disruption: Disruption, desk: Actor, visit: Appointment) -> WaitlistEntry:
    return wait_for_a_place(actor=desk, disruption=disruption, appointment=visit.pk, now=NOW)


def talk_length(talk: Appointment) -> timedelta:
    return talk.end - talk.start
