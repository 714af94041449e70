"""Pages of scheduling."""

from __future__ import annotations

from django.urls import URLPattern, path

from scheduling.web.patient import home

urlpatterns: list[URLPattern] = [path("", home.home, name="home")]
