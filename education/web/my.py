"""A patient's reading: what is for now, each page, and its three questions. No address here says
what a page is about."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from education.library import document_of, shelf_of
from education.markup.document import Document
from education.models import Page, Reading
from education.operations.read import answer, ask_to_talk, mark_read
from education.progress import Item, items_of
from education.web.article import article
from scheduling.core.refusals import Refused
from scheduling.models import CarePlan
from scheduling.operations.actor import Actor
from scheduling.operations.clear import LIVE
from scheduling.querysets import care_plans_for
from scheduling.selectors.protocols import definition_of
from scheduling.web.clinic_time import render_at
from scheduling.web.patient.access import find_plan, own_plan
from scheduling.web.tell import tell


@login_required
@require_safe
def my_reading(request: HttpRequest) -> HttpResponse:
    """What to read for every course of the signed-in patient that is under way."""
    plans = care_plans_for(request.user).filter(
        patient__user=cast(User, request.user), status__in=LIVE
    )
    rows = list(plans.select_related("site", "protocol_version")[:5])
    courses = [{"plan": plan, **_groups(plan, _language())} for plan in rows]
    context = {"courses": courses, "language": _language()}
    if not rows:
        return render(request, "education/my/reading.html", context)
    return render_at(request, rows[0].site, "education/my/reading.html", context)


@require_safe
def part(request: HttpRequest, plan_id: uuid.UUID) -> HttpResponse:
    """What is for now, for the page of a course."""
    care_plan, actor = find_plan(request, plan_id)
    context = {
        "plan": care_plan,
        "own": actor.user is not None and not actor.staff,
        **_groups(care_plan, _language()),
    }
    return render_at(request, care_plan.site, "education/my/part.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def read(request: HttpRequest, plan_id: uuid.UUID, page_id: int) -> HttpResponse:
    """The page itself. Sent back, it has been read."""
    care_plan, page = _page_of(request, plan_id, page_id)
    document = document_of(page)
    if request.method == "POST":
        try:
            mark_read(
                actor=Actor.of(cast(User, request.user)),
                care_plan=care_plan,
                page=page,
                now=timezone.now(),
            )
        except Refused as refused:
            tell(request, refused, care_plan.site.timezone, care_plan)
            return redirect("education-my-reading")
        if document.questions:
            return redirect("education-questions", plan_id, page_id)
        messages.success(request, _("Noted. Thank you for reading."))
        return redirect("education-my-reading")
    shelf = shelf_of(page.language)
    context = {
        "plan": care_plan,
        "page": page,
        "language": page.language,
        **article(
            document,
            shelf,
            address=_addresses(care_plan, page.language),
            protocol=definition_of(care_plan.protocol_version),
        ),
        "reading": Reading.objects.filter(care_plan=care_plan, slug=page.slug).first(),
        "foreign": page.language != _language(),
    }
    return render_at(request, care_plan.site, "education/my/page.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, plan_id: uuid.UUID, page_id: int) -> HttpResponse:
    """Three plain questions. A wrong answer explains, and one tries again."""
    care_plan, page = _page_of(request, plan_id, page_id)
    document = document_of(page)
    if not document.questions:
        raise Http404
    form = QuestionsForm(request.POST if request.method == "POST" else None, document=document)
    told: list[dict[str, Any] | None] = [None] * len(document.questions)
    if request.method == "POST" and form.is_valid():
        chosen = form.chosen()
        try:
            right = answer(
                actor=Actor.of(cast(User, request.user)),
                care_plan=care_plan,
                page=page,
                chosen=chosen,
                now=timezone.now(),
            )
        except Refused as refused:
            tell(request, refused, care_plan.site.timezone, care_plan)
            return redirect("education-my-reading")
        if all(right):
            messages.success(request, _("All three are right. You are done with this page."))
            return redirect("education-my-reading")
        told = [
            {"right": fine, "words": question.answers[one].explain}
            for fine, question, one in zip(right, document.questions, chosen, strict=True)
        ]
    context = {
        "plan": care_plan,
        "page": page,
        "form": form,
        "asked": list(zip(form, told, strict=True)),
        "wrong": any(one is not None and not one["right"] for one in told),
    }
    return render_at(request, care_plan.site, "education/my/questions.html", context)


@login_required
@require_POST
def talk(request: HttpRequest, plan_id: uuid.UUID, page_id: int) -> HttpResponse:
    """The patient would rather talk it over."""
    care_plan, page = _page_of(request, plan_id, page_id)
    try:
        ask_to_talk(
            actor=Actor.of(cast(User, request.user)),
            care_plan=care_plan,
            page=page,
            now=timezone.now(),
        )
    except Refused as refused:
        tell(request, refused, care_plan.site.timezone, care_plan)
    else:
        messages.success(request, _("We will go through it with you, by phone or at your visit."))
    return redirect("education-my-reading")


class QuestionsForm(forms.Form):
    """A choice of answers for each question of a page."""

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, question in enumerate(document.questions):
            self.fields[f"q{number}"] = forms.ChoiceField(
                label=question.ask,
                choices=[(str(index), one.text) for index, one in enumerate(question.answers)],
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose an answer. You can try again.")},
            )

    def chosen(self) -> list[int]:
        """The number of the chosen answer of each question."""
        return [int(self.cleaned_data[name]) for name in self.fields]


def _page_of(request: HttpRequest, plan_id: uuid.UUID, page_id: int) -> tuple[CarePlan, Page]:
    """The reader's own course, and a page that is published. Raises Http404."""
    care_plan = own_plan(request, plan_id)
    rows = Page.objects.select_related("published").exclude(published=None)
    page = rows.filter(pk=page_id).first()
    if page is None:
        raise Http404
    return care_plan, page


def _groups(care_plan: CarePlan, language: str) -> dict[str, list[Item]]:
    items = items_of(care_plan, language, timezone.now())
    return {
        "now_items": [one for one in items if one.now and not one.clear],
        "later": [one for one in items if not one.now and not one.clear],
        "done": [one for one in items if one.clear],
    }


def _addresses(care_plan: CarePlan, language: str) -> Callable[[str], str]:
    """Other pages open within the course too: the reader stays where they are, and the address
    stays silent. One query."""
    rows = Page.objects.filter(language=language).exclude(published=None)
    keys = dict(rows.values_list("slug", "pk"))
    return lambda slug: (
        reverse("education-read", args=[care_plan.pk, keys[slug]])
        if slug in keys
        else reverse("education-my-reading")
    )


def _language() -> str:
    return (get_language() or "")[:2]
