"""Text messages: 160 characters of an alphabet of their own (3GPP TS 23.038, section 6.2.1)."""

from __future__ import annotations

import unicodedata

LONGEST = 160
"""What fits into one message of that alphabet. One letter outside it halves it and more."""
GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
NAME = 24
"""As much of a clinic's name as leaves room for the longest day and time."""
REPLACED = str.maketrans({"–": "-", "—": "-", "…": "...", "’": "'", "‘": "'", "“": '"', "”": '"'})


def plain(text: str) -> str:
    """The text in that alphabet: accents that it lacks fall off ("sábado", "sabado"), and whatever
    else it does not know."""
    letters = "".join(_letter(one) for one in text.translate(REPLACED))
    return " ".join(letters.split())


def shortened(name: str) -> str:
    """The beginning of a long name, at a word's end."""
    if len(name) <= NAME:
        return name
    kept = name[:NAME].rpartition(" ")[0] or name[:NAME]
    return kept.rstrip(" ,.-&")


def _letter(one: str) -> str:
    if one in GSM7:
        return one
    return "".join(part for part in unicodedata.normalize("NFKD", one) if part in GSM7)
