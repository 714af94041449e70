"""Courses are booked over HTTP while PostgreSQL and web workers are killed again and again; prints
what was found.

A program of its own, as it needs a server of its own: `test_kills.py` starts it with one.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402 - after django.setup

from config import local  # noqa: E402
from config.local import postgres  # noqa: E402
from scheduling.models import Appointment, CarePlan  # noqa: E402
from tests.concurrency.crowd import damage  # noqa: E402
from tests.concurrency.http_crowd import desk_token, offers, rush  # noqa: E402
from tests.factories import make_clinic  # noqa: E402
from tests.web_server import serving  # noqa: E402

UP_SECONDS = 0.5


def main(folder: str, clients: int, attempts: int, kills: int) -> None:
    places = local.find_places(Path(folder))
    choices = offers(make_clinic())

    with serving(token=desk_token()) as web:

        def kill_again_and_again() -> None:
            chance = random.Random(1)
            for number in range(kills):
                time.sleep(UP_SECONDS)
                if number % 2:
                    chance.choice(web.workers()).kill()
                elif (server := postgres.server_process(places)) is not None:
                    server.kill()
                    local.start(places, redis=False)

        outcome = rush(web, clients, attempts, choices, meanwhile=kill_again_and_again)

    connection.close()
    active = CarePlan.objects.filter(status="active")
    report = {
        "damage": damage(),
        "acknowledged": len(outcome.told),
        "active": active.count(),
        "kept": active.filter(pk__in=outcome.told).count(),
        "sessions": Appointment.objects.filter(care_plan__in=outcome.told, status="booked").count(),
        "refused": dict(outcome.refused),
        "interrupted": sum(outcome.broken.values()),
        "answers": dict(outcome.broken),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
