from django.apps import AppConfig


class EducationConfig(AppConfig):
    """What a patient reads before and after treatment: plain pages, the same for everyone."""

    name = "education"
    default_auto_field = "django.db.models.BigAutoField"
