"""The public library. No page here knows who reads it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from education.finding import LONGEST, search
from education.library import (
    WAYS_IN,
    by_topic,
    document_of,
    entries,
    languages_of,
    published,
    shelf_of,
)
from education.markup.document import Topic
from education.models import Term
from education.web.article import TOPICS, article, public_address, related
from education.web.head import head_of, structured
from education.web.serve import kept
from education.web.throttle import too_often


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """To the language that the browser asks for. Nothing is remembered."""
    response = redirect("learn-home", get_language_from_request(request))
    patch_vary_headers(response, ["Accept-Language"])
    return response


@require_safe
@kept
def home(request: HttpRequest, language: str) -> HttpResponse:
    """Every page by topic, and the three questions that most readers come with."""
    listed = entries(language)
    context = {
        **head_of(request, language, "learn-home"),
        "topics": [(topic, TOPICS[topic], pages) for topic, pages in by_topic(listed)],
        "ways": ways_in({entry.slug for entry in listed}),
    }
    return _page("education/home.html", context)


@require_safe
@kept
def topic(request: HttpRequest, language: str, name: str) -> HttpResponse:
    """The pages of one topic."""
    listed = entries(language, topic=name)
    if not listed:
        raise Http404
    context = {
        **head_of(request, language, "learn-topic", name),
        "title": TOPICS[Topic(name)],
        "pages": listed,
    }
    return _page("education/topic.html", context)


@require_safe
@kept
def page(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """One page."""
    return _page("education/page.html", _article(request, language, slug))


@require_safe
@kept
def print_page(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """The page for paper: everything open, words explained at the end."""
    context = _article(request, language, slug, paper=True) | {"noindex": True}
    return _page("education/print.html", context)


@require_safe
@kept
def glossary(request: HttpRequest, language: str) -> HttpResponse:
    """Every word that pages explain."""
    shelf = shelf_of(language)
    terms = []
    for row in Term.objects.filter(language=language):
        cited = [shelf.sources[key] for key in row.sources if key in shelf.sources]
        terms.append({"term": row.term, "definition": row.definition, "sources": cited})
    terms.sort(key=lambda one: str(one["term"]).casefold())
    context = {**head_of(request, language, "learn-glossary"), "terms": terms}
    return _page("education/glossary.html", context)


@require_safe
def find(request: HttpRequest, language: str) -> HttpResponse:
    """Pages for what somebody typed. What it was is kept nowhere."""
    typed = request.GET.get("q", "").strip()[:LONGEST]
    if typed and too_often(request):
        response = _page("education/busy.html", head_of(request, language, "learn-search"))
        response.status_code, response["Retry-After"] = 429, "60"
        return response
    found = search(language, typed)
    context = {
        **head_of(request, language, "learn-search"),
        "typed": typed,
        "found": found,
        "hits": [(hit, TOPICS[Topic(hit.topic)]) for hit in found.hits],
        "meant": ", ".join(found.meant),
        "noindex": True,
    }
    response = _page("education/search.html", context)
    add_never_cache_headers(response)
    return response


def ways_in(slugs: set[str]) -> dict[str, str]:
    """The pages for what most readers want to know first, where they are published."""
    return {key: slug for key, slug in WAYS_IN.items() if slug in slugs}


def _article(
    request: HttpRequest, language: str, slug: str, *, paper: bool = False
) -> dict[str, Any]:
    found = published(language, slug)
    document, listed = document_of(found), entries(language)
    shelf = shelf_of(language, listed)
    head = head_of(request, language, "learn-page", slug, languages=languages_of(slug))
    context = article(document, shelf, address=public_address(language), paper=paper)
    return {
        **head,
        **context,
        "slug": slug,
        "topic": document.topic,
        "topic_title": TOPICS[document.topic],
        "related": related(document, listed, slug),
        "structured": structured(head, document, shelf, context["rendered"].sources),
        "answered": _("This page is also in your course, where you can say that you read it.")
        if document.questions
        else "",
    }


def _page(template: str, context: dict[str, Any]) -> HttpResponse:
    languages = dict(settings.LANGUAGES)
    return HttpResponse(render_to_string(template, context | {"language_names": languages}))
