"""Setting up: every change shows first whom it meets, and none overwrites another's."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.test import Client

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import (
    Appointment,
    Closure,
    Event,
    GroupSession,
    ProtocolVersion,
    Reservation,
    Resource,
    Service,
    StaffTask,
)
from scheduling.operations.change_closure import change_closure
from scheduling.operations.set_hours import rules_of
from scheduling.protocols.loading import load_library
from scheduling.protocols.store import store
from scheduling.web.setup.documents import as_text, changes
from scheduling.web.setup.hours import read_spans, write_spans
from tests.factories import (
    ZONE,
    Clinic,
    make_appointment,
    make_closure,
    make_meeting,
    make_patient,
    make_series,
    make_service,
    make_user,
)
from tests.scheduling.operations.care import actor, load_clinic, make_course, make_talk
from tests.scheduling.web.desk.day import desk_of, today_at

NINE_TO_FIVE = (time(9), time(17))


def test_spans_are_read_as_they_are_written() -> None:
    spans = read_spans("8:00-12:00, 12:45–17:00")

    assert spans == ((time(8), time(12)), (time(12, 45), time(17)))
    assert read_spans(write_spans(spans)) == spans
    assert read_spans("") == ()


@pytest.mark.parametrize(
    "written", ["8-12", "25:00-26:00", "12:00-08:00", "8:00-12:00, 11:00-13:00"]
)
def test_spans_that_are_none_are_refused(written: str) -> None:
    with pytest.raises(forms.ValidationError):
        read_spans(written)


def test_what_differs_is_shown_with_what_stands_around_it() -> None:
    shown = changes("a\nb\nc\nd\ne\nf", "a\nb\nc\nd\nE\nf")

    assert ("-", "e") in shown
    assert ("+", "E") in shown
    assert (" ", "a") not in shown
    assert changes("a", "a") == []


@pytest.fixture
def clinic(db: None) -> Clinic:
    return load_clinic()


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return desk_of("manager")


@pytest.fixture
def talk(clinic: Clinic) -> Appointment:
    """Ada's session with Tess at three on a working day."""
    days = next(n for n in range(7, 14) if today_at(15, days=n).isoweekday() == 3)
    plan = make_course(make_patient("Ada", "Byron"), clinic)
    return make_talk(plan, clinic, "prep.1", today_at(15, days=days))


def seen_on(browser: Client, path: str) -> str:
    """What the form there says it was opened with."""
    found = re.search(r'name="seen" value="([^"]*)"', browser.get(path).content.decode())
    assert found
    return found.group(1)


def hours_of(page: str) -> dict[str, str]:
    """The form as the page shows it."""
    return dict(re.findall(r'name="(seen|day_\d)" value="([^"]*)"', page))


def test_hours_show_whom_they_meet_before_they_are_set(
    clinic: Clinic, manager: Client, talk: Appointment
) -> None:
    path = f"/desk/setup/hours/{clinic.therapists[0].pk}/"
    said = hours_of(manager.get(path).content.decode()) | {"day_3": "08:00-12:00"}

    looked = manager.post(path, said).content.decode()
    assert "This meets 1 session" in looked
    assert "Ada Byron" in looked
    assert rules_of(clinic.therapists[0])[3] == ((time(8), time(17)),)
    manager.post(path, {**said, "apply": "1"})

    assert rules_of(clinic.therapists[0])[3] == ((time(8), time(12)),)
    task = StaffTask.objects.get()
    assert (task.kind, task.appointment) == ("session_outside_hours", talk)
    talk.refresh_from_db()
    assert talk.status == "booked"


def test_of_two_managers_the_second_is_told(clinic: Clinic, manager: Client) -> None:
    path = f"/desk/setup/hours/{clinic.therapists[0].pk}/"
    old = hours_of(manager.get(path).content.decode())
    manager.post(path, {**old, "day_5": "", "apply": "1"})

    answer = desk_of("manager").post(path, {**old, "day_4": "", "apply": "1"}, follow=True)

    assert "This was changed meanwhile." in answer.content.decode()
    rules = rules_of(clinic.therapists[0])
    assert (rules[4], rules[5]) == (((time(8), time(17)),), ())


