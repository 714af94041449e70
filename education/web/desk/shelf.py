"""What pages may cite and explain: to look up, and to add to."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from education.models import Source, Term
from education.operations.cite import put_source, put_term
from scheduling.operations.actor import Actor
from scheduling.permissions import Action
from scheduling.web.clinic_time import render_at
from scheduling.web.desk.access import for_whom_may
from scheduling.web.desk.sites import site_of


class SourceForm(forms.Form):
    """Entered, it may be cited. An entry of the same name is corrected."""

    key = forms.RegexField(
        r"^[A-Za-z0-9-]{2,40}$",
        label=gettext_lazy("Short name"),
        help_text=gettext_lazy("Letters, digits and -, as in [@Ana23]."),
    )
    citation = forms.CharField(
        label=gettext_lazy("Who published it, when and where"), max_length=500
    )
    address = forms.URLField(
        label=gettext_lazy("Where you looked it up"), assume_scheme="https", max_length=500
    )


class TermForm(forms.Form):
    """A word and what it means."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    term = forms.CharField(label=gettext_lazy("Word"), max_length=80)
    definition = forms.CharField(
        label=gettext_lazy("What it means, in a plain sentence or two"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@for_whom_may(Action.EDIT_PAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def shelf(request: HttpRequest) -> HttpResponse:
    """Both lists, each with a form for one more."""
    sent = request.POST if request.method == "POST" else None
    what = sent.get("what") if sent else None
    source = SourceForm(sent if what == "source" else None)
    term = TermForm(sent if what == "term" else None)
    about: dict[str, Any] = {
        "actor": Actor.of(cast(User, request.user)),
        "now": timezone.now(),
    }
    if what == "source" and source.is_valid():
        put_source(**about, **source.cleaned_data)
    elif what == "term" and term.is_valid():
        put_term(**about, **term.cleaned_data)
    if (source.is_bound and source.is_valid()) or (term.is_bound and term.is_valid()):
        messages.success(request, _("Saved."))
        return redirect("education-shelf")
    context = {
        "source": source,
        "term": term,
        "sources": Source.objects.all(),
        "terms": Term.objects.all(),
    }
    return render_at(request, site_of(request), "education/desk/shelf.html", context)
