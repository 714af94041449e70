"""The patient says yes or no to text messages."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import ContactConsent, Patient, User
from accounts.phone_numbers import e164
from notifications.operations.text_consent import SMS, is_stopped, opt_in, opt_out
from scheduling.operations.actor import Actor


class TextsForm(forms.Form):
    """The number and the yes. `notifications/texts.html` holds the rest of the wording."""

    number = forms.CharField(
        label=gettext_lazy("Your mobile number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=gettext_lazy("Like 303 555 0100. From another country, begin with +."),
    )
    agree = forms.BooleanField(
        label=gettext_lazy("You may text me about my visits at this number"),
        error_messages={"required": gettext_lazy("Tick the box if you want texts.")},
    )

    def clean_number(self) -> str:
        number = e164(self.cleaned_data["number"])
        if number is None:
            raise forms.ValidationError(
                _("Check the number: ten digits, or + and the country's code first.")
            )
        return number


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def texts(request: HttpRequest) -> HttpResponse:
    """Start texts, or stop them. Not found while the clinic sends none, and for whoever is no
    patient."""
    patient = patient_of(request)
    standing = ContactConsent.objects.filter(patient=patient, purpose=SMS, withdrawn_at=None)
    consent, stops = standing.first(), bool(request.POST.get("stop"))
    actor, now = Actor.of(cast(User, request.user)), timezone.now()
    form = TextsForm(
        request.POST if request.method == "POST" and not stops else None,
        initial={"number": patient.phone},
    )
    if request.method == "POST" and stops:
        opt_out(actor=actor, patient=patient, now=now)
        messages.success(request, _("You get no more texts. We mail or call you instead."))
        return redirect("texts")
    if request.method == "POST" and form.is_valid():
        opt_in(actor=actor, patient=patient, number=form.cleaned_data["number"], now=now)
        if is_stopped(form.cleaned_data["number"]):
            said = _(
                "Saved. This phone has stopped our texts: send START from it to get them again."
            )
            messages.warning(request, said)
        else:
            messages.success(request, _("Saved. We text you about your visits."))
        return redirect("texts")
    context: dict[str, Any] = {"form": form, "consent": consent}
    return render(request, "notifications/texts.html", context)


def patient_of(request: HttpRequest) -> Patient:
    """The reader's own record. Raises Http404."""
    patient: Patient | None = getattr(request.user, "patient", None)
    if patient is None or not settings.SMS_PROVIDER:
        raise Http404
    return patient
