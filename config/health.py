"""`/livez`, `/readyz` and `/metrics`.

The heartbeat goes through the database cache: Redis may be emptied without an alarm.
"""

import time
from collections.abc import Callable, Iterator
from functools import cache as memoize

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from redis.backoff import NoBackoff
from redis.retry import Retry

from notifications.selectors import lag

HEARTBEAT_KEY = "config.heartbeat"
HEARTBEAT_LIMIT_SECONDS = 60
LAG_LIMIT_SECONDS = 120


class UnhealthyError(Exception):
    """One dependency does not serve; the message says which and how."""


def record_heartbeat() -> None:
    cache.set(HEARTBEAT_KEY, time.time(), timeout=None)


def heartbeat_age() -> float | None:
    """Seconds since background work last ran; None where it never did."""
    beaten_at = cache.get(HEARTBEAT_KEY)
    return None if beaten_at is None else max(0.0, time.time() - beaten_at)


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@memoize
def check_migrations() -> None:
    # Remembered once it holds: a process never outlives the schema it was started for.
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise UnhealthyError("migrations are not applied")


def check_redis() -> None:
    with redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=1,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), retries=0),
    ) as client:
        client.ping()


def check_background_work() -> None:
    age = heartbeat_age()
    if age is None or age > HEARTBEAT_LIMIT_SECONDS:
        raise UnhealthyError("worker or beat has not been heard of for a minute")


def check_messages() -> None:
    now = timezone.now()
    if lag.oldest_event(now) > LAG_LIMIT_SECONDS:
        raise UnhealthyError("events wait to be turned into messages")
    if lag.oldest_due(now) > LAG_LIMIT_SECONDS:
        raise UnhealthyError("messages are late")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "migrations": check_migrations,
    "redis": check_redis,
    "background_work": check_background_work,
    "messages": check_messages,
}


def run_checks() -> dict[str, str]:
    """Each check's name with "ok" or what is wrong, in words without addresses or passwords."""
    results = {}
    for name, check in CHECKS.items():
        try:
            check()
        except UnhealthyError as problem:
            results[name] = str(problem)
        except (DatabaseError, redis.RedisError):
            results[name] = "unreachable"
        else:
            results[name] = "ok"
    return results


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 while this process answers at all."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when everything serves, otherwise 503 with the part that does not.

    Bookings go on without Redis or workers, so send traffic by `/livez` and alarms by this.
    """
    results = run_checks()
    return JsonResponse(results, status=200 if set(results.values()) == {"ok"} else 503)


class HealthCollector:
    """Gauges read at the moment of the scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        serving = GaugeMetricFamily("tremedy_serving", "1 while it serves", labels=["part"])
        for name, result in run_checks().items():
            serving.add_metric([name], float(result == "ok"))
        yield serving
        messages = GaugeMetricFamily("tremedy_messages", "Messages by state", labels=["status"])
        for status, count in lag.counts().items():
            messages.add_metric([status], count)
        yield messages
        now = timezone.now()
        late = GaugeMetricFamily("tremedy_lag_seconds", "What waits longest", labels=["queue"])
        late.add_metric(["events"], lag.oldest_event(now))
        late.add_metric(["messages"], lag.oldest_due(now))
        age = heartbeat_age()
        if age is not None:
            late.add_metric(["heartbeat"], age)
        yield late


REGISTRY = CollectorRegistry()
REGISTRY.register(HealthCollector())


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format. No personal data; keep it inside all the same."""
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
