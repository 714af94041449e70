"""Pages of the account and of the site itself, for every kind of person. Made from the URLconf: a
new page that is not classified here fails."""

from __future__ import annotations

import pytest
from django.urls import URLPattern

from accounts.web.urls import urlpatterns
from config import urls
from tests.scheduling.web.test_page_access import METHODS, STAFF, browser_of

pytestmark = pytest.mark.django_db

PUBLIC, SIGNED_IN = "public", "signed in"
ACCOUNT: dict[str, tuple[str, set[str]]] = {
    "": (SIGNED_IN, {"get"}),
    "mail/": (SIGNED_IN, {"get", "post"}),
    "stronger/": (SIGNED_IN, {"get"}),
    "stay/": (PUBLIC, {"post"}),
    "language/": (PUBLIC, {"post"}),
    "forget/": (PUBLIC, {"post"}),
    "second-factor/": (SIGNED_IN, {"get"}),
}
# Those of the site; what is included has lists of its own. Schema and docs hold no data.
SITE: dict[str, tuple[str, set[str]]] = {
    "livez": (PUBLIC, {"get"}),
    "readyz": (PUBLIC, {"get"}),
    "metrics": (PUBLIC, {"get"}),
    "manifest.webmanifest": (PUBLIC, {"get"}),
    "sw.js": (PUBLIC, {"get"}),
    "offline/": (PUBLIC, {"get"}),
    "api/schema/": (PUBLIC, {"get", "options"}),
    "api/docs/": (PUBLIC, {"get"}),
    "styleguide/": (PUBLIC, {"get"}),
}
PAGES = {f"/account/{route}": rule for route, rule in ACCOUNT.items()} | {
    f"/{route}": rule for route, rule in SITE.items() if route != "styleguide/"
}


def test_every_page_is_classified() -> None:
    for patterns, known in ((urlpatterns, ACCOUNT), (urls.urlpatterns, SITE)):
        found = {str(one.pattern) for one in patterns if isinstance(one, URLPattern)}
        assert found <= known.keys()
        assert known.keys() - found <= {"styleguide/"}  # on development machines only


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_knows_its_methods(path: str, method: str) -> None:
    answer = getattr(browser_of("otto"), method)(path)

    known = ("get" if method == "head" else method) in PAGES[path][1]
    assert (answer.status_code != 405) == known


@pytest.mark.parametrize("person", ["anonymous", "visitor", "left", "otto", *STAFF])
@pytest.mark.parametrize("path", PAGES)
def test_who_is_asked_to_sign_in(path: str, person: str) -> None:
    whom, methods = PAGES[path]
    browser = browser_of(person)
    for method in sorted(methods - {"options"}):
        answer = getattr(browser, method)(path)
        asked = answer.get("Location", "").startswith("/accounts/login/")
        assert asked == (whom == SIGNED_IN and person in {"anonymous", "visitor", "left"})
        assert answer.status_code < 500 or path == "/readyz"
