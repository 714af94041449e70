"""People and places of a site: entered, changed, switched off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.states import BLOCKING
from scheduling.locks import lock_hours
from scheduling.models import Appointment, Qualification, Reservation, Resource, Site
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.operations.marks import mark_of_row, require_seen
from scheduling.operations.set_hours import ask_about, require_manager

FIELDS = ("name", "roles", "capacity", "languages", "features", "active", "user")


def add_resource(
    *, actor: Actor, site: Site, kind: str, said: Mapping[str, Any], now: datetime
) -> Resource:
    """A new person or place. Raises Refused (NOT_ALLOWED) but for managers."""
    require_manager(actor, "add_resource")

    def work() -> Resource:
        lock_hours(site.pk)
        made = Resource.objects.create(
            site=site, kind=kind, **{name: said[name] for name in FIELDS if name in said}
        )
        _qualify(made, said.get("qualifications", {}))
        facts = {"resource": str(made.pk)}
        events.append(actor=actor, verb="resource_added", facts=facts, now=now)
        return made

    return atomic.run(work)


def resource_mark(resource: Resource) -> str:
    """What somebody sees of it who begins to change it. One query."""
    held = resource.qualifications.order_by("code").values_list("code", "valid_until")
    return mark_of_row(resource, FIELDS, list(held))


def edit_resource(
    *, actor: Actor, resource: Resource, said: Mapping[str, Any], seen: str, now: datetime
) -> list[Appointment]:
    """Change it. Sessions that need it and cannot have it any more, because it is switched off or
    lost a role, become tasks of the desk; returns them. `seen` is its `resource_mark` when the
    change was begun.

    Raises Refused: NOT_ALLOWED but for managers, STALE where somebody else has changed it since,
    TAKEN where lanes that are to go are booked.
    """
    require_manager(actor, "edit_resource")

    def work() -> list[Appointment]:
        lock_hours(resource.site_id)
        fresh = Resource.objects.select_for_update().get(pk=resource.pk)
        require_seen(seen, resource_mark(fresh))
        lost = said.get("capacity", fresh.capacity)
        if Reservation.objects.filter(
            resource=fresh, lane__gte=lost, during__endswith__gt=now
        ).exists():
            raise Refused([refuse(Code.TAKEN, step="", start=now.isoformat())])
        changed = [name for name in FIELDS if name in said and getattr(fresh, name) != said[name]]
        for name in changed:
            setattr(fresh, name, said[name])
        fresh.save(update_fields=changed or None)
        if "qualifications" in said:
            _qualify(fresh, said["qualifications"])
        met = needing(fresh, said, now)
        ask_about(met, fresh.site, now)
        facts = {"resource": str(fresh.pk), "fields": changed}
        events.append(actor=actor, verb="resource_edited", facts=facts, now=now)
        return met

    return atomic.run(work)


def needing(resource: Resource, said: Mapping[str, Any], now: datetime) -> list[Appointment]:
    """The sessions ahead that have it for what it would no longer be there for, in order."""
    taken = Reservation.objects.filter(
        resource=resource, appointment__status__in=BLOCKING, appointment__start__gte=now
    )
    if said.get("active", resource.active):
        taken = taken.exclude(role__in=said.get("roles", resource.roles))
    rows = Appointment.objects.filter(reservations__in=taken).distinct()
    return list(rows.select_related("patient", "site").order_by("start", "pk"))


def _qualify(resource: Resource, held: Mapping[str, date | None]) -> None:
    resource.qualifications.exclude(code__in=held).delete()
    for code, until in held.items():
        Qualification.objects.update_or_create(
            resource=resource, code=code, defaults={"valid_until": until}
        )
