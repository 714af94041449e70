import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_transactional_test_leaves_nothing_to_the_next(turn: str) -> None:
    assert not Session.objects.exists()
    assert cache.get("turn") is None

    Session.objects.create(session_key="left behind", expire_date=timezone.now())
    cache.set("turn", turn)
