"""Tables as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""What a cell that a spreadsheet would compute begins with, as wide signs too (OWASP, CSV
injection)."""


def to_csv(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Text with CRLF, every cell quoted; words that could be a formula begin with an apostrophe.
    Numbers stay numbers, nothing stays empty."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([_cell(one) for one in header])
    writer.writerows([_cell(one) for one in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    words = str(value)
    return f"'{words}" if words.lstrip(" ").startswith(DANGEROUS) else words
