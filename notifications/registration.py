"""What this app adds to lists that scheduling keeps."""

from __future__ import annotations

from django.urls import reverse

from notifications import wording
from notifications.selectors.reports import COLUMNS, TITLES, VALUES, messages
from notifications.selectors.told import told_of_disruption
from scheduling.models import StaffTask
from scheduling.operations import told
from scheduling.selectors.reports import REPORTS
from scheduling.web.desk import reports as report_pages
from scheduling.web.desk import tasks


def register_all() -> None:
    """Kinds of tasks, and the report of messages."""
    for kind, (words, call) in wording.TASKS.items():
        tasks.register(kind, words, page=_page, call=call)
    told.register(told_of_disruption)
    REPORTS["messages"] = messages
    report_pages.TITLES.update(TITLES)
    report_pages.COLUMNS.update(COLUMNS)
    report_pages.VALUES.update(VALUES)


def _page(task: StaffTask) -> str:
    if task.patient_id is None:
        return reverse("inbox-task", args=[task.pk])
    return reverse("desk-messages", args=[task.patient_id])
