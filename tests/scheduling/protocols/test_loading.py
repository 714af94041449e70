"""A mistake in a file is told with its file and line, and all of them at once."""

from __future__ import annotations

import json

import pytest

from scheduling.protocols.loading import (
    FOLDER,
    ProtocolError,
    load_library,
    read_protocol,
    read_services,
)
from scheduling.protocols.reading import DocumentError, fingerprint, from_json
from scheduling.protocols.services import service_from_json
from scheduling.protocols.writing import service_to_json, to_json

LIBRARY = load_library()
TRD = (FOLDER / "trd_iv6.yaml").read_text()
SERVICES = (FOLDER / "services.yaml").read_text()


def problems(text: str) -> list[str]:
    with pytest.raises(ProtocolError) as caught:
        read_protocol(text, "trd.yaml", LIBRARY.catalogue, LIBRARY.sources)
    return [str(problem) for problem in caught.value.problems]


def changed(old: str, new: str) -> tuple[str, int]:
    """The protocol with one thing changed, and the line on which it stands."""
    assert TRD.count(old) >= 1
    text = TRD.replace(old, new, 1)
    return text, text[: TRD.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "line_after", "told"),
    [
        ("count: 6", "cuont: 6", 0, "unknown key cuont"),
        ("count: 6", "count: six", 0, "count must be a whole number, 0 or more"),
        ("count: 6", "count: 6\n    count: 7", 1, "count is said twice"),
        ("service: infusion\n", "service: infusoin\n", 0, "unknown service infusoin"),
        ("anchor: inf.3", "anchor: inf.7", 0, "there is no session inf.7 to count from"),
        ("anchor: inf.3", "anchor: review.1", 0, "review cannot be counted from itself"),
        ("before: inf.5", "before: counsel.1", 0, "there is no session counsel.1 to count from"),
        ("[2, 7, 28]", "[2, 28, 7]", 0, "[2, 28, 7] is not in order: [min, target, max]"),
        ("[2, 7, 28]", "[2, 7]", 0, "window must be three numbers of days: [min, target, max]"),
        ("[2, 7, 28]", "[2, 7, 2800]", 0, "no window reaches further than 1000 days"),
        ("alone: [nurse]", "alone: [nurs]", 0, "infusion needs nobody of role nurs"),
        ("occurrence: 1", "occurrence: 9", 0, "there is no occurrence 9 of inf"),
        ("at: first", "at: last", 0, "at can only be `first`"),
        ("bookable_by: anyone", "bookable_by: all", 0,
         "'all' must be one of anyone, after_evaluation, staff"),
        ("source: {count: HAN}", "source: {count: Hun}", 0, "unknown source Hun"),
        ("clinic_default: [within]", "clinic_default: [wihtin]", 0,
         "there is no number called wihtin here"),
        ("anchor: inf.6, days: [1, 7]", "anchor: inf.6, days: [7, 1]", 0,
         "the first day lies after the last"),
        ("read: [after-your-visit]", "read: [psycho_therapy]", 0,
         "'psycho_therapy' must be lower-case letters, digits and -, at most 60"),
        ("read: [after-your-visit]", "read: [nutrition, nutrition]", 0, "nutrition is named twice"),
        ("reading: [what-ketamine-therapy-is, your-first-day, depression]", "reading: [A]", 0,
         "'A' must be lower-case letters, digits and -, at most 60"),
        ("    read: [during-your-visit, safety-and-side-effects, driving-and-your-ride]\n", "", 0,
         "the gate education needs something to read: `read`"),
    ],
)  # fmt: skip
def test_each_mistake_points_at_its_line(old: str, new: str, line_after: int, told: str) -> None:
    text, line = changed(old, new)
    assert f"trd.yaml:{line + line_after}: {told}" in problems(text)


def test_a_course_has_an_end() -> None:
    text, _ = changed("count: 6", "count: 10000")
    (told,) = [problem for problem in problems(text) if "sessions are more" in problem]
    assert told.endswith("sessions are more than a course holds (100)")


def test_a_number_without_an_origin_is_a_mistake() -> None:
    text, _ = changed("    clinic_default: [within]\n", "")
    line = TRD[: TRD.index("within: 14")].count("\n") + 1
    assert problems(text) == [
        f"trd.yaml:{line}: say where within comes from: under `source` or `clinic_default`"
    ]


