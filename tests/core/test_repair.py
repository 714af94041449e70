"""What a repair does, on a clinic small enough to see. Laws: `test_repair_laws.py`."""

from __future__ import annotations

from dataclasses import replace

from scheduling.core.clinic import Booking, Unit
from scheduling.core.course import Course, Rule, Step, Window
from scheduling.core.plan import Session, Taken
from scheduling.core.refusals import Code
from scheduling.core.repair import Disturbed, Option, Pin, Repair, Shock
from scheduling.core.repair_allow import allowing, as_allowed
from scheduling.core.repair_options import alternatives, ways_out, why_not
from scheduling.core.repair_search import first, improve
from scheduling.core.wishes import PatientTime, Wishes
from tests.core.small_clinic import MONDAY, at, availability, clock, service, unit

TALK = service("talk", 60, "therapist", continuity="therapist")
DRIP = service("drip", 60, "nurse", "chair", treatment=True)
WEEK = Wishes(MONDAY)


def visit(step: str, day: int, hour: str, *units: str, minutes: int = 60) -> Session:
    start = at(day, hour)
    taken = (Taken(name.rstrip("0123456789"), name, start, start + 60 * minutes) for name in units)
    return Session(step, start, start + 60 * minutes, tuple(taken))


def alone(name: str, session: Session, kind: object = TALK, **more: object) -> Disturbed:
    """A patient with one visit, which has to go."""
    course = Course((Step(session.step, kind),), ())  # type: ignore[arg-type]
    steps = frozenset({session.step})
    return Disturbed(name, course, {session.step: session}, steps, frozenset(), WEEK, **more)  # type: ignore[arg-type]


def shock(units: list[Unit], *courses: Disturbed, taken: tuple[Booking, ...] = ()) -> Shock:
    return Shock(availability(units, taken), courses, at(0, "00:00"))


def places(repair: Repair) -> dict[str, tuple[int, str]]:
    return {key[0]: clock(one.session.start) for key, one in repair.changes.items()}


def test_the_same_time_with_another_of_the_pool_costs_nothing() -> None:
    ada = alone("ada", visit("s.1", 0, "09:00", "nurse1", "chair1"), DRIP)

    repair = first(shock([unit("nurse2"), unit("chair1")], ada))

    assert (places(repair), repair.price) == ({"ada": (0, "09:00")}, 0)


def test_another_therapist_costs_eight() -> None:
    ada = alone("ada", visit("s.1", 0, "09:00", "therapist1"))

    assert first(shock([unit("therapist2")], ada)).price == 8


def test_a_small_move_is_dearer_than_another_person_and_another_day_dearer_still() -> None:
    ada = alone("ada", visit("s.1", 0, "09:00", "therapist1"))
    busy = (Booking("therapist2", at(0, "09:00"), at(0, "10:00")),)

    later = first(shock([unit("therapist2")], ada, taken=busy))
    all_day = (Booking("therapist2", at(0, "09:00"), at(0, "12:00")),)
    next_day = first(shock([unit("therapist2")], ada, taken=all_day))

    assert (places(later), later.price) == ({"ada": (0, "10:00")}, 8 + 5 + 2)
    assert (places(next_day), next_day.price) == ({"ada": (1, "09:00")}, 8 + 20 + 3)


def test_who_can_go_elsewhere_makes_room_for_who_cannot() -> None:
    """Both would stay at nine; Grace can come at no other time."""
    ada = alone("ada", visit("s.1", 0, "09:00", "therapist1"))
    grace = alone("grace", visit("s.1", 0, "09:00", "therapist1"))
    grace = replace(grace, wishes=replace(WEEK, not_after=10 * 60, latest=MONDAY))

    repair = first(shock([unit("therapist2")], ada, grace))

    assert places(repair) == {"ada": (0, "10:00"), "grace": (0, "09:00")}


def test_a_course_keeps_its_gaps_or_the_rest_of_it_follows() -> None:
    """The chair is free again two days late; the second drip must follow by at least two days."""
    course = Course(
        (Step("d.1", DRIP), Step("d.2", DRIP)),
        (Rule("d.1", "d.2", Window(2, None, 3), "gap"),),
        spacing_days=2,
    )
    current = {
        "d.1": visit("d.1", 0, "09:00", "nurse1", "chair1"),
        "d.2": visit("d.2", 2, "09:00", "nurse1", "chair1"),
    }
    ada = Disturbed("ada", course, current, frozenset({"d.1"}), frozenset(current), WEEK)
    out = Booking("chair1", at(0, "00:00"), at(2, "00:00"))
    stays = Booking("chair1", at(2, "09:00"), at(2, "10:00"))
    nurse = Booking("nurse1", at(2, "09:00"), at(2, "10:00"))
    free = availability([unit("nurse1"), unit("chair1")], [stays, nurse]).closing([out])
    struck = Shock(free, (ada,), at(0, "00:00"))

    assert first(struck).unplaced == {("ada", "d.1")}
    *_, best = improve(struck, stop=lambda: False)

    assert not best.unplaced
    assert clock(best.changes["ada", "d.1"].session.start)[0] == 2
    follows = best.changes["ada", "d.2"]
    assert (clock(follows.session.start)[0], follows.follows) == (4, True)


def test_a_pin_is_kept_and_the_others_go_around_it() -> None:
    ada = alone("ada", visit("s.1", 0, "09:00", "therapist1"))
    grace = alone("grace", visit("s.1", 0, "10:00", "therapist1"))
    struck = shock([unit("therapist2")], ada, grace)

    repair = first(replace(struck, pins={("ada", "s.1"): Pin(at(0, "10:00"))}))

    assert places(repair)["ada"] == (0, "10:00")
    assert places(repair)["grace"] != (0, "10:00")


