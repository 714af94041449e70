"""Calendars: a month to choose a day from, a course at a glance."""

from __future__ import annotations

from datetime import date

from scheduling.web.month import glance, months


def test_a_month_has_whole_weeks_from_monday() -> None:
    [december] = months({date(2026, 12, 9): ("?day=2026-12-09", "3 free times")}, today=date.min)

    assert december.first == date(2026, 12, 1)
    assert [len(week) for week in december.weeks] == [7] * 5
    assert {week[0].date.isoweekday() for week in december.weeks} == {1}
    inside = [day.date.day for week in december.weeks for day in week if day.inside]
    assert inside == list(range(1, 32))


def test_only_days_with_something_to_choose_are_links() -> None:
    [december] = months({date(2026, 12, 9): ("?day=2026-12-09", "3 free times")}, today=date.min)

    links = [day for week in december.weeks for day in week if day.link]
    assert [(day.date, day.words) for day in links] == [(date(2026, 12, 9), "3 free times")]


def test_months_without_a_choice_between_two_are_left_out() -> None:
    days = {date(2026, 12, 31): ("a", ""), date(2027, 2, 1): ("b", "")}

    assert [month.first for month in months(days, today=date.min)] == [
        date(2026, 12, 1),
        date(2027, 2, 1),
    ]


def test_today_and_the_chosen_day_are_marked() -> None:
    days = {date(2026, 12, 2): ("a", ""), date(2026, 12, 3): ("b", "")}
    [december] = months(days, today=date(2026, 12, 1), chosen=date(2026, 12, 3))

    every = [day for week in december.weeks for day in week]
    assert [day.date.day for day in every if day.today] == [1]
    assert [day.date.day for day in every if day.chosen] == [3]


def test_a_course_at_a_glance_keeps_its_empty_weeks() -> None:
    weeks = glance(
        [
            (date(2026, 12, 2), "treatment"),
            (date(2026, 12, 2), "talk"),
            (date(2026, 12, 16), "group"),
        ]
    )

    assert [week.monday for week in weeks] == [date(2026, 11, 30), *map(_december, (7, 14))]
    assert weeks[0].days[2].marks == ("treatment", "talk")
    assert not any(day.marks for day in weeks[1].days)


def _december(day: int) -> date:
    return date(2026, 12, day)
