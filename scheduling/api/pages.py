"""Lists in pages: `{next, previous, results}`, by cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError as BadValue
from django.db import DataError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response

from scheduling.api.endpoint import Endpoint
from scheduling.api.inputs import Limit


class Pages(CursorPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"


def page(
    endpoint: Endpoint,
    rows: QuerySet[Any],
    *,
    ordering: Sequence[str],
    as_json: Callable[[Any], dict[str, Any]],
) -> Response:
    """One page of `rows`. `ordering` ends in a unique column. Raises ValidationError (400) for a
    cursor that no page gave out."""
    endpoint.query(Limit)
    pages = Pages()
    pages.ordering = tuple(ordering)
    try:
        found = pages.paginate_queryset(rows, endpoint.request, view=endpoint)
    except (NotFound, BadValue, DataError, ValueError) as error:
        # A cursor carries a position in plain sight; whoever edits it gets this.
        raise ValidationError({"cursor": [_("This cursor leads nowhere.")]}) from error
    return pages.get_paginated_response([as_json(row) for row in found or []])
