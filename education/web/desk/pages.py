"""Pages as staff see them: all of them, one with its wordings, a change before it is published."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from education.library import document_of, shelf_of
from education.markup.document import Document, Topic
from education.markup.shelf import Shelf
from education.models import Page, PageVersion
from education.operations.publish import (
    check_page,
    leading_to,
    mark_of,
    publish_page,
    roll_back,
    sign_page,
    take_in,
)
from education.progress import items_of
from education.web.article import ROLES, TOPICS, article
from scheduling.core.refusals import Refused
from scheduling.core.validate import PAGE
from scheduling.core.walltime import local_date
from scheduling.models import CarePlan, ProtocolVersion
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may
from scheduling.protocols.parsing import ProtocolError
from scheduling.selectors.protocols import definition_of
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.setup.documents import changes
from scheduling.web.tell import tell

START = """---
title: {title}
summary: One or two sentences, 160 characters at most.
topic: basics
order: 1
updated: {today}
reviewed: null
reviewer_role: awaiting clinical review
sources: [clinic]
related: []
---

## First heading

Every sentence says where it comes from. [@clinic]

{{plain}} Unless it is advice and begins like this one.
"""


class PageForm(forms.Form):
    """The whole page, as text."""

    text = forms.CharField(
        label=gettext_lazy("Page"),
        max_length=60_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "class": "prose-code", "spellcheck": "true"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    document: Document

    def __init__(self, *args: Any, slug: str, shelf: Shelf, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slug, self.shelf = slug, shelf

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n")
        try:
            self.document = check_page(text, self.slug, self.shelf)
        except ProtocolError as error:
            raise forms.ValidationError(
                [_("Line %(n)s: %(what)s") % {"n": p.line, "what": p.text} for p in error.problems]
            ) from None
        return text


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


@for_whom_may(Action.EDIT_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """One page. Sent once it shows what would change and how it looks; sent with `apply` it is
    published."""
    site, now = site_of(request), timezone.now()
    today = local_date(now, site.timezone)
    page = Page.objects.select_related("published").filter(language=language, slug=slug).first()
    newest = page.versions.order_by("-number").first() if page else None
    current = page.published if page and page.published else newest
    before = current.text if current else ""
    shelf = shelf_of(language)
    start = before or START.format(title=slug.replace("-", " ").capitalize(), today=today)
    form = PageForm(
        request.POST if request.method == "POST" else None,
        initial={"text": start, "seen": mark_of(page)},
        slug=slug,
        shelf=shelf,
    )
    context: dict[str, Any] = {"form": form, "page": page, "language": language, "slug": slug}
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if request.POST.get("apply"):
            try:
                publish_page(
                    actor=Actor.of(cast(User, request.user)),
                    language=language,
                    slug=slug,
                    text=text,
                    seen=form.cleaned_data["seen"],
                    today=today,
                    now=now,
                )
            except Refused as refused:
                tell(request, refused, site.timezone)
            else:
                messages.success(request, _("Published. Everybody reads it from now on."))
                return redirect("education-edit", language, slug)
        context |= {"checked": True, "changes": changes(before, text)}
        context |= article(form.document, shelf, address=_address(language))
    context |= {
        "versions": page.versions.select_related("created_by") if page else (),
        "may_sign": may(cast(User, request.user), Action.SIGN_PAGES),
        "leading": leading_to(language, slug) if page and page.published else (),
        "mark": mark_of(page),
        "review": ROLES.get(document_of(page).reviewer_role) if page and page.published else "",
    }
    return render_at(request, site, "education/desk/edit.html", context)


@for_whom_may(Action.EDIT_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, language: str, slug: str, number: int) -> HttpResponse:
    """One wording and how it differs from what is read now. Sent, it is read again."""
    rows = PageVersion.objects.select_related("page__published", "created_by")
    found = get_object_or_404(rows, page__language=language, page__slug=slug, number=number)
    site = site_of(request)
    if request.method == "POST":
        try:
            roll_back(
                actor=Actor.of(cast(User, request.user)),
                version=found,
                seen=request.POST.get("seen", ""),
                now=timezone.now(),
            )
        except Refused as refused:
            tell(request, refused, site.timezone)
        except ProtocolError as error:
            messages.warning(request, _("It cannot be read again as it is:"))
            for problem in error.problems:
                messages.warning(request, problem.text)
        else:
            messages.success(request, _("Published. Everybody reads it from now on."))
            return redirect("education-edit", language, slug)
    page = found.page
    now_read = page.published
    context = {
        "found": found,
        "page": page,
        "changes": changes(now_read.text, found.text) if now_read and now_read != found else None,
        "mark": mark_of(page),
        "language": language,
        "slug": slug,
    }
    return render_at(request, site, "education/desk/version.html", context)


@for_whom_may(Action.EDIT_PAGES)
@require_POST
def change(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Sign that the page was reviewed, or take it in."""
    site, now = site_of(request), timezone.now()
    about: dict[str, Any] = {
        "actor": Actor.of(cast(User, request.user)),
        "language": language,
        "slug": slug,
        "seen": request.POST.get("seen", ""),
        "now": now,
    }
    try:
        if request.POST.get("do") == "sign":
            sign_page(**about, today=local_date(now, site.timezone))
        elif request.POST.get("do") == "take_in":
            take_in(**about)
    except Refused as refused:
        tell(request, refused, site.timezone)
    except ProtocolError as error:
        for problem in error.problems:
            messages.warning(request, problem.text)
    else:
        messages.success(request, _("Recorded."))
    return redirect("education-edit", language, slug)


@for_whom_may(Action.VIEW_BOARD)
@require_safe
def course_reading(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """How far a patient has come with their reading: a part of the course's panel."""
    rows = CarePlan.objects.select_related("site", "protocol_version")
    plan = get_object_or_404(rows, pk=plan_id)
    items = items_of(plan, settings.LANGUAGE_CODE, timezone.now())
    context = {"items": items, "done": sum(item.clear for item in items)}
    return render_at(request, plan.site, "education/desk/reading.html", context)


def named_by_protocols() -> set[str]:
    """The pages that protocols in use tell patients to read. One query."""
    rows = ProtocolVersion.objects.filter(protocol__active=True)
    newest = rows.order_by("protocol_id", "-number").distinct("protocol_id")
    named: set[str] = set()
    for one in newest:
        protocol = definition_of(one)
        named |= {*protocol.reading, *(slug for step in protocol.steps() for slug in step.read)}
    return named


def _address(language: str) -> Any:
    return lambda slug: reverse("education-edit", args=[language, slug])
