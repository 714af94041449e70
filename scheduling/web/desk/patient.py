"""A patient at the desk: who they are first, then what is booked and what is to be done."""

from __future__ import annotations

import time
import uuid
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Patient, User
from scheduling.core import walltime
from scheduling.core.refusals import Refused
from scheduling.core.states import BLOCKING
from scheduling.models import Appointment, CarePlanStatus, StaffTask
from scheduling.operations import enter_patient as entering
from scheduling.operations.actor import Actor
from scheduling.operations.merge_patients import merges_of
from scheduling.permissions import Action
from scheduling.querysets import patients_for
from scheduling.selectors.patients import alike
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.blocks import WORDS
from scheduling.web.desk.panel import render_panel
from scheduling.web.desk.sites import site_of
from scheduling.web.desk.tasks import task_row
from scheduling.web.tell import tell

KNOWN_FOR = 15 * 60
"""Seconds for which a caller who has shown who they are needs not do so again."""
IDENTIFIED = "identified"
ASKED = [
    ("birth_date", gettext_lazy("Birth date")),
    ("phone", gettext_lazy("Phone number")),
    ("email", gettext_lazy("Email")),
    ("address", gettext_lazy("Where they live")),
]


class PatientForm(forms.ModelForm):
    """What the desk writes down about somebody."""

    class Meta:
        model = Patient
        fields = list(entering.EDITABLE)
        labels = {
            "given_name": gettext_lazy("First name"),
            "family_name": gettext_lazy("Last name"),
            "preferred_name": gettext_lazy("Likes to be called"),
            "birth_date": gettext_lazy("Birth date"),
            "email": gettext_lazy("Email"),
            "phone": gettext_lazy("Phone"),
            "may_tell": gettext_lazy("May be told what, and to whom"),
        }
        widgets = {
            "birth_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "may_tell": forms.TextInput(attrs={"maxlength": 500}),
            "phone": forms.TextInput(attrs={"type": "tel"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("given_name", "family_name"):
            self.fields[name].required = True


@for_whom_may(Action.FIND_PATIENTS)
@require_safe
def patient(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Whom it is about; details once they have shown who they are."""
    found = patient_of(request, patient_id)
    site, now = site_of(request), timezone.now()
    context: dict[str, Any] = {"patient": found, "asked": ASKED}
    if is_identified(request, found):
        context |= _details(found, now)
    return render_panel(request, site, "scheduling/desk/patient.html", context)


@for_whom_may(Action.FIND_PATIENTS)
@require_POST
def identify(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Note what the caller has said rightly."""
    found = patient_of(request, patient_id)
    try:
        entering.identify(
            actor=Actor.of(cast(User, request.user)),
            patient=found,
            by=request.POST.getlist("by"),
            now=timezone.now(),
        )
    except Refused:
        messages.warning(request, _("Two things are needed before anything is said."))
    else:
        known = request.session.get(IDENTIFIED, {})
        request.session[IDENTIFIED] = {**known, str(found.pk): int(time.time())}
    return redirect("desk-patient", patient_id)


@for_whom_may(Action.CREATE_PATIENT)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enter somebody; whoever may be the same person is shown before."""
    site = site_of(request)
    form = PatientForm(request.POST or None)
    twins: list[Patient] = []
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        twins = list(
            alike(said["given_name"], said["family_name"], said["birth_date"], said["phone"])[:5]
        )
        if not twins or request.POST.get("somebody_else"):
            made = entering.enter_patient(
                actor=Actor.of(cast(User, request.user)), said=said, now=timezone.now()
            )
            known = request.session.get(IDENTIFIED, {})
            request.session[IDENTIFIED] = {**known, str(made.pk): int(time.time())}
            messages.success(request, _("Entered."))
            return redirect("desk-patient", made.pk)
    context = {"form": form, "twins": twins}
    return render_panel(request, site, "scheduling/desk/new_patient.html", context)


@for_whom_may(Action.CREATE_PATIENT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Change what is known of them."""
    found = patient_of(request, patient_id)
    if not is_identified(request, found):
        return redirect("desk-patient", patient_id)
    form = PatientForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and form.is_valid():
        entering.edit_patient(
            actor=Actor.of(cast(User, request.user)),
            patient=found,
            said=form.cleaned_data,
            now=timezone.now(),
        )
        messages.success(request, _("Saved."))
        return redirect("desk-patient", patient_id)
    context = {"form": form, "patient": found}
    return render_panel(request, site_of(request), "scheduling/desk/edit_patient.html", context)


@for_whom_may(Action.FIND_PATIENTS)
@require_POST
def call_back(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Turn a note into a call on a day."""
    found, site = patient_of(request, patient_id), site_of(request)
    now = timezone.now()
    day = forms.DateField(required=False).to_python  # None for nothing
    try:
        asked = day(request.POST.get("day", "")) or walltime.local_date(now, site.timezone)
        due = max(now, walltime.day_start(asked, site.timezone))
        entering.call_back(
            actor=Actor.of(cast(User, request.user)),
            patient=found,
            site=site,
            note=request.POST.get("note", "")[:1000],
            due_at=due,
            now=now,
        )
    except (forms.ValidationError, OverflowError):
        messages.warning(request, _("Choose a day from the calendar."))
    except Refused as refused:
        tell(request, refused, site.timezone)
    else:
        messages.success(request, _("The call is in the inbox."))
    return redirect("desk-patient", patient_id)


def patient_of(request: HttpRequest, patient_id: uuid.UUID) -> Patient:
    """Raises Http404."""
    return get_object_or_404(patients_for(cast(User, request.user)), pk=patient_id)


def is_identified(request: HttpRequest, found: Patient) -> bool:
    """Whether the caller has shown who they are, a short while ago."""
    since = request.session.get(IDENTIFIED, {}).get(str(found.pk), 0)
    return bool(time.time() - since < KNOWN_FOR)


def _details(found: Patient, now: datetime) -> dict[str, Any]:
    rows = Appointment.objects.filter(patient=found, status__in=BLOCKING)
    live = (CarePlanStatus.HELD, CarePlanStatus.ACTIVE, CarePlanStatus.ON_HOLD)
    tasks = StaffTask.objects.filter(patient=found, finished_at=None)
    twins = alike(found.given_name, found.family_name, None, found.phone).exclude(pk=found.pk)
    return {
        "known": True,
        "visits": [
            {
                "id": one.pk,
                "start": one.start,
                "title": _(one.service.title),
                "words": WORDS[one.status],
            }
            for one in rows.filter(end__gt=now).select_related("service").order_by("start")[:40]
        ],
        "plans": [
            {"id": plan.pk, "title": _(plan.protocol_version.protocol.title), "status": plan.status}
            for plan in found.care_plans.filter(status__in=live).select_related(
                "protocol_version__protocol"
            )
        ],
        "tasks": [task_row(task) for task in tasks.select_related("site")],
        "twins": list(twins[:3]),
        "merges": merges_of(found),
    }
