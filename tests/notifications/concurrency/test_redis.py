"""Redis is emptied again and again while messages come due, and three beats run where one should:
nothing is lost, nothing is doubled, nobody is signed out.

`make soak` takes ten minutes with a FLUSHALL every ten seconds.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from notifications.core.kinds import Kind, Status
from notifications.models import Message
from tests.conftest import SOAK
from tests.databases import ROOT
from tests.factories import make_user
from tests.notifications.bulk import make_visits
from tests.notifications.post_office import open_sink

SECONDS, EVERY, MESSAGES = (600, 10, 3000) if SOAK else (16, 3, 60)
LATENESS_SECONDS = 120
SETTLE_SECONDS = 60
BEATS = 3

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]


@contextmanager
def background(environment: dict[str, str], folder: Path) -> Iterator[None]:
    """A worker and three beats, as real processes."""
    celery = [sys.executable, "-m", "celery", "-A", "config"]
    beat = [*celery, "beat", "--loglevel=error"]
    worker = [*celery, "worker", "--loglevel=error", "--concurrency=2"]
    commands = [worker, *([*beat, "--schedule", str(folder / f"beat{n}")] for n in range(BEATS))]
    children = [
        subprocess.Popen(
            [*command, *([] if command == worker else ["--pidfile", str(folder / f"pid{place}")])],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for place, command in enumerate(commands)
    ]
    try:
        yield
        assert [child.poll() for child in children] == [None] * len(children)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def test_redis_may_be_emptied_at_any_time(
    service_environment: dict[str, str], tmp_path: Path
) -> None:
    visits = make_visits(MESSAGES, timezone.now() + timedelta(days=20))
    began = timezone.now()
    Message.objects.bulk_create(
        Message(
            kind=Kind.CONFIRMATION,
            patient_id=one.patient_id,
            site_id=one.site_id,
            appointment=one,
            due_at=began + timedelta(seconds=SECONDS * place / MESSAGES),
        )
        for place, one in enumerate(visits)
    )
    browser = Client()
    browser.force_login(make_user("ada@example.org"))
    cache.set("attempts", 7, None)
    with open_sink() as sink:
        environment = service_environment | {"EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}"}
        with background(environment, tmp_path), redis.Redis.from_url(settings.REDIS_URL) as server:
            over = time.monotonic() + SECONDS
            while time.monotonic() < over:
                time.sleep(EVERY)
                # What FLUSHALL does, but only to the database of this test's process.
                server.flushdb()
            waiting = Message.objects.exclude(status=Status.SENT)
            over = time.monotonic() + SETTLE_SECONDS
            while waiting.exists() and time.monotonic() < over:
                time.sleep(0.5)
        ids = Counter(sink.ids())

    late = sorted(
        (sent - due).total_seconds()
        for sent, due in Message.objects.filter(status=Status.SENT).values_list("sent_at", "due_at")
    )
    p99 = late[int(0.99 * (len(late) - 1))]
    print({"sent": len(late), "p99 lateness": round(p99, 1), "twice": len(sink.ids()) - len(ids)})
    assert len(ids) == len(late) == MESSAGES
    assert set(ids.values()) == {1}
    assert p99 < LATENESS_SECONDS
    assert browser.get("/courses/").status_code == 200
    assert cache.get("attempts") == 7
