"""The waitlist over HTTP: join, leave, accept, decline."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Patient
from scheduling.models import Appointment, Site, WaitlistOffer
from scheduling.operations.match_waitlist import match_waitlist
from tests.factories import NOW, make_patient
from tests.scheduling.api.caller import Caller, document
from tests.scheduling.operations.waiting import THURSDAY, give_up, one_a_day, take

pytestmark = pytest.mark.django_db
WISH = {"want": "earlier", "service": "evaluation", "site": "main"}


@pytest.fixture(autouse=True)
def site(db: None) -> Site:
    return one_a_day()


def join(caller: Caller, **more: Any) -> dict[str, Any]:
    answer = caller.post("waitlist-entries/", WISH | more, key="join")
    assert answer.status_code == 201, answer.json()
    return answer.json()


def offer_to(caller: Caller, site: Site) -> dict[str, Any]:
    """Somebody else gives Thursday up; what the caller is then offered."""
    join(caller)
    give_up(take(site, make_patient("Grace")))
    match_waitlist(NOW)
    [entry] = caller.get("waitlist-entries/").json()["results"]
    return entry["offer"]


def test_who_waits_sees_it(owner: Caller, stranger: Caller, front_desk: Caller) -> None:
    entry = join(owner, weekdays=[4], day_parts=["morning"])

    assert (entry["status"], entry["priority"], entry["offer"]) == ("waiting", "usual", None)
    assert (entry["weekdays"], entry["day_parts"]) == ([4], ["morning"])
    assert owner.get("waitlist-entries/").json()["results"] == [entry]
    assert front_desk.get("waitlist-entries/", status="waiting").json()["results"] == [entry]
    assert stranger.get("waitlist-entries/").json()["results"] == []


def test_joining_twice_is_told_and_repeating_is_replayed(owner: Caller) -> None:
    entry = join(owner)

    again = owner.post("waitlist-entries/", WISH, key="join")
    assert (again.json(), again["Idempotency-Replayed"]) == (entry, "true")
    other = owner.post("waitlist-entries/", WISH, key="other")
    assert (other.status_code, other.json()["code"]) == (409, "waits_already")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"want": "earlier"}, 400),
        (WISH | {"protocol": "trd_iv6"}, 400),
        ({"want": "earlier", "service": "evaluation"}, 400),
        (WISH | {"weekdays": [9]}, 400),
        (WISH | {"service": "massage"}, 400),
        (WISH | {"service": "infusion"}, 422),
        (WISH | {"want": "person"}, 400),
        (WISH | {"latest": "2026-11-01"}, 422),
        ({"want": "course", "protocol": "none", "site": "main"}, 400),
    ],
)
def test_what_cannot_be_waited_for(owner: Caller, body: dict[str, Any], status: int) -> None:
    assert owner.post("waitlist-entries/", body, key="k").status_code == status


def test_a_session_of_somebody_else_is_not_there(owner: Caller, site: Site) -> None:
    theirs = take(site, make_patient("Grace"))
    answer = owner.post(
        "waitlist-entries/", {"want": "earlier", "appointment": str(theirs.pk)}, key="k"
    )
    assert answer.status_code == 404


def test_accepting_books_once(owner: Caller, owner_patient: Patient, site: Site) -> None:
    offer = offer_to(owner, site)
    assert offer["start"] == "2026-11-26T09:00:00-07:00"
    assert offer["expires_at"] == "2026-11-23T12:30:00-07:00"

    assert owner.post(f"waitlist-offers/{offer['id']}/accept/").status_code == 400
    first = owner.post(f"waitlist-offers/{offer['id']}/accept/", key="yes")
    again = owner.post(f"waitlist-offers/{offer['id']}/accept/", key="yes")

    assert (first.status_code, again.json()) == (200, first.json())
    assert first.json()["appointment"]["start"] == "2026-11-26T09:00:00-07:00"
    assert first.json()["offer"]["status"] == "accepted"
    booked = Appointment.objects.filter(patient=owner_patient, status="booked")
    assert [one.start for one in booked] == [THURSDAY]
    late = owner.post(f"waitlist-offers/{offer['id']}/accept/", key="other")
    assert (late.status_code, late.json()["code"]) == (409, "offer_over")


def test_declining_keeps_the_place(owner: Caller, stranger: Caller, site: Site) -> None:
    offer = offer_to(owner, site)

    assert stranger.post(f"waitlist-offers/{offer['id']}/decline/").status_code == 404
    answer = owner.post(f"waitlist-offers/{offer['id']}/decline/")

    assert (answer.status_code, answer.json()["status"]) == (200, "declined")
    [entry] = owner.get("waitlist-entries/").json()["results"]
    assert (entry["status"], entry["offer"]) == ("waiting", None)


def test_withdrawing_gives_the_offer_back(owner: Caller, stranger: Caller, site: Site) -> None:
    offer = offer_to(owner, site)
    path = f"waitlist-entries/{offer['entry']}/withdraw/"

    assert stranger.post(path).status_code == 404
    assert owner.post(path).json()["status"] == "withdrawn"
    assert owner.post(path).status_code == 200
    assert WaitlistOffer.objects.get().status == "withdrawn"


def test_closed_lists_stand_in_the_document() -> None:
    schemas = document()["components"]["schemas"]

    assert schemas["WaitlistOfferStatus"]["enum"] == [
        "offered", "accepted", "declined", "expired", "withdrawn",
    ]  # fmt: skip
    assert schemas["WaitlistStatus"]["enum"] == ["waiting", "accepted", "withdrawn", "lapsed"]
    assert schemas["WaitlistWant"]["enum"] == ["earlier", "time_of_day", "person", "course"]
    assert schemas["WaitlistPriority"]["enum"] == ["usual", "soon", "urgent"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_however_long(
    front_desk: Caller, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        patient = str(make_patient(str(number)).pk)
        front_desk.post("waitlist-entries/", WISH | {"patient": patient}, key=str(number))
    with django_assert_num_queries(5):  # session, user, who they are, entries, offers
        assert len(front_desk.get("waitlist-entries/").json()["results"]) == count
