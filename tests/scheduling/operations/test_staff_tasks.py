"""Work for a person: asked for once, owned by one, ended with an outcome."""

from __future__ import annotations

import pytest

from scheduling.core.refusals import Refused
from scheduling.core.roles import Role
from scheduling.models import StaffTask
from scheduling.operations.finish_task import finish
from scheduling.operations.staff_tasks import claim, open_task
from tests.factories import NOW, make_care_plan, make_patient, make_site
from tests.scheduling.operations.care import EVERY_ROLE, actor

pytestmark = pytest.mark.django_db


def ask(role: Role = Role.FRONT_DESK, kind: str = "call") -> StaffTask:
    site = make_site()
    return open_task(kind, role, site=site, patient=make_patient(), now=NOW)


def test_asking_again_while_it_is_open_changes_nothing() -> None:
    site = make_site()
    plan = make_care_plan(make_patient(), site)
    asked = {"site": site, "care_plan": plan, "now": NOW}

    first = open_task("call", Role.NURSE, facts={"why": "first"}, **asked)  # type: ignore[arg-type]
    assert open_task("call", Role.NURSE, facts={"why": "again"}, **asked) == first  # type: ignore[arg-type]
    assert StaffTask.objects.get().facts == {"why": "first"}
    assert (first.patient, first.care_plan, first.due_at) == (plan.patient, plan, NOW)

    finish(actor=actor("nurse"), task=first, outcome="reached", now=NOW)
    assert open_task("call", Role.NURSE, **asked) != first  # type: ignore[arg-type]


MAY_WORK = {
    Role.FRONT_DESK: {"front_desk", "manager"},
    Role.NURSE: {"front_desk", "nurse", "manager"},
    Role.PRESCRIBER: {"prescriber"},
}


@pytest.mark.parametrize("of", MAY_WORK)
@pytest.mark.parametrize("verb", ["claim", "finish"])
def test_a_task_is_for_its_role_and_who_lends_a_hand(of: Role, verb: str) -> None:
    site = make_site()
    able = set()
    for role in EVERY_ROLE:
        task = open_task(f"for_{role}", of, site=site, now=NOW)
        try:
            if verb == "claim":
                claim(actor=actor(role), task=task, now=NOW)
            else:
                finish(actor=actor(role), task=task, outcome="done", now=NOW)
        except Refused:
            continue
        able.add(role)
    assert able == MAY_WORK[of]


def test_a_claimed_task_has_one_owner() -> None:
    task = ask()
    first, second = actor("front_desk"), actor("front_desk")

    assert claim(actor=first, task=task, now=NOW).owner == first.user
    assert claim(actor=first, task=task, now=NOW).owner == first.user
    with pytest.raises(Refused, match=r"^wrong_state$"):
        claim(actor=second, task=task, now=NOW)


def test_a_task_ends_once_with_an_outcome() -> None:
    task = ask()
    desk = actor("front_desk")

    with pytest.raises(Refused, match=r"^reason_needed$"):
        finish(actor=desk, task=task, outcome=" ", now=NOW)
    done = finish(actor=desk, task=task, outcome="reached", note="comes at ten", now=NOW)

    assert (done.outcome, done.note, done.owner, done.finished_at) == (
        "reached",
        "comes at ten",
        desk.user,
        NOW,
    )
    for again in (
        lambda: finish(actor=desk, task=task, outcome="reached", now=NOW),
        lambda: claim(actor=desk, task=task, now=NOW),
    ):
        with pytest.raises(Refused, match=r"^wrong_state$"):
            again()
