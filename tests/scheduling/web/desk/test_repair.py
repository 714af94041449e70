"""Somebody is away, at the desk: what is shown, decided, adjusted and taken back."""

from __future__ import annotations

import html
import re
from datetime import datetime, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from scheduling.models import (
    Appointment,
    Disruption,
    Event,
    Resource,
    StaffTask,
    WaitlistEntry,
    WeeklyHours,
)
from scheduling.operations.actor import Actor
from scheduling.operations.close import close
from scheduling.operations.disrupt import disrupt
from scheduling.operations.improve import improve_due
from tests.factories import (
    Clinic,
    make_appointment,
    make_clinic,
    make_patient,
    make_service,
    make_user,
)
from tests.scheduling.operations.care import load_clinic, make_course, make_talk
from tests.scheduling.web.desk.day import desk_of, today_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return load_clinic()


def workday() -> int:
    """Days to a working day that is not before tomorrow."""
    return next(n for n in range(1, 8) if today_at(9, days=n).isoweekday() <= 5)


def talks(clinic: Clinic, count: int) -> list[Appointment]:
    """Talks of as many patients with Tess Stone, an hour after one another."""
    return [
        make_appointment(
            make_patient(f"Ada{n}", user=make_user()),
            make_service("therapy"),
            clinic.site,
            today_at(9 + n, days=workday()),
            [clinic.therapists[0], clinic.rooms[0]],
        )
        for n in range(count)
    ]


def said(start: datetime, **more: str) -> dict[str, str]:
    day = start - timedelta(hours=start.hour)
    return {
        "start": f"{day:%Y-%m-%dT00:00}",
        "end": f"{day + timedelta(days=2):%Y-%m-%dT00:00}",
        "reason": "Sick",
        **more,
    }


def out(clinic: Clinic) -> Disruption:
    start = today_at(0, days=workday())
    return disrupt(
        actor=Actor.of(make_user("", "front_desk")),
        resource=clinic.therapists[0],
        start=start,
        end=start + timedelta(days=1),
        reason="Sick",
        now=timezone.now(),
    )


def test_marked_away_leads_to_what_would_change(clinic: Clinic) -> None:
    [talk] = talks(clinic, 1)
    desk = desk_of("front_desk")
    form = desk.get(f"/desk/away/?resource={clinic.therapists[0].pk}").content.decode()
    assert f'value="{clinic.therapists[0].pk}" selected' in form

    answer = desk.post(
        "/desk/away/", said(talk.start, whom=str(clinic.therapists[0].pk)), follow=True
    )

    page = answer.content.decode()
    disruption = Disruption.objects.get()
    assert answer.redirect_chain == [(f"/desk/repairs/{disruption.pk}/", 302)]
    assert "Tess Stone is away" in page
    assert "1 keeps its time" in page
    assert "with Toni Vega" in page
    assert "instead of Tess Stone" in page
    assert "Looking for something better" in page


def test_a_form_that_cannot_be_keeps_what_was_typed(clinic: Clinic) -> None:
    start = today_at(9, days=1)
    wrong = said(start, whom="site", reason="Snow <storm>") | {"end": "2020-01-01T00:00"}

    page = desk_of("manager").post("/desk/away/", wrong).content.decode()

    assert "This is not after the start, too long after it, or it is over." in page
    assert "Snow &lt;storm&gt;" in page
    assert not Disruption.objects.exists()


def test_who_decides_about_one_session_does_not_lose_their_place(clinic: Clinic) -> None:
    talk = talks(clinic, 3)[2]
    disruption, desk = out(clinic), desk_of("front_desk")
    one = {"appointment": str(talk.pk)}

    for said_of_it in ({"pin": str(int(talk.start.timestamp()))}, {"leave": "1"}, {"leave": "0"}):
        answer = desk.post(f"/desk/repairs/{disruption.pk}/adjust/", one | said_of_it)

        assert answer["Location"] == f"/desk/repairs/{disruption.pk}/#s{talk.pk}"
        page = desk.get(answer["Location"]).content.decode()
        assert page.count(f'id="s{talk.pk}"') == 1


