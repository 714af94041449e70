"""Numbers as people write them, and as machines dial them."""

import pytest

from accounts.phone_numbers import e164


@pytest.mark.parametrize(
    "written",
    ["303 555 0100", "(303) 555-0100", "+1 303.555.0100", "1-303-555-0100", " +13035550100 "],
)
def test_one_number_in_every_spelling(written: str) -> None:
    assert e164(written) == "+13035550100"


def test_a_foreign_number_keeps_its_country() -> None:
    assert e164("+34 612 34 56 78") == "+34612345678"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "303 555 010",
        "103 555 0100",
        "303 155 0100",
        "+1 303 555 01000",
        "34612345678",
        "+0 612 345 678",
        "+1234567890123456",
        "303 555 0100 ext 7",
        "+1303555o100",
        "+1٣035550100",
        "303 555 0100\n+13035550101",
        "call me",
    ],
)
def test_what_is_no_number_is_none(written: str) -> None:
    assert e164(written) is None
