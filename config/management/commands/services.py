import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import local


class Command(BaseCommand):
    """Run this checkout's own PostgreSQL and Valkey in the foreground, until Ctrl-C."""

    help = "Run the private PostgreSQL and Valkey, or look after those that run."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--start", action="store_true", help="start them and return")
        parser.add_argument("--stop", action="store_true", help="stop them, whoever started them")
        parser.add_argument("--status", action="store_true", help="say which of them answer")

    def handle(self, *args: Any, **options: Any) -> None:
        places = settings.LOCAL_PLACES
        try:
            if options["status"]:
                for name, answers in local.status(places).items():
                    self.stdout.write(f"{name}: {'answers' if answers else 'does not answer'}")
            elif options["stop"]:
                local.stop(places)
            else:
                started = local.start(places)
                self.stdout.write(f"DATABASE_URL={local.database_url(places, 'tremedy_app')}")
                self.stdout.write(f"REDIS_URL={local.redis_url(places)}")
                if not options["start"]:
                    self.wait(stop_after=bool(started))
        except local.LocalServiceError as error:
            raise CommandError(str(error)) from error

    def wait(self, *, stop_after: bool) -> None:
        """Sleep until a signal; then stop the servers, unless they ran before we came."""
        signals = {signal.SIGINT, signal.SIGTERM}
        # Blocked first: a signal between the message and the wait would otherwise be lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        self.stdout.write("Ctrl-C ends this." if stop_after else "They ran already and stay.")
        self.stdout.flush()
        signal.sigwait(signals)
        if stop_after:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
            local.stop(settings.LOCAL_PLACES)