def test_who_comes_second_is_told_what_became_of_it(clinic: Clinic) -> None:
    talks(clinic, 1)
    disruption, desk = out(clinic), desk_of("front_desk")
    url = f"/desk/repairs/{disruption.pk}/"

    def press(what: str) -> str:
        said_of_it = {"revision": disruption.revision}
        return desk.post(f"{url}{what}/", said_of_it, follow=True).content.decode()

    assert "There is nothing to put back." in press("undo")
    press("apply")
    assert "This repair was taken already, here or at another desk." in press("apply")
    Disruption.objects.update(applied_at=timezone.now() - timedelta(hours=1))
    assert "A patient was told, or it is too long ago." in press("undo")


def test_what_is_left_to_a_person_is_counted(clinic: Clinic) -> None:
    talk, _other = talks(clinic, 2)
    disruption, desk = out(clinic), desk_of("front_desk")
    url = f"/desk/repairs/{disruption.pk}/"

    desk.post(f"{url}adjust/", {"appointment": str(talk.pk), "leave": "1"})

    page = desk.get(url).content.decode()
    assert "1 keeps its time" in page
    assert "1 is left to a person" in page


def test_a_person_is_away_a_room_cannot_be_used_a_site_is_closed(clinic: Clinic) -> None:
    start, desk = today_at(0, days=workday()), desk_of("front_desk")
    said_of_it = {
        str(clinic.rooms[0].pk): f"{clinic.rooms[0].name} cannot be used",
        "site": f"{clinic.site.name} is closed",
    }
    for whom, heading in said_of_it.items():
        page = desk.post("/desk/away/", said(start, whom=whom), follow=True).content.decode()

        assert heading in page


def test_the_end_of_all_time_is_refused_in_words(clinic: Clinic) -> None:
    late = said(today_at(9), whom="site") | {"start": "9999-12-31T23:00", "end": "9999-12-31T23:59"}

    answer = desk_of("manager").post("/desk/away/", late)

    assert answer.status_code == 200
    assert "too long after it" in answer.content.decode()
    assert not Disruption.objects.exists()


def test_all_of_it_is_taken_and_put_back(clinic: Clinic) -> None:
    talk, other = talks(clinic, 2)
    disruption, desk = out(clinic), desk_of("front_desk")
    url = f"/desk/repairs/{disruption.pk}/"

    taken = desk.post(f"{url}apply/", {"revision": disruption.revision}, follow=True)

    page = taken.content.decode()
    assert "2 sessions were changed." in page
    assert "What has changed" in page
    assert (
        Appointment.objects.get(pk=talk.pk)
        .reservations.filter(resource=clinic.therapists[1])
        .exists()
    )
    back = desk.post(f"{url}undo/", follow=True).content.decode()
    assert "Everything is back where it was." in back
    assert (
        Appointment.objects.get(pk=other.pk)
        .reservations.filter(resource=clinic.therapists[0])
        .exists()
    )


def test_what_was_not_seen_is_not_taken(clinic: Clinic) -> None:
    talks(clinic, 1)
    disruption, desk = out(clinic), desk_of("front_desk")

    page = desk.post(
        f"/desk/repairs/{disruption.pk}/apply/", {"revision": "0"}, follow=True
    ).content.decode()

    assert "Something changed since this proposal was shown." in page
    assert Disruption.objects.get().status == "proposed"


def test_pinned_left_out_and_taken_in_again(clinic: Clinic) -> None:
    [talk] = talks(clinic, 1)
    disruption, desk = out(clinic), desk_of("front_desk")
    url = f"/desk/repairs/{disruption.pk}/adjust/"
    later = int(talk.start.timestamp()) + 3600
    one = {"appointment": str(talk.pk)}

    pinned = desk.post(url, {**one, "pin": later}, follow=True).content.decode()
    assert "pinned" in pinned
    assert Disruption.objects.get().pins == {str(talk.pk): {"start": later, "units": {}}}
    left = desk.post(url, {**one, "leave": "1"}, follow=True).content.decode()
    assert "Left to a person" in left
    again = desk.post(url, {**one, "leave": "0"}, follow=True).content.decode()
    assert "What would change" in again
    huge = {**one, "pin": "9" * 20}
    for nonsense in ({"appointment": "x", "leave": "1"}, {**one, "pin": "x"}, huge, {}):
        assert desk.post(url, nonsense, follow=True).status_code == 200
    night = desk.post(url, {**one, "pin": later + 12 * 3600}, follow=True).content.decode()
    assert "note-warn" in night


