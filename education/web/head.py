"""What a page says of itself to search engines and to whoever shares it."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from education.markup.document import Document
from education.markup.shelf import Shelf

ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def head_of(
    request: HttpRequest, language: str, name: str, *args: str, languages: list[str] | None = None
) -> dict[str, Any]:
    """Canonical address, the same page in the other languages, and the picture of a shared link.

    `name` and `args` are the page's URL name and what follows the language in it.
    """
    spoken = [code for code, _name in settings.LANGUAGES]
    addresses = {
        code: request.build_absolute_uri(reverse(name, args=[code, *args]))
        for code in languages or spoken
    }
    default = addresses.get(settings.LANGUAGE_CODE)
    others = [
        {"code": code, "address": reverse(name, args=[code, *args]), "name": own}
        for code, own in settings.LANGUAGES
        if code in addresses
    ]
    return {
        "language": language,
        "canonical": addresses[language],
        "alternates": [*addresses.items(), *([("x-default", default)] if default else [])],
        "card": request.build_absolute_uri(static("img/card.png")),
        "others": others,
        "here": reverse(name, args=[language, *args]),
    }


def structured(
    head: dict[str, Any], document: Document, shelf: Shelf, sources: tuple[str, ...]
) -> SafeString:
    """The page as schema.org's MedicalWebPage, in JSON that no text of a page can leave."""
    published = [shelf.sources[key] for key in sources if key in shelf.sources]
    content: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "@id": head["canonical"],
        "url": head["canonical"],
        "name": document.title,
        "headline": document.title,
        "description": document.summary,
        "inLanguage": head["language"],
        "audience": {"@type": "MedicalAudience", "audienceType": "Patient"},
        "isAccessibleForFree": True,
        "publisher": {"@type": "MedicalClinic", "name": "Tremedy"},
        "dateModified": str(document.updated),
        "image": head["card"],
        "speakable": {"@type": "SpeakableSpecification", "cssSelector": ["h1", ".lead"]},
        "citation": [
            {"@type": "CreativeWork", "name": one.citation}
            | ({"url": one.address} if one.address else {})
            for one in published
        ],
    }
    if document.reviewed is not None:
        content["lastReviewed"] = str(document.reviewed)
        content["reviewedBy"] = {"@type": "Role", "roleName": document.reviewer_role}
    return mark_safe(json.dumps(content, ensure_ascii=False).translate(ESCAPES))  # noqa: S308 - escaped above
