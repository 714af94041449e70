"""Reports on the page, as CSV and for programs."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from scheduling.csv_safe import to_csv
from scheduling.models import Appointment, Resource
from scheduling.operations.actor import Actor
from scheduling.operations.events import append
from scheduling.operations.transition import transition
from tests.factories import make_user
from tests.scheduling.api.caller import Caller
from tests.scheduling.operations.care import make_infusion
from tests.scheduling.web.desk.day import clinic_with_a_course, desk_of, today_at


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "  =1", "\0=1", "＝1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    [_header, [read]] = csv.reader(io.StringIO(to_csv(["name"], [[cell]]).replace("\0", "")))

    assert read.startswith("'")


def test_numbers_stay_numbers_and_quotes_are_kept() -> None:
    text = to_csv(["a", "b", "c"], [[-1.5, None, 'says "no", twice']])

    assert list(csv.reader(io.StringIO(text)))[1] == ["-1.5", "", 'says "no", twice']


def span(days: int = 7) -> dict[str, str]:
    return {
        "first": f"{today_at(0, days=-days):%Y-%m-%d}",
        "last": f"{today_at(23):%Y-%m-%d}",
    }


@pytest.mark.django_db
def test_a_treated_hour_shows_in_the_chairs_use() -> None:
    clinic, plan = clinic_with_a_course()
    day = next(n for n in range(1, 8) if today_at(9, days=-n).isoweekday() == 3)
    make_infusion(plan, clinic, "inf.1", today_at(9, days=-day), status="fulfilled")
    manager = desk_of("manager")

    page = manager.get("/desk/reports/", span()).content.decode()
    table = manager.get("/desk/reports/utilisation_place.csv", span()).content.decode()

    assert "How much chairs and rooms are used" in page
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(table))}
    assert float(rows["Chair 1"]["used"]) > 0
    assert float(rows["Chair 2"]["used"]) == 0
    assert "Ada" not in page + table


@pytest.mark.django_db
def test_care_begins_with_the_first_session_that_was_not_given_up() -> None:
    clinic, plan = clinic_with_a_course()
    for number, status in enumerate(("cancelled", "fulfilled", "noshow"), start=1):
        start = today_at(8 + number)
        Appointment.objects.create(
            care_plan=plan,
            step=f"prep.{number}",
            patient=plan.patient,
            service_id="therapy",
            site=clinic.site,
            status=status,
            start=start,
            end=start + timedelta(minutes=50),
            created_at=start - timedelta(days=number),
        )

    table = desk_of("manager").get("/desk/reports/wait.csv", span()).content.decode()

    rows = {row["sessions"]: row for row in csv.DictReader(io.StringIO(table))}
    assert (rows["in_course"]["visits"], rows["in_course"]["median_wait"]) == ("1", "2.0")
    assert rows["single"]["visits"] == "0"


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "early"), [(5, "1"), (300, "0")])
def test_rules_set_aside_are_counted_for_sessions_and_for_courses(minutes: int, early: str) -> None:
    clinic, plan = clinic_with_a_course()
    infusion = make_infusion(plan, clinic, "inf.1", today_at(0, 30), status="recovering")
    rests = today_at(1)
    said = {"actor": Actor.sweep(), "now": rests}
    append(verb="gate_overridden", appointment=infusion, facts={"gate": "ride"}, **said)
    append(verb="gate_overridden", care_plan=plan, facts={"gate": "education"}, **said)
    steps = {"status_before": "in_progress", "status_after": "recovering"}
    append(verb="recovering", appointment=infusion, **steps, **said)
    transition(
        actor=Actor.of(make_user("", "prescriber")),
        appointment=infusion,
        to="fulfilled",
        override_reason="Awake, and the escort is here",
        version=None,
        now=rests + timedelta(minutes=minutes),
    )

    table = desk_of("manager").get("/desk/reports/set_aside.csv", span()).content.decode()

    rows = {row["rule"]: row["times"] for row in csv.DictReader(io.StringIO(table))}
    assert rows == {"ride": "1", "education": "1", "early_discharge": early}


@pytest.mark.django_db
def test_a_name_that_is_a_formula_is_none_in_the_csv() -> None:
    clinic, _plan = clinic_with_a_course()
    Resource.objects.filter(pk=clinic.chairs[0].pk).update(name='=HYPERLINK("x")')

    table = desk_of("manager").get("/desk/reports/utilisation_place.csv", span()).content.decode()

    assert '"\'=HYPERLINK(""x"")"' in table


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        {"first": "2026-02-30", "last": "2026-03-01"},
        {"first": "2026-03-02", "last": "2026-03-01"},
        {"first": "2020-01-01", "last": "2026-01-01"},
        {"first": "0001-01-01", "last": "0001-01-02"},
        {"first": "", "last": ""},
    ],
)
def test_a_span_that_is_none_is_said_and_kept(said: dict[str, str]) -> None:
    clinic_with_a_course()
    manager = desk_of("manager")

    page = manager.get("/desk/reports/", said)

    assert "error-summary" in page.content.decode()
    assert manager.get("/desk/reports/courses.csv", said).status_code == 404


@pytest.mark.django_db
def test_a_table_that_is_none_is_not_found() -> None:
    clinic_with_a_course()

    assert desk_of("manager").get("/desk/reports/salaries.csv").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("visits", [1, 3])
def test_reports_take_as_many_queries_for_one_as_for_three(
    visits: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    clinic, plan = clinic_with_a_course()
    for number in range(visits):
        make_infusion(
            plan, clinic, f"inf.{number + 1}", today_at(9, days=-2 * number - 2), status="fulfilled"
        )
    manager = desk_of("manager")

    with django_assert_num_queries(19):
        manager.get("/desk/reports/", span())


@pytest.mark.django_db
def test_programs_read_the_same_as_json_or_csv() -> None:
    clinic_with_a_course()
    caller = Caller(make_user("", "manager"))
    said = {"site": "main", "from": span()["first"], "to": span()["last"]}

    found = caller.get("reports/attendance/", **said)
    tables = [table["code"] for table in found.json()["tables"]]
    assert tables == ["wait", "attendance", "on_time"]
    text = caller.client.get("/api/v1/reports/attendance/", said, headers={"Accept": "text/csv"})
    assert text["Content-Type"].startswith("text/csv")
    assert '"lead","visits"' in text.content.decode()
    assert caller.get("reports/salaries/", **said).status_code == 404
    backwards = {**said, "from": said["to"], "to": said["from"]}
    assert caller.get("reports/courses/", **backwards).status_code == 400
