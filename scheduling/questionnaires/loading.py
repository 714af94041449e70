"""Reads the YAML files of this folder. Every mistake is reported with its file and line."""

from __future__ import annotations

import pathlib
from functools import cache

from scheduling.core.mistakes import Mistake
from scheduling.core.questionnaires import Band, Option, Questionnaire
from scheduling.protocols.fields import Fields
from scheduling.protocols.parsing import parse, raise_mistakes

FOLDER = pathlib.Path(__file__).parent
FALLBACK = "en"
"""Shown, and said to be English, where no version in the reader's language has been validated."""


@cache
def load_questionnaires(folder: pathlib.Path = FOLDER) -> dict[tuple[str, str], Questionnaire]:
    """By slug and language. Raises ProtocolError."""
    found = {}
    for file in sorted(folder.glob("*.yaml")):
        one = read_questionnaire(file.read_text(encoding="utf-8"), file.name)
        found[one.slug, one.language] = one
    return found


def questionnaire(slug: str, language: str = FALLBACK) -> Questionnaire | None:
    """The instrument in that language, or in English; None for what is no questionnaire, a form
    that is only done."""
    known = load_questionnaires()
    return known.get((slug, language)) or known.get((slug, FALLBACK))


def read_questionnaire(text: str, name: str) -> Questionnaire:
    """The questionnaire in a YAML text; errors name the file `name`. Raises ProtocolError."""
    document, lines = parse(text, name)
    mistakes: list[Mistake] = []
    fields = Fields(document, (), mistakes)
    items = fields.words("items")
    options = tuple(_option(item) for item in fields.each("options"))
    values = [option.value for option in options] or [0]
    size = len(items) or 1
    given = fields.has("highest")
    one = Questionnaire(
        slug=fields.slug("questionnaire"),
        version=fields.number("version"),
        language=fields.text("language"),
        title=fields.text("title"),
        asks=fields.text("asks", default=""),
        items=items,
        options=options,
        lowest=fields.number("lowest") if given else min(values) * size,
        highest=fields.number("highest") if given else max(values) * size,
        bands=tuple(_band(item) for item in fields.each("bands")),
        danger=fields.optional_number("danger"),
        worse_by=fields.optional_number("worse_by"),
        terms=fields.text("terms"),
    )
    fields.text("source")
    if f"{one.slug}.{one.language}.yaml" != name and not mistakes:
        fields.mistake((), f"belongs in a file {one.slug}.{one.language}.yaml")
    if items and len(options) < 2:
        fields.mistake((), "items need at least two options to choose from")
    if not options and not given:
        fields.mistake((), "a result needs options, or lowest and highest")
    if len(set(values)) < len(options):
        fields.mistake(("options",), "two options have the same value")
    if one.danger is not None and not 1 <= one.danger <= len(items):
        fields.mistake(("danger",), f"danger must be the number of an item, 1 to {len(items)}")
    starts = [band.lowest for band in one.bands]
    if starts != sorted(set(starts)) or (starts and starts[0] != one.lowest):
        fields.mistake(("bands",), f"bands must rise from {one.lowest}")
    if starts and starts[-1] > one.highest:
        fields.mistake(("bands",), f"no score is above {one.highest}")
    fields.close()
    raise_mistakes(mistakes, name, lines)
    return one


def _option(fields: Fields) -> Option:
    option = Option(value=fields.number("value"), words=fields.text("words"))
    fields.close()
    return option


def _band(fields: Fields) -> Band:
    band = Band(lowest=fields.number("from"), words=fields.text("words"))
    fields.close()
    return band
