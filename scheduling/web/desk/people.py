"""Ask people in: colleagues with their roles, patients to the record the desk has made."""

from __future__ import annotations

import uuid
from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import addresses
from accounts.models import Invitation, InvitationPurpose, Role, User
from scheduling.core.refusals import Refused
from scheduling.operations.actor import Actor
from scheduling.operations.invite import (
    can_be_invited,
    invite_patient,
    invite_staff,
    revoke_invitation,
)
from scheduling.permissions import Action, may
from scheduling.querysets import patients_for
from scheduling.selectors.patients import matching
from scheduling.web import invitation_mail
from scheduling.web.desk.access import for_whom_may
from scheduling.web.tell import tell

FOUND = 20


class FindForm(forms.Form):
    """Who is on the telephone. Sent in a body: no name stands in an address."""

    q = forms.CharField(
        label=gettext_lazy("Name, email, phone or birth date"),
        help_text=gettext_lazy("The beginning is enough, such as “ad by” or “1980-01”."),
        max_length=200,
    )


class PatientForm(forms.Form):
    """Where the link goes."""

    email = forms.EmailField(
        label=gettext_lazy("Their email"),
        help_text=gettext_lazy("Read it back to them. Whoever reads this mail gets the link."),
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if addresses.shared(email):
            raise forms.ValidationError(
                _("Others read this person's mail, so no link goes there. Ask for another address.")
            )
        return email


class StaffForm(PatientForm):
    """Whom to ask in, and what for."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("What they do here"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )


@for_whom_may(Action.INVITE_PATIENT)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Find a patient to invite, and every link that still works. POST searches."""
    user, now = cast(User, request.user), timezone.now()
    form = FindForm(request.POST or None)
    found = None
    if request.method == "POST" and form.is_valid():
        found = list(matching(patients_for(user), form.cleaned_data["q"])[:FOUND])
    links = Invitation.objects.select_related("patient").open_at(now)
    if not may(user, Action.INVITE_STAFF):
        links = links.filter(purpose=InvitationPurpose.PATIENT)
    context = {
        "form": form,
        "found": found,
        "links": [{"link": link, "roles": _role_names(link)} for link in links],
        "may_invite_staff": may(user, Action.INVITE_STAFF),
    }
    return render(request, "scheduling/desk/people.html", context)


@for_whom_may(Action.INVITE_PATIENT)
@require_http_methods(["GET", "HEAD", "POST"])
def patient(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Send one patient the link to their record."""
    user = cast(User, request.user)
    found = get_object_or_404(patients_for(user), pk=patient_id)
    form = PatientForm(request.POST or None, initial={"email": found.email})
    if request.method == "POST" and form.is_valid():
        try:
            invitation, secret = invite_patient(
                actor=Actor.of(user),
                patient=found,
                email=form.cleaned_data["email"],
                now=timezone.now(),
            )
        except Refused as refused:
            tell(request, refused, timezone.get_default_timezone_name())
        else:
            return _sent(request, invitation, secret)
    context = {"patient": found, "form": form, "can_be_invited": can_be_invited(found)}
    return render(request, "scheduling/desk/invite_patient.html", context)


@for_whom_may(Action.INVITE_STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest) -> HttpResponse:
    """Send a colleague a link, with the roles it gives."""
    form = StaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        invitation, secret = invite_staff(
            actor=Actor.of(cast(User, request.user)),
            email=form.cleaned_data["email"],
            roles=form.cleaned_data["roles"],
            now=timezone.now(),
        )
        return _sent(request, invitation, secret)
    return render(request, "scheduling/desk/invite_staff.html", {"form": form})


@for_whom_may(Action.INVITE_PATIENT)
@require_POST
def revoke(request: HttpRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Take a link back."""
    user = cast(User, request.user)
    links = Invitation.objects.all()
    if not may(user, Action.INVITE_STAFF):
        links = links.filter(purpose=InvitationPurpose.PATIENT)
    found = get_object_or_404(links, pk=invitation_id)
    if revoke_invitation(actor=Actor.of(user), invitation=found, now=timezone.now()):
        messages.success(request, _("The link does not work any more."))
    else:
        messages.info(request, _("The link was used or taken back already."))
    return redirect("people")


def _sent(request: HttpRequest, invitation: Invitation, secret: str) -> HttpResponse:
    """Mail the link; one that could not be sent is taken back."""
    if invitation_mail.send(request, invitation, secret):
        messages.success(request, _("The link is on its way. It works once."))
    else:
        actor = Actor.of(cast(User, request.user))
        revoke_invitation(actor=actor, invitation=invitation, now=timezone.now())
        messages.warning(request, _("The mail could not be sent. Please try again later."))
    return redirect("people")


def _role_names(invitation: Invitation) -> str:
    return ", ".join(str(Role(role).label) for role in invitation.roles)
