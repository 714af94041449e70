"""Every route and method, for every kind of person. Made from the URLconf: a new route that is not
classified here fails."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import URLPattern

from scheduling.api.urls import urlpatterns
from tests.scheduling.api.caller import Caller

pytestmark = pytest.mark.django_db

PUBLIC, PERSON, STAFF = "public", "person", "staff"
DESK_OR_MANAGER, PRESCRIBER, MANAGER = "desk or manager", "prescriber", "manager"

# Who gets past the door. What is behind it then depends on whose it is and on its state.
DOORS: dict[tuple[str, str], str] = {
    ("sites/", "get"): PUBLIC,
    ("services/", "get"): PUBLIC,
    ("protocols/", "get"): PUBLIC,
    ("protocols/<slug:slug>/", "get"): PUBLIC,
    ("openings/", "get"): PUBLIC,
    ("course-searches/", "post"): PUBLIC,
    ("care-plans/", "get"): PERSON,
    ("care-plans/", "post"): PERSON,
    ("care-plans/<uuid:key>/", "get"): PERSON,
    ("care-plans/<uuid:key>/confirm/", "post"): PERSON,
    ("care-plans/<uuid:key>/release/", "post"): PERSON,
    ("care-plans/<uuid:key>/extend/", "post"): PERSON,
    ("care-plans/<uuid:key>/pause/", "post"): PERSON,
    ("care-plans/<uuid:key>/resume/", "post"): PERSON,
    ("care-plans/<uuid:key>/revoke/", "post"): PERSON,
    ("care-plans/<uuid:key>/blocks/", "post"): PERSON,
    ("care-plans/<uuid:key>/rebook/", "post"): PERSON,
    ("care-plans/<uuid:key>/gates/<slug:gate>/", "put"): PERSON,
    ("appointments/", "get"): PERSON,
    ("appointments/", "post"): PERSON,
    ("appointments/<uuid:key>/", "get"): PERSON,
    ("appointments/<uuid:key>/openings/", "get"): PERSON,
    ("appointments/<uuid:key>/reschedule/", "post"): PERSON,
    ("appointments/<uuid:key>/cancel/", "post"): PERSON,
    ("appointments/<uuid:key>/transition/", "post"): PERSON,
    ("appointments/<uuid:key>/gates/<slug:gate>/", "put"): PERSON,
    ("appointments/<uuid:key>/events/", "get"): PERSON,
    ("board/", "get"): STAFF,
    ("closures/", "post"): DESK_OR_MANAGER,
    ("disruptions/", "post"): DESK_OR_MANAGER,
    ("disruptions/<uuid:key>/", "get"): DESK_OR_MANAGER,
    ("disruptions/<uuid:key>/", "patch"): DESK_OR_MANAGER,
    ("disruptions/<uuid:key>/alternatives/", "get"): DESK_OR_MANAGER,
    ("disruptions/<uuid:key>/apply/", "post"): DESK_OR_MANAGER,
    ("disruptions/<uuid:key>/undo/", "post"): DESK_OR_MANAGER,
    ("staff-tasks/", "get"): STAFF,
    ("staff-tasks/<uuid:key>/claim/", "post"): STAFF,
    ("staff-tasks/<uuid:key>/finish/", "post"): STAFF,
    ("waitlist-entries/", "get"): PERSON,
    ("waitlist-entries/", "post"): PERSON,
    ("waitlist-entries/<uuid:key>/withdraw/", "post"): PERSON,
    ("waitlist-offers/<uuid:key>/accept/", "post"): PERSON,
    ("waitlist-offers/<uuid:key>/decline/", "post"): PERSON,
    ("reports/<slug:name>/", "get"): MANAGER,
    ("patients/", "post"): STAFF,
    ("patients/search/", "post"): STAFF,
    ("patients/<uuid:key>/clearance/", "post"): PRESCRIBER,
}
EVERYBODY = ["anonymous", "owner", "front_desk", "nurse", "clinician", "prescriber", "manager"]
OPEN_TO = {
    PUBLIC: set(EVERYBODY),
    PERSON: set(EVERYBODY) - {"anonymous"},
    STAFF: set(EVERYBODY) - {"anonymous", "owner"},
    DESK_OR_MANAGER: {"front_desk", "manager"},
    PRESCRIBER: {"prescriber"},
    MANAGER: {"manager"},
}
# Bodies that are well formed, so that what is refused is the person.
BODIES = {
    "care-plans/<uuid:key>/pause/": {"reason": "travel"},
    "care-plans/<uuid:key>/revoke/": {"reason": "cost"},
    "care-plans/<uuid:key>/blocks/": {"block": "counsel"},
    "care-plans/<uuid:key>/gates/<slug:gate>/": {"status": "closed"},
    "appointments/<uuid:key>/gates/<slug:gate>/": {"status": "closed"},
    "appointments/<uuid:key>/reschedule/": {"start": "2026-12-01T09:00:00-07:00"},
    "appointments/<uuid:key>/cancel/": {"reason": "unwell"},
    "appointments/<uuid:key>/transition/": {"to": "arrived"},
    "staff-tasks/<uuid:key>/finish/": {"outcome": "done"},
}


def routes() -> list[tuple[str, str]]:
    return [
        (str(pattern.pattern), method)
        for pattern in urlpatterns
        if isinstance(pattern, URLPattern)
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(pattern.callback.view_class, method)
    ]


def test_every_route_is_classified() -> None:
    assert sorted(routes()) == sorted(DOORS)


@pytest.mark.parametrize("person", EVERYBODY)
@pytest.mark.parametrize(("route", "method"), DOORS)
def test_a_door_opens_to_those_it_is_for(
    request: pytest.FixtureRequest, route: str, method: str, person: str
) -> None:
    caller: Caller = request.getfixturevalue(person)
    path = route.replace("<slug:slug>", "nothing").replace("<slug:gate>", "ride")
    path = path.replace("<slug:name>", "courses")
    path = path.replace("<uuid:key>", str(uuid4()))
    query = "?from=2026-12-01&to=2026-12-02" if path.endswith("openings/") else ""

    answer = caller.send(method.upper(), path + query, BODIES.get(route, {}), key="k", match='"1"')

    if person in OPEN_TO[DOORS[route, method]]:
        assert answer.status_code not in {401, 403}
        if "<" in route:
            assert answer.status_code in {400, 404}, "nothing is there"
    else:
        assert answer.status_code == (401 if person == "anonymous" else 403)
