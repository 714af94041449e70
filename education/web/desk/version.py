"""Wordings of a page: look at one, go back to it; sign what is read, or take it in."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from education.models import PageVersion
from education.operations.publish import (
    mark_of,
    roll_back,
    sign_page,
    take_in,
)
from scheduling.core.refusals import Refused
from scheduling.core.walltime import local_date
from scheduling.operations.actor import Actor
from scheduling.permissions import Action
from scheduling.protocols.parsing import ProtocolError
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of
from scheduling.web.setup.documents import changes
from scheduling.web.tell import tell


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
