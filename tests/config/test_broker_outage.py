"""Redis may be away: whoever wants to wake a worker is told so at once, and goes on."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import time
import django
django.setup()
from django.core.cache import caches
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from config.celery import heartbeat

def seconds_until(act, failure):
    began = time.perf_counter()
    try:
        act()
    except failure:
        return time.perf_counter() - began
    raise AssertionError("there is no Redis to reach")

seconds_until(heartbeat.delay, OperationalError)  # the first also imports the transport
print(seconds_until(heartbeat.delay, OperationalError))
print(seconds_until(lambda: caches["redis"].get("key"), RedisError))
"""


def test_a_broker_that_is_away_costs_less_than_200_ms() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "config.settings", "REDIS_URL": "redis://127.0.0.1:1/0"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [float(line) < 0.2 for line in done.stdout.split()] == [True, True], done.stdout
