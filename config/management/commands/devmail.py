from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.dev import sink


class Command(BaseCommand):
    """Take every message on a port of loopback and keep it for `/dev/mail/`; deliver nothing."""

    help = "Keep mail instead of delivering it, until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=1025)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("This keeps mail of a demo. Unset DATABASE_URL first.")
        over = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: over.set())
        sink.serve(settings.DEV_MAIL_FOLDER, options["port"], over)
