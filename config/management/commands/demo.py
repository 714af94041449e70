from __future__ import annotations

import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from config import local
from config.database_roles import drop_database
from config.demo import people, processes, seed


class Command(BaseCommand):
    """Run the whole product on a believable clinic: services, web, worker and beat.

    The first run makes the data; later runs keep it. Never runs against a configured DATABASE_URL.
    """

    help = "Run the whole product with a believable clinic until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--reset", action="store_true", help="throw the data away, start over")
        parser.add_argument("--seed-only", action="store_true", help="make the data and return")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("The demo uses a database of its own. Unset DATABASE_URL first.")
        port = options["port"]
        if not options["seed_only"]:
            self.refuse_taken_port(port)
        places = settings.LOCAL_PLACES
        try:
            started = local.start(places)
        except local.LocalServiceError as error:
            raise CommandError(str(error)) from error
        try:
            self.prepare(reset=options["reset"])
            if not options["seed_only"]:
                connections.close_all()
                code = processes.run(port, settings.BASE_DIR, lambda: self.announce(port))
                if code:
                    raise CommandError("The demo did not run to its end.")
        finally:
            connections.close_all()
            if started:
                local.stop(places)

    def prepare(self, *, reset: bool) -> None:
        """Bring schema, protocols and data to where the demo can start."""
        if reset:
            drop_database(settings.DATABASE_ADMIN_URL, settings.DATABASES["default"]["NAME"])
        call_command("migrate_database", verbosity=0)
        call_command("load_protocols", verbosity=0)
        call_command("load_pages", verbosity=0)
        if seed.is_empty():
            self.stdout.write("Making a clinic with eight weeks of bookings. Once only.")
            self.stdout.flush()
            self.stdout.write(seed.fill(timezone.now()))
        seed.freshen(timezone.now())

    def refuse_taken_port(self, port: int) -> None:
        """A clear word before anything is started."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} is taken. Choose another: make demo PORT=8001"
                ) from error

    def announce(self, port: int) -> None:
        """Print where to go and who to be."""
        lines = [f"\nTremedy's scheduler runs at http://localhost:{port}\n", "Sign in as:"]
        lines += [
            f"  {people.address(local_part):26} {', '.join(roles) or people.PATIENTS[local_part]}"
            for local_part, (_name, roles) in people.USERS.items()
        ]
        lines += [
            f"  Everyone's password: {people.PASSWORD}",
            f"  Staff's second factors: http://localhost:{port}/dev/totp/",
            f"  All mail that was sent: http://localhost:{port}/dev/mail/",
            "",
            "Ctrl-C ends it.",
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()
