"""An alert goes from one person to the next until a clinician has recorded what was done."""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import Escalation, Event, OnCall, Site, StaffTask
from scheduling.operations import pass_on as passing
from scheduling.operations.actor import Actor
from scheduling.operations.escalate import (
    ACT_WITHIN,
    ANSWER_WITHIN,
    URGENT_CALL,
    acknowledge,
    end_alert,
    raise_alert,
)
from scheduling.operations.finish_task import finish
from scheduling.operations.pass_on import pass_on, tell_on_call
from tests.factories import NOW, make_patient, make_site, make_user
from tests.scheduling.operations.care import actor

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


def on_call(site: Site, *names: str) -> list[User]:
    """A therapist for each name, in this order, and a manager beside them."""
    make_user("manager@example.org", "manager")
    people = [make_user(f"{name}@example.org", "clinician") for name in names]
    for place, user in enumerate(people, start=1):
        OnCall.objects.create(site=site, user=user, place=place)
    return people


def alert_for_ada(site: Site, **how: Any) -> Escalation:
    ada = how.pop("patient", None) or make_patient("Ada", "Byron")
    return raise_alert(actor=Actor.sweep(), patient=ada, site=site, now=how.pop("now", NOW), **how)


def written_to() -> list[str]:
    """To whom mail went since this was last asked."""
    people = [person for one in mail.outbox for person in one.to]
    mail.outbox.clear()
    return people


def test_the_first_on_call_is_told_once_in_neutral_words() -> None:
    site = make_site()
    on_call(site, "first", "second")
    alert_for_ada(site)

    assert tell_on_call(NOW) == 1
    [letter] = mail.outbox
    assert letter.to == ["first@example.org"]
    for telling in ("Ada", "Byron", "ketamine", "suicid", "answer", "harm"):
        assert telling not in letter.subject + letter.body
    assert tell_on_call(NOW + MINUTE) == 0
    task = StaffTask.objects.get(kind=URGENT_CALL)
    assert task.urgent
    assert task.facts == {}


def test_with_nobody_answering_it_goes_round_the_list_and_stays_open() -> None:
    site = make_site()
    on_call(site, "first", "second")
    alert = alert_for_ada(site)
    told = []
    for sweep in range(120):  # half a minute apart, for an hour
        now = NOW + sweep * timedelta(seconds=30)
        pass_on(now)
        tell_on_call(now)
        told += [(person, sweep // 2) for person in written_to()]

    assert told == [
        ("first@example.org", 0),
        ("second@example.org", 15),
        ("manager@example.org", 30),
    ]
    alert.refresh_from_db()
    assert alert.ended_at is None
    assert alert.holder is None
    assert StaffTask.objects.filter(kind=URGENT_CALL, finished_at=None).exists()


def test_who_takes_it_on_has_an_hour_to_act() -> None:
    site = make_site()
    first, _ = on_call(site, "first", "second")
    alert = alert_for_ada(site)
    acknowledge(actor=Actor.of(first), alert=alert, now=NOW + MINUTE)

    assert pass_on(NOW + ANSWER_WITHIN + MINUTE) == 0
    assert pass_on(NOW + ACT_WITHIN + MINUTE) == 1
    alert.refresh_from_db()
    assert alert.holder.email == "second@example.org"
    assert alert.acknowledged_by is None


def test_only_one_takes_it_on() -> None:
    site = make_site()
    first, second = on_call(site, "first", "second")
    alert = alert_for_ada(site)
    acknowledge(actor=Actor.of(first), alert=alert, now=NOW)

    with pytest.raises(Refused):
        acknowledge(actor=Actor.of(second), alert=alert, now=NOW)
    assert Escalation.objects.get().acknowledged_by == first


@pytest.mark.parametrize("role", ["clinician", "prescriber"])
def test_it_ends_with_what_a_clinician_did(role: str) -> None:
    site = make_site()
    alert = alert_for_ada(site)

    end_alert(actor=actor(role), alert=alert, action="Called, safe, seen today.", now=NOW)

    assert pass_on(NOW + timedelta(days=1)) == tell_on_call(NOW) == 0
    assert StaffTask.objects.get(kind=URGENT_CALL).outcome == "acted"
    with pytest.raises(Refused):
        end_alert(actor=actor(role), alert=alert, action="Once more", now=NOW)


@pytest.mark.parametrize("role", ["patient", "front_desk", "nurse", "manager"])
def test_nobody_else_ends_it(role: str) -> None:
    alert = alert_for_ada(make_site())

    with pytest.raises(Refused):
        end_alert(actor=actor(role), alert=alert, action="All is well", now=NOW)
    with pytest.raises(Refused):
        end_alert(actor=actor("clinician"), alert=alert, action="  ", now=NOW)
    assert Escalation.objects.get().ended_at is None


def test_its_task_is_not_ticked_off() -> None:
    alert_for_ada(make_site())

    with pytest.raises(Refused):
        finish(actor=actor("clinician"), task=StaffTask.objects.get(), outcome="done", now=NOW)


def test_another_answer_begins_the_round_anew() -> None:
    site = make_site()
    first, _ = on_call(site, "first", "second")
    alert = alert_for_ada(site)
    acknowledge(actor=Actor.of(first), alert=alert, now=NOW)

    alert_for_ada(site, patient=alert.patient, again=False, now=NOW + MINUTE)
    assert Escalation.objects.get().acknowledged_by == first
    alert_for_ada(site, patient=alert.patient, now=NOW + MINUTE)
    found = Escalation.objects.get()
    assert found.acknowledged_by is None
    assert found.passes_at == NOW + MINUTE + ANSWER_WITHIN


def test_without_a_list_every_manager_is_told_and_without_anybody_it_is_tried_again() -> None:
    site = make_site()
    alert_for_ada(site)
    assert tell_on_call(NOW) == 0

    make_user("manager@example.org", "manager")

    assert tell_on_call(NOW) == 1
    assert written_to() == ["manager@example.org"]


def test_a_mail_server_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site()
    on_call(site, "first")
    alert_for_ada(site)

    def refuse(*_: Any, **__: Any) -> None:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as away:
        away.setattr(passing, "send_mail", refuse)
        with pytest.raises(OSError):  # noqa: PT011 - whatever a mail server does
            tell_on_call(NOW)

    assert tell_on_call(NOW + MINUTE) == 1
    assert written_to() == ["first@example.org"]


def at_once(sweep: Callable[[], object]) -> None:
    """Two sweeps, each with a connection of its own."""
    ready = threading.Barrier(2)

    def run() -> None:
        ready.wait()
        sweep()
        connection.close()

    sweeps = [threading.Thread(target=run) for _ in range(2)]
    for one in sweeps:
        one.start()
    for one in sweeps:
        one.join()


@pytest.mark.parametrize("locked", [True, False])
def test_two_sweeps_hand_it_on_once_and_twice_where_the_row_is_not_locked(
    locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site()
    on_call(site, "first", "second", "third")
    alert_for_ada(site)
    find = passing.next_on_call

    def dawdle(*where: Any) -> OnCall | None:
        found = find(*where)
        time.sleep(0.3)
        return found

    monkeypatch.setattr(passing, "next_on_call", dawdle)
    if not locked:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    at_once(lambda: pass_on(NOW + ANSWER_WITHIN))

    handed_on = Event.objects.filter(verb="alert_passed_on").count()
    assert handed_on == (1 if locked else 2)
