from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections, transaction

from config import local
from config.database_roles import grant_to_app, make_roles_and_database


class Command(BaseCommand):
    """Bring the database to this version: roles, migrations, cache table, grants.

    May run again at any time. Migrations run as the owner; the application's role gets rows only.
    """

    help = "Make roles where allowed, migrate as the owner, grant the application its rights."
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.LOCAL:
            local.start(settings.LOCAL_PLACES, redis=False)
        if settings.DATABASE_ADMIN_URL:
            make_roles_and_database(
                settings.DATABASE_ADMIN_URL,
                app=settings.DATABASES["default"],
                owner=settings.DATABASES["owner"],
            )
        verbosity = options["verbosity"]
        call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
        call_command("createcachetable", database="owner", verbosity=verbosity)
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            grant_to_app(
                cursor,
                app_role=settings.DATABASES["default"]["USER"],
                append_only=settings.APPEND_ONLY_TABLES,
            )
