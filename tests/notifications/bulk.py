"""Many patients at once, each with one visit and a message that is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import ContactConsent, ContactPurpose, Patient
from notifications.core.kinds import Kind
from notifications.models import Message
from scheduling.models import Appointment, PatientTime, Reservation, Site
from tests.factories import make_place, make_service, make_site

CHUNK = 500


def make_visits(count: int, start: datetime, *, site: Site | None = None) -> list[Appointment]:
    """As many patients who read mail, each with a talk at `start`, in a hall with room for all."""
    site = site or make_site()
    service = make_service("therapy")
    made: list[Appointment] = []
    for first in range(0, count, CHUNK):
        size = min(CHUNK, count - first)
        hall = make_place(site, f"Hall {start:%j-%H%M}-{first}", "therapy_room", capacity=size)
        with transaction.atomic():
            made += _fill(hall, service, site, start, first, size)
    return made


def _fill(hall, service, site, start, first, size) -> list[Appointment]:  # type: ignore[no-untyped-def]
    numbers = range(first, first + size)
    patients = Patient.objects.bulk_create(
        Patient(given_name=f"P{number}", email=f"p{number}@example.org") for number in numbers
    )
    ContactConsent.objects.bulk_create(
        ContactConsent(
            patient=one,
            purpose=ContactPurpose.EMAIL_APPOINTMENTS,
            address=one.email,
            wording="2026-11",
            given_at=start - timedelta(days=60),
        )
        for one in patients
    )
    end = start + timedelta(minutes=50)
    visits = Appointment.objects.bulk_create(
        Appointment(
            patient=one,
            service=service,
            site=site,
            start=start,
            end=end,
            status="booked",
            phases=[{"name": "treat", "minutes": 50}],
        )
        for one in patients
    )
    during = DateTimeTZRange(start, end)
    PatientTime.objects.bulk_create(
        PatientTime(patient_id=one.patient_id, appointment=one, during=during) for one in visits
    )
    Reservation.objects.bulk_create(
        Reservation(resource=hall, lane=lane, during=during, role="therapy_room", appointment=one)
        for lane, one in enumerate(visits)
    )
    return visits


def make_due(visits: Sequence[Appointment], due: datetime) -> None:
    """A reminder of each visit, due then."""
    Message.objects.bulk_create(
        (
            Message(
                kind=Kind.REMINDER_24H,
                patient_id=one.patient_id,
                site_id=one.site_id,
                appointment=one,
                due_at=due,
            )
            for one in visits
        ),
        batch_size=CHUNK,
    )
