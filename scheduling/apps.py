from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    """Care plans, appointments and everything that must never collide."""

    name = "scheduling"
    default_auto_field = "django.db.models.BigAutoField"
