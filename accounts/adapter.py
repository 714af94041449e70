"""Where the clinic's rules differ from allauth's own."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import passthrough_next_redirect_url
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.mail_html import as_html
from accounts.models import User

UNSHARED = frozenset(
    {
        "account/email/login_code",
        "account/email/password_reset_code",
        "account/email/account_already_exists",
    }
)


class AccountAdapter(DefaultAccountAdapter):
    """Nothing that signs in or acts goes to a mailbox that others read."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, unless others would read what lets in, or that there is an account."""
        if template_prefix in UNSHARED:
            user = User.objects.filter(email=email.lower()).first()
            if user is not None and user.mail_shared:
                return
        context["login_url"] = self.request.build_absolute_uri(reverse("account_login"))
        super().send_mail(template_prefix, email, context)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """The words as text, and as HTML that looks like every mail of ours."""
        mail = super().render_mail(template_prefix, email, context, headers)
        if isinstance(mail, EmailMultiAlternatives) and not mail.alternatives:
            code = str(context.get("code", ""))
            mail.attach_alternative(
                as_html(str(mail.subject), str(mail.body), code=code), "text/html"
            )
        return mail

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Who works here comes to the desk, where nothing else was asked for."""
        at_work = request.user.is_authenticated and request.user.works_here
        return reverse("desk") if at_work else super().get_login_redirect_url(request)

    def respond_email_verification_sent(self, request: HttpRequest, user: Any) -> HttpResponse:
        """To the page for the code. It knows where the person is going, as they may turn back to
        correct the address."""
        code_page = reverse("account_email_verification_sent")
        return redirect(passthrough_next_redirect_url(request, code_page, REDIRECT_FIELD_NAME))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Staff keep at least one second factor."""

    error_messages = DefaultMFAAdapter.error_messages

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether another one is left, or the person does not work here."""
        user = authenticator.user
        if not getattr(user, "works_here", False):
            return True
        others = Authenticator.objects.filter(user=user).exclude(pk=authenticator.pk)
        return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
