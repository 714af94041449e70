"""Where the mail provider reports what became of our mails."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from anymail import urls as anymail_urls
from anymail.exceptions import AnymailWebhookValidationFailure
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def mail_events(request: HttpRequest, secret: str) -> HttpResponse:
    """Take tracking events of the one provider that is set up. 404 for whoever does not know the
    address, 400 without the password or signature, or for what cannot be read."""
    known = settings.EMAIL_WEBHOOK_PATH
    if not known or not constant_time_compare(secret, known):
        raise Http404
    return _view(settings.EMAIL_PROVIDER)(request)


@cache
def _view(provider: str) -> Callable[[HttpRequest], HttpResponse]:
    """anymail's own view, which checks who sends, and reads what was sent. Raises Http404 where the
    provider reports nothing."""
    name = f"{provider}_tracking_webhook"
    found = next((one for one in anymail_urls.urlpatterns if one.name == name), None)
    if found is None:
        raise Http404
    view: Any = type("MailEvents", (_Readable, found.callback.view_class), {})
    return view.as_view()


class _Readable:
    """Answers 400 for a body that is not what the provider's own would be."""

    def parse_events(self, request: HttpRequest) -> Any:
        try:
            return super().parse_events(request)  # type: ignore[misc]
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise AnymailWebhookValidationFailure("unreadable") from error
