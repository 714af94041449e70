"""Staff add a source to cite, or a word to explain."""

from __future__ import annotations

from datetime import datetime

from education.models import Source, Term
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may


def put_source(*, actor: Actor, key: str, citation: str, address: str, now: datetime) -> Source:
    """Add a source, or correct one. Whoever enters it has looked it up. Releases leave it alone.
    Raises Refused (NOT_ALLOWED)."""
    _require(actor)

    def work() -> Source:
        fields = {"citation": citation, "address": address, "from_memory": False, "edited": True}
        source, _ = Source.objects.update_or_create(key=key, defaults=fields)
        events.append(actor=actor, verb="source_edited", facts={"source": key}, now=now)
        return source

    return atomic.run(work)


def put_term(*, actor: Actor, language: str, term: str, definition: str, now: datetime) -> Term:
    """Add a word to the glossary, or explain one anew. Raises Refused (NOT_ALLOWED)."""
    _require(actor)

    def work() -> Term:
        fields = {"definition": definition, "edited": True}
        found = Term.objects.filter(language=language, term__iexact=term).first()
        if found is None:
            found = Term.objects.create(language=language, term=term, **fields)
        else:
            Term.objects.filter(pk=found.pk).update(**fields)
        facts = {"term": f"{language}/{term}"}
        events.append(actor=actor, verb="term_edited", facts=facts, now=now)
        return found

    return atomic.run(work)


def _require(actor: Actor) -> None:
    if actor.user is None or not may(actor.user, Action.EDIT_PAGES):
        role = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action="edit_pages", role=role)])
