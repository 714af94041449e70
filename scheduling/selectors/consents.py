"""Which consent a course asks for, in which words, and whether it is signed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from scheduling.consents.loading import ORIGINAL, ConsentDocument, load_consents
from scheduling.models import CarePlan, ConsentSignature
from scheduling.protocols.reading import fingerprint
from scheduling.selectors import protocols


def consent_of(care_plan: CarePlan, language: str = ORIGINAL) -> ConsentDocument | None:
    """The document that covers the treatments of a course: in the reader's language where that
    translation is approved and as new as the original, else the original. No query."""
    services = {
        step.service for step in protocols.definition_of(care_plan.protocol_version).steps()
    }
    covering = [one for one in load_consents() if not services.isdisjoint(one.covers)]
    original = next((one for one in covering if one.language == ORIGINAL), None)
    for one in covering:
        same = original and (one.slug, one.version) == (original.slug, original.version)
        if same and one.language == language and one.approved:
            return one
    return original


def words_of(care_plan: CarePlan, document: ConsentDocument) -> list[dict[str, Any]]:
    """Everything the patient reads: the document, and what is known about this very course."""
    evidence = protocols.definition_of(care_plan.protocol_version).evidence
    with override(document.language):  # the reader's own would give other words another day
        course = {
            "heading": _("Your course"),
            "paragraphs": [_(care_plan.protocol_version.protocol.title), _(evidence.summary)],
            "points": [],
        }
    return [course, *document.text()]


def fingerprint_of(title: str, words: list[dict[str, Any]]) -> str:
    """The hash of what was read."""
    return fingerprint({"title": title, "text": words})


def signature_of(care_plan: CarePlan, document: ConsentDocument) -> ConsentSignature | None:
    """The newest signature that still counts: that of an earlier version does, unless the new one
    is asked for again. One query."""
    rows = ConsentSignature.objects.filter(care_plan=care_plan, document=document.slug)
    if document.asks_again:
        rows = rows.filter(version=document.version)
    return rows.order_by("-version").first()
