"""Ask the clinic to call."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scheduling.operations.ask_to_call import ask_to_call
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.book import first_site
from scheduling.web.patient.forms import CallForm
from scheduling.web.patient.hold import holder_of


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """A name and a number, for a patient or a visitor; then a promise."""
    site = first_site()
    if site is None:
        return render(request, "scheduling/patient/closed.html", status=503)
    form = CallForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        patient, _actor = holder_of(request)
        if patient is None:
            messages.warning(request, _("Please sign in as a patient to ask for a call."))
            return redirect("book")
        said = form.cleaned_data
        ask_to_call(
            patient=patient,
            site=site,
            name=said["name"],
            phone=said["phone"],
            now=timezone.now(),
        )
        return render_at(
            request, site, "scheduling/patient/ask.html", {"asked": True, "site": site}
        )
    return render_at(request, site, "scheduling/patient/ask.html", {"form": form, "site": site})
