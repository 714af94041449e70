from django.apps import AppConfig


class EducationConfig(AppConfig):
    """What a patient reads before and after treatment, and whether it was clear."""

    name = "education"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what education's own tasks ask for."""
        from django.utils.translation import gettext_lazy as _

        from education.operations.read import TALK
        from scheduling.web.desk import tasks

        tasks.register(TALK, _("Go through a page with the patient"))
