"""What each kind of task asks for, and the one place where it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from scheduling.models import StaffTask

WORDS: dict[str, Any] = {
    "clearance_wanted": _("Decide about treatment"),
    "clearance_due": _("Clearance is late"),
    "clearance_ends": _("Clearance runs out"),
    "tell_decline": _("Tell the patient that treatment was declined"),
    "gap_exceeded": _("Look at a longer gap between sessions"),
    "stopped_counts": _("Say whether the stopped treatment counts"),
    "call_after_noshow": _("Call: did not come"),
    "rebook_session": _("Book a session again"),
    "rebook_treatments": _("Book treatments again after a pause"),
    "step_cancelled": _("A session was cancelled: book it again or let it go"),
    "session_in_closure": _("A session lies in a closure"),
    "repair_unplaced": _("A session found no place when somebody was away"),
    "session_outside_hours": _("A session has lost its time, person or place"),
    "gates_open": _("Something is open before a session"),
    "clinical_gates_open": _("Something clinical is open before a session"),
    "call_wanted": _("Call: somebody asked for it"),
    "call_back": _("Call back"),
    "call_before_next_treatment": _("Call before the next treatment"),
    "pause_over": _("A pause is over: what next?"),
    "read_screening": _("Read answers about health"),
    "worsening": _("Look at a worse score"),
    "urgent_call": _("Call at once"),
    "claim_locked": _("A link to a record was locked"),
    "review_due": _("Review before the next treatment"),
    "attendance_declined": _("Call: said they cannot come"),
}
FORM = "form_"


CALLS = {
    *("call_after_noshow", "call_wanted", "call_back", "call_before_next_treatment"),
    *("tell_decline", "gates_open", "urgent_call"),
    *("step_cancelled", "rebook_session", "rebook_treatments", "repair_unplaced"),
}
"""Kinds that end with a telephone call. Other apps add theirs."""
PAGES: dict[str, Callable[[StaffTask], str]] = {}
"""Where kinds of other apps are done."""


def register(
    kind: str, words: Any, *, page: Callable[[StaffTask], str] | None = None, call: bool = False
) -> None:
    """Another app's kind of task, in words; where it is done, and whether that is a call."""
    WORDS[kind] = words
    if page is not None:
        PAGES[kind] = page
    if call:
        CALLS.add(kind)


def task_row(task: StaffTask) -> dict[str, Any]:
    """A task as a list shows it: what, about whom, by when, and where to go."""
    return {
        "id": task.pk,
        "words": words_of(task.kind),
        "patient": task.patient,
        "urgent": task.urgent,
        "due": task.due_at,
        "owner": task.owner,
        "site": task.site,
        "notes": task.facts.get("notes", ()),
        "phone": task.facts.get("phone") or (task.patient.phone if task.patient else ""),
        "name": task.facts.get("name", ""),
        "url": page_of(task),
        "ends_elsewhere": task.kind == "urgent_call",
    }


def words_of(kind: str) -> Any:
    """The kind in words; forms are named by the protocol."""
    if kind in WORDS:
        return WORDS[kind]
    return _("Fill in a form") if kind.startswith(FORM) else kind.replace("_", " ").capitalize()


def page_of(task: StaffTask) -> str:
    """Where it is done: the alert, the course's forms or decision, the visit, or the patient."""
    if task.kind == "urgent_call":
        return reverse("alerts")
    if task.kind in PAGES:
        return PAGES[task.kind](task)
    if task.kind.startswith(FORM) and task.care_plan_id:
        return reverse("desk-forms", args=[task.care_plan_id])
    if task.kind in ("read_screening",) and task.care_plan_id:
        return reverse("desk-screening", args=[task.care_plan_id])
    if task.kind == "worsening" and task.care_plan_id:
        return reverse("desk-forms", args=[task.care_plan_id])
    if task.appointment_id:
        return reverse("desk-visit", args=[task.appointment_id])
    if task.care_plan_id:
        return reverse("desk-course", args=[task.care_plan_id])
    if task.patient_id and not (task.patient and task.patient.visitor_key):
        return reverse("desk-patient", args=[task.patient_id])
    return reverse("inbox-task", args=[task.pk])
