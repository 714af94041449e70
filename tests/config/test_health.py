from http import HTTPStatus

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import path

from config import health

urlpatterns = [
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]
pytestmark = [pytest.mark.urls(__name__)]


def test_livez_asks_nobody(client: Client) -> None:
    assert client.get("/livez").status_code == HTTPStatus.OK


@pytest.mark.django_db
def test_readyz_answers_200_once_background_work_was_heard_of(client: Client) -> None:
    before = client.get("/readyz")
    health.record_heartbeat()
    after = client.get("/readyz")

    assert before.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert before.json()["background_work"] != "ok"
    assert after.status_code == HTTPStatus.OK
    assert set(after.json().values()) == {"ok"}


@pytest.mark.django_db
def test_readyz_names_the_part_that_does_not_serve(client: Client, settings: LazySettings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    health.record_heartbeat()

    response = client.get("/readyz")

    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert response.json()["redis"] == "unreachable"
    assert response.json()["database"] == "ok"


@pytest.mark.django_db
def test_metrics_are_prometheus_gauges(client: Client) -> None:
    health.record_heartbeat()
    text = client.get("/metrics").content.decode()
    assert 'tremedy_serving{part="database"} 1.0' in text
