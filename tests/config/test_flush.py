from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connections
from django.utils import timezone

from scheduling.models import Event
from tests import databases


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_transactional_test_leaves_nothing_to_the_next(turn: str) -> None:
    assert not Session.objects.exists()
    assert cache.get("turn") is None

    Session.objects.create(session_key="left behind", expire_date=timezone.now())
    cache.set("turn", turn)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_the_migrations_brought_stays(turn: str) -> None:
    assert ContentType.objects.filter(app_label="scheduling", model="appointment").exists()
    assert Permission.objects.filter(codename="view_appointment").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_history_is_emptied_too(turn: str) -> None:
    """Which the application's role may not, nor any role while the triggers stand."""
    assert not Event.objects.exists()

    Event.objects.create(actor_label="sweep", verb="booked")


@pytest.mark.django_db(transaction=True)
def test_what_another_thread_has_begun_goes_too() -> None:
    other = connections["default"].copy()
    other.set_autocommit(False)
    with ThreadPoolExecutor(1) as pool:
        with other.cursor() as cursor:
            cursor.execute("INSERT INTO django_session VALUES ('late', '', now())")
        emptying = pool.submit(databases.empty)
        with pytest.raises(TimeoutError):
            emptying.result(timeout=0.2)
        other.commit()
        emptying.result()
    other.close()

    assert not Session.objects.exists()