def test_other_times_for_one(clinic: Clinic) -> None:
    [talk] = talks(clinic, 1)
    disruption, desk = out(clinic), desk_of("front_desk")

    page = desk.get(f"/desk/repairs/{disruption.pk}/others/{talk.pk}/").content.decode()

    assert page.count('name="pin"') >= 3
    stranger = desk.get(f"/desk/repairs/{disruption.pk}/others/{disruption.pk}/")
    assert stranger.status_code == 404


def test_while_it_is_searched_only_news_is_drawn(clinic: Clinic) -> None:
    talks(clinic, 1)
    disruption, desk = out(clinic), desk_of("front_desk")
    asked = {"HX-Request": "true"}
    url = f"/desk/repairs/{disruption.pk}/?revision={disruption.revision}"

    waiting = desk.get(url, headers=asked)
    improve_due(timezone.now())
    news = desk.get(url, headers=asked)

    assert "<progress" in waiting.content.decode()
    assert "HX-Retarget" not in waiting
    assert (news["HX-Retarget"], news["HX-Reswap"]) == ("#repair", "outerHTML")
    assert "<progress" not in news.content.decode()


def test_the_board_can_be_seen_before_and_after(clinic: Clinic) -> None:
    talks(clinic, 1)
    disruption, desk = out(clinic), desk_of("front_desk")
    url = f"/desk/repairs/{disruption.pk}/"

    after, before = (desk.get(url + query).content.decode() for query in ("", "?board=before"))

    def column(page: str, name: str) -> str:
        return (
            page.partition("timetable")[2].partition(f">{name}</a>")[2].partition("</section>")[0]
        )

    assert "Ada0" in column(after, "Toni Vega")
    assert "Ada0" not in column(after, "Tess Stone")
    assert "Ada0" in column(before, "Tess Stone")


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_much_for_three_patients_as_for_one(
    clinic: Clinic, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    talks(clinic, count)
    disruption, desk = out(clinic), desk_of("front_desk")

    with django_assert_num_queries(16):
        desk.get(f"/desk/repairs/{disruption.pk}/")


class TestOptions:
    """Every room is out: what the desk can press for who has no place."""

    def out(self, clinic: Clinic) -> Disruption:
        Resource.objects.filter(pk=clinic.rooms[1].pk).update(active=False)
        start = today_at(0, days=workday())
        return disrupt(
            actor=Actor.of(make_user("", "front_desk")),
            resource=clinic.rooms[0],
            start=start,
            end=start + timedelta(days=200),
            reason="Water",
            now=timezone.now(),
        )

    def press(self, disruption: Disruption, talk: object, option: str) -> str:
        page = desk_of("front_desk").get(f"/desk/repairs/{disruption.pk}/").content.decode()
        shown = re.findall(f'name="option" value="({option}[^"]*)"', page)
        said = {"appointment": str(talk), "option": shown[0] if shown else option}
        answer = desk_of("front_desk").post(
            f"/desk/repairs/{disruption.pk}/option/", said, follow=True
        )
        assert answer.status_code == 200
        return answer.content.decode()

    def test_each_is_a_button_and_becomes_part_of_the_proposal(self, clinic: Clinic) -> None:
        [talk] = talks(clinic, 1)
        disruption = self.out(clinic)
        page = desk_of("front_desk").get(f"/desk/repairs/{disruption.pk}/").content.decode()
        assert f'name="option" value="video {int(talk.start.timestamp())}"' in page
        assert 'name="option" value="waitlist"' in page

        taken = self.press(disruption, talk.pk, "video")

        assert "It is part of the proposal now." in taken
        assert '<span class="badge">by video</span>' in taken
        assert "Unpin" in taken
        assert Appointment.objects.get(pk=talk.pk).mode == "in_person"

    def test_overtime_is_of_the_people_who_were_shown(self, clinic: Clinic) -> None:
        [talk] = talks(clinic, 1)
        tess, toni = clinic.therapists
        day = today_at(0, days=workday())
        Resource.objects.filter(pk=toni.pk).update(active=False)
        WeeklyHours.objects.filter(site=clinic.site).update(end=time(17))
        desk = Actor.of(make_user("", "front_desk"))
        asked = {"actor": desk, "resource": tess, "now": timezone.now()}
        leave = (day + timedelta(days=1), day + timedelta(days=200))
        close(**asked, start=leave[0], end=leave[1], reason="Leave")
        disruption = disrupt(
            **asked, start=day, end=day + timedelta(hours=16, minutes=30), reason="Sick"
        )
        url = f"/desk/repairs/{disruption.pk}/"
        page = desk_of("front_desk").get(url).content.decode()
        [shown] = re.findall(r'name="option" value="(overtime [^"]+)"', page)
        assert str(tess.pk) in shown
        others = shown.replace(str(tess.pk), str(toni.pk))
        for other in (others, " ".join(shown.split()[:2])):
            said = {"appointment": str(talk.pk), "option": other}
            answer = desk_of("front_desk").post(f"{url}option/", said, follow=True)
            assert "note-warn" in answer.content.decode()
        assert not Disruption.objects.get().pins

        assert "overtime until" in self.press(disruption, talk.pk, "overtime")

    def test_the_reason_speaks_of_the_rules_and_not_of_a_wish(self, clinic: Clinic) -> None:
        talks(clinic, 1)
        disruption = self.out(clinic)

        page = desk_of("front_desk").get(f"/desk/repairs/{disruption.pk}/").content.decode()

        assert "Its rules leave" in page
        assert "asked for." not in page

    def test_the_waitlist_is_joined_at_once_and_shown(self, clinic: Clinic) -> None:
        [talk] = talks(clinic, 1)
        disruption = self.out(clinic)

        page = self.press(disruption, talk.pk, "waitlist")

        entry = WaitlistEntry.objects.get(appointment=talk)
        assert "the patient still needs your call" in page
        assert f"/desk/waitlist/{entry.pk}/" in page
        assert 'value="waitlist"' not in page
        assert "note-warn" in self.press(disruption, talk.pk, "waitlist")

    def test_another_site_is_a_link_with_its_time(self, clinic: Clinic) -> None:
        [talk] = talks(clinic, 1)
        make_clinic("north")
        disruption = self.out(clinic)

        page = desk_of("front_desk").get(f"/desk/repairs/{disruption.pk}/").content.decode()

        [url] = re.findall(r'href="(/desk/patients/[^"]+/book/visit/[^"]+site=north[^"]+)"', page)
        booking = desk_of("front_desk").get(html.unescape(url)).content.decode()
        assert 'name="start"' in booking
        action = html.unescape(re.findall(r'action="([^"]+site=north[^"]*)"', booking)[0])
        fields = dict(re.findall(r'name="(start|by|who)" value="([^"]*)"', booking))
        desk_of("front_desk").post(action, fields)
        held = Appointment.objects.get(status="held")
        assert (held.site.slug, held.patient_id) == ("north", talk.patient_id)

    def test_once_it_was_applied_only_the_waitlist_is_left(self, clinic: Clinic) -> None:
        [talk] = talks(clinic, 1)
        disruption, desk = self.out(clinic), desk_of("front_desk")
        url = f"/desk/repairs/{disruption.pk}/"
        page = desk.post(
            f"{url}apply/", {"revision": disruption.revision}, follow=True
        ).content.decode()
        assert 'value="video' not in page
        assert 'value="waitlist"' in page
        task = StaffTask.objects.get(kind="repair_unplaced")
        assert f'href="{url}"' in desk.get(f"/desk/inbox/{task.pk}/").content.decode()

        assert "On the waitlist." in self.press(disruption, talk.pk, "waitlist")
        assert "note-warn" in self.press(disruption, talk.pk, "video")

    @pytest.mark.parametrize(
        "nonsense",
        [
            {},
            {"appointment": "x", "option": "video"},
            {"option": "teleport"},
            {"option": "video x"},
            {"option": "video 99999999999999999999"},
        ],
    )
    def test_nonsense_changes_nothing(self, clinic: Clinic, nonsense: dict[str, str]) -> None:
        [talk] = talks(clinic, 1)
        disruption = self.out(clinic)
        said = {"appointment": str(talk.pk), **nonsense}

        answer = desk_of("front_desk").post(
            f"/desk/repairs/{disruption.pk}/option/", said, follow=True
        )

        assert answer.status_code == 200
        assert not Disruption.objects.get().pins

    def test_it_is_for_desk_and_managers(self, clinic: Clinic) -> None:
        [talk] = talks(clinic, 1)
        disruption = self.out(clinic)
        said = {"appointment": str(talk.pk), "option": "video"}

        answer = desk_of("nurse").post(f"/desk/repairs/{disruption.pk}/option/", said)

        assert answer.status_code == 403

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_page_asks_as_much_for_three_without_a_place_as_for_one(
        self, clinic: Clinic, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        talks(clinic, count)
        make_clinic("north")
        disruption, desk = self.out(clinic), desk_of("front_desk")

        with django_assert_num_queries(18):
            desk.get(f"/desk/repairs/{disruption.pk}/")

    def test_the_patient_reads_that_it_is_by_video_now(self, clinic: Clinic) -> None:
        [talk] = talks(clinic, 1)
        disruption = self.out(clinic)
        self.press(disruption, talk.pk, "video")
        fresh = Disruption.objects.get()
        desk_of("front_desk").post(
            f"/desk/repairs/{disruption.pk}/apply/", {"revision": fresh.revision}
        )
        patient = Client()
        patient.force_login(talk.patient.user)

        page = patient.get(f"/changes/{talk.pk}/").content.decode()

        assert "Same time, now by video. You need not come to us." in page


def test_proposals_that_wait_stand_in_the_inbox(clinic: Clinic) -> None:
    talks(clinic, 1)
    disruption = out(clinic)

    assert (
        f"/desk/repairs/{disruption.pk}/"
        in desk_of("front_desk").get("/desk/inbox/").content.decode()
    )
    assert str(disruption.pk) not in desk_of("nurse").get("/desk/inbox/").content.decode()


def test_who_is_away_without_sessions_asks_for_no_decision(clinic: Clinic) -> None:
    disruption = out(clinic)

    assert (
        f"/desk/repairs/{disruption.pk}/"
        not in desk_of("front_desk").get("/desk/inbox/").content.decode()
    )


def test_the_patient_sees_what_changed_and_says_that_it_suits(clinic: Clinic) -> None:
    [talk] = talks(clinic, 1)
    disruption = out(clinic)
    patient = Client()
    patient.force_login(talk.patient.user)
    url = f"/changes/{talk.pk}/"
    assert "Nothing has changed" in patient.get(url).content.decode()
    desk_of("front_desk").post(
        f"/desk/repairs/{disruption.pk}/apply/", {"revision": disruption.revision}
    )

    page = patient.get(url).content.decode()

    assert "Same time. You see somebody else, or another room." in page
    assert "You see Toni Vega." in page
    assert f"/sessions/{talk.pk}/move/" in page
    assert "/book/call/" in page
    seen = {"seen": str(disruption.pk)}
    for _twice in range(2):
        thanks = patient.post(url, seen, follow=True).content.decode()
        assert "You have told us that this suits you." in thanks
    assert Event.objects.filter(verb="change_accepted").count() == 1
    patient.post(url, {"seen": "another"})
    assert Event.objects.filter(verb="change_accepted").count() == 1
    at_the_desk = desk_of("front_desk").get(f"/desk/repairs/{disruption.pk}/").content.decode()
    assert "1 patient has said that it suits them." in at_the_desk


def test_what_was_put_back_asks_nobody(clinic: Clinic) -> None:
    [talk] = talks(clinic, 1)
    disruption, desk = out(clinic), desk_of("front_desk")
    desk.post(f"/desk/repairs/{disruption.pk}/apply/", {"revision": disruption.revision})
    desk.post(f"/desk/repairs/{disruption.pk}/undo/")
    patient = Client()
    patient.force_login(talk.patient.user)

    assert "Nothing has changed" in patient.get(f"/changes/{talk.pk}/").content.decode()


def test_a_course_leads_to_what_has_changed_in_it(clinic: Clinic) -> None:
    plan = make_course(make_patient("Ada", user=make_user()), clinic)
    talk = make_talk(plan, clinic, "prep.1", today_at(9, days=workday()))
    disruption = out(clinic)
    assert disruption.proposal["affected"] == [str(talk.pk)]
    patient = Client()
    patient.force_login(plan.patient.user)
    link = f"/changes/{plan.pk}/"
    assert link not in patient.get(f"/courses/{plan.pk}/").content.decode()
    desk_of("front_desk").post(
        f"/desk/repairs/{disruption.pk}/apply/", {"revision": disruption.revision}
    )

    assert link in patient.get(f"/courses/{plan.pk}/").content.decode()
    patient.post(link, {"seen": str(disruption.pk)})

    assert link not in patient.get(f"/courses/{plan.pk}/").content.decode()
