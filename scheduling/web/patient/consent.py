"""The consent: read, signed with a typed name, and taken home as a copy."""

from __future__ import annotations

import uuid
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.assurance import strong_session_required
from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.core.walltime import local, local_date
from scheduling.models import CarePlan, ConsentSignature
from scheduling.operations.actor import Actor
from scheduling.operations.sign_consent import LONGEST, sign_consent
from scheduling.selectors.consents import consent_of, fingerprint_of, signature_of, words_of
from scheduling.selectors.dosing_days import dosing_days
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.access import own_plan
from scheduling.web.tell import tell


class SignForm(forms.Form):
    """Nothing is ticked beforehand, and nothing else is agreed to."""

    agree = forms.BooleanField(
        label=gettext_lazy("I have read this, my questions were answered, and I agree."),
        error_messages={"required": gettext_lazy("Tick this if you agree. You do not have to.")},
    )
    name = forms.CharField(
        label=gettext_lazy("Your full name, as your signature"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """The document with a place to sign, or the signed copy."""
    return _consent(request, care_plan=own_plan(request, plan_id))


@login_required
@require_safe
def copy(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """The newest signed copy as a file that needs nothing but a browser. Its name says nothing."""
    return _copy(request, care_plan=own_plan(request, plan_id))


@strong_session_required
def _consent(request: HttpRequest, *, care_plan: CarePlan) -> HttpResponse:
    now = timezone.now()
    document = consent_of(care_plan, _language())
    if document is None:
        raise Http404
    signature = signature_of(care_plan, document)
    words = words_of(care_plan, document)
    shown = fingerprint_of(document.title, words)
    form = SignForm(request.POST if request.method == "POST" else None, initial={"shown": shown})
    if request.method == "POST" and form.is_valid():
        try:
            sign_consent(
                actor=Actor.of(cast(User, request.user)),
                care_plan=care_plan,
                document=document,
                shown=form.cleaned_data["shown"],
                name=form.cleaned_data["name"],
                now=now,
            )
        except Refused as refused:
            tell(request, refused, care_plan.site.timezone, care_plan)
            return redirect("patient-consent", care_plan.pk)
        messages.success(request, _("Thank you. Your signed copy is here whenever you want it."))
        return redirect("patient-consent", care_plan.pk)
    zone = care_plan.site.timezone
    context = {
        "plan": care_plan,
        "site": care_plan.site,
        "document": document,
        "words": signature.text if signature else words,
        "signature": signature,
        "form": form,
        "foreign": document.language != _language(),
        "treatment_today": local_date(now, zone) in dosing_days(care_plan.patient_id, now, zone),
    }
    return render_at(request, care_plan.site, "scheduling/patient/consent.html", context)


@strong_session_required
def _copy(request: HttpRequest, *, care_plan: CarePlan) -> HttpResponse:
    return download(care_plan)


def download(care_plan: CarePlan) -> HttpResponse:
    """The newest signed copy of a course. Raises Http404."""
    rows = ConsentSignature.objects.filter(care_plan=care_plan)
    signature = rows.order_by("-signed_at").first()
    if signature is None:
        raise Http404
    when = local(signature.signed_at, care_plan.site.timezone)
    context = {"signature": signature, "plan": care_plan, "when": when}
    response = HttpResponse(render_to_string("scheduling/patient/consent_copy.html", context))
    response["Content-Disposition"] = f'attachment; filename="document-{when:%Y-%m-%d}.html"'
    response["Cache-Control"] = "no-store"
    return response


def _language() -> str:
    return (get_language() or "")[:2]
