"""Looking for complete courses: up to five that really differ, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle

from accounts.models import User
from scheduling.api import schema
from scheduling.api.holding import patient_to_book, site_called
from scheduling.api.inputs import CourseSearch
from scheduling.api.problems import plain, refusal_json
from scheduling.api.public import PublicEndpoint
from scheduling.api.represent import Json
from scheduling.api.schema import answers
from scheduling.api.shapes import SearchShape
from scheduling.core.catalogue import BookableBy
from scheduling.core.plan import Proposal
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.walltime import local, local_date
from scheduling.core.wishes import DAY_PARTS, Liking, Wishes
from scheduling.permissions import roles_of
from scheduling.selectors.course_search import SearchResult, search
from scheduling.selectors.protocols import definition_of, latest
from scheduling.wording import reason_sentence

MOST_PROPOSALS = 5

EXAMPLE = OpenApiExample(
    "A course in the mornings",
    request_only=True,
    value={
        "protocol": "trd_iv6",
        "site": "main",
        "earliest": "2026-12-01",
        "latest": "2027-02-28",
        "blocks": ["counsel", "lifestyle"],
        "weekdays": [1, 2, 3, 4, 5],
        "day_parts": ["morning", "afternoon", "evening"],
        "not_before": "09:00",
        "not_after": "19:00",
        "languages": ["en"],
        "access": ["step_free"],
        "prefer": {"weekdays": [2, 4], "day_parts": ["morning"]},
        "limit": 5,
    },
)


class SearchThrottle(AnonRateThrottle):
    """Per address, for people who are not signed in."""

    scope = "search"


class CourseSearchesView(PublicEndpoint):
    throttle_classes = [SearchThrottle]

    @extend_schema(
        operation_id="search_courses",
        request=CourseSearch,
        parameters=[schema.RETRY_AFTER],
        responses=answers(SearchShape, writes=True),
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Find complete courses, best first. Changes nothing.

        Without any: `refusals` name what stands in the way and the nearest change that would help.
        """
        data = self.body(CourseSearch)
        site, version = site_called(data["site"]), latest(data["protocol"])
        self.zone = site.timezone
        definition = definition_of(version)
        if definition.bookable_by is BookableBy.STAFF and not self._staff():
            raise Refused([refuse(Code.STAFF_ONLY, protocol=definition.slug)])
        if data["earliest"] < local_date(self.now, site.timezone):
            raise Refused([refuse(Code.IN_THE_PAST, start=data["earliest"])])
        result = search(
            site=site,
            protocol_version=version,
            blocks=tuple(dict.fromkeys(data.get("blocks", ()))),
            wishes=read_wishes(data),
            modes=data.get("modes", {}),
            patient=self._patient(data),
            limit=min(data.get("limit", MOST_PROPOSALS), MOST_PROPOSALS),
            now=self.now,
        )
        return Response(
            {
                "timezone": site.timezone,
                "optimal": result.answer.optimal,
                "proposals": proposals_json(result),
                "refusals": [
                    refusal_json(refusal, site.timezone) for refusal in result.answer.refusals
                ],
            }
        )

    def _staff(self) -> bool:
        user = self.request.user
        return isinstance(user, User) and user.works_here

    def _patient(self, data: Mapping[str, Any]) -> Any:
        """Whose other visits to keep clear of: the patient named, or the person who asks."""
        if not roles_of(self.request.user):
            if data.get("patient"):
                raise ValidationError({"patient": [_("Sign in to look for a patient.")]})
            return None
        if data.get("patient") is None and self.actor.patient_id is None:
            return None
        return patient_to_book(self, data.get("patient"))


def read_wishes(data: Mapping[str, Any]) -> Wishes:
    """The planner's form of a checked search."""
    prefer = data.get("prefer", {})
    return Wishes(
        earliest=data["earliest"],
        latest=data.get("latest"),
        weekdays=frozenset(data.get("weekdays", range(1, 8))),
        day_parts=frozenset(data.get("day_parts", DAY_PARTS)),
        not_before=_minute(data.get("not_before"), 0),
        not_after=_minute(data.get("not_after"), 24 * 60),
        languages=frozenset(data.get("languages", ())),
        access=frozenset(data.get("access", ())),
        practitioners=_ids(data.get("practitioners", {})),
        fixed={item["step"]: int(item["start"].timestamp()) for item in data.get("fixed", ())},
        liking=Liking(
            weekdays=frozenset(prefer.get("weekdays", ())),
            day_parts=frozenset(prefer.get("day_parts", ())),
            practitioners=_ids(prefer.get("practitioners", {})),
        ),
    )


def proposals_json(result: SearchResult) -> list[Json]:
    """Every proposal with its token, best first."""
    return [_proposal_json(result, proposal) for proposal in result.answer.proposals]


def _proposal_json(result: SearchResult, proposal: Proposal) -> Json:
    zone = result.timezone
    return {
        "id": result.token(proposal),
        "starts_on": proposal.starts_on.isoformat(),
        "ends_on": proposal.ends_on.isoformat(),
        "trips": proposal.trips,
        "score": proposal.score,
        "reasons": [
            {
                **plain(reason.facts, zone),
                "code": reason.code,
                "detail": reason_sentence(reason.code, reason.facts, zone),
            }
            for reason in proposal.reasons
        ],
        "sessions": [
            {
                "step": session.step,
                "service": result.course.step(session.step).service.slug,
                "start": local(session.start, zone).isoformat(),
                "end": local(session.end, zone).isoformat(),
                "practitioners": [
                    {"role": role, "id": unit, "name": name}
                    for role, unit, name in result.people(session)
                ],
            }
            for session in sorted(proposal.sessions, key=lambda session: session.start)
        ],
    }


def _minute(at: time | None, otherwise: int) -> int:
    return otherwise if at is None else at.hour * 60 + at.minute


def _ids(practitioners: Mapping[str, Any]) -> dict[str, str]:
    return {role: str(unit) for role, unit in practitioners.items()}
