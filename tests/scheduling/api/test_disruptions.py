"""A person is out: proposal, adjustment, alternatives, applying it once, and taking it back."""

from __future__ import annotations

import pytest
from django.http import HttpResponse

from accounts.models import Patient
from scheduling.models import Appointment, Disruption, Resource
from tests.factories import Clinic, at, make_appointment, make_clinic, make_patient, make_service
from tests.scheduling.api.caller import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def talk(clinic: Clinic, owner_patient: Patient) -> Appointment:
    return make_appointment(
        owner_patient,
        make_service(),
        clinic.site,
        at("2026-12-01 09:00"),
        [clinic.therapists[0], clinic.rooms[0]],
    )


def out(caller: Caller, clinic: Clinic, *, key: str = "one") -> HttpResponse:
    body = {
        "resource": str(clinic.therapists[0].pk),
        "start": "2026-12-01T00:00:00-07:00",
        "end": "2026-12-02T00:00:00-07:00",
        "reason": "Ill",
    }
    return caller.post("disruptions/", body, key=key)


def test_a_proposal_names_every_session_and_where_it_goes(
    front_desk: Caller, clinic: Clinic, talk: Appointment
) -> None:
    answer = out(front_desk, clinic)

    body = answer.json()
    assert answer.status_code == 201
    assert (body["status"], body["cost"], body["affected"]) == ("proposed", 8, [str(talk.pk)])
    [change] = body["changes"]
    assert change["from"] == change["to"] == "2026-12-01T09:00:00-07:00"
    assert {one["name"] for one in change["resources"]} == {"Toni Vega", "Room 1"}
    assert body["progress"]["ended"] is False
    assert front_desk.get(f"disruptions/{body['id']}/").json()["revision"] == body["revision"]


def test_the_same_request_makes_one(front_desk: Caller, clinic: Clinic, talk: Appointment) -> None:
    first, again = out(front_desk, clinic), out(front_desk, clinic)

    assert again["Idempotency-Replayed"] == "true"
    assert first.json() == again.json()
    assert Disruption.objects.count() == 1
    assert front_desk.post("disruptions/", {}).status_code == 400  # without a key


def test_pins_and_exclusions_take_the_place_of_those_before(
    front_desk: Caller, clinic: Clinic, talk: Appointment
) -> None:
    key = out(front_desk, clinic).json()["id"]
    later = "2026-12-01T11:00:00-07:00"

    pinned = front_desk.send(
        "PATCH", f"disruptions/{key}/", {"pins": [{"appointment": str(talk.pk), "start": later}]}
    ).json()

    assert [(one["to"], one["pinned"]) for one in pinned["changes"]] == [(later, True)]
    left = front_desk.send(
        "PATCH", f"disruptions/{key}/", {"pins": [], "exclusions": [str(talk.pk)]}
    ).json()
    assert (left["pins"], left["changes"], left["exclusions"]) == ([], [], [str(talk.pk)])
    night = {"pins": [{"appointment": str(talk.pk), "start": "2026-12-01T23:00:00-07:00"}]}
    night["exclusions"] = []
    assert front_desk.send("PATCH", f"disruptions/{key}/", night).status_code == 409


def test_an_option_is_taken_by_a_pin_with_its_name(
    front_desk: Caller, clinic: Clinic, talk: Appointment
) -> None:
    Resource.objects.filter(pk=clinic.rooms[1].pk).update(active=False)
    body = {
        "resource": str(clinic.rooms[0].pk),
        "start": "2026-11-01T00:00:00-06:00",
        "end": "2027-06-01T00:00:00-06:00",
        "reason": "Water",
    }
    made = front_desk.post("disruptions/", body, key="one").json()
    [unplaced] = made["unplaced"]
    options = {one["option"]: one for one in unplaced["options"]}
    assert options["video"] == {
        "option": "video",
        "start": "2026-12-01T09:00:00-07:00",
        "site": None,
        "overtime": [],
    }
    pin = {"appointment": str(talk.pk), "start": options["video"]["start"], "option": "video"}

    path = f"disruptions/{made['id']}/"
    pinned = front_desk.send("PATCH", path, {"pins": [pin]}).json()

    [change] = pinned["changes"]
    assert (change["option"], [one["role"] for one in change["resources"]]) == (
        "video",
        ["therapist"],
    )
    assert pinned["pins"] == [pin]
    again = front_desk.send("PATCH", path, {"pins": [pin]}).json()
    assert again["changes"] == pinned["changes"]
    for wrong in ("overtime", "waitlist", "teleport"):
        answer = front_desk.send("PATCH", path, {"pins": [{**pin, "option": wrong}]})
        assert answer.status_code in (400, 422), wrong
    front_desk.post(f"{path}apply/", {"revision": again["revision"]}, key="apply")
    assert front_desk.get(f"appointments/{talk.pk}/").json()["mode"] == "video"


