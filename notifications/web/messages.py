"""What the clinic's messages look like, for managers: samples, and a test to oneself."""

from __future__ import annotations

import math
from typing import Any, cast

from csp.decorators import csp, csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import User
from notifications.compose.letter import Letter
from notifications.compose.preview import is_texted, preview
from notifications.compose.samples import SAMPLES, Sample
from notifications.core.kinds import Channel
from notifications.operations.send_test import send_test
from scheduling.models import Site
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of

# A mail's own looks are inline; it may load nothing and run nothing.
LETTER_CSP = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
}


class SampleThrottle(SimpleRateThrottle):
    """Per person: nobody floods a mailbox by a page."""

    scope = "message_samples"
    rate = "20/hour"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        """Whose tests are counted together."""
        return self.cache_format % {"scope": self.scope, "ident": request.user.pk}


@for_whom_may(Action.EDIT_CLINIC)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every kind of message, in every language."""
    site = site_of(request)
    context = {"samples": SAMPLES.values(), "languages": settings.LANGUAGES, "site": site}
    return render_at(request, site, "notifications/samples/index.html", context)


@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]
@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "POST"])
def sample(request: HttpRequest, name: str) -> HttpResponse:
    """One message in all its parts. POST sends it to the address of whoever asks."""
    shown, language, site = _asked(request, name)
    letter = _letter(request, shown, language, site)
    wait = None
    if request.method == "POST":
        throttle = SampleThrottle()
        if throttle.allow_request(request, sample):  # type: ignore[arg-type]
            return _send(request, letter)
        wait = math.ceil(throttle.wait() or 60)
    context: dict[str, Any] = {
        "sample": shown,
        "site": site,
        "language": language,
        "languages": settings.LANGUAGES,
        "letter": letter,
        "calendars": [(one.method, one.content.decode()) for one in letter.calendars],
        "text_message": _letter(request, shown, language, site, Channel.SMS).text
        if is_texted(shown)
        else "",
        "minutes": math.ceil(wait / 60) if wait else 0,
    }
    status = 429 if wait else 200
    answer = render_at(request, site, "notifications/samples/sample.html", context, status)
    if wait:
        answer["Retry-After"] = str(wait)
    return answer


@xframe_options_sameorigin
@csp(LETTER_CSP)  # type: ignore[arg-type]
@for_whom_may(Action.EDIT_CLINIC)
@require_safe
def letter_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part alone, for the frame that shows it."""
    shown, language, site = _asked(request, name)
    answer = HttpResponse(_letter(request, shown, language, site).html)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _asked(request: HttpRequest, name: str) -> tuple[Sample, str, Site]:
    found = SAMPLES.get(name)
    language = request.GET.get("language", settings.LANGUAGE_CODE)
    if found is None or language not in dict(settings.LANGUAGES):
        raise Http404
    return found, language, site_of(request)


def _letter(
    request: HttpRequest,
    shown: Sample,
    language: str,
    site: Site,
    channel: Channel = Channel.EMAIL,
) -> Letter:
    address = cast(User, request.user).email
    now = timezone.now()
    return preview(shown, site, language=language, address=address, now=now, channel=channel)


def _send(request: HttpRequest, letter: Letter) -> HttpResponse:
    answer = send_test(letter, with_calendar=bool(request.POST.get("calendar")))
    said = {"address": letter.recipient.address, "said": answer.said or "–"}
    if answer.taken:
        words = _("The mail server took the test for %(address)s. It said: %(said)s")
        messages.success(request, words % said)
    else:
        words = _("The mail server did not take the test for %(address)s. It said: %(said)s")
        messages.error(request, words % said)
    return redirect(request.get_full_path())
