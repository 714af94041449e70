from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Messages to patients and staff, composed from committed scheduling events.

    It reads event rows, so no operation has to remember wording or channels.
    """

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make what lies below know our tasks and reports; listen to providers; check settings."""
        from anymail.signals import inbound

        from notifications import checks, registration  # noqa: F401 - checks register themselves
        from notifications.operations import provider_events  # noqa: F401 - listens
        from notifications.web.inbound import receive

        registration.register_all()
        inbound.connect(receive, dispatch_uid="notifications")
