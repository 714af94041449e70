"""Who takes the patient home: a name and a telephone number close the ride gate."""

from __future__ import annotations

import uuid
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.core.gates import Gate as GateCode
from scheduling.core.refusals import Refused
from scheduling.models import Gate, GateStatus
from scheduling.operations.actor import Actor
from scheduling.operations.gates import set_gate
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.access import version
from scheduling.web.patient.session import about, find_session, names_in, page_of
from scheduling.web.tell import tell


class RideForm(forms.Form):
    """The person who comes along. The clinic calls them only about the way home."""

    name = forms.CharField(label=gettext_lazy("Their name"), max_length=300)
    phone = forms.RegexField(
        r"^[+0-9 ().-]{7,40}$",
        label=gettext_lazy("Their phone number"),
        widget=forms.TextInput(attrs={"type": "tel"}),
        error_messages={
            "invalid": gettext_lazy("Write the number with digits, like 303 555 0100.")
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ride(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """The form and what to do without a driver. A session that needs no ride has no such page."""
    appointment, care_plan = find_session(request, appointment_id)
    gate = Gate.objects.filter(appointment=appointment, code=GateCode.RIDE.value).first()
    if gate is None:
        raise Http404
    form = RideForm(request.POST or None)
    now = timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            set_gate(
                actor=Actor.of(cast(User, request.user)),
                care_plan=None,
                appointment=appointment,
                code=GateCode.RIDE.value,
                status=GateStatus.CLOSED,
                note=f"{form.cleaned_data['name']}, {form.cleaned_data['phone']}",
                version=version(request),
                now=now,
            )
        except Refused as refused:
            tell(request, refused, appointment.site.timezone, care_plan)
        else:
            messages.success(request, _("Thank you. Your ride home is noted."))
            return redirect(*page_of(appointment))
    context = about(appointment, care_plan, names_in(appointment, care_plan), now) | {
        "version": appointment.version,
        "gate": gate,
        "form": form,
    }
    return render_at(request, appointment.site, "scheduling/patient/ride.html", context)
