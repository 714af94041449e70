"""Reports for programs: the same tables as on the page, as JSON or CSV."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from scheduling.api.endpoint import Endpoint
from scheduling.api.fields import SLUG, Query
from scheduling.api.holding import site_called
from scheduling.api.schema import answers
from scheduling.api.times import DayField
from scheduling.csv_safe import to_csv
from scheduling.permissions import Action
from scheduling.selectors.reports import LONGEST, REPORTS, Span, as_rows


class ReportQuery(Query):
    """Local days of the site, both included; at most a year."""

    site = serializers.SlugField(**SLUG)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": DayField(), "to": DayField()}

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if not 0 <= (data["to"] - data["from"]).days < LONGEST.days:
            raise serializers.ValidationError({"to": ["The last day is not within a year."]})
        return data


class TableShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.DictField())


class ReportShape(serializers.Serializer[Any]):
    site = serializers.CharField()
    timezone = serializers.CharField()
    tables = TableShape(many=True)


class CsvRenderer(BaseRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, *_others: Any, **_more: Any) -> str:
        """The tables one below the other, an empty line between them."""
        if "tables" not in data:  # a refusal
            return str(JSONRenderer().render(data).decode())
        return "\r\n".join(
            to_csv(table["columns"], [list(row.values()) for row in table["rows"]])
            for table in data["tables"]
        )


class ReportView(Endpoint):
    renderer_classes = (JSONRenderer, CsvRenderer)
    content_negotiation_class = DefaultContentNegotiation

    @extend_schema(
        operation_id="read_report",
        parameters=[ReportQuery],
        responses={
            **{code: shape for code, shape in answers(ReportShape).items() if code != 200},
            (200, "application/json"): ReportShape,
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request, name: str) -> Response | HttpResponse:
        """`utilisation`, `attendance` or `courses`: no patient is named in any."""
        self.demand(Action.VIEW_REPORTS)
        if name not in REPORTS:
            raise Http404
        wanted = self.query(ReportQuery)
        site = site_called(wanted["site"])
        tables = REPORTS[name](Span(site, wanted["from"], wanted["to"]))
        return Response(
            {
                "site": site.slug,
                "timezone": site.timezone,
                "tables": [
                    {"code": one.code, "columns": list(one.columns), "rows": as_rows(one)}
                    for one in tables
                ],
            }
        )
