"""Managers publish a new version of a protocol, or change a service."""

from __future__ import annotations

from datetime import datetime

from scheduling.core.catalogue import Catalogue, ServiceDefinition
from scheduling.core.protocol import ProtocolDefinition
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import Protocol, ProtocolVersion, Service
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.operations.marks import require_seen
from scheduling.operations.set_hours import require_manager
from scheduling.protocols.loading import load_library, read_protocol
from scheduling.protocols.reading import fingerprint
from scheduling.protocols.store import add_version, service_fields, wait_for_other_loaders
from scheduling.protocols.writing import to_json
from scheduling.selectors import services


def check_protocol(text: str) -> ProtocolDefinition:
    """Read a protocol as a manager wrote it, against the services the clinic has now. Raises
    ProtocolError, which names every line with a mistake."""
    library = load_library()
    catalogue = Catalogue(library.catalogue.roles, services.definitions())
    return read_protocol(text, "protocol", catalogue, library.sources)


def publish_protocol(
    *, actor: Actor, definition: ProtocolDefinition, seen: int, now: datetime
) -> ProtocolVersion:
    """A new version, from now on the one that is booked; care plans keep theirs.

    `seen` is the number of the newest version when the change was begun. Raises Refused:
    NOT_ALLOWED but for managers, UNKNOWN protocol, STALE, WRONG_STATE where nothing has changed.
    """
    require_manager(actor, "publish_protocol")

    def work() -> ProtocolVersion:
        wait_for_other_loaders()
        latest = (
            ProtocolVersion.objects.filter(protocol=definition.slug).order_by("-number").first()
        )
        if latest is None:
            raise Refused([refuse(Code.UNKNOWN, field="protocol", value=definition.slug)])
        if latest.number != seen:
            raise Refused([refuse(Code.STALE)])
        if latest.fingerprint == fingerprint(to_json(definition)):
            raise Refused([refuse(Code.WRONG_STATE, state="unchanged", action="publish")])
        protocol = Protocol.objects.get(pk=definition.slug)
        protocol.title = definition.title
        protocol.save(update_fields=["title"])
        made = add_version(protocol, definition, latest.number + 1)
        facts = {"protocol": protocol.pk, "version": made.number}
        events.append(actor=actor, verb="protocol_published", facts=facts, now=now)
        return made

    return atomic.run(work)


def edit_service(
    *, actor: Actor, service: Service, definition: ServiceDefinition, seen: str, now: datetime
) -> None:
    """Change a service for what is booked from now on; what stands keeps its times. Deployments
    leave a service alone that the clinic has changed. `seen` is the fingerprint of its document
    when the change was begun.

    Raises Refused: NOT_ALLOWED but for managers, UNKNOWN where it would be another service, STALE
    where somebody else has changed it since.
    """
    require_manager(actor, "edit_service")
    if definition.slug != service.slug:
        raise Refused([refuse(Code.UNKNOWN, field="service", value=definition.slug)])

    def work() -> None:
        rows = Service.objects.filter(pk=service.pk)
        require_seen(seen, fingerprint(rows.select_for_update().get().definition))
        rows.update(**service_fields(definition), edited=True)
        facts = {"service": service.pk}
        events.append(actor=actor, verb="service_edited", facts=facts, now=now)

    atomic.run(work)
