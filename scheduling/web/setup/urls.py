"""Pages under `/desk/setup/`."""

from __future__ import annotations

from django.urls import path

from scheduling.web.setup import (
    closures,
    groups,
    hours,
    index,
    policies,
    protocols,
    resources,
    roles,
)
from scheduling.web.setup import services as service_pages

urlpatterns = [
    path("", index.index, name="setup"),
    path("hours/", hours.site, name="setup-site-hours"),
    path("hours/<uuid:resource_id>/", hours.resource, name="setup-hours"),
    path("people-and-places/new/<slug:kind>/", resources.new, name="setup-new-resource"),
    path("people-and-places/<uuid:resource_id>/", resources.edit, name="setup-resource"),
    path("closures/", closures.closures, name="setup-closures"),
    path("closures/holidays/", closures.holidays, name="setup-holidays"),
    path("closures/<uuid:closure_id>/", closures.edit, name="setup-closure"),
    path("closures/<uuid:closure_id>/reopen/", closures.end, name="setup-reopen"),
    path("groups/", groups.groups, name="setup-groups"),
    path("groups/<uuid:meeting_id>/cancel/", groups.cancel, name="setup-cancel-meeting"),
    path("services/<slug:slug>/", service_pages.service, name="setup-service"),
    path("protocols/<slug:slug>/", protocols.protocol, name="setup-protocol"),
    path("protocols/<slug:slug>/<int:number>/", protocols.version, name="setup-protocol-version"),
    path("roles/<uuid:user_id>/", roles.roles, name="setup-roles"),
    path("policies/", policies.policies, name="setup-policies"),
]
