"""Ask to be told when a better time comes free, and stop asking."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Patient, User
from scheduling import stored_wishes
from scheduling.core.refusals import Code, Refused
from scheduling.models import CarePlan, Resource, Service, Site, WaitlistEntry
from scheduling.operations.actor import Actor
from scheduling.operations.join_waitlist import Wish, join_waitlist, leave_waitlist
from scheduling.querysets import waitlist_entries_for
from scheduling.selectors import services
from scheduling.selectors.waitlist import shown_rows
from scheduling.web.clinic_time import render_at
from scheduling.web.patient import kept, keys, visitor
from scheduling.web.patient.book import asked_course, first_site
from scheduling.web.patient.choose import single_visits
from scheduling.web.patient.forms import PARTS, TALKS, WEEKDAYS
from scheduling.web.patient.session import about, find_session, names_in
from scheduling.web.patient.waitlist_words import waiting_row
from scheduling.web.tell import tell
from scheduling.web.weeks import first_weekday

ANYBODY = ("", gettext_lazy("No preference"))


class JoinForm(forms.Form):
    """What would be better. Everything has an answer already and may stay as it is."""

    want = forms.ChoiceField(
        label=gettext_lazy("What would help?"),
        choices=[
            ("earlier", gettext_lazy("Coming sooner")),
            ("time_of_day", gettext_lazy("Another day or time of day, sooner or later")),
        ],
        initial="earlier",
        widget=forms.RadioSelect,
    )
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("Days you can come"),
        choices=WEEKDAYS,
        initial=["1", "2", "3", "4", "5"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one day.")},
    )
    day_parts = forms.MultipleChoiceField(
        label=gettext_lazy("Times of day you can come"),
        choices=PARTS,
        initial=["morning", "afternoon", "evening"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one time of day.")},
    )
    person = forms.ModelChoiceField(
        label=gettext_lazy("Whom you want to see"),
        queryset=Resource.objects.none(),
        required=False,
        empty_label=ANYBODY[1],
    )

    def __init__(self, *args: Any, people: Any, booked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = cast(forms.MultipleChoiceField, self.fields["weekdays"])
        days.choices = [*WEEKDAYS[first_weekday() :], *WEEKDAYS[: first_weekday()]]
        if not booked:  # nothing stands that another time could be compared with
            del self.fields["want"]
        if people is None:
            del self.fields["person"]
        else:
            cast(forms.ModelChoiceField, self.fields["person"]).queryset = people

    def wish(self, **what: Any) -> Wish:
        """What was said. Call after `is_valid()`."""
        said = self.cleaned_data
        days = frozenset(int(day) for day in said["weekdays"])
        parts = frozenset(said["day_parts"])
        person = said.get("person")
        return Wish(
            want="person" if person else said.get("want") or "earlier",
            weekdays=() if len(days) == len(WEEKDAYS) else days,
            day_parts=() if len(parts) == len(PARTS) else parts,
            person=person,
            **what,
        )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join_for_session(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """Another time for a session that is booked, or a first one for a session that was lost."""
    found, care_plan = find_session(request, appointment_id)
    context = about(found, care_plan, names_in(found, care_plan), timezone.now())
    people = None if care_plan else _people(found.site, found.service_id)
    form = JoinForm(request.POST or None, people=people, booked=found.status == "booked")
    if request.method == "POST" and form.is_valid():
        wish = form.wish(appointment=found)
        if _join(request, found.patient, found.site, wish, care_plan):
            return redirect(context["back"])
    context["form"] = form
    return render_at(request, found.site, "scheduling/patient/waitlist_join.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join_for_visit(request: HttpRequest, key: str) -> HttpResponse:
    """A visit outside a course, where no time suits."""
    site = first_site()
    if site is None:
        return render(request, "scheduling/patient/closed.html", status=503)
    definition = keys.find(single_visits(services.definitions().values()), key)
    if definition is None:
        raise Http404
    patient = _own_record(request)
    people = _people(site, definition.slug)
    form = JoinForm(request.POST or None, people=people, booked=False)
    if request.method == "POST" and form.is_valid():
        wish = form.wish(
            service=Service.objects.get(slug=definition.slug), mode=definition.modes[0]
        )
        if _join(request, patient, site, wish):
            return redirect("plans")
    context = {"form": form, "site": site, "title": _(definition.title), "key": key}
    return render_at(request, site, "scheduling/patient/waitlist_join.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def join_for_course(request: HttpRequest, search: str) -> HttpResponse:
    """A whole course, with everything that was said in a search of this browser."""
    site = first_site()
    asked = kept.find(request, kept.SEARCHES, search)
    course, form = asked_course(asked, site) if asked and site else (None, None)
    if site is None or course is None or form is None or not form.is_valid():
        messages.info(request, _("That search is over. Please start again: it takes a minute."))
        return redirect("book")
    patient = _own_record(request)
    if request.method == "POST":
        wishes = form.wishes()
        wish = Wish(
            want="course",
            protocol_version=course.version,
            blocks=tuple(form.cleaned_data.get("blocks", [])),
            modes=dict.fromkeys(TALKS, form.cleaned_data["mode"]),
            wishes=stored_wishes.to_json(wishes),
            earliest=wishes.earliest,
        )
        if _join(request, patient, site, wish):
            return redirect("plans")
    context = {"site": site, "title": _(course.title), "search": search, "course": True}
    return render_at(request, site, "scheduling/patient/waitlist_join.html", context)


@login_required
@require_POST
def leave(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    """Stop waiting."""
    rows = waitlist_entries_for(request.user).select_related("patient", "site")
    entry = get_object_or_404(rows, pk=entry_id)
    try:
        leave_waitlist(actor=Actor.of(cast(User, request.user)), entry=entry, now=timezone.now())
    except Refused as refused:
        tell(request, refused, entry.site.timezone)
    else:
        messages.success(request, _("You are no longer on the waitlist for this."))
    if entry.care_plan_id:
        return redirect("plan", entry.care_plan_id)
    return redirect("plans")


def waits_of(user: User, care_plan: CarePlan | None = None) -> list[dict[str, Any]]:
    """What the reader waits for, in one course or (None) in all. One query, four more where there
    is something."""
    rows = shown_rows().filter(status="waiting", patient__user=user)
    if care_plan is not None:
        rows = rows.filter(care_plan=care_plan)
    return [waiting_row(one) for one in rows.order_by("turn")[:20]]


def _join(
    request: HttpRequest,
    patient: Patient,
    site: Site,
    wish: Wish,
    care_plan: CarePlan | None = None,
) -> WaitlistEntry | None:
    now: datetime = timezone.now()
    actor = Actor.of(cast(User, request.user))
    try:
        entry = join_waitlist(actor=actor, patient=patient, site=site, wish=wish, now=now)
    except Refused as refused:
        if {one.code for one in refused.refusals} == {Code.WAITS_ALREADY}:
            tell(request, refused, site.timezone)
            return WaitlistEntry()
        if Code.NOT_WANTED in {one.code for one in refused.refusals}:
            said = _("The time you have is among these. Leave out what does not suit you.")
            messages.warning(request, said)
            return None
        tell(request, refused, site.timezone, care_plan)
        return None
    messages.success(
        request,
        _("You are on the waitlist. When a time comes free, we hold it for you and write to you."),
    )
    return entry


def _own_record(request: HttpRequest) -> Patient:
    """Raises PermissionDenied for staff who are no patients."""
    found = visitor.own_record(cast(User, request.user))
    if found is None:
        raise PermissionDenied
    return found


def _people(site: Site, service: str) -> Any:
    """Who could give the service, where patients may choose; else None."""
    definition = services.definitions().get(service)
    if definition is None or not site.names_people or definition.treatment:
        return None
    roles = [need.role for need in definition.needs if not need.present]
    found = Resource.objects.filter(site=site, active=True, kind="person", roles__overlap=roles)
    return found.order_by("name")
