"""Fill an empty database with the demo clinic, and keep it fresh on later days."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from config.demo import answers, bookings, clinic, history, people, post, waiting
from scheduling.models import Site

WEEKS = 8
GROUP_WEEKS = 40


def is_empty() -> bool:
    """Whether there is no clinic yet."""
    return not Site.objects.exists()


def fill(now: datetime) -> str:
    """Make clinic, people and `WEEKS` of bookings; return what was made, in words."""
    today = clinic.today_at(clinic.ZONE, now)
    with transaction.atomic():
        users = people.create_users()
        site = clinic.build(users, today - bookings.PAST, GROUP_WEEKS)
        clinic.open_today(site, today)
    made = bookings.fill(site, users["prescriber"], now, weeks=WEEKS)
    history.live_through(site, users, now)
    answers.answer_all(site, users["prescriber"], now)
    people.let_in(history.in_the_middle(site, now).patient, users["course"])
    waiting.wait(site, users["frontdesk"], now)
    post.agree(now)
    post.catch_up(now)
    return (
        f"{made.courses} courses with {made.sessions} sessions; chairs hold {made.chair_load:.0%}"
        f" of the infusions that fit, talk rooms are taken to {made.room_load:.0%} of their hours."
    )


def freshen(now: datetime) -> None:
    """What must be true on any day the demo is run: people can sign in, today is a working day."""
    people.give_sign_ins()
    site = Site.objects.get(slug="main")
    clinic.open_today(site, clinic.today_at(site.timezone, now))
    people.put_on_call(site)
