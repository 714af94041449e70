"""The product's addresses with the pages of the demo, which other tests must not find."""

from django.urls import include, path

urlpatterns = [path("dev/", include("config.dev.urls")), path("", include("config.urls"))]