def test_steps_counted_from_one_another_are_a_circle() -> None:
    text, _ = changed("    anchor: eval.1\n", "    anchor: prep.1\n")
    assert [problem.split(": ", 1)[1] for problem in problems(text)] == [
        "prep and inf are counted from one another in a circle"
    ]


def test_windows_that_no_days_can_meet_are_named_together() -> None:
    # The review follows infusion 3 by 15 to 20 days, but lies before infusion 5.
    text, _ = changed("window: [0, 1, 3]\n    before", "window: [15, 16, 20]\n    before")
    (told,) = problems(text)
    assert "no days can satisfy all of" in told
    assert "review.1 15 to 20 days after inf.3" in told
    assert "review.1 at most 0 days after inf.5" in told


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = TRD.replace("count: 6", "count: six").replace("title: Six", "titel: Six")
    assert [problem.split(": ", 1)[1] for problem in problems(text)] == [
        "title is missing",
        "unknown key titel",
        "count must be a whole number, 0 or more",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "trd.yaml:1: expected a mapping of names to values"),
        ("- a\n- b\n", "trd.yaml:1: expected a mapping of names to values"),
        ("a: [1, 2\nb: 3\n", "trd.yaml:2: expected ',' or ']', but got ':'"),
        ("a: &x [1]\nb: *x\n", "trd.yaml:2: aliases are not used here"),
        ("a: !!python/object:os.system x\n", "trd.yaml:1: could not determine a constructor"),
        ("a: \0\n", "trd.yaml:1: "),
        ("[" * 100_000, "trd.yaml:1: nested too deeply"),
        ("#" * 300_000, "trd.yaml:1: longer than 200000 characters"),
    ],
)
def test_what_is_no_protocol_at_all(text: str, told: str) -> None:
    assert problems(text)[0].startswith(told)


def service_problems(old: str, new: str) -> list[str]:
    assert old in SERVICES
    with pytest.raises(ProtocolError) as caught:
        read_services(SERVICES.replace(old, new, 1), "services.yaml", LIBRARY.sources)
    return [problem.text for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{role: therapist,", "{role: terapist,", "unknown role terapist"),
        ("{treat: 60}", "{treat: 61}", "phases last a multiple of 5 minutes"),
        ("{treat: 60}", "{treat: 0}", "phases must last 1 to 720 minutes together"),
        ("minutes: [0, 10]", "minutes: [0, 500]", "must lie within 0 and 145 minutes"),
        ("ride: 24,", "rid: 24,", "unknown gate rid"),
        ("[in_person, video, phone]", "[in_person, fax]",
         "'fax' must be one of in_person, video, phone"),
        ("{role: therapy_room, in_person: true}", "{role: therapy_room}",
         "a video or telephone session needs no place: `in_person: true`"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_service(old: str, new: str, told: str) -> None:
    assert told in service_problems(old, new)


@pytest.mark.parametrize("slug", LIBRARY.protocols)
def test_a_protocol_survives_storing_as_json(slug: str) -> None:
    protocol = LIBRARY.protocols[slug]
    stored = json.dumps(to_json(protocol), sort_keys=True)
    assert from_json(json.loads(stored)) == protocol


@pytest.mark.parametrize("slug", LIBRARY.catalogue.services)
def test_a_service_survives_storing_as_json(slug: str) -> None:
    service = LIBRARY.catalogue.services[slug]
    stored = json.dumps(service_to_json(service), sort_keys=True)
    assert service_from_json(json.loads(stored)) == service


def test_the_fingerprint_is_of_the_content() -> None:
    document = to_json(LIBRARY.protocols["trd_iv6"])
    backwards = dict(reversed(document.items()))
    assert fingerprint(document) == fingerprint(backwards)
    assert fingerprint(document) != fingerprint(document | {"title": "Other"})


def test_a_stored_document_that_cannot_be_read_says_where() -> None:
    document = to_json(LIBRARY.protocols["trd_iv6"])
    document["core"][2]["count"] = "six"
    with pytest.raises(DocumentError, match=r"core\.2\.count: count must be a whole number"):
        from_json(document)
