"""A course is found, held, confirmed and changed as a whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from accounts.models import Patient
from scheduling.models import Appointment, CarePlan, Reservation, Site, StaffTask
from tests.factories import NOW, Clinic, make_clinic, make_patient, make_protocol_version
from tests.scheduling.api.booking import SEARCH, book, find, hold, session, tag
from tests.scheduling.api.caller import Caller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clinic(db: None) -> Clinic:
    make_protocol_version("trd_iv6")
    return make_clinic()


def test_anybody_finds_courses_that_really_differ(anonymous: Caller) -> None:
    answer = anonymous.post("course-searches/", SEARCH | {"limit": 5}).json()

    assert answer["timezone"] == "America/Denver"
    assert answer["refusals"] == []
    assert 2 <= len(answer["proposals"]) <= 5
    days = [
        {(one["step"], one["start"][:10]) for one in proposal["sessions"]}
        for proposal in answer["proposals"]
    ]
    assert all(
        len(one - other) >= 3 for number, one in enumerate(days) for other in days[number + 1 :]
    )


def test_no_course_says_what_stands_in_the_way_and_what_would_help(anonymous: Caller) -> None:
    answer = anonymous.post("course-searches/", SEARCH | {"latest": "2026-12-05"})

    assert answer.status_code == 200
    assert answer.json()["proposals"] == []
    assert answer.json()["refusals"]


@pytest.mark.parametrize(
    ("wish", "status", "code"),
    [
        ({"protocol": "nothing"}, 400, "unknown"),
        ({"site": "nowhere"}, 400, "unknown"),
        ({"blocks": ["nothing"]}, 400, "unknown"),
        ({"practitioners": {"therapist": str(uuid4())}}, 400, "unknown"),
        ({"earliest": "2026-11-01"}, 422, "in_the_past"),
        ({"earliest": "9999-01-01"}, 400, "invalid"),
        ({"latest": "2026-11-30"}, 400, "invalid"),
        ({"weekdays": [0]}, 400, "invalid"),
        ({"weekdays": []}, 400, "invalid"),
        ({"not_before": "17:00", "not_after": "09:00"}, 400, "invalid"),
        ({"not_before": "25:00"}, 400, "invalid"),
        ({"fixed": [{"step": "inf.1", "start": "2026-12-10T09:00:00"}]}, 400, "invalid"),
        ({"fixed": [{"step": "inf.9", "start": "2026-12-10T09:00:00Z"}]}, 422, "step_unknown"),
        ({"prefer": {"weekdys": [1]}}, 400, "invalid"),
        ({"practitioners": {"a\x00b": str(uuid4())}}, 400, "invalid"),
    ],
)
def test_a_search_that_cannot_be_meant(
    anonymous: Caller, wish: dict[str, object], status: int, code: str
) -> None:
    answer = anonymous.post("course-searches/", SEARCH | wish)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_patient_holds_and_confirms_a_whole_course(owner: Caller, owner_patient: Patient) -> None:
    proposal = find(owner)

    held = owner.post("care-plans/", {"proposal": proposal["id"]}, key="one")
    plan = held.json()
    confirmed = owner.post(
        f"care-plans/{plan['id']}/confirm/", key="two", match=held["ETag"]
    ).json()

    assert (held.status_code, plan["status"], plan["expires_at"]) == (
        201,
        "held",
        "2026-11-23T12:15:00-07:00",
    )
    assert plan["patient"] == str(owner_patient.pk)
    assert [(one["step"], one["start"]) for one in plan["sessions"]] == [
        (one["step"], one["start"]) for one in proposal["sessions"]
    ]
    assert confirmed["status"] == "active"
    assert len(confirmed["sessions"]) == 14
    infusion = session(confirmed, "inf.1")
    assert (infusion["status"], infusion["reserved"]) == ("booked", True)
    assert "clearance" in {gate["code"] for gate in infusion["gates"]}
    chair = next(one for one in infusion["participants"] if one["role"] == "infusion_chair")
    assert chair == {"role": "infusion_chair", "resource": None, "name": None, "lane": None}


@pytest.mark.parametrize("names", [True, False])
def test_people_are_named_to_patients_as_the_clinic_chooses(
    owner: Caller, front_desk: Caller, names: bool
) -> None:
    Site.objects.update(names_people=names)
    path = f"care-plans/{book(owner)['id']}/"

    def therapist(caller: Caller) -> dict[str, Any]:
        parts = session(caller.get(path).json(), "prep.1")["participants"]
        return next(one for one in parts if one["role"] == "therapist")

    assert therapist(front_desk)["name"]
    seen = therapist(owner)
    assert (seen["name"] is not None, seen["resource"] is not None) == (names, names)


def test_a_decline_is_told_by_a_person_before_it_is_read(owner: Caller, prescriber: Caller) -> None:
    plan = book(owner)
    decision = {"care_plan": plan["id"], "decision": "declined", "note": "ECG"}
    prescriber.post(f"patients/{plan['patient']}/clearance/", decision)
    path = f"care-plans/{plan['id']}/"

    before = [caller.get(path).json()["clearance"] for caller in (owner, prescriber)]
    StaffTask.objects.filter(kind="tell_decline").update(finished_at=NOW, outcome="told")

    assert before == ["pending", "declined"]
    assert owner.get(path).json()["clearance"] == "declined"


def test_sessions_can_be_spelled_out_as_a_proposal_has_them(owner: Caller) -> None:
    sessions = find(owner)["sessions"]
    talks = [
        one if one["service"] == "therapy" else {"step": one["step"], "start": one["start"]}
        for one in sessions
    ]

    answer = owner.post(
        "care-plans/",
        {"protocol": "trd_iv6", "site": "main", "sessions": talks},
        key="one",
    )

    assert answer.status_code == 201, answer.json()
    assert len(answer.json()["sessions"]) == 14


def test_a_course_with_a_session_missing_is_refused_whole(owner: Caller) -> None:
    sessions = [
        {"step": one["step"], "start": one["start"]} for one in find(owner)["sessions"][:-1]
    ]

    answer = owner.post(
        "care-plans/", {"protocol": "trd_iv6", "site": "main", "sessions": sessions}, key="one"
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "step_missing")
    assert not Reservation.objects.exists()


def test_what_somebody_else_took_is_refused_with_alternatives(
    owner: Caller, stranger: Caller, clinic: Clinic
) -> None:
    wish = {"practitioners": {"therapist": str(clinic.therapists[0].pk)}}
    first, second = find(owner, **wish), find(stranger, **wish)
    owner.post("care-plans/", {"proposal": first["id"]}, key="one")

    answer = stranger.post("care-plans/", {"proposal": second["id"]}, key="one")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "taken")
    assert set(problem["alternatives"]) <= {one["step"] for one in second["sessions"]}
    assert any(problem["alternatives"].values())
    assert CarePlan.objects.count() == 1


@pytest.mark.parametrize(
    ("token", "status", "code"), [("forged", 400, "proposal_invalid"), ("", 400, "invalid")]
)
def test_a_forged_proposal(owner: Caller, token: str, status: int, code: str) -> None:
    answer = owner.post("care-plans/", {"proposal": token}, key="one")

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_proposal_is_good_for_thirty_minutes(
    owner: Caller, clock: time_machine.Coordinates
) -> None:
    token = find(owner)["id"]
    clock.move_to(NOW + timedelta(minutes=20))
    owner.get("care-plans/")  # somebody is still there
    clock.move_to(NOW + timedelta(minutes=30))

    answer = owner.post("care-plans/", {"proposal": token}, key="one")

    assert (answer.status_code, answer.json()["code"]) == (409, "proposal_expired")


def test_ten_thousand_sessions_are_refused(owner: Caller) -> None:
    many = [{"step": f"inf.{n}", "start": "2026-12-10T09:00:00Z"} for n in range(1, 9_999)]

    answer = owner.post(
        "care-plans/", {"protocol": "trd_iv6", "site": "main", "sessions": many}, key="one"
    )

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["sessions"])


def test_an_expired_hold_is_answered_with_a_fresh_proposal(
    owner: Caller, clock: time_machine.Coordinates
) -> None:
    plan = hold(owner)
    clock.move_to(NOW + timedelta(minutes=16))

    answer = owner.post(f"care-plans/{plan['id']}/confirm/", key="two", match=tag(plan))

    assert (answer.status_code, answer.json()["code"]) == (409, "hold_expired")
    fresh = answer.json()["proposal"]
    again = owner.post("care-plans/", {"proposal": fresh["id"]}, key="three")
    assert again.status_code == 201


def test_a_hold_is_prolonged_once(owner: Caller, clock: time_machine.Coordinates) -> None:
    plan = hold(owner)
    clock.move_to(NOW + timedelta(minutes=10))

    longer = owner.post(f"care-plans/{plan['id']}/extend/", match=tag(plan)).json()
    again = owner.post(f"care-plans/{plan['id']}/extend/", match=tag(longer))

    assert longer["expires_at"] == "2026-11-23T12:25:00-07:00"
    assert (again.status_code, again.json()["code"]) == (409, "hold_limit")


def test_a_hold_is_given_back(owner: Caller) -> None:
    plan = hold(owner)

    released = owner.post(f"care-plans/{plan['id']}/release/", match=tag(plan)).json()

    assert released["status"] == "released"
    assert not Reservation.objects.exists()


def test_one_request_has_one_effect(owner: Caller) -> None:
    body = {"proposal": find(owner)["id"]}

    first = owner.post("care-plans/", body, key="same")
    again = owner.post("care-plans/", body, key="same")
    other = owner.post("care-plans/", body | {"reason": "other"}, key="same")

    assert (again.status_code, again.json(), again["ETag"]) == (201, first.json(), first["ETag"])
    assert (first.headers.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (
        None,
        "true",
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_reused")
    assert CarePlan.objects.count() == 1


def test_a_refusal_is_not_kept_under_its_key(owner: Caller) -> None:
    owner.post("care-plans/", {"proposal": "forged"}, key="same")

    answer = owner.post("care-plans/", {"proposal": find(owner)["id"]}, key="same")

    assert answer.status_code == 201


@pytest.mark.parametrize("key", [None, "", " ", "a\tb", "k" * 201])
def test_holding_needs_a_key(owner: Caller, key: str | None) -> None:
    answer = owner.post("care-plans/", {"proposal": find(owner)["id"]}, key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert not CarePlan.objects.exists()


def test_changing_needs_the_version_that_was_seen(owner: Caller) -> None:
    plan = hold(owner)

    missing = owner.post(f"care-plans/{plan['id']}/release/")
    stale = owner.post(f"care-plans/{plan['id']}/release/", match='"99"')
    weak = owner.post(f"care-plans/{plan['id']}/release/", match=f"W/{tag(plan)}")

    assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert weak.status_code == 412


@pytest.mark.parametrize(
    "action", ["confirm", "release", "extend", "pause", "resume", "revoke", "blocks", "rebook"]
)
def test_somebody_elses_course_looks_like_none(
    owner: Caller, stranger: Caller, action: str
) -> None:
    plan = hold(owner)

    foreign = stranger.post(
        f"care-plans/{plan['id']}/{action}/",
        {
            "pause": {"reason": "travel"},
            "revoke": {"reason": "cost"},
            "blocks": {"block": "counsel"},
        }.get(action),
        key="x",
        match=tag(plan),
    )
    absent = stranger.get(f"care-plans/{uuid4()}/")

    assert foreign.status_code == absent.status_code == 404
    assert foreign.json() == absent.json()
    assert stranger.get("care-plans/").json()["results"] == []


def test_a_patient_does_not_book_for_another(owner: Caller, stranger: Caller) -> None:
    other = Patient.objects.get(family_name="Olsen")

    answer = owner.post(
        "care-plans/", {"proposal": find(owner)["id"], "patient": str(other.pk)}, key="one"
    )

    assert answer.status_code == 404


def test_the_desk_books_for_a_patient(front_desk: Caller, owner_patient: Patient) -> None:
    plan = book(front_desk, patient=str(owner_patient.pk))

    assert (plan["status"], plan["patient"]) == ("active", str(owner_patient.pk))


def test_a_block_is_added_whole(owner: Caller) -> None:
    plan = book(owner)

    answer = owner.post(
        f"care-plans/{plan['id']}/blocks/", {"block": "counsel"}, key="b", match=tag(plan)
    )

    assert answer.status_code == 200, answer.json()
    assert answer.json()["blocks"] == ["counsel"]
    assert len(answer.json()["sessions"]) == 18


def test_a_cancelled_session_is_booked_again(owner: Caller, front_desk: Caller) -> None:
    plan = book(owner)
    lost = session(plan, "inf.3")
    cancelled = front_desk.post(
        f"appointments/{lost['id']}/cancel/", {"reason": "clinic"}, match=tag(lost)
    )
    assert cancelled.status_code == 200, cancelled.json()
    plan = owner.get(f"care-plans/{plan['id']}/").json()
    path = f"care-plans/{plan['id']}/rebook/"

    tried = owner.post(path, {"dry_run": True}, key="r", match=tag(plan))
    again = owner.post(path, {"sessions": [{"step": "inf.3"}]}, key="s", match=tag(plan))
    twice = owner.post(path, {"sessions": [{"step": "inf.3"}]}, key="t", match="*")

    assert tried.json()["booked"] == [{"step": "inf.3", "start": lost["start"], "end": lost["end"]}]
    assert again.json()["booked"] == tried.json()["booked"]
    statuses = [
        one["status"] for one in again.json()["care_plan"]["sessions"] if one["step"] == "inf.3"
    ]
    assert sorted(statuses) == ["booked", "cancelled"]
    assert (twice.status_code, twice.json()["code"]) == (409, "wrong_state")


def test_a_prescriber_clears_and_treatments_are_confirmed(
    prescriber: Caller, nurse: Caller, owner: Caller, owner_patient: Patient
) -> None:
    plan = book(owner)
    body = {"care_plan": plan["id"], "decision": "cleared", "note": ""}

    by_nurse = nurse.post(f"patients/{owner_patient.pk}/clearance/", body)
    cleared = prescriber.post(f"patients/{owner_patient.pk}/clearance/", body)

    assert by_nurse.status_code == 403
    assert cleared.json()["clearance"] == "cleared"
    assert session(cleared.json(), "inf.1")["reserved"] is False


def test_a_gate_is_closed_by_who_may(owner: Caller, prescriber: Caller, front_desk: Caller) -> None:
    plan = book(owner)
    path = f"care-plans/{plan['id']}/gates/consent/"

    by_desk = front_desk.put(path, {"status": "closed"}, match=tag(plan))
    closed = prescriber.put(path, {"status": "closed"}, match=tag(plan)).json()
    unknown = prescriber.put(
        f"care-plans/{plan['id']}/gates/nothing/", {"status": "closed"}, match=tag(closed)
    )

    assert (by_desk.status_code, by_desk.json()["code"]) == (403, "not_allowed")
    assert {gate["code"]: gate["status"] for gate in closed["gates"]}["consent"] == "closed"
    assert unknown.status_code == 404


def test_a_patient_pauses_for_two_days_and_only_staff_go_on(
    owner: Caller, front_desk: Caller
) -> None:
    plan = book(owner)
    path = f"care-plans/{plan['id']}"

    longer = {"reason": "talk_first", "until": "2027-01-31"}
    refused = owner.post(f"{path}/pause/", longer, match=tag(plan))
    paused = owner.post(f"{path}/pause/", {"reason": "talk_first"}, match=tag(plan)).json()
    resumed = owner.post(f"{path}/resume/", match=tag(paused))

    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert (paused["status"], paused["paused_until"]) == ("on_hold", "2026-11-25")
    assert resumed.status_code == 403


def test_a_course_is_paused_resumed_and_revoked_by_staff(owner: Caller, front_desk: Caller) -> None:
    plan = book(owner)
    path = f"care-plans/{plan['id']}"

    paused = front_desk.post(f"{path}/pause/", {"reason": "travel"}, match=tag(plan)).json()
    resumed = front_desk.post(f"{path}/resume/", match=tag(paused)).json()
    revoked = front_desk.post(f"{path}/revoke/", {"reason": "cost"}, match=tag(resumed)).json()

    assert [paused["status"], resumed["status"], revoked["status"]] == [
        "on_hold",
        "active",
        "revoked",
    ]
    assert not Appointment.objects.filter(status="booked").exists()


@pytest.mark.parametrize("plans", [1, 3])
def test_a_list_of_courses_takes_the_same_queries_for_one_as_for_three(
    front_desk: Caller, django_assert_num_queries: object, plans: int
) -> None:
    for number in range(plans):
        hold(front_desk, key=str(number), patient=str(make_patient().pk))

    with django_assert_num_queries(10):
        answer = front_desk.get("care-plans/")

    assert len(answer.json()["results"]) == plans
