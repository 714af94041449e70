"""One course from the first look to its end: every operation succeeds for the person it is for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse

from accounts.models import Patient
from scheduling.operations.match_waitlist import match_waitlist
from tests.factories import NOW, make_clinic, make_protocol_version
from tests.scheduling.api.booking import SEARCH, session, tag
from tests.scheduling.api.caller import Caller, document, template

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_operation_succeeds_in_its_proper_role(
    owner: Caller,
    owner_patient: Patient,
    front_desk: Caller,
    manager: Caller,
    nurse: Caller,
    prescriber: Caller,
    anonymous: Caller,
    clock: time_machine.Coordinates,
) -> None:
    make_protocol_version("trd_iv6")
    make_clinic()
    reached = set()

    def done(answer: HttpResponse) -> dict:
        assert answer.status_code in {200, 201}, answer.content
        reached.add((template(answer.request["PATH_INFO"]), answer.request["REQUEST_METHOD"]))
        return answer.json()

    # Anybody reads and searches.
    for path in ("sites/", "services/", "protocols/", "protocols/trd_iv6/"):
        done(anonymous.get(path))
    days = {"from": "2026-12-01", "to": "2026-12-02"}
    done(anonymous.get("openings/", service="therapy", site="main", **days))
    first = done(anonymous.post("course-searches/", SEARCH))["proposals"][0]

    # The patient holds, gives back, holds again, prolongs and confirms.
    held = done(owner.post("care-plans/", {"proposal": first["id"]}, key="1"))
    done(owner.post(f"care-plans/{held['id']}/release/", match=tag(held)))
    held = done(owner.post("care-plans/", {"proposal": first["id"]}, key="2"))
    plan_path = f"care-plans/{held['id']}/"
    held = done(owner.post(f"{plan_path}extend/", match=tag(held)))
    plan = done(owner.post(f"{plan_path}confirm/", key="3", match=tag(held)))
    plan = done(owner.post(f"{plan_path}blocks/", {"block": "counsel"}, key="4", match=tag(plan)))
    done(owner.get("care-plans/"))
    single = {"service": "evaluation", "site": "main", "start": "2027-03-01T09:00:00-07:00"}
    visit = done(owner.post("appointments/", single, key="5"))
    done(owner.get("appointments/"))
    visit_path = f"appointments/{visit['id']}/"
    done(owner.get(f"{visit_path}openings/", **{"from": "2027-03-01", "to": "2027-03-03"}))
    moved = done(
        owner.post(
            f"{visit_path}reschedule/", {"start": "2027-03-02T09:00:00-07:00"}, match=tag(visit)
        )
    )
    done(owner.post(f"{visit_path}cancel/", {"reason": "unwell"}, match=tag(moved["appointment"])))
    done(owner.get(f"{visit_path}events/"))

    # A prescriber clears, the nurse works on a task, gates are closed.
    clearance = {"care_plan": plan["id"], "decision": "cleared", "note": "Fit"}
    plan = done(prescriber.post(f"patients/{owner_patient.pk}/clearance/", clearance))
    plan = done(prescriber.put(f"{plan_path}gates/consent/", {"status": "closed"}, match=tag(plan)))
    infusion = session(plan, "inf.1")
    done(
        nurse.put(
            f"appointments/{infusion['id']}/gates/ride/",
            {"status": "closed"},
            match=tag(infusion),
        )
    )

    # A therapist is ill: the desk looks at a repair, takes it, and puts it back.
    talk = session(plan, "prep.1")
    [therapist] = [one["resource"] for one in talk["participants"] if one["role"] == "therapist"]
    ill = {"resource": therapist, "start": talk["start"], "end": talk["end"], "reason": "Ill"}
    away = done(front_desk.post("disruptions/", ill, key="7"))
    away_path = f"disruptions/{away['id']}/"
    done(front_desk.get(away_path))
    done(front_desk.get(f"{away_path}alternatives/", appointment=talk["id"]))
    away = done(front_desk.send("PATCH", away_path, {"pins": [], "exclusions": []}))
    done(front_desk.post(f"{away_path}apply/", {"revision": away["revision"]}, key="8"))
    done(front_desk.post(f"{away_path}undo/"))

    # The patient waits for another visit, says no once, then yes, and waits no more.
    wish = {"want": "earlier", "service": "evaluation", "site": "main"}
    for number, answer in enumerate(("decline", "accept")):
        entry = done(owner.post("waitlist-entries/", wish, key=f"9{number}"))
        match_waitlist(NOW)
        [entry] = done(owner.get("waitlist-entries/", status="waiting"))["results"]
        key = {"key": "10"} if answer == "accept" else {}
        done(owner.post(f"waitlist-offers/{entry['offer']['id']}/{answer}/", **key))
        if answer == "decline":
            done(owner.post(f"waitlist-entries/{entry['id']}/withdraw/"))
    done(front_desk.get("messages/"))

    # The desk finds and enters patients, and closes the clinic over a session.
    done(front_desk.post("patients/search/", {"q": "ada"}))
    done(
        front_desk.post(
            "patients/",
            {"given_name": "Zoë", "family_name": "Young", "birth_date": "1990-02-28"},
        )
    )
    done(
        front_desk.post(
            "closures/",
            {"site": "main", "start": infusion["start"], "end": infusion["end"], "reason": "Snow"},
        )
    )
    task = done(front_desk.get("staff-tasks/"))["results"][0]
    done(front_desk.post(f"staff-tasks/{task['id']}/claim/"))
    done(front_desk.post(f"staff-tasks/{task['id']}/finish/", {"outcome": "moved"}))

    # On the day of the evaluation.
    evaluation = session(plan, "eval.1")
    clock.move_to(datetime.fromisoformat(evaluation["start"]) - timedelta(minutes=5))
    for caller in (front_desk, owner, manager):
        caller.sign_in()
    done(front_desk.get("board/", site="main", date=evaluation["start"][:10]))
    span = {"from": evaluation["start"][:10], "to": evaluation["start"][:10]}
    done(manager.get("reports/attendance/", site="main", **span))
    evaluation = done(owner.get(f"appointments/{evaluation['id']}/"))
    done(
        front_desk.post(
            f"appointments/{evaluation['id']}/transition/",
            {"to": "arrived"},
            match=tag(evaluation),
        )
    )

    # The course is paused, resumed, booked again, and ended early.
    plan = done(front_desk.get(plan_path))
    plan = done(front_desk.post(f"{plan_path}pause/", {"reason": "travel"}, match=tag(plan)))
    plan = done(front_desk.post(f"{plan_path}resume/", match=tag(plan)))
    again = done(owner.post(f"{plan_path}rebook/", {}, key="6", match=tag(plan)))
    plan = again["care_plan"]
    done(front_desk.post(f"{plan_path}revoke/", {"reason": "cost"}, match=tag(plan)))

    published = {
        (path, method.upper())
        for path, operations in document()["paths"].items()
        for method in operations
    }
    assert reached == published
