"""Two desks move the same sessions at the same time: nobody's change is lost, and nobody changes
what they have not seen."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.core.walltime import local
from scheduling.models import Appointment, Event
from scheduling.operations.actor import Actor
from scheduling.operations.book import book_session
from scheduling.operations.reschedule import reschedule
from tests.concurrency.crowd import NONE, damage
from tests.conftest import SOAK
from tests.factories import ZONE, make_clinic, make_patient, make_service, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]
SECONDS = 300 if SOAK else 8
SESSIONS, HOURS = 4, (8, 9, 10, 11, 13, 14, 15)
Desk = Callable[[Appointment, datetime, random.Random], str]


@pytest.fixture
def sessions() -> list[Appointment]:
    """A few evaluations on one working day, which take the only prescriber: they get in each
    other's way as well."""
    clinic = make_clinic()
    service = make_service("evaluation")
    desk = Actor.of(make_user("dana@example.org", "front_desk"))
    return [
        book_session(
            actor=desk,
            patient=make_patient("Patient", str(number)),
            service=service,
            site=clinic.site,
            start=workday().replace(hour=HOURS[number]),
            now=timezone.now(),
        )
        for number in range(SESSIONS)
    ]


def workday() -> datetime:
    day = local(timezone.now() + timedelta(days=14), ZONE)
    day = day.replace(hour=0, minute=0, second=0, microsecond=0)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day


def run(sessions: list[Appointment], desks: dict[str, Desk]) -> Counter[str]:
    """Let each desk, in a thread of its own, choose, look, think for a moment and move."""
    said: Counter[str] = Counter()
    until = time.monotonic() + SECONDS

    def work(name: str, desk: Desk) -> None:
        chance = random.Random(name)
        try:
            while time.monotonic() < until:
                start = workday().replace(hour=chance.choice(HOURS), minute=chance.choice([0, 30]))
                said[desk(chance.choice(sessions), start, chance)] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=one) for one in desks.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def lost_updates(sessions: list[Appointment]) -> int:
    """Moves that did not begin where the one before had ended, and ends that no move explains."""
    lost = 0
    for session in sessions:
        session.refresh_from_db()
        at = None
        for event in Event.objects.filter(appointment=session, verb="moved").order_by("id"):
            lost += at is not None and event.facts["from"] != at
            at = event.facts["to"]
        lost += at is not None and datetime.fromisoformat(at) != session.start
    return lost


def test_nothing_is_lost_and_nothing_overwritten_unseen(sessions: list[Appointment]) -> None:
    unseen: list[str] = []

    def at_the_page(user: User) -> Desk:
        browser = Client()
        browser.force_login(user)

        def move(session: Appointment, start: datetime, chance: random.Random) -> str:
            path = f"/desk/visits/{session.pk}/move/"
            page = browser.get(path, {"start": start.isoformat()}).content.decode()
            form = re.search(r'<form method="post" action="[^"]*/move/".*?</form>', page, re.S)
            shown = re.search(r'h1>\s*<p>[^<]*<time datetime="([^"]+)"', page)
            if form is None or shown is None:
                return "taken"
            time.sleep(chance.random() / 20)
            sent = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form.group()))
            answer = browser.post(path, {**sent, "agree": "1"}, follow=True).content.decode()
            if "Moved." not in answer:
                return "told"
            mine = Event.objects.filter(
                appointment=session, verb__in=["moved", "rebound"], actor=user
            )
            moved = mine.latest("id")
            if datetime.fromisoformat(moved.facts["from"]) != datetime.fromisoformat(
                shown.group(1)
            ):
                unseen.append(f"{shown.group(1)} was {moved.facts['from']}")
            return "moved"

        return move

    said = run(
        sessions,
        {
            name: at_the_page(make_user(f"{name}@example.org", "front_desk"))
            for name in ("first", "second")
        },
    )

    assert said["moved"] > 5, said
    assert said["told"] > 0, said
    assert unseen == []
    assert lost_updates(sessions) == 0
    assert damage() == NONE


def test_without_the_version_somebody_changes_what_they_have_not_seen(
    sessions: list[Appointment],
) -> None:
    """The control: the same, but nobody says which version they looked at."""

    def blindly(actor: Actor) -> Desk:
        def move(session: Appointment, start: datetime, chance: random.Random) -> str:
            shown = Appointment.objects.get(pk=session.pk).start
            time.sleep(0.02 + chance.random() / 20)
            try:
                reschedule(actor=actor, appointment=session, start=start, now=timezone.now())
            except Refused:
                return "taken"
            moved = Event.objects.filter(
                appointment=session, verb="moved", actor=actor.user
            ).order_by("-id")
            begun = moved[0].facts["from"] if moved else None
            unseen = begun is not None and datetime.fromisoformat(begun) != shown
            return "unseen" if unseen else "moved"

        return move

    said = run(
        sessions,
        {
            name: blindly(Actor.of(make_user(f"{name}@example.org", "front_desk")))
            for name in ("first", "second")
        },
    )

    assert said["unseen"] > 0, said
