"""Every message in every language: whole, neutral, the same in each of its parts."""

from __future__ import annotations

import re
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template import TemplateSyntaxError, engines

from config.templatetags.mail import dressed
from notifications.compose import wording
from notifications.compose.letter import Content, Letter
from notifications.compose.recipient import Recipient
from notifications.compose.samples import SAMPLES, Scene
from notifications.compose.write import render
from notifications.core.kinds import Kind
from notifications.models import Message
from scheduling.models import Site
from tests.factories import at
from tests.notifications.letters import LANGUAGES, LONG_DAYS, everything, letter_of, make_site

EACH = pytest.mark.parametrize(
    ("name", "language"), [(name, code) for name in SAMPLES for code in LANGUAGES]
)
CANARIES = re.compile(
    r"ketamin|infusi|spravato|psych|psiqu|therap|terap|depress|trauma|fasting|ayuno|\brides?\b"
    r"|institute|dr\.",
    re.IGNORECASE,
)
CLOCKS = re.compile(r"\d{1,2}(?::\d\d)?\s[ap]\.m\.|noon|midnight|\b\d\d:\d\d\b")
HOSTILE = {
    "lines": "Mia\r\nBcc: eve@example.org\r\n\r\n<b>x</b>",
    "separators": "Mia\u2028Eve\u2029\x85\x0bLeft",
    "backwards": "Mia \u202egro.elpmaxe\u2066",
    "template": "{{ 7|add:1 }}{% now 'Y' %}",
    "percent": "100% %(name)s %s",
    "long": "Maximiliana" * 40,
    "emoji": "Mia 🌿👩‍⚕️",
    "markup": "<script>alert(1)</script>\"'&",
}


class Outline(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.tags if found == tag]


def test_every_kind_has_a_sample() -> None:
    assert {one.kind for one in SAMPLES.values()} | {Kind.REMINDER_72H} == set(Kind)


@EACH
def test_nothing_is_missing(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "MISSING(%s)")

    letter = letter_of(name, language)

    assert "MISSING" not in letter.text + letter.html + letter.subject
    assert "%(" not in letter.text + letter.html
    assert "\n\n\n" not in letter.text
    assert "None" not in letter.text


def test_the_look_for_what_is_missing_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "MISSING(%s)")

    assert "MISSING" in engines["django"].from_string("{{ nothing }}").render({})


@EACH
def test_nobody_learns_why_somebody_comes(name: str, language: str) -> None:
    assert CANARIES.findall(everything(letter_of(name, language))) == []
    told = make_site(neutral_name=make_site().name)
    assert CANARIES.findall(everything(letter_of(name, language, site=told))) != []  # the control


@EACH
def test_the_page_is_built_for_mail_programs(name: str, language: str) -> None:
    letter = letter_of(name, language)
    page = Outline(letter.html)

    assert page.all("html") == [{"lang": language, "dir": "ltr"}]
    assert len(page.all("h1")) == 1
    for table in page.all("table"):
        assert table.get("role") == "presentation" or "times" in str(table.get("class"))
    assert all(head.get("scope") for head in page.all("th"))
    assert all("style" in one for one in [*page.all("p"), *page.all("a"), *page.all("h1")])
    loads = ("src", "srcset", "background", "poster", "data")
    assert [one for _tag, one in page.tags if any(key in one for key in loads)] == []
    assert page.all("img") + page.all("link") + page.all("script") == []
    assert "url(" not in letter.html
    assert "@import" not in letter.html
    buttons = [one for one in page.all("a") if str(one["class"]).startswith("button")]
    assert [one["class"] for one in buttons].count("button") == 1  # one clear main action
    assert len(letter.html.encode()) < 100_000  # Gmail cuts off longer ones


@EACH
def test_both_parts_tell_the_same_times_and_lead_to_the_same_places(
    name: str, language: str
) -> None:
    letter = letter_of(name, language)
    page = Outline(letter.html)
    body = letter.html.partition("</div>")[2].replace("\N{NO-BREAK SPACE}", " ")

    assert CLOCKS.findall(letter.text) == CLOCKS.findall(re.sub(r"<[^>]*>", " ", body))
    lead = {str(one["href"]) for one in page.all("a")} - {"tel:+13035550100"}
    assert lead == set(re.findall(r"https?://\S+", letter.text))
    links = [one for one in page.all("a") if not str(one["href"]).startswith("tel:")]
    assert len(links) <= 4


def test_a_course_tells_each_of_its_dates_once() -> None:
    letter = letter_of("course")

    assert len(letter.calendars) == 22 + 1  # and one file with all of them
    assert letter.text.count("\n- ") == 22
    assert letter.html.count('scope="row"') == 22
    assert letter.html.count('scope="rowgroup"') == 3
    assert "- Wednesday, 30 September 2026, 4:30 p.m. – 5:20 p.m., At the clinic" in letter.text
    assert "By video" in letter.text
    assert "All times are Denver time." in letter.text


