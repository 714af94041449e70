"""Who is told first, second, third when somebody needs a call at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.models import OnCall, Site
from scheduling.permissions import Action
from scheduling.web.desk.access import for_whom_may

PLACES = 5


class OnCallForm(forms.Form):
    """One person for each place; empty places are passed over."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(is_active=True).exclude(roles=[]).order_by("name", "email")
        for place in range(1, PLACES + 1):
            self.fields[f"place_{place}"] = forms.ModelChoiceField(
                staff,
                label=gettext_lazy("Person %(place)d") % {"place": place},
                required=False,
                empty_label=gettext_lazy("nobody"),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = [user for user in cleaned.values() if user]
        if len(chosen) != len(set(chosen)):
            raise ValidationError(_("Choose each person once."))
        return cleaned


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def on_call(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of a site; sending it replaces the old one whole."""
    site = get_object_or_404(Site, slug=slug)
    now = {f"place_{row.place}": row.user_id for row in OnCall.objects.filter(site=site)}
    form = OnCallForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        chosen = [form.cleaned_data[f"place_{place}"] for place in range(1, PLACES + 1)]
        with transaction.atomic():
            OnCall.objects.filter(site=site).delete()
            OnCall.objects.bulk_create(
                OnCall(site=site, user=user, place=place)
                for place, user in enumerate(filter(None, chosen), start=1)
            )
        messages.success(request, _("Saved. From now on they are told in this order."))
        return redirect("on-call", slug)
    return render(request, "scheduling/desk/on_call.html", {"site": site, "form": form})
