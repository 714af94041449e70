"""What one kind of visit needs, as its document."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from scheduling.core.catalogue import ServiceDefinition
from scheduling.core.refusals import Refused
from scheduling.models import Service
from scheduling.operations.actor import Actor
from scheduling.operations.publish import edit_service
from scheduling.permissions import Action
from scheduling.protocols.loading import load_library
from scheduling.protocols.parsing import ProtocolError, parse
from scheduling.protocols.reading import DocumentError, fingerprint
from scheduling.protocols.services import service_from_json
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.setup.documents import as_text, changes
from scheduling.web.tell import tell


class ServiceForm(forms.Form):
    """The document."""

    text = forms.CharField(
        label=gettext_lazy("Document"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 24, "class": "code", "spellcheck": "false"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    definition: ServiceDefinition

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        try:
            document, _lines = parse(text, "service")
            self.definition = service_from_json(document if isinstance(document, dict) else {})
        except ProtocolError as error:
            raise forms.ValidationError([str(one) for one in error.problems]) from None
        except DocumentError as error:
            raise forms.ValidationError(
                [f"{'.'.join(map(str, one.path))}: {one.text}" for one in error.mistakes]
            ) from None
        known = load_library().catalogue.roles
        unknown = [need.role for need in self.definition.needs if need.role not in known]
        if unknown:
            raise forms.ValidationError(
                _("There is no role called %(roles)s.") % {"roles": ", ".join(unknown)}
            )
        return text


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """Sent once it shows what would change; sent again with `apply` it changes."""
    found = get_object_or_404(Service, slug=slug)
    before = as_text(found.definition)
    as_it_is = {"text": before, "seen": fingerprint(found.definition)}
    form = ServiceForm(request.POST if request.method == "POST" else as_it_is)
    context = {"title": _(found.title), "form": form, "edited": found.edited}
    if request.method == "POST" and form.is_valid():
        if request.POST.get("apply"):
            try:
                edit_service(
                    actor=Actor.of(cast(User, request.user)),
                    service=found,
                    definition=form.definition,
                    seen=form.cleaned_data["seen"],
                    now=timezone.now(),
                )
            except Refused as refused:
                tell(request, refused, timezone.get_default_timezone_name())
            else:
                messages.success(request, _("Saved. What is booked already keeps its times."))
                return redirect("setup")
        else:
            context |= {"checked": True, "changes": changes(before, form.cleaned_data["text"])}
    return render_at(request, site_of(request), "scheduling/setup/document.html", context)
