"""The project's URLs as they are where nobody fills the places of a course."""

from __future__ import annotations

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as every

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    one
    for one in every
    if getattr(getattr(one, "urlconf_name", None), "__name__", "") != "education.urls"
]
