"""The one mail of an invitation: to colleagues and patients alike, so that it tells nothing."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.mail_html import as_html
from accounts.models import Invitation
from scheduling.operations.invite import VALID


def send(request: HttpRequest, invitation: Invitation, secret: str) -> bool:
    """Send the link. Whether the mail server took it."""
    patient = invitation.patient
    with translation.override(_language(patient.languages if patient else [])):
        context = {
            "link": request.build_absolute_uri(reverse("invitation-link", args=[secret])),
            "days": VALID.days,
        }
        subject = _("Your link")
        body = render_to_string("scheduling/invitation/mail.txt", context)
        html = as_html(subject, body)
        try:
            send_mail(subject, body, None, [invitation.email], html_message=html)
        except OSError:  # the server is gone, or refuses: SMTP's errors are among these
            return False
    return True


def _language(spoken: Sequence[str]) -> str:
    """The first language of the reader that the site speaks too."""
    known = [code for code, _name in settings.LANGUAGES]
    return next((code for code in spoken if code in known), translation.get_language())
