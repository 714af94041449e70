"""A text message fits into one, whoever sends it and whatever the language."""

from __future__ import annotations

import pytest

from notifications.compose.preview import is_texted
from notifications.compose.samples import SAMPLES
from notifications.compose.sms_text import GSM7, LONGEST, plain, shortened
from notifications.core.kinds import Channel
from tests.notifications.compose.test_letters import CANARIES
from tests.notifications.letters import LANGUAGES, letter_of, make_site

TEXTED = [name for name, one in SAMPLES.items() if is_texted(one)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TEXTED)
def test_it_fits_says_who_sends_it_and_how_to_stop(name: str, language: str) -> None:
    clinic = "Centro de Bienestar y Salud Integral de Westminster"

    text = letter_of(name, language, site=make_site(neutral_name=clinic), channel=Channel.SMS).text

    assert len(text) <= LONGEST, text
    assert set(text) <= GSM7
    assert text.startswith("Centro de Bienestar")
    assert "STOP" in text
    assert "+1 (303) 555-0100" in text
    assert CANARIES.findall(text) == []


def test_what_the_alphabet_lacks_falls_off() -> None:
    assert plain("Sábado 5 – mañana, 10\N{NO-BREAK SPACE}a.m.… 🌿") == (
        "Sabado 5 - mañana, 10 a.m...."
    )


def test_a_long_name_ends_with_a_word() -> None:
    assert shortened("Cedar Street Clinic") == "Cedar Street Clinic"
    assert shortened("Cedar Street Clinic and Garden") == "Cedar Street Clinic and"
    assert len(shortened("x" * 200)) == 24
