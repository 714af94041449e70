"""Staff change what is read: with a preview, with sources, and with a way back."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from education.markup.document import read_document
from education.models import Page, PageVersion, Source, Term
from education.operations.publish import (
    leading_to,
    mark_of,
    publish_page,
    roll_back,
    sign_page,
    take_in,
    with_front,
)
from scheduling.core.refusals import Refused
from scheduling.models import Event
from scheduling.operations.actor import Actor
from scheduling.protocols.parsing import ProtocolError
from tests.factories import NOW, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("library")]

EDIT = "/desk/education/en/depression/"
EDITORS = {"manager", "clinician", "prescriber"}
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def site() -> None:
    make_site()


def browser(role: str) -> Client:
    client = Client()
    client.force_login(make_user("", role))
    return client


@pytest.fixture
def manager() -> Client:
    return browser("manager")


def page() -> Page:
    return Page.objects.select_related("published").get(slug="depression", language="en")


def current() -> str:
    return page().published.text  # type: ignore[union-attr]


def send(client: Client, text: str, **more: str) -> str:
    answer = client.post(EDIT, {"text": text, "seen": mark_of(page())} | more, follow=True)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("role", ["front_desk", "nurse", "clinician", "prescriber", "manager"])
def test_managers_and_clinicians_edit(role: str) -> None:
    client = browser(role)
    wanted = 200 if role in EDITORS else 403
    for path in ("/desk/education/", EDIT, f"{EDIT}1/", "/desk/education/shelf/"):
        assert client.get(path).status_code == wanted
    assert client.post(EDIT, {"text": "x"}).status_code == wanted
    assert ("/desk/education/" in client.get("/desk/").content.decode()) == (role in EDITORS)


def test_patients_do_not(client: Client) -> None:
    assert client.get(EDIT).status_code == 302
    client.force_login(make_user())
    assert client.get(EDIT).status_code == 403


def test_managers_get_there_from_setting_up(manager: Client) -> None:
    assert 'href="/desk/education/"' in manager.get("/desk/setup/").content.decode()


def test_a_change_is_shown_before_it_is_made(manager: Client) -> None:
    shown = send(manager, current().replace("55 in 100", "56 in 100"))

    assert "What changes" in shown
    assert "+ In one trial, 56 in 100 had a [[response]]" in shown
    assert "How it will look" in shown
    assert '<button type="button" class="term"' in shown
    assert "55 in 100" in current(), "nothing is published yet"
    assert PageVersion.objects.filter(page=page()).count() == 1


def test_published_it_is_read_by_everybody(manager: Client, client: Client) -> None:
    shown = send(manager, current().replace("55 in 100", "56 in 100"), apply="1")

    assert "Everybody reads it from now on." in shown
    version = page().published
    assert version is not None
    assert (version.number, version.created_by is not None) == (2, True)
    event = Event.objects.get(verb="page_published")
    assert event.facts == {"page": "en/depression", "version": 2}
    assert event.actor == version.created_by
    assert "56 in 100" in page().words, "the search knows it as well"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (" [@Ana23] A [[", " A [[", "Line 16: a source is missing"),
        ("[@Ana23] A", "[@Nobody] A", "Line 16: unknown source Nobody"),
        ("[@Ana23] A", "[@Guess] A", "Line 16: rests only on what nobody looked up: Guess"),
        ("[[response]] is not", "[[sedation]] is not", "Line 16: the glossary does not explain"),
        ("{plain} How", "{plain} [See](page:nowhere) how", "there is no page nowhere"),
        ("topic: conditions", "topic: nothing", "Line 4: &#x27;nothing&#x27; must be one of"),
        ("---\ntitle", "title", "a page begins with front matter"),
    ],
)
def test_what_is_not_sound_is_not_published_and_not_lost(
    manager: Client, old: str, new: str, told: str
) -> None:
    text = current()
    assert old in text
    shown = send(manager, text.replace(old, new), apply="1")

    assert told in shown
    assert "Nothing you typed is lost." in shown
    assert current() == text


def test_the_second_of_two_editors_is_told(manager: Client) -> None:
    seen = mark_of(page())
    send(browser("clinician"), current().replace("55 in 100", "56 in 100"), apply="1")
    mine = current().replace("56 in 100", "57 in 100")
    answer = manager.post(EDIT, {"text": mine, "seen": seen, "apply": "1"})

    assert "56 in 100" in current()
    assert "57 in 100" in answer.content.decode(), "what was typed is still there"


def test_going_back_and_forth_leaves_every_wording_as_it_was(manager: Client) -> None:
    first = current()
    send(manager, first.replace("55 in 100", "56 in 100"), apply="1")
    second = current()
    shown = manager.get(f"{EDIT}1/").content.decode()
    assert "What would change for readers" in shown
    assert "+ In one trial, 55 in 100" in shown

    manager.post(f"{EDIT}1/", {"seen": mark_of(page())})
    assert current() == first
    manager.post(f"{EDIT}2/", {"seen": mark_of(page())})
    assert current() == second
    assert page().versions.count() == 2, "going back makes no version"
    assert Event.objects.filter(verb="page_rolled_back").count() == 2


def test_of_two_who_go_back_the_second_is_told(manager: Client) -> None:
    send(manager, current().replace("55 in 100", "56 in 100"), apply="1")
    seen = mark_of(page())
    manager.post(f"{EDIT}1/", {"seen": seen})
    actor = Actor.of(make_user("", "manager"))
    second = page().versions.get(number=2)

    with pytest.raises(Refused):
        roll_back(actor=actor, version=second, seen=seen, now=NOW)


def test_a_wording_whose_source_is_gone_does_not_come_back(manager: Client) -> None:
    send(manager, current().replace("Ana23", "clinic"), apply="1")
    Source.objects.filter(key="Ana23").delete()
    shown = manager.post(f"{EDIT}1/", {"seen": mark_of(page())}, follow=True).content.decode()

    assert "unknown source Ana23" in shown
    assert "[@clinic]" in current()


def test_only_a_clinician_signs_and_any_change_asks_for_review_again(manager: Client) -> None:
    prescriber = browser("prescriber")
    sign = {"do": "sign", "seen": mark_of(page())}
    manager.post(f"{EDIT}change/", sign)
    assert read_document(current(), "").reviewed is None
    assert "sign it" not in manager.get(EDIT).content.decode()

    prescriber.post(f"{EDIT}change/", sign)
    signed = read_document(current(), "")
    assert (signed.reviewer_role, signed.reviewed is not None) == ("prescriber", True)
    public = Client().get("/learn/en/depression/").content.decode()
    assert "by a prescriber of this clinic." in public
    assert '"lastReviewed"' in public

    send(manager, current().replace("55 in 100", "56 in 100"), apply="1")
    again = read_document(current(), "")
    assert (again.reviewer_role, again.reviewed) == ("awaiting clinical review", None)


def test_nobody_signs_by_typing_it(manager: Client) -> None:
    forged = with_front(current(), reviewed="2026-11-20", reviewer_role="prescriber")
    send(manager, forged.replace("55 in 100", "56 in 100"), apply="1")
    assert read_document(current(), "").reviewed is None


def test_a_page_that_others_lead_to_cannot_be_taken_in() -> None:
    manager = Actor.of(make_user("", "manager"))
    about = {"actor": manager, "language": "en", "slug": "depression", "now": NOW}

    assert leading_to("en", "depression") == ["safety-and-side-effects"]
    with pytest.raises(Refused):
        take_in(**about, seen=mark_of(page()))
    Page.objects.filter(slug="safety-and-side-effects").update(published=None)
    take_in(**about, seen=mark_of(page()))
    assert page().published is None
    assert Client().get("/learn/en/depression/").status_code == 404


def test_a_new_page_begins_with_what_is_needed(manager: Client) -> None:
    asked = manager.post("/desk/education/", {"slug": "sleep", "language": "en"})
    assert asked["Location"] == "/desk/education/en/sleep/"
    start = manager.get("/desk/education/en/sleep/").context["form"].initial["text"]
    answer = manager.post("/desk/education/en/sleep/", {"text": start, "seen": "", "apply": "1"})

    assert answer.status_code == 302
    assert Client().get("/learn/en/sleep/").status_code == 200
    assert (
        "small letters"
        in manager.post("/desk/education/", {"slug": "No Way", "language": "en"})
        .content.decode()
        .lower()
    )


def test_what_protocols_name_and_nobody_wrote_is_told(manager: Client) -> None:
    from django.core.management import call_command

    call_command("load_protocols", verbosity=0)
    shown = manager.get("/desk/education/").content.decode()
    assert "they are not there:" in shown
    assert "driving-and-your-ride" in shown


def test_a_source_and_a_word_of_ones_own(manager: Client) -> None:
    source = {"key": "New26", "citation": "New 2026", "address": "https://new.example/1"}
    manager.post("/desk/education/shelf/", {"what": "source"} | source)
    term = {"language": "en", "term": "Remission", "definition": "Hardly any symptoms."}
    manager.post("/desk/education/shelf/", {"what": "term"} | term)

    assert Source.objects.get(key="New26").edited
    assert Term.objects.get(term="Remission").edited
    refused = manager.post("/desk/education/shelf/", {"what": "source", "key": "a b"})
    assert "Nothing you typed is lost." in refused.content.decode()
    shown = send(
        manager,
        current()
        .replace("[@Ana23] A [[response]]", "[@New26] A [[Remission]]")
        .replace("sources: [Ana23]", "sources: [Ana23, New26]"),
        apply="1",
    )
    assert "Everybody reads it from now on." in shown


def test_operations_ask_who_acts() -> None:
    nurse = Actor.of(make_user("", "nurse"))
    about = {"actor": nurse, "language": "en", "slug": "depression", "now": NOW}
    for act in (
        lambda: publish_page(**about, text=current() + "x", seen=mark_of(page()), today=TODAY),
        lambda: sign_page(**about, seen=mark_of(page()), today=TODAY),
        lambda: take_in(**about, seen=mark_of(page())),
    ):
        with pytest.raises(Refused):
            act()


def test_publishing_the_same_again_is_refused() -> None:
    about = {"actor": Actor.of(make_user("", "manager")), "language": "en", "slug": "depression"}
    with pytest.raises(Refused):
        publish_page(**about, text=current(), seen=mark_of(page()), today=TODAY, now=NOW)
    with pytest.raises(ProtocolError):
        publish_page(**about, text="no page", seen=mark_of(page()), today=TODAY, now=NOW)


def test_the_list_costs_the_same_with_one_page_and_four(
    manager: Client, django_assert_num_queries: object
) -> None:
    manager.get("/desk/education/")
    with django_assert_num_queries(7):  # type: ignore[operator]
        manager.get("/desk/education/")
    Page.objects.exclude(slug="depression").update(published=None)
    with django_assert_num_queries(7):  # type: ignore[operator]
        manager.get("/desk/education/")
