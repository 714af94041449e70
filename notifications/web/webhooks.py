"""Managers set up which other programs hear of changes."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from notifications.channels import http
from notifications.core.webhooks import TYPES
from notifications.models import WebhookEndpoint
from notifications.operations import webhook_endpoints as operations
from scheduling.core.refusals import Refused
from scheduling.operations.actor import Actor
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.tell import tell

SHOWN = 50
SECRETS = "webhook_secrets"
WORDS = {
    "appointment.booked": gettext_lazy("A visit was booked"),
    "appointment.moved": gettext_lazy("A visit was moved"),
    "appointment.cancelled": gettext_lazy("A visit was cancelled"),
    "appointment.arrived": gettext_lazy("A patient arrived"),
    "appointment.fulfilled": gettext_lazy("A visit was completed"),
    "appointment.noshow": gettext_lazy("A patient did not come"),
    "webhook.test": gettext_lazy("Test"),
}
OUTCOMES = {
    "": gettext_lazy("waits"),
    "delivered": gettext_lazy("delivered"),
    "refused": gettext_lazy("refused by the other side"),
    "unreachable": gettext_lazy("no answer"),
    "forbidden": gettext_lazy("not sent: an address inside a private network"),
    "switched_off": gettext_lazy("not sent: switched off"),
}


class EndpointForm(forms.Form):
    """Where to, and what of."""

    url = forms.URLField(
        label=gettext_lazy("Address"),
        max_length=500,
        assume_scheme="https",
        help_text=gettext_lazy("Begins with https://. It must be reachable from the internet."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    description = forms.CharField(
        label=gettext_lazy("What it is for"), max_length=200, required=False
    )
    types = forms.MultipleChoiceField(
        label=gettext_lazy("What it hears of"),
        choices=[(one, WORDS[one]) for one in TYPES.values()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        plain = settings.DEBUG or settings.WEBHOOK_ALLOW_LOOPBACK
        try:
            host = http.split(url, plain=plain).hostname or ""
        except ValueError:
            raise forms.ValidationError(
                _("Write an address that begins with https://, without a name and password in it.")
            ) from None
        bare = host.replace(".", "").isdigit() or ":" in host
        if (bare and not http.may_be_called(host)) or (host == "localhost" and not plain):
            raise forms.ValidationError(_("This address lies inside a private network."))
        return url


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """All of them, and the form for another one."""
    site = site_of(request)
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = operations.add(actor=_actor(request), now=timezone.now(), **form.cleaned_data)
        _show_once(request, made)
        messages.success(request, _("Added."))
        return redirect("setup-webhook", made.pk)
    context = {"site": site, "form": form, "endpoints": WebhookEndpoint.objects.all()}
    return render_at(request, site, "notifications/setup/webhooks.html", context)


@for_whom_may(Action.EDIT_CLINIC)
@require_safe
def webhook(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """One, with what it has been told of late; its secret once, right after it was made."""
    site, found = site_of(request), _endpoint(endpoint_id)
    secrets = request.session.get(SECRETS, {})
    secret = secrets.pop(str(found.pk), "")
    if secret:
        request.session[SECRETS] = secrets
    now = timezone.now()
    context: dict[str, Any] = {
        "site": site,
        "endpoint": found,
        "secret": secret,
        "types": [WORDS[one] for one in found.types],
        "both_until": found.old_secret_until
        if found.old_secret_until and found.old_secret_until > now
        else None,
        "deliveries": [
            {"row": one, "type": WORDS[one.type], "outcome": OUTCOMES[one.outcome]}
            for one in found.deliveries.all()[:SHOWN]
        ],
    }
    return render_at(request, site, "notifications/setup/webhook.html", context)


@for_whom_may(Action.EDIT_CLINIC)
@require_POST
def rotate(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """A new secret."""
    endpoint = _endpoint(endpoint_id)
    _show_once(
        request, operations.rotate(actor=_actor(request), endpoint=endpoint, now=timezone.now())
    )
    return redirect("setup-webhook", endpoint_id)


@for_whom_may(Action.EDIT_CLINIC)
@require_POST
def switch(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """On with `on=1`, off without."""
    operations.switch(
        actor=_actor(request),
        endpoint=_endpoint(endpoint_id),
        on=request.POST.get("on") == "1",
        now=timezone.now(),
    )
    messages.success(request, _("Saved."))
    return redirect("setup-webhook", endpoint_id)


@for_whom_may(Action.EDIT_CLINIC)
@require_POST
def send_test(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """A delivery that is about nothing."""
    now = timezone.now()
    try:
        operations.send_test(actor=_actor(request), endpoint=_endpoint(endpoint_id), now=now)
    except Refused as refused:
        tell(request, refused, site_of(request).timezone)
    else:
        messages.success(request, _("The test is on its way. Load this page again in a moment."))
    return redirect("setup-webhook", endpoint_id)


def _endpoint(endpoint_id: uuid.UUID) -> WebhookEndpoint:
    return get_object_or_404(WebhookEndpoint, pk=endpoint_id)


def _actor(request: HttpRequest) -> Actor:
    return Actor.of(cast(User, request.user))


def _show_once(request: HttpRequest, endpoint: WebhookEndpoint) -> None:
    """On the next page alone: it cannot be looked up again."""
    kept = request.session.get(SECRETS, {})
    request.session[SECRETS] = {**kept, str(endpoint.pk): endpoint.secret}
