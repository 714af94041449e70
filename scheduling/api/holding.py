"""From a request to hold a course, to the operation that does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.models import Patient
from accounts.round_trip import ask, columns, row_of
from scheduling import proposals
from scheduling.api.endpoint import Endpoint
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.models import CarePlan, ProtocolVersion, Service, Site
from scheduling.operations.hold import Wanted, hold_course
from scheduling.querysets import PATIENT, patient_for, patient_values, patients_for
from scheduling.selectors.protocols import definition_of, latest

# Written out: asked by every booking, it costs a third of what building it would.
SITE = f"""
SELECT {columns(Site, "s")} FROM scheduling_site s WHERE s.slug = %(slug)s AND s.active
"""  # noqa: S608 - columns of a model


def patient_to_book(endpoint: Endpoint, wanted: UUID | None) -> Patient:
    """For whom: somebody this person may see, or the person. Raises Http404, ValidationError."""
    if wanted is not None:
        found = patient_for(endpoint.user, wanted)
        if found is None:
            raise Http404
        return found
    own = patients_for(endpoint.user).filter(user=endpoint.user).first()
    if own is None:
        raise ValidationError({"patient": [_("Say for which patient.")]})
    return own


def who_what_where(
    endpoint: Endpoint, patient: UUID, service_slug: str, site_slug: str
) -> tuple[Patient, Service, Site]:
    """`patient_to_book` and `service_and_site` in one round trip, for whoever books for somebody.
    Raises as they do."""
    values = patient_values(endpoint.user, patient) | {"slug": site_slug}
    people, sites = ask([PATIENT, SITE], values)
    if not people:
        raise Http404
    if not sites:
        service_and_site(service_slug, site_slug)  # says what is unknown
    service = Service(slug=service_slug)
    return row_of(Patient, people[0]), service, row_of(Site, sites[0])


def site_called(slug: str) -> Site:
    """Raises Refused (UNKNOWN)."""
    site = Site.objects.filter(slug=slug, active=True).first()
    if site is None:
        raise Refused([refuse(Code.UNKNOWN, field="site", value=slug)])
    return site


def service_and_site(service_slug: str, site_slug: str) -> tuple[Service, Site]:
    """Both by their slugs. Raises Refused naming each that is unknown.

    Beside a known site the service is only named, for one query less: whoever books reads what it
    is from the site's snapshot, and refuses it there where it is not offered.
    """
    [found] = ask([SITE], {"slug": site_slug})
    for values in found:
        return Service(slug=service_slug), row_of(Site, values)
    unknown = [refuse(Code.UNKNOWN, field="site", value=site_slug)]
    if not Service.objects.filter(slug=service_slug, active=True).exists():
        unknown.insert(0, refuse(Code.UNKNOWN, field="service", value=service_slug))
    raise Refused(unknown)


def hold(endpoint: Endpoint, patient: Patient, data: Mapping[str, Any]) -> CarePlan:
    """Hold what the body names: a proposal, or every session spelled out. Raises Refused."""
    if "proposal" in data:
        chosen = proposals.read(data["proposal"], endpoint.now)
        version, site = chosen.protocol_version, chosen.site
        wanted = {
            session.step: Wanted(session.start, session.practitioners)
            for session in chosen.sessions
        }
        blocks, modes, wishes = chosen.blocks, chosen.modes, chosen.wishes
    else:
        version, site = latest(data["protocol"]), site_called(data["site"])
        wanted = {
            session["step"]: Wanted(
                session["start"],
                {role: str(unit) for role, unit in session.get("practitioners", {}).items()},
            )
            for session in data["sessions"]
        }
        blocks = blocks_of(version, wanted)
        modes, wishes = data.get("modes", {}), {}
    endpoint.zone = site.timezone
    return hold_course(
        actor=endpoint.actor,
        patient=patient,
        protocol_version=version,
        site=site,
        sessions=wanted,
        blocks=blocks,
        modes=modes,
        wishes_json=wishes,
        reason=data.get("reason", ""),
        now=endpoint.now,
    )


def blocks_of(version: ProtocolVersion, steps: Mapping[str, Any]) -> tuple[str, ...]:
    """The optional blocks that the named steps belong to."""
    named = {step.rpartition(".")[0] for step in steps}
    return tuple(
        block.id
        for block in definition_of(version).blocks
        if any(template.id in named for template in block.steps)
    )
