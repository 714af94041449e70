from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import ApiKey, User


class Command(BaseCommand):
    help = "Print a new API key of a user, once: alone on the last line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--label", default="")
        parser.add_argument("--days", type=int, help="valid for so many days; else without end")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(options["email"])
        except User.DoesNotExist:
            raise CommandError(f"nobody signs in as {options['email']}") from None
        days = options["days"]
        expires_at = timezone.now() + timedelta(days=days) if days else None
        self.stderr.write("Keep this key safe: it cannot be shown again.")
        self.stdout.write(ApiKey.issue(user, label=options["label"], expires_at=expires_at))
