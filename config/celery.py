"""The task application: `celery -A config worker`, `celery -A config beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.task(name="config.heartbeat")
def heartbeat() -> None:
    """Record that beat, broker and a worker are all alive; `/readyz` reads how long ago."""
    from config.health import record_heartbeat  # needs Django's apps, which are not ready above

    record_heartbeat()
