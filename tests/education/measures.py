"""How hard a page is to read, by the measure usual in its language.

English: Flesch-Kincaid grade [Kincaid et al. 1975], a school grade. Spanish: Fernández Huerta's
lecturabilidad [Fernández Huerta 1959], 0 to 100, easier above. Hyphenation misses syllables, so a
word has those of pyphen or of its vowels, whichever are more: no page looks easier than it is.
"""

from __future__ import annotations

import re
from functools import cache

import pyphen

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d[\d.,]*")
END = re.compile(r"[.!?:]+(?=\s|$)|\n")


@cache
def hyphens(language: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang={"en": "en_US", "es": "es"}[language], left=1, right=1)


def syllables(word: str, language: str) -> int:
    """At least one; a number counts as one."""
    if not word[0].isalpha():
        return 1
    hyphenated = len(hyphens(language).positions(word.lower())) + 1
    return max(1, hyphenated, spoken(word.lower(), language))


def spoken(word: str, language: str) -> int:
    """Groups of vowels. English drops a silent e at the end; in Spanish two open vowels, or one
    beside an accented closed one, are two groups."""
    if language == "en":
        groups = len(re.findall(r"[aeiouy]+", word))
        return groups - bool(re.search(r"[^aeiouyl]e[sd]?$", word))
    apart = re.sub(r"([aeoáéó])(?=[aeoáéóíú])|([íú])(?=[aeoáéó])", r"\1\2-", word)
    return len(
        re.findall(r"[aeiouáéíóúüy]+", re.sub(r"y(?=[aeiou])|(?<=[gq])u(?=[eiéí])", "", apart))
    )


def counts(text: str, language: str) -> tuple[int, int, int]:
    """Sentences, words and syllables. A line ends a sentence, as a heading or list item does."""
    parts = [part for part in END.split(text) if WORD.search(part)]
    words = WORD.findall(text)
    return len(parts), len(words), sum(syllables(word, language) for word in words)


def grade(text: str) -> float:
    """Flesch-Kincaid: the school grade at which the text is read easily."""
    sentences, words, said = counts(text, "en")
    return 0.39 * words / sentences + 11.8 * said / words - 15.59


def ease(text: str) -> float:
    """Fernández Huerta: 60 to 70 is plain, 70 to 80 quite easy."""
    sentences, words, said = counts(text, "es")
    return 206.84 - 60 * said / words - 1.02 * words / sentences
