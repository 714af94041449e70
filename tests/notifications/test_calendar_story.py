"""Booking, moving, cancelling and booking again, with the real operations: whatever happens, the
calendar of whoever gets the mail shows what the database holds."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.core import mail
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import ContactConsent, ContactPurpose
from config.dev.calendar_client import CalendarClient
from notifications.models import Message
from notifications.operations.collect import collect_all
from notifications.operations.deliver import deliver
from scheduling.core.refusals import Refused
from scheduling.models import Appointment, AppointmentStatus, Service
from scheduling.operations.actor import Actor
from scheduling.operations.book import book_session
from scheduling.operations.cancel import cancel
from scheduling.operations.rebook import rebook
from scheduling.operations.reschedule import reschedule
from scheduling.protocols.loading import load_library
from scheduling.protocols.store import store
from tests.conftest import SOAK
from tests.factories import NOW, at, make_clinic, make_patient, make_protocol_version, make_user
from tests.notifications.arrived import arrived
from tests.notifications.reading import read
from tests.scheduling.operations.booking import book

STEPS = 10_000 if SOAK else 100
IN_ONE = 50 if SOAK else 30
"""Steps of one story."""
STANDING = [AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED]
NEWS = ["confirmation", "moved", "cancelled"]
_numbers = count(1)
days = st.sampled_from([day for day in range(1, 24) if at(f"2026-12-{day:02} 12:00").weekday() < 5])
hours = st.sampled_from(["09:00", "10:30", "13:00", "15:00"])
told: Counter[str] = Counter()


class Story(RuleBasedStateMachine):
    """One patient with a course and visits beside it, the desk, and the patient's calendar."""

    @initialize(whole_course=st.booleans())
    def begin(self, whole_course: bool) -> None:
        number = next(_numbers)
        self.clinic = make_clinic(f"clinic-{number}")
        self.user = make_user(f"ada{number}@example.org")
        self.patient = make_patient(user=self.user)
        ContactConsent.objects.create(
            patient=self.patient,
            purpose=ContactPurpose.EMAIL_APPOINTMENTS,
            address=self.user.email,
            wording="2026-11",
            given_at=NOW,
        )
        self.ada, self.desk = Actor.of(self.user), Actor.of(make_user("", "front_desk"))
        self.now = NOW
        self.client = CalendarClient()
        self.bytes_of: dict[tuple[str, int], bytes] = {}
        self.newest: dict[str, int] = {}
        self.plan = None
        if whole_course:
            version = make_protocol_version("trd_iv6")
            self.plan = book(self.clinic, version, self.patient, self.ada)

    # --- What people do ---------------------------------------------------------------------------

    @rule(day=days, hour=hours)
    def book_a_visit(self, day: int, hour: str) -> None:
        with self.counted("book"):
            book_session(
                actor=self.desk,
                patient=self.patient,
                service=Service.objects.get(slug="therapy"),
                site=self.clinic.site,
                start=self.start(day, hour),
                now=self.now,
            )

    @rule(data=st.data(), day=days, hour=hours, by_desk=st.booleans())
    def move_a_session(self, data: st.DataObject, day: int, hour: str, by_desk: bool) -> None:
        self.move(self.choose(data), day, hour, by_desk=by_desk)

    @precondition(lambda self: self.visits())
    @rule(data=st.data(), day=days, hour=hours)
    def move_a_visit_that_was_told(self, data: st.DataObject, day: int, hour: str) -> None:
        self.post(timedelta(minutes=3))
        self.move(data.draw(st.sampled_from(self.visits())), day, hour, by_desk=False)
        self.post(timedelta(minutes=3))
        self.calendar_equals_database()

    def move(self, session: Appointment, day: int, hour: str, *, by_desk: bool) -> None:
        with self.counted("move"):
            reschedule(
                actor=self.desk if by_desk else self.ada,
                appointment=session,
                start=self.start(day, hour),
                cascade="least_change" if by_desk and session.care_plan_id else "none",
                now=self.now,
            )

    @rule(data=st.data(), by_desk=st.booleans())
    def cancel_a_session(self, data: st.DataObject, by_desk: bool) -> None:
        session = self.choose(data)
        with self.counted("cancel"):
            cancel(
                actor=self.desk if by_desk else self.ada,
                appointment=session,
                reason="patient_request",
                version=None,
                now=self.now,
            )

    @precondition(lambda self: self.plan is not None)
    @rule()
    def book_again_what_the_course_lost(self) -> None:
        with self.counted("rebook"):
            rebook(actor=self.ada, care_plan=self.plan, version=None, now=self.now)

    @rule(minutes=st.sampled_from([0, 1, 3, 10]))
    def the_post_goes_out(self, minutes: int) -> None:
        told["post"] += 1
        self.post(timedelta(minutes=minutes))

    def teardown(self) -> None:
        if not hasattr(self, "client"):
            return
        self.post(timedelta(minutes=10))  # longer than any news waits
        waiting = Message.objects.filter(patient=self.patient, status="scheduled")
        assert not waiting.filter(kind__in=NEWS).exists()
        assert not Message.objects.filter(patient=self.patient, status="failed").exists()
        self.calendar_equals_database()
        waiting.update(status="cancelled", reason="changed")  # leave nothing to the next story

    # --- What the patient's calendar makes of it --------------------------------------------------

    def post(self, after: timedelta) -> None:
        self.now += after
        mail.outbox.clear()
        collect_all(self.now)
        deliver(lambda: self.now)
        for sent in mail.outbox:
            assert sent.to == [self.user.email]
            letter = arrived(sent)
            told["mails"] += 1
            for _name, content in letter.files:
                read(content)
            for method, content in letter.parts:
                self.part(method, content)
            self.client.receive([(method, text.decode()) for method, text in letter.parts])

    def part(self, method: str, content: bytes) -> None:
        [seen] = read(content)
        told["parts"] += 1
        assert seen.method == method
        key = seen.uid.partition("@")[0]
        assert Appointment.objects.filter(pk=key, patient=self.patient).exists()
        assert seen.sequence >= self.newest.get(seen.uid, 0)
        assert self.bytes_of.setdefault((seen.uid, seen.sequence), content) == content
        self.newest[seen.uid] = seen.sequence

    def calendar_equals_database(self) -> None:
        shown = {
            uid.partition("@")[0]: (entry.status == "CANCELLED", entry.start, entry.end)
            for uid, entry in self.client.shown.items()
        }
        rows = Appointment.objects.filter(patient=self.patient, status__in=STANDING)
        for one in rows:
            off = one.status == AppointmentStatus.CANCELLED
            found = shown.pop(str(one.pk), None)
            assert (found is None or found[0]) if off else found == (False, one.start, one.end)
        assert not shown

    # --- Help -------------------------------------------------------------------------------------

    def choose(self, data: st.DataObject) -> Appointment:
        """A booked session; one is booked where none is left."""
        found = self.booked()
        if not found:
            self.book_a_visit(1, "09:00")
            found = self.booked()
        return found[data.draw(st.integers(0, len(found) - 1))]

    def booked(self) -> list[Appointment]:
        rows = Appointment.objects.filter(patient=self.patient, status=AppointmentStatus.BOOKED)
        return list(rows.order_by("start", "pk"))

    def visits(self) -> list[Appointment]:
        """Booked ones outside the course: nothing but free time holds them where they are."""
        return [one for one in self.booked() if one.care_plan_id is None]

    def start(self, day: int, hour: str) -> datetime:
        return at(f"2026-12-{day:02} {hour}")

    def counted(self, what: str) -> _Counted:
        return _Counted(what)


class _Counted:
    """Counts a step, and lets a refusal be an answer."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        told[self.what] += 1

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: Any) -> bool:
        refused = isinstance(error, Refused)
        if refused:
            told[f"{self.what} refused"] += 1
        return refused


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_the_calendar_of_the_patient_shows_what_the_database_holds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    store(load_library())
    told.clear()
    sizes = settings(
        max_examples=20 if SOAK else 4,
        stateful_step_count=IN_ONE,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    verbs = ("book", "move", "cancel", "rebook", "post")
    while sum(told[verb] for verb in verbs) < STEPS:
        run_state_machine_as_test(Story, settings=sizes)
    steps = sum(told[verb] for verb in verbs)
    with capsys.disabled():
        print(f"\n{steps} steps: {dict(told)}")
    assert told["parts"] > steps / 10, "a story in which nothing is sent shows nothing"
