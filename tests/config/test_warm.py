"""A web worker loads everything before its first request, and the collector passes over it."""

import subprocess
import sys

from tests.databases import ROOT

LATE = ["config.urls", "kombu.transport.redis"]
"""What a process without `warm_up` loads only when somebody asks for it."""
PROGRAM = """
import gc, os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import config.wsgi
from config.gunicorn import post_worker_init
print(*(name in sys.modules for name in {late}), gc.get_freeze_count() > 0)
post_worker_init(None)
print(*(name in sys.modules for name in {late}), gc.get_freeze_count() > 0)
"""


def test_a_worker_is_warm_before_its_first_request() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(late=LATE)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    before, after = done.stdout.splitlines()
    assert before == "False False False"
    assert after == "True True True"
