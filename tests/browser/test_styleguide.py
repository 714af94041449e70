"""The style guide shows every component, in light and dark, wide and narrow, and is accessible."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.look import SCHEMES, WIDTHS, fits, no_violations, picture


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_component_is_accessible_and_fits(
    page: Page, live_server: object, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{live_server}/styleguide/")
        assert fits(page), width
        picture(page, f"styleguide-{scheme}-{width}")
    no_violations(page)
