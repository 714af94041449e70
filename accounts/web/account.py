"""One's own account: what is set, mail that others read, and why more proof is asked for."""

from __future__ import annotations

from typing import cast

from allauth.account.decorators import reauthentication_required
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import kept_forms
from accounts.assurance import strong_session
from accounts.language import choose
from accounts.models import User
from accounts.recovery import signs_in_without_mail


class MailForm(forms.ModelForm):
    """Who reads the person's mail."""

    class Meta:
        model = User
        fields = ["mail_shared"]
        labels = {"mail_shared": gettext_lazy("Others can read my mail")}


@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Every setting of the account, with where to change it."""
    user = cast(User, request.user)
    context = {
        "has_second_factor": is_mfa_enabled(user),
        "has_password": user.has_usable_password(),
        "may_have_texts": bool(settings.SMS_PROVIDER) and hasattr(user, "patient"),
    }
    return render(request, "account/overview.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def mail(request: HttpRequest) -> HttpResponse:
    """Switch off what would sign in or act from a mailbox that others read.

    Only somebody who can sign in without mail may: nobody locks themselves out.
    """
    user = cast(User, request.user)
    other_way = signs_in_without_mail(user)
    form = MailForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["mail_shared"] and not other_way:
            form.add_error("mail_shared", _("First add a password or a passkey to sign in with."))
        else:
            form.save()
            messages.success(request, _("Saved."))
            return redirect("account-mail")
    return render(request, "account/mail.html", {"form": form, "other_way": other_way})


@login_required
@require_safe
def stronger(request: HttpRequest) -> HttpResponse:
    """Why a page needs more than a code by e-mail, and how to give it."""
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    if strong_session(request):
        return redirect(back)
    user = cast(User, request.user)
    context = {
        "next": back,
        "has_password": user.has_usable_password(),
        "has_second_factor": is_mfa_enabled(user),
    }
    return render(request, "account/stronger.html", context)


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Somebody is still there: 204, or 401 where they have been signed out already."""
    return HttpResponse(status=204 if request.user.is_authenticated else 401)


@csrf_exempt  # no page gets a cookie for its footer; another site cannot send the session along
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of every page, and go back to where the reader was."""
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = redirect(back)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        choose(request, response, chosen)
    return response


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Throw away what was typed on a page before its reader was signed out, and go back to it."""
    page = request.POST.get("page", "")
    if not url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}):
        page = "/"
    kept_forms.forget(request, page)
    return redirect(page)


@login_required
@require_safe
def second_factor_needed(request: HttpRequest) -> HttpResponse:
    """Why a member of staff sees no other page yet."""
    return render(request, "account/second_factor_needed.html")
