"""What frameworks themselves cost on the same server, and a count of queries where asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class TrivialView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return Response({"ok": True})


def bare(_request: HttpRequest, size: int) -> HttpResponse:
    """As many bytes as asked for, of nothing."""
    return HttpResponse(b"x" * size)


urlpatterns = [
    path("trivial/", TrivialView.as_view()),
    # Answered where public pages are: before sessions and sign-in.
    path("learn/bare/<int:size>/", bare),
    path("", include("config.urls")),
]


def count_queries(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a request with `Count-Queries` learns in `Queries` how many it took."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "Count-Queries" not in request.headers:
            return answer(request)
        asked = 0

        def count(execute: Any, *arguments: Any) -> Any:
            nonlocal asked
            asked += 1
            return execute(*arguments)

        with connection.execute_wrapper(count):
            response = answer(request)
        response["Queries"] = str(asked)
        return response

    return middleware