def test_hours_that_cannot_be_read_stay_as_typed(clinic: Clinic, manager: Client) -> None:
    said = hours_of(manager.get("/desk/setup/hours/").content.decode()) | {"day_1": "nine to five"}

    page = manager.post("/desk/setup/hours/", said).content.decode()

    assert 'value="nine to five"' in page
    assert "error-summary" in page


def test_a_new_person_gets_hours_next(clinic: Clinic, manager: Client) -> None:
    said = {
        "name": "Nia Alvarez",
        "roles": ["therapist"],
        "capacity": "1",
        "languages": ["es"],
        "active": "on",
        "qualifications": "acls 2030-06-30\nbls",
    }

    answer = manager.post("/desk/setup/people-and-places/new/person/", said)

    made = Resource.objects.get(name="Nia Alvarez")
    assert answer["Location"] == f"/desk/setup/hours/{made.pk}/"
    assert {one.code for one in made.qualifications.all()} == {"acls", "bls"}
    again = manager.post("/desk/setup/people-and-places/new/person/", said)
    assert "There is one of this name already." in again.content.decode()


def test_switching_somebody_off_shows_whom_it_meets(
    clinic: Clinic, manager: Client, talk: Appointment
) -> None:
    path = f"/desk/setup/people-and-places/{clinic.therapists[0].pk}/"
    said = {"name": "Tess Stone", "roles": ["therapist"], "capacity": "1", "languages": ["en"]}
    said["seen"] = seen_on(manager, path)

    looked = manager.post(path, said).content.decode()
    assert "This meets 1 session" in looked
    assert Resource.objects.get(name="Tess Stone").active
    manager.post(path, {**said, "apply": "1"})

    assert not Resource.objects.get(name="Tess Stone").active
    assert StaffTask.objects.get().appointment == talk


def test_lanes_that_are_booked_do_not_go(
    clinic: Clinic, manager: Client, talk: Appointment
) -> None:
    nurse = clinic.nurses[0]
    Reservation.objects.create(
        resource=nurse, lane=1, during=(talk.start, talk.end), role="nurse", appointment=talk
    )
    path = f"/desk/setup/people-and-places/{nurse.pk}/"
    said = {"name": nurse.name, "roles": ["nurse"], "capacity": "1", "active": "on", "apply": "1"}
    said["seen"] = seen_on(manager, path)

    answer = manager.post(path, said)

    assert "Somebody else has just taken this time" in answer.content.decode()
    nurse.refresh_from_db()
    assert nurse.capacity == 2


def wall(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(ZONE)):%Y-%m-%dT%H:%M}"


def test_leave_is_seen_first_changed_and_taken_away(
    clinic: Clinic, manager: Client, talk: Appointment
) -> None:
    said = {
        "whom": str(clinic.therapists[0].pk),
        "start": wall(talk.start - timedelta(hours=3)),
        "end": wall(talk.start + timedelta(hours=1)),
        "reason": "Dentist",
    }
    assert "This meets 1 session" in manager.post("/desk/setup/closures/", said).content.decode()
    assert not Closure.objects.exists()

    manager.post("/desk/setup/closures/", {**said, "apply": "1"})
    closure = Closure.objects.get()
    assert StaffTask.objects.get().kind == "session_in_closure"
    path = f"/desk/setup/closures/{closure.pk}/"
    shorter = {**said, "end": wall(talk.start - timedelta(hours=1))}
    manager.post(path, {**shorter, "apply": "1"})
    changed = Closure.objects.get()
    assert changed.during.upper == talk.start - timedelta(hours=1)
    assert not StaffTask.objects.filter(finished_at=None).exists()
    manager.post(f"/desk/setup/closures/{changed.pk}/reopen/")
    assert not Closure.objects.exists()


@pytest.mark.parametrize("hours", [0, -2])
def test_a_closure_ends_after_it_begins(clinic: Clinic, manager: Client, hours: int) -> None:
    start = today_at(9, days=3)
    said = {"whom": "site", "start": wall(start), "end": wall(start + timedelta(hours=hours))}

    page = manager.post("/desk/setup/closures/", {**said, "reason": "Snow", "apply": "1"})

    assert "This is not after the start" in page.content.decode()
    assert not Closure.objects.exists()


