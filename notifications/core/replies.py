"""What somebody answers to a text message."""

from __future__ import annotations

from enum import StrEnum


class Reply(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


WORDS = {
    Reply.STOP: ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "alto", "parar"),
    Reply.START: ("start", "unstop", "empezar"),
    Reply.HELP: ("help", "info", "ayuda"),
}
"""The words that carriers in the United States ask for, and Spanish ones beside them."""
TEXTS_A_DAY = 1
TEXTS_A_WEEK = 3
"""How many texts that only remind one patient gets. Source: the Federal Communications Commission's
conditions for exempt health-care texts (47 CFR 64.1200(a)(9)(iv))."""


def read(text: str) -> Reply:
    """What is meant. Case, spaces and marks do not matter; a sentence is a sentence, not a word
    of these."""
    word = "".join(one for one in text.casefold() if one.isalnum())
    return next((reply for reply, words in WORDS.items() if word in words), Reply.OTHER)
