"""Everything that can be set up, in one list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from scheduling.models import Protocol, Resource, ResourceKind, Service
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of


@for_whom_may(Action.EDIT_CLINIC)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The list."""
    site = site_of(request)
    rows = list(Resource.objects.filter(site=site))
    context = {
        "site": site,
        "people": [one for one in rows if one.kind == ResourceKind.PERSON],
        "things": [one for one in rows if one.kind == ResourceKind.PLACE],
        "colleagues": User.objects.exclude(roles=[])
        .filter(is_active=True)
        .order_by("name", "email"),
        "services": Service.objects.order_by("title"),
        "protocols": Protocol.objects.order_by("title"),
    }
    return render_at(request, site, "scheduling/setup/index.html", context)
