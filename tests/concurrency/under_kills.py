"""Courses are booked while their PostgreSQL is killed again and again; prints what was found.

A program of its own, as it needs a server of its own: `test_kills.py` starts it with one.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402 - after django.setup

from config import local  # noqa: E402
from config.local import postgres  # noqa: E402
from scheduling.models import Appointment, CarePlan  # noqa: E402
from scheduling.operations.actor import Actor  # noqa: E402
from tests.concurrency.courses import booking_courses  # noqa: E402
from tests.concurrency.crowd import damage, race  # noqa: E402
from tests.factories import make_clinic, make_user  # noqa: E402

UP_SECONDS = 0.5


def main(folder: str, processes: int, attempts: int, kills: int) -> None:
    places = local.find_places(Path(folder))
    attempt = booking_courses(make_clinic(), Actor.of(make_user("desk@example.org", "front_desk")))

    def kill_again_and_again() -> None:
        for _ in range(kills):
            time.sleep(UP_SECONDS)
            server = postgres.server_process(places)
            if server is not None:
                server.kill()
            local.start(places, redis=False)

    outcome = race(processes, attempts, attempt, meanwhile=kill_again_and_again)
    connection.close()
    active = CarePlan.objects.filter(status="active")
    booked = Appointment.objects.filter(care_plan__in=outcome.told, status="booked")
    report = {
        "damage": damage(),
        "acknowledged": len(outcome.told),
        "kept": active.filter(pk__in=outcome.told).count(),
        "sessions": booked.count(),
        "unknown": active.exclude(pk__in=outcome.told).count(),
        "refused": dict(outcome.refused),
        "interrupted": sum(outcome.broken.values()),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
