"""Waiting for a better time: joined on a phone, steered at the desk, answered with one tap."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from scheduling.models import Appointment, Event, Site, WaitlistEntry
from scheduling.operations.actor import Actor
from scheduling.operations.make_offer import make_offer
from scheduling.operations.match_waitlist import match_waitlist
from scheduling.web.patient.keys import key
from tests.factories import NOW, make_clinic, make_patient, make_user
from tests.scheduling.operations.waiting import (
    THURSDAY,
    give_up,
    offered,
    one_a_day,
    take,
    wait,
)
from tests.scheduling.web.booked import book_course, signed_in
from tests.scheduling.web.desk.day import desk_of
from tests.scheduling.web.looking import clock, search, visitor  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
SAID = {"weekdays": ["1", "2", "3", "4", "5"], "day_parts": ["morning"]}


@pytest.fixture
def site() -> Site:
    return one_a_day()


@pytest.fixture
def waits(site: Site) -> WaitlistEntry:
    return wait(site, make_patient(user=make_user("ada@example.org")))


@pytest.fixture
def ada(waits: WaitlistEntry) -> Client:
    browser = Client()
    browser.force_login(waits.patient.user)
    return browser


def text(browser: Client, path: str, **said: object) -> str:
    """What the page says in the end; with `said` it is sent."""
    answer = browser.post(path, said, follow=True) if said else browser.get(path, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


class TestPatient:
    def test_an_offer_is_seen_and_taken_with_one_tap(
        self, site: Site, waits: WaitlistEntry, ada: Client
    ) -> None:
        give_up(take(site, make_patient("Grace")))
        match_waitlist(NOW)
        page = reverse("waitlist-offer", args=[offered(waits).pk])

        assert "a time came free" in text(ada, "/courses/")
        shown = text(ada, page)
        assert "Thursday 26 November, 09:00" in shown
        assert "Held for you until" in shown
        assert "It is yours." in text(ada, f"{page}answer/", accept="1")

        assert Appointment.objects.get(patient=waits.patient).start == THURSDAY
        assert "You took this time. It is booked." in text(ada, page)
        assert "You took this time. It is booked." in text(ada, f"{page}answer/", accept="1")

    def test_it_is_let_go_with_one_tap(self, site: Site, waits: WaitlistEntry, ada: Client) -> None:
        give_up(take(site, make_patient("Grace")))
        match_waitlist(NOW)
        page = reverse("waitlist-offer", args=[offered(waits).pk])

        assert "You stay on the list." in text(ada, f"{page}answer/", decline="1")
        assert "This offer is over" in text(ada, page)

    def test_an_offer_asks_to_sign_in_and_comes_back(
        self, site: Site, waits: WaitlistEntry
    ) -> None:
        offer = make_offer(actor=Actor.sweep(), entry=waits, start=THURSDAY, now=NOW)
        page = reverse("waitlist-offer", args=[offer.pk])

        assert Client().get(page)["Location"] == f"/accounts/login/?next={page}"

    def test_a_visit_is_waited_for(self, site: Site) -> None:
        otto = make_patient("Otto", user=make_user("otto@example.org"))
        browser = Client()
        browser.force_login(otto.user)
        path = f"/waitlist/visit/{key('evaluation')}/"

        assert "Join the waitlist" in text(browser, f"/visits/{key('evaluation')}/")
        assert "Whom you want to see" in text(browser, path)
        assert "Choose at least one day." in text(browser, path, day_parts=["morning"])
        page = text(browser, path, **SAID)

        assert "You are on the waitlist." in page
        assert "Stop waiting" in page
        entry = WaitlistEntry.objects.get(patient=otto)
        assert (entry.weekdays, entry.day_parts) == ([1, 2, 3, 4, 5], ["morning"])
        assert "on the waitlist already" in text(browser, path, **SAID)
        assert "no longer on the waitlist" in text(browser, f"/waitlist/{entry.pk}/leave/", now="1")

    def test_a_session_of_a_course_is_waited_for(self) -> None:
        plan = book_course(make_clinic())
        browser = signed_in(plan)
        last = plan.appointments.get(step="integ.4")

        assert f"/waitlist/session/{last.pk}/" in text(browser, f"/courses/{plan.pk}/")
        page = text(browser, f"/waitlist/session/{last.pk}/", want="earlier", **SAID)

        assert "You are on the waitlist." in page
        assert "On the waitlist" in text(browser, f"/courses/{plan.pk}/")
        assert WaitlistEntry.objects.get().appointment == last

    def test_where_nothing_fits_the_course_is_waited_for(self, visitor: Client) -> None:  # noqa: F811
        Site.objects.get().resources.filter(roles__contains=["nurse"]).update(active=False)
        address = search(visitor)
        assert "Join the waitlist" in text(visitor, address)
        path = f"/waitlist/course/{address.split('/')[-2]}/"
        assert visitor.get(path).status_code == 302  # signs in first
        visitor.force_login(make_user("vera@example.org"))
        # Signing in keeps what this browser has looked for.
        address = search(visitor)
        path = f"/waitlist/course/{address.split('/')[-2]}/"

        assert "You are on the waitlist." in text(visitor, path, yes="1")

        entry = WaitlistEntry.objects.get()
        assert (entry.want, entry.protocol_version.protocol_id) == ("course", "trd_iv6")
        assert entry.wishes["earliest"] == "2026-11-24"


class TestDesk:
    def test_the_list_is_steered(self, site: Site, waits: WaitlistEntry) -> None:
        wait(site, make_patient("Otto", "Olsen"), now=NOW + timedelta(minutes=1))
        desk = desk_of("front_desk")

        page = text(desk, "/desk/waitlist/")
        assert page.index("Ada Byron") < page.index("Otto Olsen")
        path = f"/desk/waitlist/{waits.pk}/"
        assert "Offer a time by hand" in text(desk, path)
        text(desk, f"{path}steer/", do="down")
        page = text(desk, "/desk/waitlist/")
        assert page.index("Otto Olsen") < page.index("Ada Byron")
        assert "Please say why." in text(desk, f"{path}steer/", do="priority", priority="2")
        said = text(desk, f"{path}steer/", do="priority", priority="2", reason="flood at home")
        assert "flood at home" in said
        assert "Passed over until" in text(desk, f"{path}steer/", do="skip", days="7")
        assert "We do not know" in text(desk, f"{path}steer/", do="nonsense")

    def test_an_offer_by_hand_is_answered_on_the_phone(
        self, site: Site, waits: WaitlistEntry
    ) -> None:
        desk = desk_of("front_desk")
        path = f"/desk/waitlist/{waits.pk}/"

        assert "Offered." in text(desk, f"{path}offer/", start=THURSDAY.isoformat())
        assert "They take it" in text(desk, path)
        assert "Taken back." in text(desk, f"{path}offer/", withdraw="1")
        assert "This offer is over." in text(desk, f"{path}offer/", withdraw="1")
        assert "is not free, not wished for" in text(desk, f"{path}offer/", start=NOW.isoformat())
        text(desk, f"{path}offer/", start=THURSDAY.isoformat())
        assert "Booked." in text(desk, f"{path}offer/", accept="1")
        assert Event.objects.filter(verb="waitlist_accepted").count() == 1

    def test_the_board_shows_what_is_on_offer(self, site: Site, waits: WaitlistEntry) -> None:
        make_offer(actor=Actor.sweep(), entry=waits, start=THURSDAY, now=NOW)

        assert "waitlist, until 12:30" in text(desk_of("nurse"), "/desk/?date=2026-11-26")

    @pytest.mark.parametrize("count", [1, 3])
    def test_as_many_queries_for_one_as_for_three(
        self,
        site: Site,
        count: int,
        django_assert_num_queries: object,
    ) -> None:
        for number in range(count):
            patient = make_patient(f"Number {number}")
            own = take(site, patient, THURSDAY.replace(day=26 + number % 2, hour=16 + number))
            wait(site, patient, appointment=own)
        desk = desk_of("front_desk")
        desk.get("/desk/waitlist/")
        with django_assert_num_queries(8):  # type: ignore[operator]
            assert desk.get("/desk/waitlist/").content.decode().count("Number") == count
