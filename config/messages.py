"""The catalogues of words: gather what is to be translated, and compile what has been.

`python -m config.messages` brings `locale/*/LC_MESSAGES/django.po` in line with the sources;
`python -m config.messages compile` writes the `.mo` files that Django reads. Both need Python only.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "locale"
APPS = ("config", "accounts", "scheduling", "education", "notifications")
SKIPPED = {"dev", "styleguide"}
"""Folders of templates that only developers see."""
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
}
UNSAID = tuple(
    f'"{name}' for name in ("Project", "Report", "POT", "PO-", "Last", "Language-Team", "Generated")
)
"""Lines of a catalogue's head that say nothing, or another thing each time."""


def gather() -> Catalog:
    """Every message of the sources, with the files it stands in."""
    catalog = Catalog()
    for name, text in _sources():
        found = extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS)
        for _line, message, _comments, context in found:
            catalog.add(message, locations=[(name, 0)], context=context)
    for name, words in _data():
        catalog.add(words, locations=[(name, 0)])
    return catalog


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands in its file."""
    with _po(language).open("rb") as file:
        return read_po(file, locale=language)


def refresh() -> None:
    """Add new messages and drop old ones; what was translated stays."""
    for file in sorted(LOCALES.glob("*/LC_MESSAGES/django.po")):
        language = file.parent.parent.name
        catalog = read(language)
        catalog.update(gather(), no_fuzzy_matching=True)
        catalog.obsolete.clear()
        text = io.BytesIO()
        write_po(text, catalog, width=100, sort_output=True, include_lineno=False)
        lines = text.getvalue().decode().splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(UNSAID)]
        file.write_text("".join(kept), encoding="utf-8")


def compile_all() -> None:
    """Write each `.mo` that is missing or older than its `.po`, whole or not at all."""
    for file in sorted(LOCALES.glob("*/LC_MESSAGES/django.po")):
        target = file.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= file.stat().st_mtime:
            continue
        part = target.with_suffix(f".{os.getpid()}")
        with part.open("wb") as out:
            write_mo(out, read(file.parent.parent.name))
        part.replace(target)


def _sources() -> Iterator[tuple[str, str]]:
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*")):
            if file.suffix not in (".py", ".html", ".txt", ".js") or "migrations" in file.parts:
                continue
            text = file.read_text(encoding="utf-8")
            name = file.relative_to(ROOT).as_posix()
            if file.suffix == ".py":
                yield name, text
            elif "templates" in file.parts and SKIPPED.isdisjoint(file.parts):
                # In brackets, so that the indentation of a page means nothing.
                yield name, f"({templatize(text, origin=name)})"


def _data() -> Iterator[tuple[str, str]]:
    """The words of services and protocols that patients read."""
    from scheduling.protocols.loading import load_library

    library = load_library()
    for service in library.catalogue.services.values():
        yield "scheduling/protocols/services.yaml", service.title
    for protocol in library.protocols.values():
        name = f"scheduling/protocols/{protocol.slug}.yaml"
        for words in (protocol.title, protocol.summary, protocol.evidence.summary):
            yield name, words
        yield from ((name, block.title) for block in protocol.blocks)


def _po(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "django.po"


if __name__ == "__main__":
    if sys.argv[1:] == ["compile"]:
        compile_all()
    else:
        refresh()
        compile_all()
