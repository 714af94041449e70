"""A person who signs in, by e-mail address."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member of staff is trusted with. A person may hold several."""

    FRONT_DESK = "front_desk", _("Front desk")
    NURSE = "nurse", _("Nurse")
    CLINICIAN = "clinician", _("Clinician")
    PRESCRIBER = "prescriber", _("Prescriber")
    MANAGER = "manager", _("Manager")


class UserManager(BaseUserManager["User"]):
    """Creates users with a lower-case address, so that one mailbox is one user."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields |= {"is_staff": True, "is_superuser": True, "roles": [Role.MANAGER]}
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Signs in with `email` (kept lower-case). `roles` is empty for patients.

    `mail_shared`: others can read this person's mail. Then nothing that signs in or acts is ever
    sent there; whoever cannot sign in any more asks the front desk.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=300, blank=True)
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices), default=list, blank=True
    )
    mail_shared = models.BooleanField(_("others can read my mail"), default=False)
    language = models.CharField(max_length=10, default="en")
    is_staff = models.BooleanField("may open the admin", default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_lower"
            ),
            models.CheckConstraint(
                condition=models.Q(roles__contained_by=list(Role)), name="user_roles_known"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def works_here(self) -> bool:
        """Whether this person is a member of staff, of any role."""
        return bool(self.roles)

    def has_role(self, *roles: str) -> bool:
        """Whether the person holds at least one of `roles`."""
        return not set(roles).isdisjoint(self.roles)
