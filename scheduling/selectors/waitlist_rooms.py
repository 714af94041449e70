"""How much room the courses of waiting entries leave for another time of one session."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from scheduling.core.room import room_for
from scheduling.core.walltime import local_date
from scheduling.models import Site, WaitlistEntry
from scheduling.selectors import courses
from scheduling.snapshots import Snapshot

# Of courses that have changed since it was looked at last how much room they leave.
CHANGED = """
SELECT e.id, s.mark FROM scheduling_waitlistentry e
CROSS JOIN LATERAL (SELECT coalesce(sum(a.version), 0) AS mark FROM scheduling_appointment a
    WHERE a.care_plan_id = e.care_plan_id) s
WHERE e.site_id = %s AND e.status = 'waiting' AND e.care_plan_id IS NOT NULL
    AND e.room_mark <> s.mark
"""


def refresh_rooms(site: Site, snapshot: Snapshot) -> None:
    """Bring up to date how much room the courses of waiting entries leave."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, [site.pk])
        marks = dict(cursor.fetchall())
    if not marks:
        return
    rows = WaitlistEntry.objects.filter(pk__in=marks).select_related(
        "care_plan__protocol_version", "care_plan__site", "appointment"
    )
    for entry in rows.prefetch_related("care_plan__appointments__reservations"):
        entry.room_mark = marks[entry.pk]
        set_room(entry, snapshot.services)
        entry.save(update_fields=["room_first", "room_last", "room_person", "room_mark"])


def set_room(entry: WaitlistEntry, known: courses.Services) -> None:
    """Work out, on the unsaved entry, which days its course leaves for the session and who gives
    it there. No query where the plan's appointments are prefetched."""
    plan, appointment = entry.care_plan, entry.appointment
    if plan is None or appointment is None:
        return
    course = courses.course_of(plan, known)
    sessions = courses.sessions_of(plan)
    others = {step: one for step, one in sessions.items() if step != appointment.step}
    zone = plan.site.timezone
    days = {step: local_date(one.start, zone) for step, one in others.items()}
    entry.room_first, entry.room_last = room_for(course, days, appointment.step, plan.earliest)
    role = next((s.service.continuity for s in course.steps if s.id == appointment.step), None)
    held = courses.practitioners_of(others.values(), course)
    entry.room_person = UUID(held[role]) if role in held else None
