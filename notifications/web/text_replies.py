"""Where the provider of text messages hands over what patients text back."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.phone_numbers import e164
from notifications.core.signature import verify
from notifications.operations.text_replies import take


@csrf_exempt
@require_POST
def text_replies(request: HttpRequest) -> JsonResponse:
    """Take `{"from", "text"}`, signed as Standard Webhooks says; what was sent before, or long ago,
    does nothing. The answer's `reply`, where it is not empty, is to be texted back."""
    secret, now = settings.SMS_INBOUND_SECRET, timezone.now()
    if not secret:
        raise Http404
    event_id = request.headers.get("webhook-id", "")
    if not verify(
        secret,
        message_id=event_id,
        timestamp=request.headers.get("webhook-timestamp", ""),
        signature=request.headers.get("webhook-signature", ""),
        body=request.body,
        now=now,
    ):
        return JsonResponse({"error": "signature"}, status=401)
    try:
        said = json.loads(request.body)
        number, text = e164(said["from"]), str(said["text"])
    except (ValueError, LookupError, TypeError, AttributeError):
        number, text = None, ""
    if number is None:
        return JsonResponse({"error": "body"}, status=400)
    readable = "".join(one for one in text if one.isprintable() or one == "\n")
    return JsonResponse({"reply": take(event_id=event_id, number=number, text=readable, now=now)})