def test_holidays_become_closures_like_any_other(clinic: Clinic, manager: Client) -> None:
    page = manager.get("/desk/setup/closures/holidays/").content.decode()
    christmas = re.search(r'value="(\d{4}-12-25)"', page)
    assert christmas

    manager.post("/desk/setup/closures/holidays/", {"day": [christmas.group(1), "2001-01-01"]})
    manager.post("/desk/setup/closures/holidays/", {"day": [christmas.group(1)]})

    assert Closure.objects.get().reason == "Christmas Day"


def test_meetings_are_set_up_in_a_row_or_not_at_all(clinic: Clinic, manager: Client) -> None:
    first = today_at(17, 30, days=7)
    make_meeting(
        clinic.group,
        make_service("lifestyle_group"),
        clinic.coach,
        clinic.group_room,
        first + timedelta(weeks=2),
    )
    said = {
        "series": clinic.group.pk,
        "service": "lifestyle_group",
        "coach": clinic.coach.pk,
        "room": clinic.group_room.pk,
        "first": wall(first),
        "minutes": "60",
        "weeks": "3",
    }

    taken = manager.post("/desk/setup/groups/", said).content.decode()
    assert "Somebody else has just taken this time" in taken
    assert GroupSession.objects.count() == 1
    manager.post("/desk/setup/groups/", {**said, "weeks": "2"})

    assert GroupSession.objects.count() == 3
    meeting = GroupSession.objects.order_by("during").first()
    assert meeting
    manager.post(f"/desk/setup/groups/{meeting.pk}/cancel/")
    assert GroupSession.objects.get(pk=meeting.pk).cancelled_at
    assert not Reservation.objects.filter(group_session=meeting).exists()


def test_a_group_does_not_meet_twice_at_once(clinic: Clinic, manager: Client) -> None:
    first = today_at(17, 30, days=7)
    meeting = make_meeting(
        clinic.group, make_service("lifestyle_group"), clinic.coach, clinic.group_room, first
    )
    said = {
        "series": clinic.group.pk,
        "service": "lifestyle_group",
        "coach": clinic.counsellor.pk,
        "room": clinic.rooms[0].pk,
        "first": wall(first + timedelta(minutes=30)),
        "minutes": "60",
        "weeks": "1",
    }

    page = manager.post("/desk/setup/groups/", said).content.decode()

    assert "Somebody else has just taken this time" in page
    assert GroupSession.objects.get() == meeting


def test_seats_are_those_of_the_group_alone(clinic: Clinic, manager: Client) -> None:
    first = today_at(17, 30, days=7)
    service = make_service("lifestyle_group")
    other = make_series(clinic.site, "Other group", "lifestyle_group")
    make_meeting(clinic.group, service, clinic.coach, clinic.group_room, first)
    make_meeting(other, service, clinic.counsellor, clinic.rooms[0], first)
    make_appointment(make_patient(), service, clinic.site, first, [clinic.group])

    page = manager.get("/desk/setup/groups/").content.decode()

    assert page.count("1 of 8 seats") == 1
    assert page.count("0 of 8 seats") == 1


def document_of(slug: str) -> tuple[str, int]:
    latest = ProtocolVersion.objects.filter(protocol=slug).order_by("-number").first()
    assert latest
    return as_text(latest.definition), latest.number


def test_a_protocol_is_checked_seen_and_published(clinic: Clinic, manager: Client) -> None:
    text, seen = document_of("trd_iv6")
    path = "/desk/setup/protocols/trd_iv6/"
    said = {"as": "document", "text": text.replace("title: ", "title: New "), "seen": seen}

    looked = manager.post(path, said).content.decode()
    assert "+ title: New " in looked
    assert document_of("trd_iv6")[1] == seen
    manager.post(path, {**said, "apply": "1"})

    assert document_of("trd_iv6")[1] == seen + 1
    assert Event.objects.get(verb="protocol_published").facts["version"] == seen + 1
    stale = manager.post(path, {**said, "text": text, "apply": "1"}).content.decode()
    assert "This was changed meanwhile." in stale


def test_a_document_with_mistakes_names_their_lines(clinic: Clinic, manager: Client) -> None:
    text, seen = document_of("trd_iv6")
    broken = text.replace("service: evaluation", "service: exorcism", 1)

    page = manager.post(
        "/desk/setup/protocols/trd_iv6/", {"as": "document", "text": broken, "seen": seen}
    ).content.decode()

    assert re.search(r"protocol:\d+: .*exorcism", page)
    assert document_of("trd_iv6")[1] == seen


