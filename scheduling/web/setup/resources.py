"""People and places: what they are for, how many at once, and what they speak or offer."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling import wording
from scheduling.core.refusals import Refused
from scheduling.models import Resource, ResourceKind
from scheduling.operations.actor import Actor
from scheduling.operations.edit_resource import (
    add_resource,
    edit_resource,
    needing,
    resource_mark,
)
from scheduling.permissions import Action
from scheduling.protocols.loading import load_library
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.setup.hours import said_of
from scheduling.web.tell import tell

FEATURES = [("step_free", gettext_lazy("Step-free"))]
LANGUAGES = [("en", gettext_lazy("English")), ("es", gettext_lazy("Spanish"))]


class ResourceForm(forms.ModelForm):
    """One person or place. `seen` is what it was when the form was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Is needed as"), widget=forms.CheckboxSelectMultiple
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Speaks"),
        choices=LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    features = forms.MultipleChoiceField(
        label=gettext_lazy("Offers"),
        choices=FEATURES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    qualifications = forms.CharField(
        label=gettext_lazy("Qualifications"),
        help_text=gettext_lazy("One on a line, with its last day if it has one: acls 2027-06-30"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Resource
        fields = ["name", "roles", "capacity", "languages", "features", "user", "active"]
        labels = {
            "name": gettext_lazy("Name"),
            "capacity": gettext_lazy("Patients at once"),
            "user": gettext_lazy("Signs in as"),
            "active": gettext_lazy("Can be booked"),
        }

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = load_library().catalogue.roles
        roles = known.people if kind == ResourceKind.PERSON else known.places
        fields: dict[str, Any] = self.fields
        fields["roles"].choices = [(one, wording.ROLES.get(one, one)) for one in roles]
        fields["user"].queryset = User.objects.exclude(roles=[]).order_by("email")
        if self.instance._state.adding:
            del self.fields["seen"]
        else:
            fields["seen"].initial = resource_mark(self.instance)
        if kind != ResourceKind.PERSON:
            for name in ("languages", "user", "qualifications"):
                del self.fields[name]
        else:
            del self.fields["features"]
            if not self.instance._state.adding:
                fields["qualifications"].initial = "\n".join(
                    f"{one.code} {one.valid_until or ''}".strip()
                    for one in self.instance.qualifications.order_by("code")
                )

    def clean_qualifications(self) -> dict[str, date | None]:
        held: dict[str, date | None] = {}
        for line in self.cleaned_data["qualifications"].splitlines():
            words = line.split()
            if not words:
                continue
            try:
                code = forms.SlugField(max_length=40).clean(words[0].lower())
                held[code] = date.fromisoformat(words[1]) if len(words) > 1 else None
            except (ValueError, forms.ValidationError):
                raise forms.ValidationError(
                    _("“%(line)s” is not a qualification with its last day.") % {"line": line[:60]}
                ) from None
        return held

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = Resource.objects.filter(site=self.instance.site_id, name=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is one of this name already."))
        return name


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """A new person or place; its hours are set next."""
    if kind not in (ResourceKind.PERSON, ResourceKind.PLACE):
        raise Http404
    site = site_of(request)
    blank = Resource(site=site, kind=kind)
    form = ResourceForm(request.POST or None, kind=kind, instance=blank)
    if request.method == "POST" and form.is_valid():
        made = add_resource(
            actor=Actor.of(cast(User, request.user)),
            site=site,
            kind=kind,
            said=form.cleaned_data,
            now=timezone.now(),
        )
        messages.success(request, _("Saved. Now say when they can be booked."))
        return redirect("setup-hours", made.pk)
    context = {"form": form, "site": site, "title": _("New")}
    return render_at(request, site, "scheduling/setup/form.html", context)


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, resource_id: uuid.UUID) -> HttpResponse:
    """Change one; whom that meets is shown first."""
    found = get_object_or_404(Resource.objects.select_related("site"), pk=resource_id)
    name, site, now = found.name, found.site, timezone.now()
    form = ResourceForm(request.POST or None, kind=found.kind, instance=found)
    context: dict[str, Any] = {"form": form, "site": site, "title": name, "hours_of": found.pk}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        fresh = Resource.objects.get(pk=resource_id)  # the form has written on the other
        if request.POST.get("apply"):
            try:
                met = edit_resource(
                    actor=Actor.of(cast(User, request.user)),
                    resource=fresh,
                    said=said,
                    seen=said["seen"],
                    now=now,
                )
            except Refused as refused:
                tell(request, refused, site.timezone)
            else:
                messages.success(request, said_of(len(met)))
                return redirect("setup")
        else:
            context |= {"checked": True, "met": needing(fresh, said, now)}
    return render_at(request, site, "scheduling/setup/form.html", context)
