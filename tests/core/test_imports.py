"""The core stands alone: importing all of it loads no framework and no library."""

from __future__ import annotations

import subprocess
import sys

IMPORT_ALL = """
import importlib, pkgutil, sys
import scheduling.core
before = set(sys.modules)
for module in pkgutil.walk_packages(scheduling.core.__path__, "scheduling.core."):
    importlib.import_module(module.name)
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
foreign = loaded - sys.stdlib_module_names - {"scheduling"}
print(sorted(name for name in foreign if not name.startswith("_sysconfigdata")))
"""


def test_the_core_imports_only_the_standard_library_and_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
