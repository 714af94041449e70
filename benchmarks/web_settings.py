"""The product's settings, and beside the product's addresses those of `web_floor`."""

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE, STORAGES

ROOT_URLCONF = "benchmarks.web_floor"
MIDDLEWARE = ["benchmarks.web_floor.count_queries", *MIDDLEWARE]
# Pages name their styles, and no release has collected them here.
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
