"""Run every measurement and print one table: `python -m benchmarks [module ...]`.

A module of this package that has `rows()` takes part; it yields its rows as they are measured.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks.table import print_head, print_row


def main(wanted: list[str]) -> int:
    """Exit status 1 where a goal was missed."""
    names = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    unknown = set(wanted) - set(names)
    if unknown:
        print(f"no such measurement: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    print_head()
    missed = 0
    for name in wanted or sorted(names):
        if name.startswith("_"):
            continue
        rows = getattr(importlib.import_module(f"benchmarks.{name}"), "rows", None)
        for row in rows() if rows else ():
            print_row(row)
            missed += row.met is False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
