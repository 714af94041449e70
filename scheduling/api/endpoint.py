"""What every endpoint shares: checked input, the moment of the request, and one answer per key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from django.utils import timezone
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from accounts.models import User
from scheduling.api.preconditions import require_key
from scheduling.idempotency import Answer, once
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may


class Endpoint(APIView):
    """`now` is taken once per request. `zone` is the IANA zone in which errors name times."""

    zone = "UTC"

    @cached_property
    def now(self) -> Any:
        return timezone.now()

    @property
    def user(self) -> User:
        """The signed-in person."""
        if not isinstance(self.request.user, User):
            raise NotAuthenticated
        return self.request.user

    @cached_property
    def actor(self) -> Actor:
        return Actor.of(self.user)

    def demand(self, action: Action) -> None:
        """Raises PermissionDenied (403) where the policy does not let this person do it at all."""
        if not may(self.user, action):
            raise PermissionDenied

    def body(self, form: type[Serializer[Any]], **context: Any) -> dict[str, Any]:
        """The request's body, checked. Raises ValidationError."""
        checked = form(data=self.request.data, context=context)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def query(self, form: type[Serializer[Any]]) -> dict[str, Any]:
        """The query parameters, checked; an empty one counts as not sent."""
        sent = {name: value for name, value in self.request.query_params.items() if value}
        checked = form(data=sent)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def answer_once(self, request: Request, act: Callable[[], Answer]) -> Response:
        """Do `act` once for this person, route and `Idempotency-Key`; replay it after that."""
        answer = once(
            user=self.user,
            route=f"{request.method} {request.path}",
            key=require_key(request),
            body=request.data,
            now=self.now,
            act=act,
        )
        headers: Mapping[str, str] = answer.headers
        if answer.replayed:
            headers = {**headers, "Idempotency-Replayed": "true"}
        return Response(answer.body, answer.status, headers=dict(headers))