def test_overtime_is_pinned_as_it_was_named(
    front_desk: Caller, clinic: Clinic, talk: Appointment
) -> None:
    Resource.objects.filter(pk=clinic.therapists[1].pk).update(active=False)
    tess = str(clinic.therapists[0].pk)
    leave = {"resource": tess, "end": "2027-06-01T00:00:00-07:00", "reason": "Leave"}
    front_desk.post("closures/", leave | {"start": "2026-12-02T00:00:00-07:00"}, key="leave")
    sick = {"resource": tess, "start": "2026-11-01T00:00:00-06:00", "reason": "Ill"}
    made = front_desk.post(
        "disruptions/", sick | {"end": "2026-12-01T16:30:00-07:00"}, key="sick"
    ).json()
    way = next(one for one in made["unplaced"][0]["options"] if one["option"] == "overtime")
    assert [one["name"] for one in way["overtime"]] == ["Tess Stone"]
    pin = {"appointment": str(talk.pk), "start": way["start"], "option": "overtime"}
    path = f"disruptions/{made['id']}/"

    for _twice in range(2):  # it takes the place of itself
        pinned = front_desk.send("PATCH", path, {"pins": [pin]}).json()

        assert pinned["changes"][0]["overtime"] == way["overtime"]


def test_alternatives_for_one(front_desk: Caller, clinic: Clinic, talk: Appointment) -> None:
    key = out(front_desk, clinic).json()["id"]

    answer = front_desk.get(f"disruptions/{key}/alternatives/", appointment=str(talk.pk)).json()

    prices = [one["price"] for one in answer["alternatives"]]
    assert prices == sorted(prices)
    assert "2026-12-01T09:05:00-07:00" in {one["start"] for one in answer["alternatives"]}
    other = front_desk.get(f"disruptions/{key}/alternatives/", appointment=key)
    assert other.status_code == 404


def test_applied_once_and_taken_back(front_desk: Caller, clinic: Clinic, talk: Appointment) -> None:
    made = out(front_desk, clinic).json()
    path = f"disruptions/{made['id']}/"

    applied = front_desk.post(f"{path}apply/", {"revision": made["revision"]}, key="apply")

    assert (applied.status_code, applied.json()["status"]) == (200, "applied")
    assert applied.json()["undo"] is True
    again = front_desk.post(f"{path}apply/", {"revision": made["revision"]}, key="apply")
    assert again["Idempotency-Replayed"] == "true"
    assert front_desk.post(f"{path}apply/", key="another").status_code == 409
    undone = front_desk.post(f"{path}undo/")
    assert (undone.status_code, undone.json()["status"]) == (200, "proposed")
    assert front_desk.post(f"{path}undo/").status_code == 409


def test_where_the_world_moved_a_fresh_proposal_comes_with_409(
    front_desk: Caller, clinic: Clinic, talk: Appointment
) -> None:
    made = out(front_desk, clinic).json()
    make_appointment(
        make_patient("Hedy"), make_service(), clinic.site, talk.start, [clinic.therapists[1]]
    )

    answer = front_desk.post(f"disruptions/{made['id']}/apply/", key="apply")

    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "proposal_outdated")
    fresh = body["disruption"]
    assert fresh["revision"] > made["revision"]
    assert fresh["changes"][0]["to"] != made["changes"][0]["to"]
    done = front_desk.post(
        f"disruptions/{made['id']}/apply/", {"revision": fresh["revision"]}, key="again"
    )
    assert done.status_code == 200


@pytest.mark.parametrize("person", ["owner", "nurse", "prescriber"])
def test_it_is_for_desk_and_managers(
    request: pytest.FixtureRequest, person: str, front_desk: Caller, clinic: Clinic
) -> None:
    caller: Caller = request.getfixturevalue(person)
    key = out(front_desk, clinic).json()["id"]

    assert caller.get(f"disruptions/{key}/").status_code == 403
    assert caller.post(f"disruptions/{key}/apply/", key="k").status_code == 403
