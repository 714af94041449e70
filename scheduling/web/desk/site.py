"""What patients read about people and rooms of a site: the clinic's choice."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from scheduling.models import Site
from scheduling.permissions import Action
from scheduling.web.desk.access import for_whom_may


class NamesForm(forms.ModelForm):
    """Two yes or no."""

    class Meta:
        model = Site
        fields = ["names_people", "names_rooms"]
        labels = {
            "names_people": gettext_lazy("Patients read whom they will see, and may choose"),
            "names_rooms": gettext_lazy("Patients read in which room"),
        }


@for_whom_may(Action.EDIT_CLINIC)
@require_http_methods(["GET", "HEAD", "POST"])
def site(request: HttpRequest, slug: str) -> HttpResponse:
    """The form. It counts from the next page a patient opens."""
    found = get_object_or_404(Site, slug=slug)
    form = NamesForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("site", slug)
    return render(request, "scheduling/desk/site.html", {"site": found, "form": form})
