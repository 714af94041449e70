"""Back in with a code from the desk, and then straight on to a new way to sign in."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import recovery
from scheduling.operations.recover import use_code
from scheduling.web.patient.book import first_site


class CodeForm(forms.Form):
    """Whose code it is, and the code as it was heard."""

    email = forms.EmailField(
        label=gettext_lazy("Your email"),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    code = forms.CharField(
        label=gettext_lazy("The code you were told"),
        help_text=gettext_lazy("Ten letters and digits. Big or small letters, dash or no dash."),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}
        ),
    )


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recover(request: HttpRequest) -> HttpResponse:
    """Type the code. A wrong one, an old one and an unknown address are answered alike."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = use_code(**form.cleaned_data, now=timezone.now())
        if user is not None:
            recovery.begin(request, user)
            return redirect("recovered")
        form.add_error(None, _("That did not work. Check both, or call us for a new code."))
    return render(request, "scheduling/recover.html", {"form": form, "site": first_site()})


@login_required
@never_cache
@require_safe
def recovered(request: HttpRequest) -> HttpResponse:
    """What to do now: a new password or a passkey. Whoever has one already goes on."""
    if recovery.SESSION_KEY not in request.session:
        return redirect("account")
    return render(request, "scheduling/recovered.html")
