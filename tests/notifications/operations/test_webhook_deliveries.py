"""Other programs hear of changes: signed, at least once, and nothing about anybody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from standardwebhooks import Webhook

from notifications.core.webhooks import TYPES
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.operations.collect import collect_all
from notifications.operations.webhook_deliveries import deliver
from notifications.operations.webhook_endpoints import add, rotate, send_test, switch
from scheduling.core.refusals import Refused
from scheduling.models import Event
from scheduling.operations.actor import Actor
from scheduling.operations.cancel import cancel
from tests.factories import NOW, at, make_user
from tests.notifications.post import Post, make_post
from tests.notifications.receiver import DROP, HANG, receiver

pytestmark = pytest.mark.django_db(transaction=True)
ALL = tuple(TYPES.values())


@pytest.fixture
def post(settings: LazySettings) -> Post:
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    return make_post()


@pytest.fixture
def manager() -> Actor:
    return Actor.of(make_user("", "manager"))


def listen(manager: Actor, url: str, *types: str) -> WebhookEndpoint:
    return add(actor=manager, url=url, description="", types=types or ALL, now=NOW)


def run(post: Post, after: timedelta = timedelta()) -> int:
    post.now += after
    collect_all(post.now)
    return deliver(lambda: post.now)


def test_a_change_is_told_with_ids_alone_and_the_library_believes_it(
    post: Post, manager: Actor
) -> None:
    with receiver(204) as other:
        endpoint = listen(manager, other.url())
        session = post.book("prep.1", at("2026-12-07 10:00"))
        post.now = datetime.now(UTC)  # the receiver's library looks at its clock
        assert run(post) == 1
        assert run(post) == 0

    [sent] = other.sent
    said = Webhook(endpoint.secret).verify(sent.body, sent.headers)
    assert said == {
        "type": "appointment.booked",
        "timestamp": Event.objects.get(verb="booked").at.isoformat(),
        "data": {
            "appointment": str(session.pk),
            "care_plan": str(post.plan.pk),
            "sequence": 0,
        },
    }
    delivery = WebhookDelivery.objects.get()
    assert sent.headers["webhook-id"] == str(delivery.pk)
    assert (delivery.outcome, delivery.last_status, delivery.attempts) == ("delivered", 204, 1)


def test_each_hears_of_what_it_has_chosen(post: Post, manager: Actor) -> None:
    with receiver() as other:
        listen(manager, other.url(path="/all"))
        listen(manager, other.url(path="/off"), "appointment.cancelled")
        session = post.book("prep.1", at("2026-12-07 10:00"))
        run(post)
        cancel(
            actor=Actor.of(post.user),
            appointment=session,
            reason="unwell",
            version=None,
            now=post.now,
        )
        run(post)

    told = [(one.path, one.json()["type"], one.json()["data"]["sequence"]) for one in other.sent]
    assert sorted(told) == [
        ("/all", "appointment.booked", 0),
        ("/all", "appointment.cancelled", 1),
        ("/off", "appointment.cancelled", 1),
    ]


def test_every_type_comes_from_history(post: Post, manager: Actor) -> None:
    with receiver() as other:
        listen(manager, other.url())
        session = post.book("prep.1", at("2026-12-07 10:00"))
        for verb in ("moved", "cancelled", "arrived", "fulfilled", "noshow", "corrected"):
            post.tell(verb, session)
        run(post)
    assert [one.json()["type"] for one in other.sent] == list(ALL)


def test_it_is_tried_again_with_the_same_id_and_body(post: Post, manager: Actor) -> None:
    with receiver(500, DROP, 200) as other:
        listen(manager, other.url())
        post.book("prep.1", at("2026-12-07 10:00"))
        assert run(post) == 1
        assert run(post, timedelta(seconds=4)) == 0
        assert run(post, timedelta(seconds=3)) == 1
        assert WebhookDelivery.objects.get().outcome == "unreachable"
        assert run(post, timedelta(minutes=4)) == 0
        assert run(post, timedelta(minutes=3)) == 1

    assert len({one.headers["webhook-id"] for one in other.sent}) == 1
    assert len({one.body for one in other.sent}) == 1
    assert len({one.headers["webhook-timestamp"] for one in other.sent}) == 3
    assert WebhookDelivery.objects.get().outcome == "delivered"


def test_after_three_days_it_is_enough(post: Post, manager: Actor) -> None:
    with receiver(500) as other:
        listen(manager, other.url())
        post.book("prep.1", at("2026-12-07 10:00"))
        tries = sum(run(post, timedelta(hours=1)) for _hour in range(24 * 5))
    assert tries == len(other.sent) == 10
    delivery = WebhookDelivery.objects.get()
    assert (delivery.next_attempt_at, delivery.outcome) == (None, "refused")


def test_a_redirect_is_no_success(post: Post, manager: Actor) -> None:
    with receiver(301) as other:
        other.location = other.url(path="/else")
        listen(manager, other.url())
        post.book("prep.1", at("2026-12-07 10:00"))
        run(post)
    assert [one.path for one in other.sent] == ["/hook"]
    assert WebhookDelivery.objects.get().outcome == "refused"


def test_gone_switches_it_off_and_ends_what_waits(post: Post, manager: Actor) -> None:
    with receiver(410) as other:
        endpoint = listen(manager, other.url())
        post.book("prep.1", at("2026-12-07 10:00"))
        post.book("int.1", at("2026-12-14 10:00"))
        run(post)
        run(post, timedelta(days=1))
    assert len(other.sent) == 1
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.off_because) == (False, "gone")
    outcomes = WebhookDelivery.objects.values_list("outcome", "next_attempt_at")
    assert sorted(outcomes) == [("refused", None), ("switched_off", None)]


def test_one_that_fails_does_not_hold_up_the_others(post: Post, manager: Actor) -> None:
    with receiver(500) as bad, receiver(200) as good:
        listen(manager, bad.url())
        listen(manager, good.url())
        for day in (7, 14, 21):
            post.book(f"int.{day // 7}", at(f"2026-12-{day:02} 10:00"))
        run(post)
    assert (len(bad.sent), len(good.sent)) == (1, 3)


def test_both_secrets_sign_for_a_day(post: Post, manager: Actor) -> None:
    with receiver() as other:
        old = listen(manager, other.url())
        new = rotate(actor=manager, endpoint=old, now=post.now)
        for hours in (0, 23, 2):
            post.now += timedelta(hours=hours)
            send_test(actor=manager, endpoint=new, now=post.now)
            run(post)
    signatures = [one.headers["webhook-signature"].split(" ") for one in other.sent]
    assert [len(one) for one in signatures] == [2, 2, 1]
    for sent, at_once in zip(other.sent, signatures, strict=True):
        moment = datetime.fromtimestamp(int(sent.headers["webhook-timestamp"]), UTC)
        for secret, one in zip((new.secret, old.secret), at_once, strict=False):
            name = sent.headers["webhook-id"]
            assert Webhook(secret).sign(name, moment, sent.body.decode()) == one
    assert new.secret != old.secret


def test_a_name_that_leads_inside_is_not_called(
    post: Post, manager: Actor, settings: LazySettings
) -> None:
    settings.WEBHOOK_ALLOW_LOOPBACK = False
    with receiver() as other:
        for url in (other.url("hooks.example", scheme="https"), other.url()):
            listen(manager, url)
        post.book("prep.1", at("2026-12-07 10:00"))
        collect_all(post.now)
        deliver(lambda: post.now, resolve=lambda host, port: ["127.0.0.1"])
    assert other.sent == []
    assert set(WebhookDelivery.objects.values_list("outcome", flat=True)) == {"forbidden"}


def test_where_nobody_listens_it_costs_one_query(post: Post) -> None:
    for day in (7, 14, 21):
        post.book(f"int.{day // 7}", at(f"2026-12-{day:02} 10:00"))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        collect_all(post.now)
    assert sum("webhook" in one["sql"] for one in seen) == 1


def test_an_event_is_written_once_for_each(post: Post, manager: Actor) -> None:
    endpoint = listen(manager, "http://127.0.0.1:1/")
    post.book("prep.1", at("2026-12-07 10:00"))
    collect_all(post.now)
    row = WebhookDelivery.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError, match="webhook_delivery_once"), transaction.atomic():
        row.save(force_insert=True)
    with pytest.raises(IntegrityError, match="webhook_types_known"), transaction.atomic():
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(types=["patient.named"])


def in_threads(*works: Callable[[], object]) -> None:
    def close_after(work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=close_after, args=[one]) for one in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def test_many_senders_deliver_each_once(post: Post, manager: Actor) -> None:
    with receiver() as other:
        endpoint = listen(manager, other.url())
        for _number in range(20):
            send_test(actor=manager, endpoint=endpoint, now=post.now)
        in_threads(*[lambda: deliver(lambda: post.now)] * 4)
    assert len(other.sent) == len({one.headers["webhook-id"] for one in other.sent}) == 20


def test_what_is_on_its_way_does_not_stop_a_manager_from_switching_off(
    post: Post, manager: Actor
) -> None:
    with receiver(HANG) as other:
        endpoint = listen(manager, other.url())
        send_test(actor=manager, endpoint=endpoint, now=post.now)

        def off() -> None:
            while not other.sent:
                pass
            switch(actor=manager, endpoint=endpoint, on=False, now=post.now)
            other.over.set()

        in_threads(lambda: deliver(lambda: post.now), off)
    run(post, timedelta(minutes=1))
    assert WebhookDelivery.objects.get().outcome == "switched_off"
    assert len(other.sent) == 1


def test_only_managers_may(post: Post) -> None:
    desk = Actor.of(make_user("", "front_desk"))
    with pytest.raises(Refused):
        listen(desk, "https://hooks.example/")
