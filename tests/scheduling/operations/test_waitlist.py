"""A time that is given back goes to who waits for it: in fair order, held, and passed on."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Patient
from scheduling.core.refusals import Code, Refused
from scheduling.core.wishes import Wishes
from scheduling.models import (
    Appointment,
    CarePlan,
    Event,
    Reservation,
    ReservationChange,
    Service,
    Site,
    WaitlistEntry,
    WaitlistOffer,
)
from scheduling.operations.actor import Actor
from scheduling.operations.answer_offer import accept_offer, decline_offer
from scheduling.operations.book import book_session
from scheduling.operations.close import close
from scheduling.operations.confirm import confirm
from scheduling.operations.end_offers import expire_offers
from scheduling.operations.hold_visit import hold_visit
from scheduling.operations.join_waitlist import leave_waitlist
from scheduling.operations.make_offer import make_offer
from scheduling.operations.reopen import reopen
from scheduling.operations.steer_waitlist import reorder, set_priority, skip
from scheduling.selectors.waitlist_fit import fit
from scheduling.stored_wishes import to_json
from tests.factories import NOW, at, make_clinic, make_patient, make_protocol_version, make_user
from tests.scheduling.operations.booking import book, find_times, hold
from tests.scheduling.operations.waiting import (
    THURSDAY,
    give_up,
    look_again,
    offered,
    one_a_day,
    owner,
    take,
    wait,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
AFTERNOON = {"want": "time_of_day", "day_parts": ["afternoon"]}


@pytest.fixture
def site() -> Site:
    return one_a_day()


@pytest.fixture
def ada() -> Patient:
    return make_patient()


@pytest.fixture
def desk() -> Actor:
    return Actor.of(make_user("desk@example.org", "front_desk"))


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[Code]:
    return {one.code for one in refused.value.refusals}


def freed(site: Site, start: datetime = THURSDAY, *, now: datetime = NOW) -> None:
    """Somebody had that evaluation and gives it up."""
    give_up(take(site, make_patient("Grace"), start), now=now)


class TestOffers:
    def test_a_time_given_back_is_offered_and_held(self, site: Site, ada: Patient) -> None:
        entry = wait(site, ada)
        freed(site)

        assert look_again() == 1

        offer = offered(entry)
        assert offer is not None
        assert (offer.start, offer.expires_at) == (THURSDAY, NOW + 30 * MINUTE)
        held = Reservation.objects.filter(offer=offer)
        assert {row.expires_at for row in held} == {offer.expires_at}
        with pytest.raises(Refused) as refused:
            book_evaluation(site, make_patient("Otto"))
        assert codes(refused) == {Code.TAKEN}
        event = Event.objects.get(verb="waitlist_offered")
        assert event.patient == ada
        assert event.facts["offer"] == str(offer.pk)
        assert event.facts["expires_at"] == offer.expires_at.isoformat()

    def test_nothing_is_offered_where_nothing_was_given_back(
        self, site: Site, ada: Patient
    ) -> None:
        wait(site, ada)
        assert look_again() == 0

    def test_accepting_books_it(self, site: Site, ada: Patient) -> None:
        entry = wait(site, ada)
        freed(site)
        look_again()
        offer = offered(entry)

        booked = accept_offer(actor=owner(ada), offer=offer, now=NOW + MINUTE)

        assert booked is not None
        assert (booked.start, booked.status, booked.patient) == (THURSDAY, "booked", ada)
        entry.refresh_from_db()
        offer.refresh_from_db()
        assert (entry.status, offer.status) == ("accepted", "accepted")
        assert not Reservation.objects.filter(offer__isnull=False).exists()
        assert Event.objects.filter(verb="waitlist_accepted", patient=ada).count() == 1

    def test_accepting_twice_books_once(self, site: Site, ada: Patient) -> None:
        entry = wait(site, ada)
        freed(site)
        look_again()
        offer = offered(entry)
        accept_offer(actor=owner(ada), offer=offer, now=NOW)

        with pytest.raises(Refused) as refused:
            accept_offer(actor=owner(ada), offer=offer, now=NOW)

        assert codes(refused) == {Code.OFFER_OVER}
        assert Appointment.objects.filter(patient=ada, status="booked").count() == 1

    def test_a_stranger_takes_nothing(self, site: Site, ada: Patient) -> None:
        entry = wait(site, ada)
        freed(site)
        look_again()
        offer = offered(entry)
        for answer in (accept_offer, decline_offer):
            with pytest.raises(Refused) as refused:
                answer(actor=owner(make_patient("Otto")), offer=offer, now=NOW)
            assert codes(refused) == {Code.NOT_ALLOWED}
        assert offered(entry) == offer

    def test_declined_it_goes_to_the_next_and_not_back(self, site: Site, ada: Patient) -> None:
        first, second = wait(site, ada), wait(site, make_patient("Otto"), now=NOW + MINUTE)
        freed(site)
        look_again()
        assert offered(second) is None

        decline_offer(actor=owner(ada), offer=offered(first), now=NOW + MINUTE)

        assert look_again(NOW + MINUTE) == 1
        assert offered(first) is None
        offer = offered(second)
        assert offer.start == THURSDAY
        decline_offer(actor=owner(second.patient), offer=offer, now=NOW + MINUTE)
        assert look_again(NOW + MINUTE) == 0
        assert first.status == "waiting"

    def test_an_offer_ends_by_itself_and_is_passed_on(self, site: Site, ada: Patient) -> None:
        first, second = wait(site, ada), wait(site, make_patient("Otto"), now=NOW + MINUTE)
        freed(site)
        look_again()
        over = NOW + 30 * MINUTE

        assert expire_offers(over - MINUTE) == 0
        assert expire_offers(over) == 1
        look_again(over)

        assert first.offers.get().status == "expired"
        assert offered(second).start == THURSDAY
        assert Event.objects.filter(verb="waitlist_expired", patient=ada).exists()

    def test_what_has_ended_is_free_before_any_sweep(self, site: Site, ada: Patient) -> None:
        entry = wait(site, ada)
        freed(site)
        look_again()

        book_evaluation(site, make_patient("Otto"), now=NOW + 30 * MINUTE)

        assert entry.offers.get().status == "expired"
        with pytest.raises(Refused) as refused:
            accept_offer(actor=owner(ada), offer=entry.offers.get(), now=NOW + 31 * MINUTE)
        assert codes(refused) == {Code.OFFER_OVER}

    def test_at_night_nobody_is_asked(self, site: Site, ada: Patient) -> None:
        entry = wait(site, ada)
        night = at("2026-11-23 22:00")
        freed(site, now=night)

        assert look_again(night) == 0
        assert look_again(at("2026-11-24 08:00")) == 1
        assert offered(entry).expires_at == at("2026-11-24 08:30")

    def test_an_offer_of_the_evening_stands_until_the_morning(
        self, site: Site, ada: Patient
    ) -> None:
        entry = wait(site, ada)
        evening = at("2026-11-23 20:50")
        freed(site, now=evening)
        look_again(evening)

        assert offered(entry).expires_at == at("2026-11-24 08:20")

    def test_time_to_get_ready_is_left(self, site: Site, ada: Patient) -> None:
        """An evaluation asks for its own twelve hours after the offer has ended."""
        entry = wait(site, ada)
        freed(site, at("2026-11-24 09:00"), now=at("2026-11-23 20:40"))

        look_again(at("2026-11-23 20:40"))

        assert offered(entry) is None

    def test_a_closure_that_is_taken_back_gives_room(
        self, site: Site, ada: Patient, desk: Actor
    ) -> None:
        closed = close(
            actor=desk,
            site=site,
            start=at("2026-11-24 00:00"),
            end=at("2026-12-24 00:00"),
            reason="snow",
            now=NOW,
        )
        entry = wait(site, ada, latest=date(2026, 12, 1))
        look_again()
        assert offered(entry) is None

        reopen(actor=desk, closure=closed.closure, now=NOW)

        assert sum(look_again() for _ in range(30)) == 1
        assert offered(entry) is not None


class TestOrder:
    def test_priority_comes_first_then_the_turn(
        self, site: Site, ada: Patient, desk: Actor
    ) -> None:
        wait(site, ada)
        urgent = wait(site, make_patient("Otto"), now=NOW + MINUTE)
        set_priority(actor=desk, entry=urgent, priority=2, reason="worse since May", now=NOW)
        freed(site)

        look_again()

        assert offered(urgent) is not None
        said = Event.objects.get(verb="waitlist_steered")
        assert (said.actor, said.reason) == (desk.user, "worse since May")

    def test_the_desk_reorders_and_skips(self, site: Site, ada: Patient, desk: Actor) -> None:
        first, second, third = (
            wait(site, who, now=NOW + n * MINUTE)
            for n, who in enumerate((ada, make_patient("Otto"), make_patient("Grace")))
        )
        reorder(actor=desk, entry=third, up=True, now=NOW)
        skip(actor=desk, entry=first, until=NOW + timedelta(days=1), now=NOW)
        freed(site)

        look_again()

        assert offered(first) is None
        assert offered(third) is not None
        assert offered(second) is None

    def test_only_the_desk_steers(self, site: Site, ada: Patient) -> None:
        entry = wait(site, ada)
        with pytest.raises(Refused) as refused:
            set_priority(actor=owner(ada), entry=entry, priority=2, reason="me", now=NOW)
        assert codes(refused) == {Code.NOT_ALLOWED}
        assert WaitlistEntry.objects.get().priority == 0

    def test_a_reason_is_asked_for(self, site: Site, ada: Patient, desk: Actor) -> None:
        entry = wait(site, ada)
        with pytest.raises(Refused) as refused:
            set_priority(actor=desk, entry=entry, priority=1, reason=" ", now=NOW)
        assert codes(refused) == {Code.REASON_NEEDED}

    def test_as_many_are_out_as_the_site_says(self, site: Site, ada: Patient) -> None:
        Site.objects.update(waitlist_at_once=2)
        site.resources.update(capacity=3)
        ReservationChange.objects.update(looked=True)
        entries = [wait(site, make_patient(str(n)), now=NOW + n * MINUTE) for n in range(3)]
        freed(site)

        assert look_again() == 2
        assert [offered(one) is not None for one in entries] == [True, True, False]

    def test_by_hand_the_desk_offers_what_fits(self, site: Site, ada: Patient, desk: Actor) -> None:
        wait(site, ada)
        entry = wait(site, make_patient("Otto"), now=NOW + MINUTE)

        offer = make_offer(actor=desk, entry=entry, start=THURSDAY, now=NOW)

        assert offer.made_by == desk.user
        with pytest.raises(Refused) as refused:
            make_offer(actor=desk, entry=entry, start=at("2026-11-27 09:00"), now=NOW)
        assert codes(refused) == {Code.ON_OFFER}
        with pytest.raises(Refused) as refused:
            make_offer(actor=desk, entry=entry, start=at("2026-11-27 11:00"), now=NOW)
        assert codes(refused) == {Code.NOT_WANTED}

    def test_taken_back_by_the_clinic(self, site: Site, ada: Patient, desk: Actor) -> None:
        entry = wait(site, ada)
        offer = make_offer(actor=desk, entry=entry, start=THURSDAY, now=NOW)

        decline_offer(actor=desk, offer=offer, clinic=True, now=NOW)

        offer.refresh_from_db()
        assert offer.status == "withdrawn"
        assert not Reservation.objects.filter(offer=offer).exists()


class TestJoining:
    def test_once_only(self, site: Site, ada: Patient) -> None:
        wait(site, ada)
        with pytest.raises(Refused) as refused:
            wait(site, ada)
        assert codes(refused) == {Code.WAITS_ALREADY}

    def test_leaving_gives_the_offer_back(self, site: Site, ada: Patient) -> None:
        entry = wait(site, ada)
        freed(site)
        look_again()

        leave_waitlist(actor=owner(ada), entry=entry, now=NOW)

        assert entry.offers.get().status == "withdrawn"
        assert not Reservation.objects.filter(offer__isnull=False).exists()
        assert Event.objects.filter(verb="waitlist_left", patient=ada).exists()

    @pytest.mark.parametrize(
        ("wish", "code"),
        [
            ({"weekdays": [8]}, Code.UNKNOWN),
            ({"day_parts": ["dawn"]}, Code.UNKNOWN),
            ({"latest": date(2026, 11, 1)}, Code.IN_THE_PAST),
            ({"want": "person"}, Code.UNKNOWN),
            ({"want": "course"}, Code.UNKNOWN),
            ({"mode": "phone"}, Code.UNKNOWN),
        ],
    )
    def test_what_cannot_be_waited_for(
        self, site: Site, ada: Patient, wish: dict[str, object], code: Code
    ) -> None:
        with pytest.raises(Refused) as refused:
            wait(site, ada, **wish)
        assert code in codes(refused)
        assert not WaitlistEntry.objects.exists()

    def test_who_has_the_time_already_gains_nothing(self, site: Site, ada: Patient) -> None:
        own = take(site, ada)
        with pytest.raises(Refused) as refused:
            wait(site, ada, appointment=own, want="time_of_day", day_parts=["morning"])
        assert codes(refused) == {Code.NOT_WANTED}
        assert wait(site, ada, appointment=own, want="time_of_day", weekdays=[1, 2])

    def test_treatment_alone_is_not_waited_for(self, site: Site, ada: Patient) -> None:
        with pytest.raises(Refused) as refused:
            wait(site, ada, service=Service.objects.get(slug="infusion"))
        assert codes(refused) == {Code.NEEDS_PLAN}

    def test_an_entry_lapses_when_its_days_are_over(self, site: Site, ada: Patient) -> None:
        entry = wait(site, ada, latest=date(2026, 11, 24))
        look_again(at("2026-11-27 12:00"))
        entry.refresh_from_db()
        assert entry.status == "lapsed"


class TestAnotherTimeForASession:
    def test_in_a_course_the_rules_hold_and_one_session_moves(self, ada: Patient) -> None:
        clinic = make_clinic()
        version = make_protocol_version("trd_iv6")
        plan = book(clinic, version, ada, owner(ada))
        last = plan.appointments.get(step="integ.4")
        entry = wait(clinic.site, ada, appointment=last, **AFTERNOON)
        before = dict(plan.appointments.values_list("step", "start"))

        found = fit(entry, NOW, last.start + timedelta(days=7), NOW)
        offer = make_offer(actor=Actor.sweep(), entry=entry, start=found.starts[0], now=NOW)
        moved = accept_offer(actor=owner(ada), offer=offer, now=NOW)

        assert moved.pk == last.pk
        assert moved.start == found.starts[0] > before["integ.4"]
        after = dict(plan.appointments.values_list("step", "start"))
        assert {step for step in after if after[step] != before[step]} == {"integ.4"}
        therapists = {
            row.resource_id
            for row in Reservation.objects.filter(appointment__care_plan=plan, role="therapist")
        }
        assert len(therapists) == 1
        assert Event.objects.filter(verb="moved", appointment=last).count() == 1

    def test_gaps_bind_both_ways(self, ada: Patient) -> None:
        """An infusion between two others has little room: the offer never comes too near."""
        clinic = make_clinic()
        plan = book(clinic, make_protocol_version("trd_iv6"), ada, owner(ada))
        starts = dict(plan.appointments.values_list("step", "start"))
        middle = plan.appointments.get(step="inf.3")
        entry = wait(clinic.site, ada, appointment=middle, **AFTERNOON)

        assert entry.room_first is not None
        found = fit(entry, NOW, starts["inf.6"], NOW)

        for start in found.starts:
            assert (start.date() - starts["inf.2"].date()).days >= 2
            assert (starts["inf.4"].date() - start.date()).days >= 2
            assert entry.room_first <= start.date() <= entry.room_last + timedelta(days=1)

    def test_the_room_is_looked_at_again_when_the_course_changes(self, ada: Patient) -> None:
        clinic = make_clinic()
        plan = book(clinic, make_protocol_version("trd_iv6"), ada, owner(ada))
        middle = plan.appointments.get(step="inf.3")
        entry = wait(clinic.site, ada, appointment=middle, **AFTERNOON)
        look_again()
        entry.refresh_from_db()
        seen = entry.room_mark
        for offer in entry.offers.filter(status="offered"):
            decline_offer(actor=owner(ada), offer=offer, now=NOW)

        give_up(plan.appointments.get(step="review.1"))
        look_again()

        entry.refresh_from_db()
        assert entry.room_mark > seen > 0

    def test_a_lost_session_is_booked_again(self, ada: Patient) -> None:
        clinic = make_clinic()
        plan = book(clinic, make_protocol_version("trd_iv6"), ada, owner(ada))
        lost = plan.appointments.get(step="review.1")
        give_up(lost)
        lost.refresh_from_db()
        entry = wait(clinic.site, ada, appointment=lost)

        found = fit(entry, NOW, NOW + timedelta(days=90), NOW)
        offer = make_offer(actor=Actor.sweep(), entry=entry, start=found.starts[0], now=NOW)
        booked = accept_offer(actor=owner(ada), offer=offer, now=NOW)

        assert booked.pk != lost.pk
        assert (booked.step, booked.start) == ("review.1", found.starts[0])

    def test_a_course_that_changed_meanwhile_refuses_and_the_offer_stands(
        self, ada: Patient
    ) -> None:
        clinic = make_clinic()
        plan = book(clinic, make_protocol_version("trd_iv6"), ada, owner(ada))
        last = plan.appointments.get(step="integ.4")
        entry = wait(clinic.site, ada, appointment=last, **AFTERNOON)
        start = fit(entry, NOW, last.start + timedelta(days=7), NOW).starts[0]
        offer = make_offer(actor=Actor.sweep(), entry=entry, start=start, now=NOW)
        hold_visit(
            actor=owner(ada),
            patient=ada,
            service=Service.objects.get(slug="evaluation"),
            site=clinic.site,
            start=start,
            now=NOW,
        )

        with pytest.raises(Refused) as refused:
            accept_offer(actor=owner(ada), offer=offer, now=NOW)

        assert Code.PATIENT_BUSY in codes(refused) or Code.BREAK_TOO_SHORT in codes(refused)
        assert offered(entry) == offer
        assert Reservation.objects.filter(offer=offer).exists()

    def test_the_entry_lapses_when_the_session_begins(self, site: Site, ada: Patient) -> None:
        own = take(site, ada)
        entry = wait(site, ada, appointment=own)
        look_again(THURSDAY + MINUTE)
        entry.refresh_from_db()
        assert entry.status == "lapsed"

    def test_earlier_means_earlier(self, site: Site, ada: Patient) -> None:
        own = take(site, ada, at("2026-12-03 09:00"))
        entry = wait(site, ada, appointment=own)
        freed(site, at("2026-12-04 09:00"))

        assert look_again() == 0
        freed(site)
        assert look_again() == 1
        booked = accept_offer(actor=owner(ada), offer=offered(entry), now=NOW)
        assert (booked.pk, booked.start) == (own.pk, THURSDAY)


class TestWholeCourses:
    def test_a_course_is_offered_held_and_confirmed(self, ada: Patient) -> None:
        clinic = make_clinic()
        version = make_protocol_version("trd_iv6")
        wishes = to_json(Wishes(earliest=date(2026, 12, 1)))
        entry = wait(
            clinic.site, ada, want="course", protocol_version=version, wishes=wishes,
            earliest=date(2026, 12, 1),
        )  # fmt: skip

        assert look_again() == 1
        offer = offered(entry)
        plan = offer.care_plan
        assert (plan.status, plan.expires_at) == ("held", offer.expires_at)
        accept_offer(actor=owner(ada), offer=offer, now=NOW)

        plan.refresh_from_db()
        assert plan.status == "active"
        assert plan.appointments.filter(status="booked").count() == plan.sessions

    def test_confirming_on_its_own_page_is_accepting(self, ada: Patient) -> None:
        clinic = make_clinic()
        version = make_protocol_version("trd_iv6")
        entry = wait(clinic.site, ada, want="course", protocol_version=version)
        look_again()
        confirm(actor=owner(ada), care_plan=CarePlan.objects.get(), version=None, now=NOW)

        look_again()

        entry.refresh_from_db()
        assert (entry.status, entry.offers.get().status) == ("accepted", "accepted")

    def test_declining_gives_every_session_back(self, ada: Patient) -> None:
        clinic = make_clinic()
        version = make_protocol_version("trd_iv6")
        entry = wait(clinic.site, ada, want="course", protocol_version=version)
        look_again()

        decline_offer(actor=owner(ada), offer=offered(entry), now=NOW)

        assert CarePlan.objects.get().status == "released"
        assert not Reservation.objects.filter(appointment__isnull=False).exists()

    def test_who_holds_a_course_themselves_is_left_alone(self, ada: Patient) -> None:
        clinic = make_clinic()
        version = make_protocol_version("trd_iv6")
        entry = wait(clinic.site, ada, want="course", protocol_version=version)
        plan = hold_by_hand(clinic, version, ada)

        assert look_again() == 0
        assert offered(entry) is None
        plan.refresh_from_db()
        assert plan.status == "held"


class TestGuards:
    def test_one_standing_offer_for_an_entry(self, site: Site, ada: Patient, desk: Actor) -> None:
        entry = wait(site, ada)
        offer = make_offer(actor=desk, entry=entry, start=THURSDAY, now=NOW)
        offer.pk = None
        with pytest.raises(IntegrityError, match="waitlist_offer_once"), transaction.atomic():
            offer.save(force_insert=True)

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("DELETE FROM scheduling_reservation WHERE offer_id = %s", "waitlist_offer_holds"),
            (
                "UPDATE scheduling_waitlistoffer SET status = 'expired', answered_at = now()"
                " WHERE id = %s",
                "waitlist_offer_gives_back",
            ),
        ],
    )
    def test_what_stands_holds_and_what_is_over_does_not(
        self, site: Site, ada: Patient, desk: Actor, change: str, constraint: str
    ) -> None:
        offer = make_offer(actor=desk, entry=wait(site, ada), start=THURSDAY, now=NOW)
        with pytest.raises(IntegrityError) as raised:
            at_once(change, offer)
        assert raised.value.__cause__.diag.constraint_name == constraint

    def test_an_offer_holds_only_for_a_while(self, site: Site, ada: Patient, desk: Actor) -> None:
        make_offer(actor=desk, entry=wait(site, ada), start=THURSDAY, now=NOW)
        with pytest.raises(IntegrityError, match="reservation_one_owner"), transaction.atomic():
            Reservation.objects.filter(offer__isnull=False).update(expires_at=None)


def at_once(change: str, offer: WaitlistOffer) -> None:
    """Change it, and let the database look at what it usually does at commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{change}; SET CONSTRAINTS ALL IMMEDIATE", [offer.pk])


def book_evaluation(site: Site, patient: Patient, now: datetime = NOW) -> Appointment:
    return book_session(
        actor=owner(patient),
        patient=patient,
        service=Service.objects.get(slug="evaluation"),
        site=site,
        start=THURSDAY,
        now=now,
    )


def hold_by_hand(clinic: object, version: object, patient: Patient) -> CarePlan:
    return hold(clinic, version, patient, actor=owner(patient), times=find_times(clinic, version))
