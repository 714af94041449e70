from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from education.loading import FOLDER, load_library
from education.store import store
from scheduling.protocols.parsing import ProtocolError


class Command(BaseCommand):
    help = "Bring the pages to read in line with their files; may be run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=FOLDER, help="read these files instead")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            library = load_library(options["folder"])
        except ProtocolError as error:
            raise CommandError(f"Nothing was changed.\n{error}") from None
        except FileNotFoundError as error:
            raise CommandError(f"Nothing was changed.\n{error.filename} is missing") from None
        done = store(library, timezone.now())
        if options["verbosity"]:
            self.stdout.write("\n".join(done) or "Everything was there already.")
