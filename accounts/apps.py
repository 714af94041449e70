from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: users who sign in, patients who may or may not, and their API keys."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import idle  # noqa: F401 - listens for whoever signs in, before any request
