"""What a process that answers requests does before the first of them, so that none waits for it."""

from __future__ import annotations

import gc
from importlib import import_module

from celery import current_app
from django.conf import settings


def warm_up() -> None:
    """Load every page, and what speaks to the broker; then let the garbage collector pass over all
    that is there now, for it lasts as long as the process.

    A full collection looks at everything it does not pass over: a tenth of a second of whichever
    request it falls into.
    """
    import_module(settings.ROOT_URLCONF)
    _ = current_app.backend
    with current_app.producer_or_acquire():  # connects only when something is sent
        pass
    gc.collect()
    gc.freeze()
