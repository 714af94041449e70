"""The library as it is released: readable, sourced, whole in both languages."""

from __future__ import annotations

import pytest

from education.loading import load_library
from education.markup.document import UNSIGNED, Topic
from education.markup.parser import cited, parse
from education.markup.render import plain_text
from scheduling.protocols import loading as protocols
from tests.education.measures import ease, grade, syllables

LIBRARY = load_library()
"""Loading it has checked every sentence, source, link, term and figure."""
PAGES = sorted(LIBRARY.documents)
WANTED = {
    *("what-ketamine-therapy-is", "how-it-works", "benefits-and-limits", "who-it-may-help"),
    *("who-should-not", "depression", "ptsd", "anxiety", "ocd", "chronic-pain", "esketamine"),
    *("psychotherapy", "nutrition", "exercise", "mindfulness", "supportive-counselling"),
    *("before-your-visit", "during-your-visit", "after-your-visit", "your-first-day"),
    *("safety-and-side-effects", "driving-and-your-ride", "costs-and-questions", "crisis-help"),
    "evidence-by-condition",
}


def words_of(page: tuple[str, str]) -> str:
    document = LIBRARY.documents[page]
    asked = [
        line
        for question in document.questions
        for line in (
            question.ask,
            *(words for answer in question.answers for words in (answer.text, answer.explain)),
        )
    ]
    return "\n".join([document.title, document.summary, plain_text(document), *asked])


@pytest.mark.parametrize("slug", sorted(slug for code, slug in PAGES if code == "en"))
def test_an_eighth_grader_reads_every_english_page(slug: str) -> None:
    assert grade(words_of(("en", slug))) <= 8.0


@pytest.mark.parametrize("slug", sorted(slug for code, slug in PAGES if code == "es"))
def test_every_spanish_page_is_plain(slug: str) -> None:
    assert ease(words_of(("es", slug))) >= 60


def test_the_measures_tell_easy_from_hard() -> None:
    easy = "The cat sat on the mat. It was warm. The sun was out."
    hard = (
        "Pharmacological antagonism of glutamatergic neurotransmission precipitates "
        "neuroplasticity, notwithstanding considerable interindividual heterogeneity."
    )
    assert grade(easy) < 2
    assert grade(hard) > 20
    assert ease("El gato come pan. Hace sol. La casa es azul.") > 90
    assert ease("La neuroplasticidad farmacológicamente precipitada presenta heterogeneidad.") < 20
    assert [syllables(word, "en") for word in ("medicine", "therapy", "about", "table")] == [
        *(3, 3, 2, 2),
    ]
    assert [syllables(word, "es") for word in ("día", "ansiedad", "quiero", "oír")] == [2, 3, 2, 2]


def test_every_page_is_there_in_both_languages() -> None:
    english, spanish = (
        {slug for code, slug in PAGES if code == language} for language in ("en", "es")
    )
    assert english >= WANTED
    assert english == spanish


@pytest.mark.parametrize("slug", sorted(slug for code, slug in PAGES if code == "en"))
def test_both_languages_say_it_with_the_same_sources_and_the_same_figures(slug: str) -> None:
    english, spanish = LIBRARY.documents["en", slug], LIBRARY.documents["es", slug]

    assert set(english.sources) == set(spanish.sources)
    assert (english.topic, english.order, set(english.related)) == (
        spanish.topic,
        spanish.order,
        set(spanish.related),
    )
    assert len(english.questions) == len(spanish.questions)
    if english.evidence and spanish.evidence:
        assert (english.evidence.strength, english.evidence.people) == (
            spanish.evidence.strength,
            spanish.evidence.people,
        )
    assert (english.evidence is None) == (spanish.evidence is None)


def test_every_condition_states_its_evidence() -> None:
    conditions = {"depression", "ptsd", "anxiety", "ocd", "chronic-pain"}
    stating = {slug for (code, slug), page in LIBRARY.documents.items() if page.evidence}

    assert stating == conditions
    assert all(LIBRARY.documents["en", one].topic == Topic.CONDITIONS for one in conditions)


def test_no_page_says_that_it_was_reviewed_before_anybody_signed() -> None:
    assert {page.reviewer_role for page in LIBRARY.documents.values()} == {UNSIGNED}
    assert {page.reviewed for page in LIBRARY.documents.values()} == {None}


def test_no_statement_rests_only_on_what_nobody_looked_up() -> None:
    """Once more, without the checker: no citation names only sources from memory."""
    memory = {key for key, one in LIBRARY.sources.items() if one.entry.from_memory}
    for document in LIBRARY.documents.values():
        for token in parse(document.body):
            for child in token.children or ():
                if child.type == "citation":
                    assert set(cited(child)) - memory


def test_protocols_name_pages_that_exist_and_a_gate_asks_for_what_has_questions() -> None:
    slugs = {slug for _code, slug in PAGES}
    for protocol in protocols.load_library().protocols.values():
        assert set(protocol.reading) <= slugs
        for step in protocol.steps():
            assert set(step.read) <= slugs
            if "education" in step.gates:
                asked = [slug for slug in step.read if LIBRARY.documents["en", slug].questions]
                assert asked, f"{protocol.slug}: {step.id}"


def test_a_source_is_found_or_says_that_it_is_not() -> None:
    for key, source in LIBRARY.sources.items():
        assert (
            source.entry.address.startswith("https://")
            or key == "clinic"
            or (" on record" in source.entry.citation or source.entry.from_memory)
        ), key
