"""The look again: one broken rule at a time, with the facts a person needs to mend it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from scheduling.core.course import Course, DayLimits, Window
from scheduling.core.expand import expand
from scheduling.core.plan import Session
from scheduling.core.protocol import StepTemplate
from scheduling.core.refusals import Code, refuse
from scheduling.core.verify import Findings, verify
from scheduling.core.wishes import PatientTime
from tests.core.courses import DOSE_STEP, EVAL_STEP, SERVICES, ZONE, protocol, session

INTEG = StepTemplate("integ", "talk", count=2, after=("dose.1", "dose.2"), window=Window(1, 2, 5))
COURSE = expand(protocol(EVAL_STEP, DOSE_STEP, INTEG), SERVICES)

# Tuesday 1 December 2026 and on; everything as it should be.
GOOD = {
    "eval.1": session("eval.1", "2026-12-01", "09:00", 60),
    "dose.1": session("dose.1", "2026-12-08", "09:00", 130),
    "integ.1": session("integ.1", "2026-12-10", "09:00", 50, therapist="Tess"),
    "dose.2": session("dose.2", "2026-12-11", "09:00", 130),
    "integ.2": session("integ.2", "2026-12-14", "08:00", 50, therapist="Tess"),
    "dose.3": session("dose.3", "2026-12-14", "09:00", 130),
}


def look(
    *moved: Session,
    course: Course = COURSE,
    patient: PatientTime = PatientTime(),  # noqa: B008 - frozen
    limits: DayLimits = DayLimits(),  # noqa: B008 - frozen
    soft_maximum: bool = False,
    partial: bool = False,
    ignore: frozenset[Code] = frozenset(),
    without: str = "",
) -> Findings:
    """`verify` on the good course with some sessions moved or one left out."""
    sessions = GOOD | {one.step: one for one in moved}
    sessions.pop(without, None)
    return verify(
        course,
        sessions,
        zone=ZONE,
        start=date(2026, 11, 24),
        limits=limits,
        patient=patient,
        soft_maximum=soft_maximum,
        partial=partial,
        ignore=ignore,
    )


def test_a_course_that_keeps_every_rule() -> None:
    assert look() == Findings(broken=(), warnings=())


def test_too_soon_after_the_dose_before_is_told_once_with_dates_in_days() -> None:
    moved = session("dose.2", "2026-12-09", "09:00", 130)
    assert look(moved).broken == (
        refuse(Code.GAP, step="dose.2", anchor="dose.1", min=2, max=7, days=1),
    )


def test_past_a_maximum_a_single_move_is_a_warning_and_never_past_a_minimum() -> None:
    late = session("dose.3", "2026-12-21", "09:00", 130)
    too_late = refuse(Code.GAP, step="dose.3", anchor="dose.2", min=2, max=7, days=10)
    assert look(late) == Findings(broken=(too_late,))
    assert look(late, soft_maximum=True) == Findings(broken=(), warnings=(too_late,))

    early = session("dose.3", "2026-12-12", "09:00", 130)
    assert look(early, soft_maximum=True).broken == (
        refuse(Code.GAP, step="dose.3", anchor="dose.2", min=2, max=7, days=1),
    )


def test_days_are_local_days_of_the_site() -> None:
    # 22:00 and 01:00 in Denver are one UTC day apart from what the clock on the wall says.
    evening = session("dose.1", "2026-12-08", "21:30", 130)
    night = session("dose.2", "2026-12-10", "00:30", 130)
    assert refuse(Code.GAP, step="dose.2", anchor="dose.1", min=2, max=7, days=2) not in (
        look(evening, night).broken
    )


def test_a_window_counts_from_the_earliest_date_too() -> None:
    late = session("eval.1", "2026-12-09", "08:00", 60)
    findings = look(late, course=replace(COURSE, rules=COURSE.rules[:1]))
    assert findings.broken == (
        refuse(Code.WINDOW, step="eval.1", anchor="start", min=0, max=14, days=15),
    )


def test_on_one_day_the_order_counts() -> None:
    review = StepTemplate(
        "review", "evaluation", anchor="dose.1", window=Window(0, 1, 3), before="dose.3"
    )
    course = expand(protocol(EVAL_STEP, DOSE_STEP, review), SERVICES)
    sessions = {step: GOOD[step] for step in ("eval.1", "dose.1", "dose.2", "dose.3")}

    before = sessions | {"review.1": session("review.1", "2026-12-08", "07:30", 60)}
    assert verify(course, before, zone=ZONE).broken == (
        refuse(Code.ORDER, step="review.1", other="dose.1"),
    )
    after = sessions | {"review.1": session("review.1", "2026-12-08", "11:30", 60)}
    assert verify(course, after, zone=ZONE).broken == ()


def test_talk_comes_before_a_treatment_of_the_same_day() -> None:
    moved = session("integ.2", "2026-12-14", "12:00", 50, therapist="Tess")
    assert look(moved).broken == (refuse(Code.ORDER, step="dose.3", other="integ.2"),)


def test_steps_that_never_share_a_day() -> None:
    course = replace(COURSE, apart=(("integ.2", "dose.3"),))
    assert look(course=course).broken == (refuse(Code.SAME_DAY, step="integ.2", other="dose.3"),)


def test_treatments_elsewhere_keep_their_distance_both_ways() -> None:
    earlier = date(2026, 12, 4).toordinal()
    assert look(patient=PatientTime(treatments=((earlier, 5),))).broken == (
        refuse(Code.SPACING, step="dose.1", other="2026-12-04", min=5, days=4),
    )
    # A later one is kept apart by what our own protocol asks: two days.
    later = date(2026, 12, 15).toordinal()
    assert look(patient=PatientTime(treatments=((later, 21),))).broken == (
        refuse(Code.SPACING, step="dose.3", other="2026-12-15", min=2, days=1),
    )


def test_treatments_of_different_steps_keep_their_distance() -> None:
    course = replace(COURSE, rules=())
    moved = session("dose.3", "2026-12-09", "09:00", 130)
    assert look(moved, course=course).broken == (
        refuse(Code.SPACING, step="dose.3", other="dose.1", min=2, days=1),
    )


def test_no_more_treatments_in_a_year_than_the_protocol_allows() -> None:
    course = replace(COURSE, treatments_per_year=4)
    last_year = tuple((date(2025, 12, day).toordinal(), 1) for day in (1, 3, 5))
    assert look(course=course, patient=PatientTime(treatments=last_year)).broken == ()

    in_spring = tuple((date(2026, 3, day).toordinal(), 1) for day in (2, 4))
    assert look(course=course, patient=PatientTime(treatments=in_spring)).broken == (
        refuse(Code.TREATMENT_CAP, limit=4, count=5),
    )


def test_a_day_has_its_limits() -> None:
    limits = DayLimits(sessions=1, visit_minutes=180)
    assert look(limits=limits).broken == (
        refuse(Code.DAY_FULL, date="2026-12-14", limit=1),
        refuse(Code.VISIT_TOO_LONG, date="2026-12-14", limit_minutes=180),
    )


def test_there_is_time_to_breathe_between_sessions() -> None:
    moved = session("integ.2", "2026-12-14", "08:05", 50, therapist="Tess")
    assert look(moved).broken == (
        refuse(Code.BREAK_TOO_SHORT, step="dose.3", other="integ.2", minutes=10),
    )


def test_the_patient_cannot_be_in_two_places() -> None:
    elsewhere = session("other", "2026-12-08", "11:15", 60)  # five minutes after the dose
    patient = PatientTime(busy=((elsewhere.start, elsewhere.end),))
    assert look(patient=patient).broken == (
        refuse(Code.PATIENT_BUSY, step="dose.1", start=GOOD["dose.1"].start),
    )


def test_the_therapist_stays_the_same() -> None:
    moved = session("integ.2", "2026-12-14", "08:00", 50, therapist="Toni")
    assert look(moved).broken == (refuse(Code.CONTINUITY, role="therapist"),)


def test_nothing_is_missing_and_nothing_too_much() -> None:
    stray = session("music.1", "2026-12-15", "09:00", 50)
    assert look(stray, without="dose.3").broken == (
        refuse(Code.STEP_UNKNOWN, step="music.1"),
        refuse(Code.STEP_MISSING, step="dose.3"),
    )
    assert look(without="dose.3", partial=True).broken == ()


def test_every_broken_rule_is_told_not_only_the_first() -> None:
    moved = session("dose.2", "2026-12-10", "09:30", 130)
    codes = [refusal.code for refusal in look(moved, limits=DayLimits(sessions=1)).broken]
    assert codes == [Code.ORDER, Code.DAY_FULL, Code.BREAK_TOO_SHORT, Code.DAY_FULL]


def test_what_somebody_entitled_has_overridden_is_not_told() -> None:
    moved = session("dose.2", "2026-12-09", "09:00", 130)
    assert look(moved, ignore=frozenset({Code.GAP})).broken == ()
