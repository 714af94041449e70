"""allauth's forms in this clinic's words; a shared mailbox is treated as an unknown one."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SignupForm(allauth_forms.SignupForm):
    """An address, and a password for whoever wants one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Your email")
        self.fields["email"].help_text = _("We send a code there to check that it is yours.")
        if "password1" in self.fields:
            self.fields["password1"].label = _("Password, if you want one")
            self.fields["password1"].help_text = _(
                "At least 15 characters; a few words in a row work well. Without a password we"
                " send you a code each time you sign in."
            )


class RequestLoginCodeForm(allauth_forms.RequestLoginCodeForm):
    """Answers alike for everybody, whether or not a code is sent."""

    _user: User | None

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if self._user is not None and self._user.mail_shared:
            self._user = None
        return email


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    """Answers alike for everybody, whether or not a code is sent."""

    users: list[User]

    def clean_email(self) -> str:
        email: str = super().clean_email()
        self.users = [user for user in self.users if not user.mail_shared]
        return email
