from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scheduling.protocols.loading import FOLDER, ProtocolError, load_library
from scheduling.protocols.store import store


class Command(BaseCommand):
    help = "Bring services and protocols in line with their YAML files; may be run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=FOLDER, help="read these files instead")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            library = load_library(options["folder"])
        except ProtocolError as error:
            raise CommandError(f"Nothing was changed.\n{error}") from None
        except FileNotFoundError as error:
            raise CommandError(f"Nothing was changed.\n{error.filename} is missing") from None
        done = store(library)
        if options["verbosity"]:
            self.stdout.write("\n".join(done) or "Everything was there already.")
