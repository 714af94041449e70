"""Coming in by a link: sign in or up first, then take the roles, or the record, it stands for.

Opening the link changes nothing. Its secret goes from the address into the browser's session at
once, so that it stays out of histories and of every address that follows.
"""

from __future__ import annotations

from datetime import date
from typing import cast
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Invitation, InvitationPurpose, User
from scheduling.core.walltime import local_date
from scheduling.operations.accept_invitation import accept_invitation, find_invitation
from scheduling.operations.claim_record import Claim, claim_record
from scheduling.web.patient.book import first_site

SESSION_KEY = "invitation"


class BirthDateForm(forms.Form):
    """The second thing, beside the link, that only the patient knows."""

    birth_date = forms.DateField(
        label=gettext_lazy("Your birth date"),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}),
    )

    def clean_birth_date(self) -> date:
        said: date = self.cleaned_data["birth_date"]
        if said > local_date(timezone.now(), timezone.get_default_timezone_name()):
            raise forms.ValidationError(_("This day has not come yet. Please check the year."))
        return said


@never_cache
@require_safe
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Remember the link in this browser, and go on to the page that asks."""
    request.session[SESSION_KEY] = secret
    return redirect("invitation")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """What to do next. A link that never was and one that is over look alike."""
    found = find_invitation(request.session.get(SESSION_KEY, ""), timezone.now())
    if found is None:
        return _over(request)
    if not request.user.is_authenticated:
        if request.method == "POST":
            return _sign_up(request, found)
        return render(request, "scheduling/invitation/sign_in.html")
    if found.purpose == InvitationPurpose.STAFF:
        return _colleague(request)
    return _patient(request)


def _sign_up(request: HttpRequest, found: Invitation) -> HttpResponse:
    """To the usual page, which need not ask whether the address is theirs: the link came there."""
    get_adapter(request).stash_verified_email(request, found.email)
    back = urlencode({"next": reverse("invitation")})
    return redirect(f"{reverse('account_signup')}?{back}")


def _colleague(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        user = cast(User, request.user)
        secret = request.session[SESSION_KEY]
        if accept_invitation(user=user, secret=secret, now=timezone.now()):
            del request.session[SESSION_KEY]
            messages.success(request, _("Welcome. You work here now."))
            return redirect("alerts")
        messages.warning(
            request,
            _("This link was sent to another address. Sign out, then open it again."),
        )
    return render(request, "scheduling/invitation/colleague.html")


def _patient(request: HttpRequest) -> HttpResponse:
    form = BirthDateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        outcome = claim_record(
            user=cast(User, request.user),
            secret=request.session[SESSION_KEY],
            birth_date=form.cleaned_data["birth_date"],
            now=timezone.now(),
        )
        if outcome == Claim.CLAIMED:
            del request.session[SESSION_KEY]
            messages.success(request, _("Done. Here is what we have planned with you."))
            return redirect("plans")
        if outcome != Claim.WRONG:
            return _over(request)
        form.add_error(
            "birth_date", _("That did not work. Please check the day, the month and the year.")
        )
    return render(request, "scheduling/invitation/birth_date.html", {"form": form})


def _over(request: HttpRequest) -> HttpResponse:
    request.session.pop(SESSION_KEY, None)
    return render(request, "scheduling/invitation/over.html", {"site": first_site()}, status=404)
