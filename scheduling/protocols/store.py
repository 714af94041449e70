"""Bring the database in line with the definitions in the YAML files.

May run any number of times: what is there already is left alone. A protocol whose content changed
gets a new version; care plans keep the version they were made from, so no version is ever edited.
What left the files is switched off, never deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from scheduling.core.catalogue import BookableBy, ServiceDefinition
from scheduling.core.protocol import ProtocolDefinition
from scheduling.models import Protocol, ProtocolVersion, Service
from scheduling.protocols.loading import Library
from scheduling.protocols.reading import fingerprint
from scheduling.protocols.writing import service_to_json, to_json


def store(library: Library) -> list[str]:
    """Write services and protocols, all or nothing; return what was done, one line each."""
    with transaction.atomic():
        wait_for_other_loaders()
        return [
            *store_services(library.catalogue.services.values()),
            *(line for one in library.protocols.values() for line in store_protocol(one)),
            *switch_off_absent(library),
        ]


def wait_for_other_loaders() -> None:
    """Two deployments starting at once must not both number a version 2."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('load_protocols'))")


def store_services(definitions: Iterable[ServiceDefinition]) -> list[str]:
    """Add new services and bring changed ones current, but for those the clinic has edited."""
    rows = Service.objects.in_bulk()
    done = []
    for definition in definitions:
        fields = service_fields(definition)
        row = rows.get(definition.slug)
        if row is not None and row.edited:
            continue
        if row is None:
            Service.objects.create(slug=definition.slug, **fields)
            done.append(f"service {definition.slug}: added")
        elif any(getattr(row, name) != value for name, value in fields.items()):
            Service.objects.filter(pk=row.pk).update(**fields)
            done.append(f"service {definition.slug}: changed")
    return done


def service_fields(definition: ServiceDefinition) -> dict[str, Any]:
    """The columns of a service, from its definition."""
    return {
        "title": definition.title,
        "neutral_title": definition.neutral_title,
        "modes": list(definition.modes),
        "bookable_by": definition.bookable_by.value,
        "min_age": definition.min_age,
        "treatment": definition.treatment,
        "definition": service_to_json(definition),
        "active": True,
    }


def store_protocol(definition: ProtocolDefinition) -> list[str]:
    """Add the protocol, or a new version of it where no version has this content yet: what the
    clinic has published since is not overruled by a file that has not changed."""
    fields = {
        "title": definition.title,
        "staff_only": definition.bookable_by == BookableBy.STAFF,
        "experimental": definition.experimental,
        "active": True,
    }
    protocol, _ = Protocol.objects.update_or_create(slug=definition.slug, defaults=fields)
    known = dict(protocol.versions.values_list("fingerprint", "number"))
    if fingerprint(to_json(definition)) in known:
        return []
    made = add_version(protocol, definition, max(known.values(), default=0) + 1)
    return [f"protocol {definition.slug}: version {made.number}"]


def add_version(protocol: Protocol, definition: ProtocolDefinition, number: int) -> ProtocolVersion:
    """Write a version that was not there. Loaders and publishers wait for one another."""
    document = to_json(definition)
    return ProtocolVersion.objects.create(
        protocol=protocol, number=number, definition=document, fingerprint=fingerprint(document)
    )


def switch_off_absent(library: Library) -> list[str]:
    """What is no longer in the files is not offered any more. Plans and history keep pointing at
    it."""
    services = Service.objects.filter(active=True).exclude(pk__in=library.catalogue.services)
    protocols = Protocol.objects.filter(active=True).exclude(pk__in=library.protocols)
    done = [
        *(f"service {slug}: switched off" for slug in services.values_list("pk", flat=True)),
        *(f"protocol {slug}: switched off" for slug in protocols.values_list("pk", flat=True)),
    ]
    services.update(active=False)
    protocols.update(active=False)
    return done
