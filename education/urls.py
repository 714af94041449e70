"""Addresses of education. Nothing that is a person's says what it is about."""

from __future__ import annotations

from django.conf import settings
from django.urls import path, register_converter

from education.web import learn, my, sitemap
from education.web.desk import edit, pages, reading, shelf, version


class Language:
    """One of the languages that pages are written in."""

    regex = "|".join(code for code, _name in settings.LANGUAGES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Language, "language")

urlpatterns = [
    path("robots.txt", sitemap.robots, name="robots"),
    path("learn/", learn.start, name="learn"),
    path("learn/sitemap.xml", sitemap.sitemap, name="learn-sitemap"),
    path("learn/<language:language>/", learn.home, name="learn-home"),
    path("learn/<language:language>/search/", learn.find, name="learn-search"),
    path("learn/<language:language>/glossary/", learn.glossary, name="learn-glossary"),
    path("learn/<language:language>/topics/<slug:name>/", learn.topic, name="learn-topic"),
    path("learn/<language:language>/<slug:slug>/", learn.page, name="learn-page"),
    path("learn/<language:language>/<slug:slug>/print/", learn.print_page, name="learn-print"),
    path("desk/education/", pages.pages, name="education-pages"),
    path("desk/education/shelf/", shelf.shelf, name="education-shelf"),
    path(
        "desk/education/courses/<uuid:plan_id>/", reading.course_reading, name="desk-course-reading"
    ),
    path("desk/education/<language:language>/<slug:slug>/", edit.edit, name="education-edit"),
    path(
        "desk/education/<language:language>/<slug:slug>/change/",
        version.change,
        name="education-change",
    ),
    path(
        "desk/education/<language:language>/<slug:slug>/<int:number>/",
        version.version,
        name="education-version",
    ),
    path("my/reading/", my.my_reading, name="education-my-reading"),
    path("my/reading/<uuid:plan_id>/part/", my.part, name="plan-reading"),
    path("my/reading/<uuid:plan_id>/<int:page_id>/", my.read, name="education-read"),
    path(
        "my/reading/<uuid:plan_id>/<int:page_id>/questions/",
        my.questions,
        name="education-questions",
    ),
    path("my/reading/<uuid:plan_id>/<int:page_id>/talk/", my.talk, name="education-talk"),
]
