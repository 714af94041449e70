"""Two editors publish the same page at the same moment."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connections

from education.loading import load_library
from education.models import Page
from education.operations.publish import mark_of, publish_page
from education.store import store
from scheduling.core.refusals import Code, Refused
from scheduling.operations.actor import Actor
from tests.education.conftest import FOLDER
from tests.factories import NOW, make_user

pytestmark = pytest.mark.django_db(transaction=True)

EDITORS = 4


def test_one_publishes_and_the_others_are_told() -> None:
    store(load_library(FOLDER), NOW)
    page = Page.objects.select_related("published").get(slug="depression", language="en")
    text, seen = page.published.text, mark_of(page)  # type: ignore[union-attr]
    actors = [Actor.of(make_user("", "manager")) for _ in range(EDITORS)]
    ready = Barrier(EDITORS)

    def publish(number: int) -> str:
        ready.wait()
        try:
            publish_page(
                actor=actors[number],
                language="en",
                slug="depression",
                text=text.replace("55 in 100", f"{number} in 100"),
                seen=seen,
                today=date(2026, 11, 23),
                now=NOW,
            )
        except Refused as refused:
            return str(refused.refusals[0].code)
        finally:
            connections.close_all()
        return "published"

    with ThreadPoolExecutor(EDITORS) as pool:
        answers = Counter(pool.map(publish, range(EDITORS)))

    assert answers == {"published": 1, Code.STALE: EDITORS - 1}
    assert page.versions.count() == 2