@pytest.mark.parametrize("text", ["", "[", "- 1", "a: &x 1\nb: *x", "\0", "x" * 70_000])
def test_a_document_that_is_none_is_refused_in_words(
    clinic: Clinic, manager: Client, text: str
) -> None:
    said = {"as": "document", "text": text, "seen": 1, "apply": "1"}
    assert manager.post("/desk/setup/protocols/trd_iv6/", said).status_code == 200
    assert manager.post("/desk/setup/services/therapy/", {**said}).status_code == 200
    assert document_of("trd_iv6")[1] == 1


def test_days_and_numbers_are_changed_in_a_form(clinic: Clinic, manager: Client) -> None:
    path = "/desk/setup/protocols/trd_iv6/"
    page = manager.get(path).content.decode()
    said = dict(re.findall(r'name="([a-z_]+-(?:gap|window|count))" value="([^"]*)"', page))
    name = next(one for one in said if one.endswith("-gap"))
    low, best, high = (one.strip() for one in said[name].split(","))
    assert high == "-" or int(high) < 300
    changed = {**said, name: f"{low}, {best}, 300", "as": "form", "title": "T", "summary": "S"}

    looked = manager.post(path, changed).content.decode()

    assert "300" in looked
    assert "What changes" in looked


def test_days_read_from_an_older_version_are_not_published_over_a_newer(
    clinic: Clinic, manager: Client
) -> None:
    path = "/desk/setup/protocols/trd_iv6/"
    page = manager.get(path).content.decode()
    days = dict(re.findall(r'name="([a-z_]+-(?:gap|window|count))" value="([^"]*)"', page))
    text, seen = document_of("trd_iv6")
    newer = {"as": "document", "text": text.replace("title: ", "title: New "), "seen": seen}
    manager.post(path, {**newer, "apply": "1"})

    looked = manager.post(
        path, {**days, "as": "form", "title": "T", "summary": "S", "seen": seen}
    ).content.decode()

    carried = re.findall(r'name="seen" value="(\d+)"', looked)
    assert set(carried) == {str(seen)}
    stale = manager.post(
        path, {**newer, "text": text.replace("title: ", "title: T "), "apply": "1"}
    )
    assert "This was changed meanwhile." in stale.content.decode()


def test_an_update_leaves_alone_what_the_clinic_has_changed(
    clinic: Clinic, manager: Client
) -> None:
    text, seen = document_of("trd_iv6")
    path = "/desk/setup/protocols/trd_iv6/"
    said = {"as": "document", "text": text.replace("title: ", "title: New "), "seen": seen}
    manager.post(path, {**said, "apply": "1"})
    service = as_text(Service.objects.get(pk="therapy").definition)
    longer = service.replace("treat: 50", "treat: 55")
    assert longer != service
    path = "/desk/setup/services/therapy/"
    changed = {"text": longer, "seen": seen_on(manager, path), "apply": "1"}
    manager.post(path, changed)
    again = manager.post(path, changed).content.decode()
    assert "This was changed meanwhile." in again

    store(load_library())

    assert document_of("trd_iv6")[1] == seen + 1
    assert Service.objects.get(pk="therapy").definition["phases"]["treat"] == 55


def test_policies_count_from_the_next_page(clinic: Clinic, manager: Client) -> None:
    said = {
        "name": "Main",
        "neutral_name": "Clinic",
        "address": "1 Example Street",
        "phone": "+1 303 555 0100",
        "late_cancel_hours": "12",
        "late_cancel_hours_treatment": "72",
        "waking_from": "09:00",
        "waking_until": "20:00",
        "waitlist_minutes": "45",
        "waitlist_at_once": "2",
        "waitlist_lead_hours": "8",
        "names_rooms": "on",
    }

    said["seen"] = seen_on(manager, "/desk/setup/policies/")

    for wrong in ({"waking_until": "08:00"}, {"waitlist_minutes": "0"}):
        page = manager.post("/desk/setup/policies/", {**said, **wrong})
        assert "Some answers need another look" in page.content.decode()
    manager.post("/desk/setup/policies/", said)
    later = manager.post("/desk/setup/policies/", {**said, "late_cancel_hours": "99"})

    assert "This was changed meanwhile." in later.content.decode()
    clinic.site.refresh_from_db()
    assert clinic.site.late_cancel_hours_treatment == 72
    assert (clinic.site.waitlist_minutes, clinic.site.waking_from) == (45, time(9))
    assert (clinic.site.names_people, clinic.site.names_rooms) == (False, True)
    assert "late_cancel_hours" in Event.objects.get(verb="policies_set").facts["fields"]


