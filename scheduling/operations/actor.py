"""Who acts. Every event names one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from accounts.models import Patient, User
from scheduling.core.roles import CALENDAR_REPLY, MESSAGE_LINK, STAFF, Role
from scheduling.permissions import roles_of

__all__ = ["MESSAGE_LINK", "Actor"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, a visitor who has not signed in, or the software itself.

    Whoever works here has their staff roles, everybody
    else `patient`, the software `system`. `patient_id` is the person's own patient row, if any.
    """

    user: User | None
    label: str
    roles: frozenset[Role]
    patient_id: UUID | None = None

    @classmethod
    def of(cls, user: User) -> Actor:
        """The signed-in person. One query, or none where the user came with their patient row."""
        patient = getattr(user, "patient", None)
        return cls(user, "user", roles_of(user), patient.pk if patient else None)

    @classmethod
    def visitor(cls, patient: Patient) -> Actor:
        """Somebody who has not signed in, known by the patient row made for their hold."""
        return cls(None, "visitor", frozenset({Role.PATIENT}), patient.pk)

    @classmethod
    def by_message_link(cls, patient: Patient) -> Actor:
        """The patient, as far as a link in a message shows. Has not signed in."""
        return cls(None, MESSAGE_LINK, frozenset({Role.PATIENT}), patient.pk)

    @classmethod
    def by_calendar_reply(cls, patient: Patient) -> Actor:
        """The patient, as far as a mail from their own address shows. Has not signed in."""
        return cls(None, CALENDAR_REPLY, frozenset({Role.PATIENT}), patient.pk)

    @classmethod
    def sweep(cls) -> Actor:
        """The scheduler, when time passes."""
        return cls(None, "sweep", frozenset({Role.SYSTEM}))

    @property
    def staff(self) -> bool:
        """Whether the person acts as one who works here."""
        return not STAFF.isdisjoint(self.roles)

    def has(self, *roles: Role) -> bool:
        """Whether the actor holds at least one of `roles`."""
        return not self.roles.isdisjoint(roles)
