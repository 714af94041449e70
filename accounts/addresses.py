"""What is known about a mailbox."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from accounts.models import User


def confirmed(user: User, email: str) -> bool:
    """Whether the person has shown that they read mail sent to `email`."""
    return EmailAddress.objects.filter(user=user, email=email.lower(), verified=True).exists()


def shared(email: str) -> bool:
    """Whether its owner told us that others read it: then nothing that acts is sent there."""
    return User.objects.filter(email=email.lower(), mail_shared=True).exists()
