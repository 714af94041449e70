from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Messages to patients and staff, composed from committed scheduling events.

    It reads event rows, so no operation has to remember wording or channels.
    """

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say at the desk what this app's tasks ask for, and listen for mail that comes in."""
        from anymail.signals import inbound  # models are known only by now

        from notifications.operations.reminders import STOPPED
        from notifications.web.inbound import receive
        from scheduling.web.desk.tasks import register

        inbound.connect(receive, dispatch_uid="notifications")
        register(STOPPED, _("Reminders were stopped: ask how else to remind"))
