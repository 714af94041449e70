"""Many clients who book courses at once over HTTP, each after the answer to the last attempt."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPException
from typing import Any

from django.utils import timezone

from accounts.models import ApiKey, Patient
from scheduling.core.refusals import Code
from scheduling.core.walltime import local_date
from tests.concurrency.crowd import Outcome
from tests.factories import Clinic, make_protocol_version, make_user
from tests.scheduling.operations.booking import find_times
from tests.web_server import Reply, Web

WEEKS = 14
PATIENCE_SECONDS = 60
Body = dict[str, Any]


def desk_token() -> str:
    return ApiKey.issue(make_user("desk@example.org", "front_desk"))


def offers(clinic: Clinic) -> list[Body]:
    """Sets of times for a whole course, a week apart: few courses fit at each."""
    version = make_protocol_version("trd_iv6")
    now = timezone.now()
    today = local_date(now, clinic.site.timezone)
    found = [
        find_times(clinic, version, earliest=today + timedelta(days=7 * week), now=now)
        for week in range(1, WEEKS + 1)
    ]
    return [
        {
            "protocol": "trd_iv6",
            "site": clinic.site.slug,
            "sessions": [
                {"step": step, "start": wanted.start.isoformat()} for step, wanted in times.items()
            ],
        }
        for times in found
    ]


def rush(
    web: Web,
    clients: int,
    attempts: int,
    choices: Sequence[Body],
    *,
    meanwhile: Callable[[], None] = lambda: None,
) -> Outcome:
    """Let every client make `attempts`, each for a patient of its own. `told` are the courses whose
    confirmation was answered; `broken` counts every answer that is neither that nor a refusal."""
    patients = Patient.objects.bulk_create(
        Patient(given_name="Ada", family_name=str(number)) for number in range(clients * attempts)
    )

    def client(number: int) -> Outcome:
        chance, seen = random.Random(number), Outcome()
        for patient in patients[number::clients]:
            book(web, chance.choice(choices) | {"patient": str(patient.pk)}, seen)
        return seen

    total = Outcome()
    with ThreadPoolExecutor(clients) as threads:
        parts = [threads.submit(client, number) for number in range(clients)]
        meanwhile()
        for part in parts:
            seen = part.result()
            total.told += seen.told
            total.refused += seen.refused
            total.broken += seen.broken
            total.losers += seen.losers
    return total


def book(web: Web, body: Body, seen: Outcome) -> None:
    """Hold a course and confirm it, and note what came of it."""
    began = time.monotonic()
    reply = post(web, seen, "/api/v1/care-plans/", body)
    if reply.status == 201:
        path = f"/api/v1/care-plans/{reply.body['id']}/confirm/"
        reply = post(web, seen, path, {}, If_Match=reply.headers["ETag"])
    if reply.status == 200:
        seen.told.append(reply.body["id"])
    elif reply.status == 409:
        seen.refused[reply.body["code"]] += 1
        seen.losers.append(time.monotonic() - began)
    else:
        seen.broken[f"{reply.status}: {reply.body}"] += 1


def post(web: Web, seen: Outcome, path: str, body: Body, **headers: str) -> Reply:
    """Ask until there is an answer, under one key, so that nothing is done twice."""
    key = str(uuid.uuid4())
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            reply = web.ask("POST", path, body, Idempotency_Key=key, **headers)
        except (OSError, HTTPException):
            if time.monotonic() > deadline:
                raise
            seen.broken["dropped"] += 1
            time.sleep(0.2)
            continue
        unfinished = reply.status == 409 and reply.body["code"] == Code.IDEMPOTENCY_RUNNING
        unavailable = reply.status == 503 and "Retry-After" in reply.headers
        if not (unfinished or unavailable) or time.monotonic() > deadline:
            return reply
        seen.broken[str(reply.status)] += 1
        time.sleep(1)
