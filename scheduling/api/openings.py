"""Free starts of one kind of session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api.holding import site_called
from scheduling.api.inputs import OpeningsQuery
from scheduling.api.public import PublicEndpoint
from scheduling.api.represent import people_of, practitioners_json
from scheduling.api.schema import answers
from scheduling.api.shapes import OpeningsShape
from scheduling.api.times import as_instant
from scheduling.core.openings import Opening
from scheduling.core.roles import Role
from scheduling.core.walltime import local
from scheduling.models import Site
from scheduling.permissions import roles_of
from scheduling.selectors.openings import openings

LONGEST = timedelta(days=93, hours=1)
"""93 days; the hour allows for a change of the clock."""


class OpeningsView(PublicEndpoint):
    @extend_schema(
        operation_id="list_openings",
        parameters=[OpeningsQuery],
        responses=answers(OpeningsShape),
    )
    def get(self, request: Request) -> Response:
        """Every start at which all that the session needs is free, and who could give it.

        At most 93 days at once.
        """
        wanted = self.query(OpeningsQuery)
        site = site_called(wanted["site"])
        self.zone = site.timezone
        start, end = limited(wanted, self.zone)
        found = openings(
            site=site,
            service=wanted["service"],
            mode=wanted.get("mode", "in_person"),
            start=start,
            end=end,
            role=wanted.get("role"),
            practitioner=str(wanted["practitioner"]) if "practitioner" in wanted else None,
            staff=bool(roles_of(request.user) - {Role.PATIENT}),
            now=self.now,
        )
        return openings_answer(site, wanted["service"], found)


def limited(wanted: Mapping[str, Any], zone: str) -> tuple[datetime, datetime]:
    """The period asked for, as instants. Raises ValidationError when reversed or too long."""
    start, end = as_instant(wanted["from"], zone), as_instant(wanted["to"], zone)
    if end <= start:
        raise ValidationError({"to": [_("The end is not after the start.")]})
    if end - start > LONGEST:
        raise ValidationError({"to": [_("At most 93 days can be asked for at once.")]})
    return start, end


def openings_answer(site: Site, service: str, found: Iterable[Opening]) -> Response:
    people = people_of(site.pk)
    zone = site.timezone
    return Response(
        {
            "timezone": zone,
            "service": service,
            "openings": [
                {
                    "start": local(opening.start, zone).isoformat(),
                    "end": local(opening.end, zone).isoformat(),
                    "practitioners": practitioners_json(opening.units, people),
                }
                for opening in found
            ],
        }
    )