def test_a_move_says_before_and_now_in_words() -> None:
    text = letter_of("moved").text

    assert "Before: Monday, 21 September 2026, 10 a.m." in text
    assert "Now: Wednesday, 23 September 2026, 11 a.m. – 11:50 a.m." in text
    assert "Denver time" not in text  # who comes to the clinic needs no zone


def test_what_the_clinic_did_sounds_different_from_what_the_patient_did() -> None:
    own, desk, repair = (letter_of(name).text for name in ("moved", "moved-by-clinic", "repaired"))

    assert "You changed your times" in own
    assert "We changed your times" in desk
    assert "Something at the clinic made us change" in repair
    assert "You cancelled this" in letter_of("cancelled").text
    assert "We cancelled this" in letter_of("cancelled-by-clinic").text


def test_who_keeps_their_time_is_not_told_that_it_changed() -> None:
    site = make_site()
    scene = Scene(site, LONG_DAYS.date(), LONG_DAYS)
    kept = [scene.session(40, 2, "11:00")]

    def text(content: Content) -> str:
        recipient = Recipient("mia@example.org", "en", "Mia")
        return render(Message(kind=Kind.MOVED, site=site), content, recipient, {}).text

    told = partial(wording.change, by_patient=False, disrupted=True)
    for same in (told([], kept=kept), told([], by_video=kept)):
        assert "The time stays the same." in text(same)
        assert "change your times" not in text(same)
    moved = scene.session(41, 3, "11:00", sequence=1, was=(0, "10:00"))
    assert "change your times" in text(told([moved], kept=kept))


def test_only_what_can_be_stopped_offers_to_stop() -> None:
    for name, sample in SAMPLES.items():
        assert ("Stop reminders" in letter_of(name).text) == ("stop" in sample.acts)


def test_a_sample_leads_to_the_plan_and_acts_on_nothing() -> None:
    for name in SAMPLES:
        letter = letter_of(name)
        assert "/m/" not in letter.text + letter.html
        assert letter.headers == {}


def letter_to(first_name: str, name: str, site: Site) -> Letter:
    sample = SAMPLES[name]
    content = sample.make(Scene(site, LONG_DAYS.date(), LONG_DAYS))
    recipient = Recipient("mia@example.org", "en", first_name)
    return render(Message(kind=sample.kind, site=site), content, recipient, {})


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", ["course", "reminder", "repaired"])
def test_hostile_names_stay_names(name: str, hostile: str) -> None:
    letter = letter_to(hostile, name, make_site(neutral_name=hostile, address=hostile))
    ordinary = letter_to("Mia", name, make_site())

    assert letter.subject.isprintable()
    assert "\nBcc:" not in letter.text
    assert "<script" not in letter.html
    assert "<b>" not in letter.html
    assert not set("\u2028\u2029\u202e\u2066\x85\x0b\r") & set(letter.text + letter.html)
    if "{{" in hostile:
        assert "{{ 7|add:1 }}" in letter.text
    outline = Outline(letter.html)
    assert len(outline.all("h1")) == 1
    assert len(outline.all("td")) == len(Outline(ordinary.html).all("td"))


def test_a_look_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(TemplateSyntaxError, match="no look named 'lok'"):
        dressed("lok")


def test_the_colours_are_those_of_the_site() -> None:
    root = Path(settings.BASE_DIR) / "config"
    tokens = (root / "static/css/tokens.css").read_text().lower()
    for sheet in (root / "styles").glob("*.css"):
        for colour in re.findall(r"#[0-9a-f]{3,6}\b", sheet.read_text().lower()):
            assert colour in tokens, (sheet.name, colour)


def test_what_has_a_colour_has_a_ground_on_which_it_is_read() -> None:
    """A program that turns one of them dark turns both, and one that drops the dark sheet shows the
    light mail whole."""
    rules = (Path(settings.BASE_DIR) / "config/styles/mail.css").read_text().partition("*/")[2]
    looks = set(re.findall(r"\.([a-z-]+)(?=[ ,][^{}]*\{|\s*\{)", rules))
    assert len(looks) > 30
    for look in looks:
        style = dict(one.split(": ", 1) for one in dressed(look).split('"')[3].split(";"))
        if "color" in style:
            assert contrast(style["color"], style["background-color"]) >= 4.5, look


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, 1.4.3."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_clinic_elsewhere_tells_whose_clocks_it_means() -> None:
    text = letter_of("busy-day", "es", site=make_site(timezone="America/New_York")).text

    assert "Todas las horas son de Nueva York." in text
    assert at("2026-09-08 12:00") == LONG_DAYS
