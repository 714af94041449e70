"""Who may open a page of the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from scheduling.permissions import Action, may

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Parameters], HttpResponse]


def for_whom_may(action: Action) -> Callable[[View[Parameters]], View[Parameters]]:
    """Let in whom the policy lets do that; others are asked to sign in, or told that it is not
    for them (403)."""

    def guard(view: View[Parameters]) -> View[Parameters]:
        @login_required
        @wraps(view)
        def guarded(
            request: HttpRequest, *args: Parameters.args, **kwargs: Parameters.kwargs
        ) -> HttpResponse:
            if not may(cast(User, request.user), action):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast(View[Parameters], guarded)

    return guard
