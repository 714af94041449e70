"""Sites, services and courses: what anybody may read."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from tests.factories import make_site
from tests.scheduling.api.caller import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def protocols(db: None) -> None:
    call_command("load_protocols", verbosity=0)


def test_sites_carry_their_time_zone(anonymous: Caller) -> None:
    make_site("main")

    answer = anonymous.get("sites/")

    assert answer.json() == {
        "next": None,
        "previous": None,
        "results": [
            {
                "slug": "main",
                "name": "Main",
                "timezone": "America/Denver",
                "address": "",
                "phone": "",
            }
        ],
    }


def test_services_say_how_long_the_patient_stays(anonymous: Caller, protocols: None) -> None:
    services = {row["slug"]: row for row in anonymous.get("services/").json()["results"]}

    assert services["evaluation"]["minutes"] == 60
    assert services["infusion"]["minutes"] == 130
    assert [(phase["name"], phase["minutes"]) for phase in services["infusion"]["phases"]] == [
        ("prepare", 30),
        ("treat", 40),
        ("recover", 60),
        ("turnover", 15),
    ]
    assert services["therapy"]["modes"] == ["in_person", "video"]


def test_a_course_lists_its_steps_with_windows_gaps_and_gates(
    anonymous: Caller, protocols: None
) -> None:
    course = anonymous.get("protocols/trd_iv6/").json()

    assert (course["sessions"], [block["id"] for block in course["blocks"]]) == (
        14,
        ["counsel", "lifestyle"],
    )
    infusion = next(step for step in course["steps"] if step["id"] == "inf")
    assert infusion == {
        "id": "inf",
        "service": "infusion",
        "count": 6,
        "block": None,
        "anchor": "eval.1",
        "anchors": [],
        "window_days": {"min": 2, "target": 7, "max": 28},
        "gap_days": {"min": 2, "target": 3, "max": 7},
        "before": None,
        "not_same_day_as": [],
        "gates": ["clearance", "consent", "screening", "education", "ride", "fasting"],
    }


def test_an_unknown_course_is_not_there(anonymous: Caller, protocols: None) -> None:
    answer = anonymous.get("protocols/nothing/")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("path", "rows", "queries"),
    [("services/", 1, 1), ("services/", 3, 1), ("protocols/", 1, 2), ("protocols/", 3, 2)],
)
def test_lists_take_the_same_queries_for_one_row_as_for_three(
    anonymous: Caller,
    protocols: None,
    django_assert_num_queries: object,
    path: str,
    rows: int,
    queries: int,
) -> None:
    with django_assert_num_queries(queries):
        answer = anonymous.get(path, limit=rows)

    assert len(answer.json()["results"]) == rows


def test_pages_follow_one_another(anonymous: Caller, protocols: None) -> None:
    first = anonymous.get("services/", limit=2).json()
    cursor = first["next"].split("cursor=")[1].split("&")[0]

    second = anonymous.get("services/", limit=2, cursor=cursor).json()

    slugs = [row["slug"] for row in first["results"] + second["results"]]
    assert slugs == sorted(slugs)
    assert len(set(slugs)) == 4


@pytest.mark.parametrize("cursor", ["nonsense", "cD0lMDA=", "bz0tNQ==", "cj0xJnA9%FF"])
def test_a_cursor_that_no_page_gave_out_is_refused(anonymous: Caller, cursor: str) -> None:
    answer = anonymous.get("services/", cursor=cursor)

    assert answer.status_code == 400
    assert "cursor" in answer.json()["errors"]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many"])
def test_a_limit_beyond_its_range_is_refused(anonymous: Caller, limit: str) -> None:
    answer = anonymous.get("services/", limit=limit)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["limit"]
