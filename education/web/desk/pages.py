"""Every page in every language, and what protocols name that is not there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from education.library import document_of
from education.markup.document import Topic
from education.models import Page
from education.web.article import TOPICS
from scheduling.core.validate import PAGE
from scheduling.models import ProtocolVersion
from scheduling.permissions import Action
from scheduling.selectors.protocols import definition_of
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of


class NewForm(forms.Form):
    """The name and language of a page that is not there yet."""

    slug = forms.RegexField(
        f"^{PAGE.pattern}$",
        label=gettext_lazy("Name in the address"),
        help_text=gettext_lazy("Small letters, digits and -, the same in every language."),
        max_length=60,
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


@for_whom_may(Action.EDIT_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def pages(request: HttpRequest) -> HttpResponse:
    """Every page in every language, and what protocols name that is not there."""
    form = NewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        return redirect("education-edit", said["language"], said["slug"])
    rows = Page.objects.select_related("published").order_by("order", "slug", "language")
    listed: dict[str, list[dict[str, Any]]] = {}
    for page in rows:
        document = document_of(page) if page.published else None
        listed.setdefault(page.slug, []).append({"page": page, "document": document})
    context = {
        "form": form,
        "topics": [
            (TOPICS[topic], [rows for rows in listed.values() if rows[0]["page"].topic == topic])
            for topic in [*Topic]
        ],
        "missing": sorted(named_by_protocols() - set(listed)),
    }
    return render_at(request, site_of(request), "education/desk/pages.html", context)


def named_by_protocols() -> set[str]:
    """The pages that protocols in use tell patients to read. One query."""
    rows = ProtocolVersion.objects.filter(protocol__active=True)
    newest = rows.order_by("protocol_id", "-number").distinct("protocol_id")
    named: set[str] = set()
    for one in newest:
        protocol = definition_of(one)
        named |= {*protocol.reading, *(slug for step in protocol.steps() for slug in step.read)}
    return named
