from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Makes the project's own commands, templates and styles known to Django."""

    name = "config"
    default_auto_field = "django.db.models.BigAutoField"
