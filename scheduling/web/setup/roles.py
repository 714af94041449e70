"""Everybody who works here, with what they are trusted with."""

from __future__ import annotations

import uuid
from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import Role, User
from scheduling.core.refusals import Refused
from scheduling.operations.actor import Actor
from scheduling.operations.set_roles import set_roles
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.tell import tell


class RolesForm(forms.Form):
    """The roles of one person, and what they were when the form was opened."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("What they do here"),
        help_text=gettext_lazy("Without any, they open no page of the clinic any more."),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


@for_whom_may(Action.INVITE_STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def roles(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """One colleague. It counts from their next page on."""
    found = get_object_or_404(User.objects.exclude(roles=[]), pk=user_id)
    site = site_of(request)
    as_they_are = {"roles": found.roles, "seen": ",".join(found.roles)}
    form = RolesForm(request.POST if request.method == "POST" else None, initial=as_they_are)
    if request.method == "POST" and form.is_valid():
        try:
            set_roles(
                actor=Actor.of(cast(User, request.user)),
                colleague=found,
                roles=form.cleaned_data["roles"],
                seen=[one for one in form.cleaned_data["seen"].split(",") if one],
                now=timezone.now(),
            )
        except Refused as refused:
            tell(request, refused, site.timezone)
        else:
            messages.success(request, _("Saved."))
        return redirect("setup")
    context = {"form": form, "site": site, "title": found.name or found.email}
    return render_at(request, site, "scheduling/setup/form.html", context)
