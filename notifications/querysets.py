"""Which messages a person may read."""

from __future__ import annotations

from django.db.models import QuerySet

from notifications.models import Message
from scheduling.core.roles import Role
from scheduling.permissions import Person, roles_of


def messages_for(user: Person) -> QuerySet[Message]:
    """Staff: those of all patients, and their own. Patients: their own. Nobody else."""
    roles = roles_of(user)
    if not roles:
        return Message.objects.none()
    if roles == {Role.PATIENT}:
        return Message.objects.filter(patient__user=user.pk)
    return Message.objects.filter(patient__isnull=False)
