"""Give a code to somebody who is locked out: patients by the desk, colleagues by a manager."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.operations.actor import Actor
from scheduling.operations.recover import (
    VALID,
    find_locked_out,
    give_patient_code,
    give_staff_code,
)
from scheduling.permissions import Action, may
from scheduling.web.desk.access import for_whom_may
from scheduling.web.tell import tell


class CallerForm(forms.Form):
    """What the caller says. Ask; never read it out to them."""

    email = forms.EmailField(label=gettext_lazy("The email they sign in with"))
    family_name = forms.CharField(label=gettext_lazy("Family name"), max_length=300)
    birth_date = forms.DateField(
        label=gettext_lazy("Birth date"), widget=forms.DateInput(attrs={"type": "date"})
    )


class ColleagueForm(forms.Form):
    """A colleague other than oneself."""

    def __init__(self, *args: Any, giver: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = User.objects.filter(is_active=True).exclude(roles=[]).exclude(pk=giver.pk)
        self.fields["user"] = forms.ModelChoiceField(
            others.order_by("name", "email"), label=gettext_lazy("Who is locked out")
        )
        self.fields["known"] = forms.BooleanField(
            label=gettext_lazy("I see them, or called them on a number I know")
        )


@for_whom_may(Action.RECOVER_PATIENT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def patient(request: HttpRequest) -> HttpResponse:
    """Ask the caller who they are; the right answers show the code, this once."""
    user, now = cast(User, request.user), timezone.now()
    form = CallerForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "minutes": VALID.seconds // 60}
    if request.method == "POST" and form.is_valid():
        actor = Actor.of(user)
        found = find_locked_out(actor=actor, now=now, **form.cleaned_data)
        if found is None:
            form.add_error(None, _("That does not fit any account. Ask again, or ask for a visit."))
        else:
            try:
                code = give_patient_code(actor=actor, patient=found, now=now)
            except Refused as refused:
                tell(request, refused, timezone.get_default_timezone_name())
            else:
                context |= {"code": code, "phone": found.phone}
    context["may_recover_staff"] = may(user, Action.RECOVER_STAFF)
    return render(request, "scheduling/desk/recover.html", context)


@for_whom_may(Action.RECOVER_STAFF)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest) -> HttpResponse:
    """A code for a colleague."""
    user = cast(User, request.user)
    form = ColleagueForm(request.POST or None, giver=user)
    context: dict[str, Any] = {"form": form, "minutes": VALID.seconds // 60}
    if request.method == "POST" and form.is_valid():
        context["code"] = give_staff_code(
            actor=Actor.of(user), user=form.cleaned_data["user"], now=timezone.now()
        )
    return render(request, "scheduling/desk/recover_staff.html", context)
