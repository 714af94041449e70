"""What is read: how fast kept pages are sent, and how fast something is found.

The floor is a bare Django view that sends as many bytes, at the same place among the middleware, on
the same gunicorn in the same run. Rounds of both alternate; the middle ratio counts. The floor of a
search is the shortest question to the same database.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402

from benchmarks import load  # noqa: E402
from benchmarks.table import Row, percentile, spread  # noqa: E402
from config import local  # noqa: E402
from education.finding import search  # noqa: E402
from education.models import Page, SearchWord  # noqa: E402
from tests import databases  # noqa: E402
from tests.web_server import Web, serving  # noqa: E402

REQUESTS, ROUNDS, SEARCHES = 1500, 5, 300
PAGE = "/learn/en/depression/"


def rows() -> Iterator[Row]:
    with library(), serving(DJANGO_SETTINGS_MODULE="benchmarks.web_settings") as server:
        yield from pages(server)
    with library():
        yield searches()
        yield mistyped()


def pages(server: Web) -> Iterator[Row]:
    """A page with its body, the same page to whoever has it already, and the bare view."""
    first = server.ask("GET", PAGE, Host="127.0.0.1")  # as the clients name it
    size, tag = len(first.body), first.headers["ETag"]
    sorts = {
        "bare": load.request("GET", f"/learn/bare/{size}/"),
        "page": load.request("GET", PAGE),
        "same": load.request("GET", PAGE, If_None_Match=tag),
    }
    for one in sorts.values():
        load.run(server.port, [one] * 200)
    rates: dict[str, list[float]] = {name: [] for name in sorts}
    for _ in range(ROUNDS):
        for name, one in sorts.items():
            done = load.run(server.port, [one] * REQUESTS)
            rates[name].append(done.rate(304 if name == "same" else 200))
    for name, what in (
        ("page", f"page of {size / 1024:.0f} KiB, kept"),
        ("same", "unchanged (304)"),
    ):
        ratio = median(ours / bare for ours, bare in zip(rates[name], rates["bare"], strict=True))
        yield Row(
            what,
            f"{median(rates[name]):.0f}/s",
            "ratio >= 0.5",
            f"{ratio:.2f} x bare view ({median(rates['bare']):.0f}/s)",
            ratio >= 0.5,
        )


def searches() -> Row:
    """One, two or three words that stand on pages, in both languages."""
    chance = random.Random(7)
    known = {code: words_of(code) for code in ("en", "es")}
    taken = []
    for _ in range(SEARCHES):
        language = chance.choice(list(known))
        typed = " ".join(chance.sample(known[language], chance.randint(1, 3)))
        taken.append(timed(language, typed))
    return found(f"search, {Page.objects.count()} pages", taken)


def mistyped() -> Row:
    """The same with a letter missing, doubled or in the wrong place."""
    chance = random.Random(11)
    known = {code: words_of(code) for code in ("en", "es")}
    taken = []
    for _ in range(SEARCHES):
        language = chance.choice(list(known))
        words = [wrong(chance.choice(known[language]), chance) for _ in range(chance.randint(1, 2))]
        taken.append(timed(language, " ".join(words)))
    return found("search, mistyped", taken)


def found(what: str, taken: list[float]) -> Row:
    floor = []
    with connection.cursor() as cursor:
        for _ in range(SEARCHES):
            began = time.perf_counter()
            cursor.execute("SELECT 1")
            floor.append(1000 * (time.perf_counter() - began))
    p95 = percentile(taken, 0.95)
    ratio = f"{percentile(taken, 0.5) / percentile(floor, 0.5):.0f} x SELECT 1"
    return Row(what, spread(taken), "p95 < 30 ms", ratio, p95 < 30)


def timed(language: str, typed: str) -> float:
    began = time.perf_counter()
    search(language, typed)
    return 1000 * (time.perf_counter() - began)


def words_of(language: str) -> list[str]:
    rows = SearchWord.objects.filter(language=language, word__regex=".{5,}")
    return sorted(rows.values_list("word", flat=True))


def wrong(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )


@contextmanager
def library() -> Iterator[None]:
    """The released pages in a database of their own."""
    local.start(settings.LOCAL_PLACES, database=settings.LOCAL)
    name = databases.make_database()
    try:
        call_command("load_protocols", verbosity=0)
        call_command("load_pages", verbosity=0)
        connections.close_all()
        yield
    finally:
        databases.drop_database(name)
