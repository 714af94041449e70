from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Messages to patients and staff, composed from committed scheduling events.

    It reads event rows, so no operation has to remember wording or channels.
    """

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from notifications import checks  # noqa: F401
        from notifications.operations import provider_events  # noqa: F401
        from notifications.web import task_words  # noqa: F401
