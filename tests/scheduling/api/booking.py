"""What tests of courses share: a course found and held over HTTP."""

from __future__ import annotations

from typing import Any

from tests.scheduling.api.caller import Caller

SEARCH = {"protocol": "trd_iv6", "site": "main", "earliest": "2026-12-01", "limit": 1}


def find(caller: Caller, **more: Any) -> dict[str, Any]:
    """The best proposal."""
    answer = caller.post("course-searches/", SEARCH | more)
    [proposal] = answer.json()["proposals"]
    return proposal


def hold(caller: Caller, key: str = "hold", **more: Any) -> dict[str, Any]:
    """A held course."""
    answer = caller.post("care-plans/", {"proposal": find(caller)["id"]} | more, key=key)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def book(caller: Caller, key: str = "confirm", **more: Any) -> dict[str, Any]:
    """A confirmed course."""
    plan = hold(caller, **more)
    answer = caller.post(f"care-plans/{plan['id']}/confirm/", key=key, match=f'"{plan["version"]}"')
    assert answer.status_code == 200, answer.json()
    return answer.json()


def session(plan: dict[str, Any], step: str) -> dict[str, Any]:
    """One session of a plan."""
    return next(one for one in plan["sessions"] if one["step"] == step)


def tag(thing: dict[str, Any]) -> str:
    """The ETag of a plan or a session."""
    return f'"{thing["version"]}"'
