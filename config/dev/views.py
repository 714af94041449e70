"""The pages: a mailbox of everything that was sent, what it does to calendars, and the second
factors of the demo's staff."""

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

from config.dev import mailbox
from config.dev.calendar_client import CalendarClient, Effect
from config.dev.invitations import Entry, entries

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
    """One message: as it is shown, as text, its calendar parts beside what its reader's calendar
    shows once they have come, its headers."""
    kept = _kept(key)
    client, effects = _calendar_of(kept.recipient, until=kept.key)
    parts = []
    for method, content in kept.calendars:
        try:
            found = list(entries(content))
        except ValueError:
            found = []
        parts.append({"method": method, "content": content, "entries": found})
    context = {
        "kept": kept,
        "calendars": parts,
        "effects": effects,
        "shown": _marked(client, effects),
        "headers": [(name, str(value)) for name, value in kept.message.items()],
    }
    return render(request, "dev/message.html", context)


@require_safe
@never_cache
def calendar(request: HttpRequest) -> HttpResponse:
    """What one recipient's calendar shows after all their mail."""
    recipient = request.GET.get("to", "")
    messages = list(mailbox.newest(settings.DEV_MAIL_FOLDER, limit=mailbox.KEPT))
    people = sorted({kept.recipient for kept in messages if kept.calendars})
    client, effects = _calendar_of(recipient)
    context = {"recipient": recipient, "people": people, "shown": _marked(client, effects)}
    return render(request, "dev/calendar.html", context)


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


def _calendar_of(
    recipient: str, until: str = ""
) -> tuple[CalendarClient, list[tuple[Entry, Effect]]]:
    """The recipient's calendar after their mail, and what the last message did to it."""
    client, effects = CalendarClient(), list[tuple[Entry, Effect]]()
    for kept in mailbox.of(settings.DEV_MAIL_FOLDER, recipient, until):
        try:
            effects = client.receive(kept.calendars)
        except ValueError:
            effects = []
    return client, effects


def _marked(
    client: CalendarClient, effects: list[tuple[Entry, Effect]]
) -> list[tuple[Entry, Effect | None]]:
    """Each event that is shown, with what the last message did to it."""
    did = {entry.uid: effect for entry, effect in effects}
    return [(entry, did.get(entry.uid)) for entry in client.in_order()]


def _kept(key: str) -> mailbox.Kept:
    found = mailbox.find(settings.DEV_MAIL_FOLDER, key)
    if found is None:
        raise Http404
    return found
