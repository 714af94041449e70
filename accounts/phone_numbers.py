"""Telephone numbers as machines dial them."""

from __future__ import annotations

import re

WRITTEN = re.compile(r"[\s().·/–-]")
INTERNATIONAL = re.compile(r"\+[1-9][0-9]{7,14}")
NORTH_AMERICAN = re.compile(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}")


def e164(written: str) -> str | None:
    """The number as ITU-T E.164 writes it, such as +13035550100; None for what is none.

    Without a plus it is read as North American: ten digits, or eleven that begin with 1. Numbers
    of that plan are held to its shape, so that a digit too few is found before a text is sent."""
    bare = WRITTEN.sub("", written.strip())
    if bare.isascii() and bare.isdigit():
        bare = f"+1{bare}" if len(bare) == 10 else f"+{bare}" if bare[:1] == "1" else bare
    if not bare.isascii() or not INTERNATIONAL.fullmatch(bare):
        return None
    if bare.startswith("+1") and not NORTH_AMERICAN.fullmatch(bare):
        return None
    return bare
