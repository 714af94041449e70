"""Each mail as a mail program shows it: read by everybody, light and dark, on a phone and wide."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from accounts.mail_html import as_html
from notifications.compose.samples import SAMPLES
from notifications.models import Message
from tests.browser.conftest import carry
from tests.browser.look import SCHEMES, fits, look_at, no_violations, picture
from tests.factories import make_clinic
from tests.notifications.letters import LANGUAGES, letter_of, make_site
from tests.scheduling.web.desk.day import desk_of

pytestmark = pytest.mark.browser
WIDTHS = [320, 700]
LONG = "Rehabilitationsgesellschaftsverwaltung"


def look(page: Page, html: str, name: str, *, with_sheet: bool = True) -> None:
    """Hold a mail to everything, at both widths and in both schemes."""
    page.set_content(html if with_sheet else _without_sheet(html))
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            picture(page, f"mail-{name}-{scheme}-{width}")
            assert fits(page), f"{name} at {width} pixels"
        no_violations(page)


def _without_sheet(html: str) -> str:
    before, _, rest = html.partition("<style>")
    return before + rest.partition("</style>")[2]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_mail_is_read_everywhere(page: Page, name: str, language: str) -> None:
    look(page, letter_of(name, language).html, f"{name}-{language}")
    for button in page.locator("a.button, a.button-plain, a.footlink").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44


@pytest.mark.parametrize("name", ["course", "busy-day", "repaired"])
def test_programs_that_drop_the_style_sheet_show_it_whole(page: Page, name: str) -> None:
    look(page, letter_of(name).html, f"{name}-bare", with_sheet=False)


def test_a_long_name_breaks_rather_than_pushes(page: Page) -> None:
    site = make_site(neutral_name=LONG, address=LONG * 2)
    for name in ("reminder", "course"):
        look(page, letter_of(name, site=site).html, f"{name}-long")


def test_the_mails_of_signing_in_wear_the_same_dress(page: Page) -> None:
    text = "Your sign-in code.\n\n493 201\n\nhttps://localhost/invitation/" + "x" * 43
    look(page, as_html("Your sign-in code", text, code="493 201"), "code")


@pytest.mark.django_db(transaction=True)
def test_a_manager_looks_at_messages_and_sends_one(page: Page, live_server: object) -> None:
    make_clinic()
    carry(desk_of("manager"), page, str(live_server))

    page.goto(f"{live_server}/desk/setup/")
    page.get_by_role("link", name="Messages").click()
    look_at(page, "messages")
    page.get_by_role("row", name="A course is booked").get_by_role("link").first.click()
    frame = page.frame_locator("iframe.message")
    assert frame.get_by_role("heading", level=1).text_content() == "Your appointments are booked"
    look_at(page, "message")
    page.get_by_role("button", name="Send this to").click()
    page.get_by_text("The mail server took the test").wait_for()
    assert not Message.objects.exists()
