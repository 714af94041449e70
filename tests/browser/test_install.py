"""The scheduler as an app on a phone: light, still, of one origin, and honest without a network."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import Page, Request, expect

from scheduling.models import CarePlan
from tests.browser.conftest import PHONE
from tests.browser.look import look_at
from tests.scheduling.operations.care import load_clinic

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KILOBYTE = 1000
SHIFTS = """
window.shifts = 0;
new PerformanceObserver((seen) => {
  for (const one of seen.getEntries()) window.shifts += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def public_pages() -> list[str]:
    """The pages a stranger sees first."""
    courses = Client().get("/book/").context["courses"]
    course = f"/book/{courses[0]['key']}/"
    return ["/", "/book/", course, f"{course}when/", "/accounts/login/"]


def test_public_pages_are_small_still_and_ask_nobody_else(
    page: Page, live_server: object, transactional_db: None
) -> None:
    load_clinic()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.add_init_script(SHIFTS)
    asked: list[Request] = []
    page.on("requestfinished", lambda one: asked.append(one))
    for path in public_pages():
        asked.clear()
        page.goto(f"{live_server}{path}", wait_until="load")
        page.evaluate("document.fonts.ready")
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        ours = [one for one in asked if one.url.startswith((str(live_server), "data:"))]
        size = sum(
            one.sizes()["responseBodySize"] + one.sizes()["responseHeadersSize"] for one in ours
        )

        assert asked == ours, [one.url for one in asked]
        assert size <= 100 * KILOBYTE, (path, size)
        assert page.evaluate("window.shifts") == 0, path


def test_it_can_be_installed(page: Page, live_server: object, transactional_db: None) -> None:
    page.goto(f"{live_server}/book/")
    manifest = page.request.get(
        str(live_server) + str(page.get_attribute("link[rel=manifest]", "href"))
    )
    assert manifest.headers["content-type"] == "application/manifest+json"
    said = manifest.json()
    assert (said["display"], said["scope"]) == ("standalone", "/")
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in said["icons"]}
    for icon in said["icons"]:
        shown = page.evaluate(
            "src => new Promise((done, fail) => { const i = new Image();"
            " i.onload = () => done([i.naturalWidth, i.naturalHeight]);"
            " i.onerror = fail; i.src = src })",
            icon["src"],
        )
        if icon["sizes"] != "any":
            assert shown == [int(side) for side in icon["sizes"].split("x")]


def test_without_a_network_it_says_so_and_keeps_nothing_of_anybody(
    ada: Page, live_server: object, plan: CarePlan
) -> None:
    ada.goto(f"{live_server}/courses/{plan.pk}/")
    ada.evaluate("navigator.serviceWorker.ready")
    ada.wait_for_function("navigator.serviceWorker.controller !== null")
    kept = ada.evaluate(
        "caches.keys().then(async names => { const all = []; for (const name of names)"
        " for (const one of await (await caches.open(name)).keys())"
        " all.push([new URL(one.url).pathname, await (await caches.match(one)).text()]);"
        " return all })"
    )
    assert {path for path, _ in kept if not path.startswith("/static/css/")} == {"/offline/"}
    assert not any("Ada" in words or "Sign out" in words for _, words in kept)

    ada.context.set_offline(True)
    ada.goto(f"{live_server}/courses/{plan.pk}/")
    expect(ada.get_by_role("heading", name="There is no network")).to_be_visible()
    look_at(ada, "offline")
    ada.context.set_offline(False)
    ada.get_by_role("link", name="Try again").click()
    expect(ada.get_by_role("heading", name="Your course")).to_be_visible()
