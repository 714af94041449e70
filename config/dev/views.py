"""The pages: a mailbox of everything that was sent, and the second factors of the demo's staff."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from csp.decorators import csp, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from config.dev import invitations, mailbox

STEP_SECONDS = 30
# A message's own looks are inline; it may load nothing and run nothing.
MESSAGE_CSP = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
}


@require_safe
@never_cache
def mail(request: HttpRequest) -> HttpResponse:
    """Everything that was sent, newest first."""
    context = {"messages_kept": list(mailbox.newest(settings.DEV_MAIL_FOLDER))}
    whole = not request.headers.get("HX-Request")
    return render(request, "dev/mail.html" if whole else "dev/_messages.html", context)


@require_safe
@never_cache
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]
def message(request: HttpRequest, key: str) -> HttpResponse:
    """One message: as it is shown, as text, its calendar parts, its headers."""
    kept = _kept(key)
    parts = []
    for method, content in kept.calendars:
        try:
            found = list(invitations.entries(content))
        except ValueError:
            found = []
        parts.append({"method": method, "content": content, "entries": found})
    headers = [(name, str(value)) for name, value in kept.message.items()]
    context = {"kept": kept, "calendars": parts, "headers": headers}
    return render(request, "dev/message.html", context)


@require_safe
@never_cache
@csp(MESSAGE_CSP)  # type: ignore[arg-type]
@xframe_options_sameorigin
def message_html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML part alone, for the frame that shows it."""
    return HttpResponse(_kept(key).html)


@require_POST
def clear_mail(request: HttpRequest) -> HttpResponse:
    """Throw every message away."""
    mailbox.clear(settings.DEV_MAIL_FOLDER)
    return redirect("dev-mail")


@require_safe
@never_cache
def totp(request: HttpRequest) -> HttpResponse:
    """The codes that the staff's authenticator apps would show now."""
    counter, past = divmod(int(timezone.now().timestamp()), STEP_SECONDS)
    authenticators = Authenticator.objects.filter(type=Authenticator.Type.TOTP)
    codes = [
        {
            "email": one.user.email,
            "code": format_hotp_value(hotp_value(decrypt(one.data["secret"]), counter)),
        }
        for one in authenticators.select_related("user").order_by("user__email")
    ]
    context = {"codes": codes, "left": STEP_SECONDS - past}
    return render(request, "dev/totp.html", context)


def _kept(key: str) -> mailbox.Kept:
    found = mailbox.find(settings.DEV_MAIL_FOLDER, key)
    if found is None:
        raise Http404
    return found
