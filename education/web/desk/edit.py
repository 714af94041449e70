"""A page as its author sees it: a change is looked at before it is published."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from education.library import document_of, shelf_of
from education.markup.document import Document
from education.markup.shelf import Shelf
from education.models import Page
from education.operations.publish import (
    check_page,
    leading_to,
    mark_of,
    publish_page,
)
from education.web.article import ROLES, article
from scheduling.core.refusals import Refused
from scheduling.core.walltime import local_date
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may
from scheduling.protocols.parsing import ProtocolError
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


def _address(language: str) -> Any:
    return lambda slug: reverse("education-edit", args=[language, slug])
