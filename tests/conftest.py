"""Real servers for every test: a database of its own for each process, and a Redis number.

A test that asks for no database starts no server.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import redis
from django.conf import settings
from django.db import transaction
from django.test import TransactionTestCase
from django.utils import translation

from config import env, local, messages
from tests import databases
from tests.databases import database_url

REQUIRE_ALL = os.environ.get("REQUIRE_ALL_TESTS") == "1"
SOAK = os.environ.get("SOAK") == "1"
NO_CHROMIUM = "no Chromium on this machine"

hypothesis.settings.register_profile("gate", deadline=None)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("soak" if SOAK else "gate")


def pytest_configure(config: pytest.Config) -> None:
    messages.compile_all()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    if "REDIS_URL" not in os.environ:
        number = 1 + os.getpid() % (local.REDIS_DATABASES - 1)
        settings.REDIS_URL = local.redis_url(settings.LOCAL_PLACES, database=number)
        settings.CACHES["redis"]["LOCATION"] = settings.REDIS_URL
        settings.CELERY_BROKER_URL = env.broker_url(settings.REDIS_URL)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English: a request leaves the language of its reader behind."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.activate(settings.LANGUAGE_CODE)


# --- Database and Redis ------------------------------------------------------------------------


# Instead of Django's flush, which the application's role may not make.
TransactionTestCase._fixture_teardown = lambda self: databases.empty()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Replaces pytest-django's: the application's role cannot make databases, nor own one."""
    with django_db_blocker.unblock():
        local.start(settings.LOCAL_PLACES, database=settings.LOCAL)
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.flushdb()
        name = databases.make_database()
        databases.commit_without_waiting(name)
    yield
    with django_db_blocker.unblock():
        databases.drop_database(name)


@pytest.fixture(scope="module")
def module_rows(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[pytest.FixtureRequest]:
    """Lets fixtures of a module write rows once for all of its tests, under `unblock()` of what
    this gives. Each test begins with them as they were written; after the last they are gone.
    Not for a module with tests that commit."""
    around = transaction.atomic()
    with django_db_blocker.unblock():
        around.__enter__()
    yield django_db_blocker
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def service_environment(transactional_db: None) -> dict[str, str]:
    """The environment in which another process of the project uses this test's servers."""
    return os.environ | {
        "DATABASE_URL": database_url("default"),
        "DATABASE_OWNER_URL": database_url("owner"),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "DEBUG": "1",
    }


# --- Browser -----------------------------------------------------------------------------------


def find_chromium() -> str | None:
    """A Chromium of this machine, if there is one the one without windows, which is the fastest; or
    Playwright's own where that was installed."""
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright  # slow to import; most runs need no browser

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    browser_tests = [item for item in items if item.get_closest_marker("browser")]
    if not browser_tests:
        return
    # Last, because Playwright keeps an event loop in this thread: Django then holds connections
    # of its own for it, which a test that forks afterwards would share with its children.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if find_chromium() is None:
        for item in browser_tests:
            item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    # Chromium's sandbox refuses to run as root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": find_chromium(), "args": arguments}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Tests name whole addresses; the plugins' own fixture warns under this version of pytest."""


# --- What did not run --------------------------------------------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    if REQUIRE_ALL and skipped(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = skipped(config)
    without_browser = [report for report in reports if NO_CHROMIUM in str(report.longrepr)]
    if without_browser:
        reporter.write_line(
            f"{len(without_browser)} BROWSER TESTS DID NOT RUN: {NO_CHROMIUM}. "
            "Install chromium, or run `.venv/bin/playwright install chromium`.",
            red=True,
        )
    if REQUIRE_ALL and reports:
        reporter.write_line(f"{len(reports)} TESTS WERE SKIPPED, and none may be here.", red=True)


def skipped(config: pytest.Config) -> list[pytest.TestReport]:
    """Skipped tests of the whole run; empty in a worker, which does not see the others'."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if reporter else []
