"""What every page is held to in a real browser."""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCHEMES = ["light", "dark"]
WIDTHS = [320, 360, 1280]
"""320 CSS pixels are also what a page of 1280 has at 400 % zoom."""


def no_violations(page: Page) -> None:
    """axe finds nothing on the page as it stands."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def fits(page: Page) -> bool:
    """Whether nothing asks to be scrolled sideways, once the page has been laid out anew."""
    return bool(
        page.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>"
            " done(document.documentElement.scrollWidth <= window.innerWidth))))"
        )
    )


def look_at(page: Page, name: str) -> None:
    """Hold the page as it stands to everything: light and dark, narrow and wide."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            picture(page, f"{name}-{scheme}-{width}")
            assert fits(page), f"{name} at {width} pixels"
        no_violations(page)


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, where PICTURES names a folder for them."""
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
