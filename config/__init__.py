"""The composition root: settings, URLs, task app and the services of a development machine.

Nothing imports it but Django's own start-up and its commands.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