def test_nobody_is_asked_to_come_sooner_than_they_can() -> None:
    ada = alone("ada", visit("s.1", 0, "11:00", "therapist1"))
    busy = (Booking("therapist2", at(0, "11:00"), at(0, "12:00")),)
    struck = replace(shock([unit("therapist2")], ada, taken=busy), not_before=at(0, "10:30"))

    assert places(first(struck)) == {"ada": (1, "11:00")}


def test_why_there_is_no_place_and_what_could_be_done() -> None:
    ada = alone("ada", visit("s.1", 0, "11:00", "therapist1", "room1"))
    kind = service("talk", 60, "therapist", "room", continuity="therapist")
    by_video = service("talk", 60, "therapist", continuity="therapist", mode="video")
    course = Course((Step("s.1", kind),), ())
    mornings = replace(WEEK, latest=MONDAY, weekdays=frozenset({1}))
    ada = replace(ada, course=course, wishes=mornings, remote={"s.1": by_video})
    room = unit("room1")
    closed = replace(room, opens=tuple(span for span in room.opens if span[0] >= at(2, "00:00")))
    struck = shock([unit("therapist1"), closed], ada)
    repair = first(struck)

    [refusal] = why_not(struck, repair, ("ada", "s.1"))
    ways = {way.option: way.start for way in ways_out(struck, repair, ("ada", "s.1"))}

    assert repair.unplaced == {("ada", "s.1")}
    assert (refusal.code, refusal.facts["role"]) == (Code.NO_START, "room")
    assert ways[Option.VIDEO] == at(0, "11:00")
    assert clock(ways[Option.OTHER_TIMES] or 0) == (2, "11:00")
    assert Option.WAITLIST in ways


def test_an_hour_more_may_be_enough() -> None:
    ada = alone("ada", visit("s.1", 0, "11:00", "therapist1"))
    ada = replace(ada, wishes=replace(WEEK, latest=MONDAY))
    busy = (Booking("therapist2", at(0, "09:00"), at(0, "12:00")),)
    struck = shock([unit("therapist2")], ada, taken=busy)

    ways = {way.option: way.start for way in ways_out(struck, first(struck), ("ada", "s.1"))}

    assert ways[Option.OVERTIME] == at(0, "12:00")


def test_nobody_stays_longer_while_they_are_away() -> None:
    ada = alone("ada", visit("s.1", 0, "11:00", "therapist1"))
    ada = replace(ada, wishes=replace(WEEK, latest=MONDAY))
    busy = (Booking("therapist2", at(0, "09:00"), at(0, "12:00")),)
    struck = shock([unit("therapist2")], ada, taken=busy)
    away = [Booking("therapist2", at(0, "12:00"), at(0, "13:00"))]

    ways = ways_out(struck, first(struck), ("ada", "s.1"), away)

    assert [way.option for way in ways] == [Option.OTHER_TIMES, Option.WAITLIST]


def test_what_is_allowed_finds_the_place_that_was_named_for_it() -> None:
    ada = alone("ada", visit("s.1", 0, "11:00", "therapist1"))
    ada = replace(ada, wishes=replace(WEEK, latest=MONDAY))
    busy = (Booking("therapist2", at(0, "09:00"), at(0, "12:00")),)
    struck = shock([unit("therapist2")], ada, taken=busy)
    key = ("ada", "s.1")

    for way in ways_out(struck, first(struck), key)[:-1]:
        pins = {key: Pin(way.start or 0, option=way.option, opens=way.opens)}
        allowed = replace(
            struck,
            availability=struck.availability.opening(way.opens),
            courses=(as_allowed(ada, pins),),
            pins=pins,
        )
        assert first(allowed).changes[key].session.start == way.start
        plain = replace(struck, pins={key: Pin(way.start or 0)})
        assert first(plain).unplaced == {key}, "the control: not without it"


def test_only_the_gaps_of_one_session_may_be_longer() -> None:
    rules = (
        Rule("a.1", "a.2", Window(1, 2, 3)),
        Rule("a.2", "a.3", Window(1, 2, 3)),
        Rule("a.3", "a.4", Window(1, 2, 3)),
        Rule("a.2", "a.4", Window(None, None, 0)),
    )
    course = Course(tuple(Step(f"a.{n}", TALK) for n in range(1, 5)), rules)
    ada = Disturbed("ada", course, {}, frozenset({"a.2"}), frozenset(), WEEK)

    loose = allowing(ada, "a.2", Option.LATER_START).course.rules

    assert [one.window.max for one in loose] == [None, None, 3, 0], "an order stays an order"
    assert [one.window.min for one in loose] == [1, 1, 1, None]


def test_alternatives_are_cheapest_first_and_not_what_is_proposed() -> None:
    ada = alone("ada", visit("s.1", 0, "09:00", "therapist1"))
    struck = shock([unit("therapist2")], ada)

    found = alternatives(struck, first(struck), ("ada", "s.1"))

    starts = [clock(place.session.start) for place in found]
    assert (0, "09:00") not in starts
    assert starts[0] == (0, "09:05")
    assert [place.price for place in found] == sorted(place.price for place in found)


def test_what_a_patient_has_elsewhere_is_in_the_way() -> None:
    own = PatientTime(busy=((at(0, "09:00"), at(0, "12:00")),))
    ada = alone("ada", visit("s.1", 0, "11:00", "therapist1"), patient=own)

    busy = (Booking("therapist2", at(0, "11:00"), at(0, "12:00")),)

    assert places(first(shock([unit("therapist2")], ada, taken=busy)))["ada"][0] == 1
