"""Versions of a protocol: look at one, change the newest as a form or as its document, publish."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from scheduling.core.protocol import ProtocolDefinition
from scheduling.core.refusals import Refused
from scheduling.models import CarePlan, ProtocolVersion
from scheduling.operations.actor import Actor
from scheduling.operations.publish import check_protocol, publish_protocol
from scheduling.permissions import Action
from scheduling.protocols.parsing import ProtocolError
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.setup.documents import as_text, changes
from scheduling.web.tell import tell

DAYS = ("window", "gap")
TRIPLE = re.compile(r"(-?\d{1,3})\s*,\s*(-?\d{1,3})\s*,\s*(-?\d{1,3}|-)")
"""Days at least, best and at most; before the anchor they are negative."""


class DocumentForm(forms.Form):
    """The whole protocol."""

    text = forms.CharField(
        label=gettext_lazy("Document"),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 30, "class": "code", "spellcheck": "false"}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
    definition: ProtocolDefinition

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slug = slug

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        try:
            self.definition = check_protocol(text)
        except ProtocolError as error:
            raise forms.ValidationError([str(one) for one in error.problems]) from None
        if self.definition.slug != self.slug:
            raise forms.ValidationError(_("The document is that of another protocol."))
        return text


class StepsForm(forms.Form):
    """How many of each step, and how many days lie between: what is changed most."""

    def __init__(self, *args: Any, document: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document = document
        self.fields["title"] = forms.CharField(
            label=gettext_lazy("Title"), initial=document["title"], max_length=200
        )
        self.fields["summary"] = forms.CharField(
            label=gettext_lazy("Summary"),
            initial=document["summary"],
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        for step in document["core"]:
            for name in DAYS:
                if name in step:
                    label = (
                        _("%(step)s: days from the one before")
                        if name == "gap"
                        else _("%(step)s: days it may lie in")
                    )
                    self.fields[f"{step['id']}-{name}"] = forms.RegexField(
                        TRIPLE,
                        label=label % {"step": step["id"]},
                        help_text=_("At least, best, at most; - for no end."),
                        initial=", ".join("-" if one is None else str(one) for one in step[name]),
                    )
            if isinstance(step.get("count"), int):
                self.fields[f"{step['id']}-count"] = forms.IntegerField(
                    label=_("%(step)s: how many") % {"step": step["id"]},
                    initial=step["count"],
                    min_value=1,
                    max_value=60,
                )

    def text(self) -> str:
        """The document with what was said."""
        document = deepcopy(self.document)
        document["title"] = self.cleaned_data["title"]
        document["summary"] = self.cleaned_data["summary"]
        for step in document["core"]:
            for name in DAYS:
                said = self.cleaned_data.get(f"{step['id']}-{name}")
                if said:
                    low, best, high = (one.strip() for one in said.split(","))
                    step[name] = [int(low), int(best), None if high == "-" else int(high)]
            count = self.cleaned_data.get(f"{step['id']}-count")
            if count:
                step["count"] = count
        return as_text(document)


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def protocol(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest version. `as=form` sends the steps, `as=document` the document; either shows what
    would change, and the document with `apply` is published."""
    versions = list(ProtocolVersion.objects.filter(protocol=slug).order_by("-number"))
    latest = versions[0] if versions else get_object_or_404(ProtocolVersion, protocol=slug)
    before = as_text(latest.definition)
    sent = request.POST if request.method == "POST" else None
    steps = StepsForm(
        sent if sent and sent.get("as") == "form" else None, document=latest.definition
    )
    form = DocumentForm({"text": before, "seen": latest.number}, slug=slug)
    context: dict[str, Any] = {}
    if sent and sent.get("as") == "form" and steps.is_valid():
        # What the days were read from: publishing refuses where another version came since.
        seen = sent.get("seen", latest.number)
        form = DocumentForm({"text": steps.text(), "seen": seen}, slug=slug)
    elif sent and sent.get("as") == "document":
        form = DocumentForm(sent, slug=slug)
    if sent and form.is_valid() and (steps.is_valid() or not steps.is_bound):
        if request.POST.get("apply"):
            try:
                publish_protocol(
                    actor=Actor.of(cast(User, request.user)),
                    definition=form.definition,
                    seen=form.cleaned_data["seen"],
                    now=timezone.now(),
                )
            except Refused as refused:
                tell(request, refused, timezone.get_default_timezone_name())
            else:
                messages.success(request, _("Published. Courses under way keep their version."))
                return redirect("setup-protocol", slug)
        else:
            context = {
                "checked": True,
                "changes": changes(before, form.cleaned_data["text"]),
                "running": CarePlan.objects.filter(
                    protocol_version__protocol=slug, status__in=("active", "on_hold")
                ).count(),
            }
    context |= {
        "title": _(latest.definition["title"]),
        "form": form,
        "steps": steps,
        "latest": latest,
        "versions": versions,
        "slug": slug,
    }
    return render_at(request, site_of(request), "scheduling/setup/protocol.html", context)


@for_whom_may(Action.EDIT_CLINIC)
@require_safe
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version, and what it changed. To go back to it is to publish it anew."""
    found = get_object_or_404(ProtocolVersion, protocol=slug, number=number)
    earlier = ProtocolVersion.objects.filter(protocol=slug, number__lt=number)
    before = earlier.order_by("-number").first()
    text = as_text(found.definition)
    newest = ProtocolVersion.objects.filter(protocol=slug).order_by("-number").first()
    context = {
        "title": _(found.definition["title"]),
        "found": found,
        "text": text,
        "changes": changes(as_text(before.definition), text) if before else None,
        "slug": slug,
        "seen": newest.number if newest else 0,
        "is_newest": newest == found,
    }
    return render_at(request, site_of(request), "scheduling/setup/version.html", context)
