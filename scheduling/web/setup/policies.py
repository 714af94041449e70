"""What a site is called, where it is, and how late a cancellation is late."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.validators import MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.core.refusals import Refused
from scheduling.models import Appointment, Site
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.operations.marks import mark_of_row, require_seen
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.tell import tell


class PolicyForm(forms.ModelForm):
    """The site's own facts and rules. `seen` is what they were when the form was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Site
        fields = [
            "name",
            "neutral_name",
            "address",
            "phone",
            "late_cancel_hours",
            "late_cancel_hours_treatment",
            "waking_from",
            "waking_until",
            "waitlist_minutes",
            "waitlist_at_once",
            "waitlist_lead_hours",
            "names_people",
            "names_rooms",
        ]
        labels = {
            "name": gettext_lazy("Name"),
            "neutral_name": gettext_lazy("Name in messages: says nothing about treatment"),
            "address": gettext_lazy("Address"),
            "phone": gettext_lazy("Phone"),
            "late_cancel_hours": gettext_lazy("A talk is cancelled late from, hours before"),
            "late_cancel_hours_treatment": gettext_lazy(
                "A treatment is cancelled late from, hours before"
            ),
            "waking_from": gettext_lazy("Patients are written to from"),
            "waking_until": gettext_lazy("Patients are written to until"),
            "waitlist_minutes": gettext_lazy("A waitlist offer is held, minutes of these hours"),
            "waitlist_at_once": gettext_lazy("Waitlist offers out at once, per service and day"),
            "waitlist_lead_hours": gettext_lazy(
                "Hours left to fast and find a ride once an offer has ended"
            ),
            "names_people": gettext_lazy("Patients read whom they will see, and may choose"),
            "names_rooms": gettext_lazy("Patients read in which room"),
        }
        widgets = {
            "address": forms.Textarea(attrs={"rows": 2}),
            "waking_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "waking_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("waitlist_minutes", "waitlist_at_once"):
            self.fields[name].validators.append(MinValueValidator(1))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        since, until = said.get("waking_from"), said.get("waking_until")
        if since and until and until <= since:
            self.add_error("waking_until", _("The end is not after the start."))
        return said


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def policies(request: HttpRequest) -> HttpResponse:
    """The form. It counts from the next page that is opened."""
    site = site_of(request)
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        instance=site,
        initial={"seen": mark_of_row(site, PolicyForm.Meta.fields)},
    )
    ahead = Appointment.objects.filter(site=site, status="booked", start__gt=timezone.now())
    if request.method == "POST" and form.is_valid():
        try:
            atomic.run(lambda: _save(form, Actor.of(cast(User, request.user))))
        except Refused as refused:
            tell(request, refused, site.timezone)
        else:
            messages.success(request, _("Saved."))
            return redirect("setup")
    context = {"site": site, "form": form, "title": _("Policies"), "ahead": ahead.count()}
    return render_at(request, site, "scheduling/setup/form.html", context)


def _save(form: PolicyForm, actor: Actor) -> None:
    fresh = Site.objects.select_for_update().get(pk=form.instance.pk)
    require_seen(form.cleaned_data["seen"], mark_of_row(fresh, PolicyForm.Meta.fields))
    form.save()
    facts = {"fields": [name for name in form.changed_data if name != "seen"]}
    events.append(actor=actor, verb="policies_set", facts=facts, now=timezone.now())