def test_of_two_managers_who_change_a_person_the_second_is_told(
    clinic: Clinic, manager: Client
) -> None:
    tess = clinic.therapists[0]
    path = f"/desk/setup/people-and-places/{tess.pk}/"
    said = {"name": tess.name, "roles": ["therapist"], "capacity": "1", "active": "on"}
    said |= {"seen": seen_on(manager, path), "apply": "1"}
    manager.post(path, {**said, "languages": ["en", "es"], "qualifications": "acls"})

    late = desk_of("manager").post(path, {**said, "languages": ["en"], "name": "Tess"})

    assert "This was changed meanwhile." in late.content.decode()
    tess.refresh_from_db()
    assert (tess.name, tess.languages) == ("Tess Stone", ["en", "es"])


def test_a_closure_is_changed_whole_or_not_at_all(clinic: Clinic) -> None:
    start = today_at(9, days=3)
    closure = make_closure(clinic.site, start, start + timedelta(hours=2))
    said = {"actor": actor("manager"), "closure": closure, "reason": "Snow", "now": today_at(8)}

    with pytest.raises(Refused):  # it would end before it begins
        change_closure(**said, site=clinic.site, start=start, end=start - timedelta(hours=1))
    assert Closure.objects.get() == closure
    change_closure(**said, site=clinic.site, start=start, end=start + timedelta(hours=1))
    with pytest.raises(Refused):  # the old one has gone already
        change_closure(**said, site=clinic.site, start=start, end=start + timedelta(hours=9))

    assert Closure.objects.get().during.upper == start + timedelta(hours=1)


def test_an_extra_opening_is_never_turned_into_a_closure(clinic: Clinic, manager: Client) -> None:
    start = today_at(9, days=3)
    opening = make_closure(clinic.site, start, start + timedelta(hours=2), opens=True)
    said = {"whom": "site", "start": wall(start), "end": wall(start + timedelta(hours=3))}

    page = manager.get("/desk/setup/closures/").content.decode()
    answer = manager.post(
        f"/desk/setup/closures/{opening.pk}/", {**said, "reason": "Fair", "apply": "1"}
    )

    assert "extra opening" in page
    assert f'/desk/setup/closures/{opening.pk}/"' not in page
    assert answer.status_code == 404
    assert Closure.objects.get().opens


def test_a_document_of_another_protocol_is_not_published_here(
    clinic: Clinic, manager: Client
) -> None:
    text, seen = document_of("crps_10day")
    said = {"as": "document", "text": text.replace("title: ", "title: New "), "seen": seen}

    page = manager.post("/desk/setup/protocols/trd_iv6/", {**said, "apply": "1"})

    assert "The document is that of another protocol." in page.content.decode()
    assert document_of("crps_10day")[1] == seen


def test_roles_are_changed_for_colleagues_never_for_oneself_nor_unseen(
    clinic: Clinic, manager: Client
) -> None:
    quinn = make_user("quinn@example.org", "nurse")
    path = f"/desk/setup/roles/{quinn.pk}/"
    said = {"roles": ["clinician", "nurse"], "seen": "nurse"}

    manager.post(path, said)
    quinn.refresh_from_db()
    assert quinn.roles == ["clinician", "nurse"]
    assert Event.objects.get(verb="roles_set").facts["before"] == ["nurse"]
    stale = manager.post(path, {"roles": ["manager"], "seen": "nurse"}, follow=True)
    assert "This was changed meanwhile." in stale.content.decode()
    manager.post(path, {"roles": ["owner of everything"], "seen": "clinician,nurse"})
    quinn.refresh_from_db()
    assert quinn.roles == ["clinician", "nurse"]

    me = User.objects.get(pk=manager.session["_auth_user_id"])
    own = manager.post(f"/desk/setup/roles/{me.pk}/", {"seen": "manager"}, follow=True)
    assert "You may not do this." in own.content.decode()
    me.refresh_from_db()
    assert me.roles == ["manager"]
