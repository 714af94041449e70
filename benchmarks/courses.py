"""The courses that the measurements ask for: 8, 14, 21, 22 and 29 sessions.

Fourteen is the core of the depression template; twenty-one adds counselling and three monthly
boosters, twenty-two counselling and the lifestyle group, twenty-nine loosens every window and adds
seven more talks.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from scheduling.core.course import START, Course, Rule, Step, Window
from scheduling.core.service import Phase, Requirement, Service


def _visit(slug: str, minutes: int, *roles: str, **kind: object) -> Service:
    needs = tuple(
        Requirement(role, 0, minutes, speaks=role in ("therapist", "counsellor")) for role in roles
    )
    return Service(slug, (Phase("treat", minutes),), needs, **kind)  # type: ignore[arg-type]


def _infusion(slug: str, *, alone: bool = False) -> Service:
    phases = (Phase("prepare", 30), Phase("treat", 40), Phase("recover", 60), Phase("turnover", 15))
    needs = (
        Requirement("infusion_chair", 0, 145),
        Requirement("nurse", 0, 30, alone=alone),
        Requirement("nurse", 30, 70, alone=alone),
        Requirement("nurse", 70, 130, alone=alone),
        Requirement("prescriber", 0, 10),
        Requirement("prescriber", 0, 130, present=True),
    )
    return Service(slug, phases, needs, treatment=True)


EVALUATION = _visit("evaluation", 60, "prescriber", "therapy_room")
TALK = _visit("therapy", 50, "therapist", "therapy_room", talk=True, continuity="therapist")
COUNSEL = _visit(
    "counselling", 50, "counsellor", "therapy_room", talk=True, continuity="counsellor"
)
GROUP = _visit("lifestyle_group", 60, "lifestyle_group")
REVIEW = _visit("review", 20, "prescriber")
FIRST_INFUSION = _infusion("first_infusion", alone=True)
INFUSION = _infusion("infusion")


def course(sessions: int, *, start_by: int | None = None) -> Course:
    """The course of that many sessions; `start_by`: the last day, counted from the earliest date,
    on which the first infusion may be."""
    made = {8: _eight, 14: _core, 21: _boosters, 22: _blocks, 29: _loose}[sessions]()
    if start_by is None:
        return made
    return replace(made, rules=(*made.rules, Rule(START, "inf.1", Window(max=start_by))))


def _series(
    slug: str, service: Service, count: int, gap: Window, *, core: bool = True
) -> tuple[list[Step], list[Rule]]:
    block = None if core else slug
    steps = [Step(f"{slug}.{n}", service, core, block) for n in range(1, count + 1)]
    rules = [Rule(before.id, after.id, gap, "gap") for before, after in pairwise(steps)]
    return steps, rules


def _base(infusions: int, preparations: int, integrations: tuple[int, ...]) -> Course:
    evaluation = Step("eval.1", EVALUATION)
    prep, prep_gaps = _series("prep", TALK, preparations, Window(1, 3, 7))
    inf, inf_gaps = _series("inf", INFUSION, infusions, Window(2, 3, 7))
    inf[0] = replace(inf[0], service=FIRST_INFUSION)
    integ = [Step(f"integ.{n}", TALK) for n in range(1, len(integrations) + 1)]
    review = Step("review.1", REVIEW)
    rules = [
        Rule(START, "eval.1", Window(0, None, 14)),
        Rule("eval.1", "inf.1", Window(2, 7, 28)),
        *(Rule("eval.1", step.id, Window(min=0)) for step in prep),
        Rule("inf.1", "prep.1", Window(-14, -5, -1)),
        *(Rule("inf.1", step.id, Window(-14, None, -1)) for step in prep[1:]),
        *prep_gaps,
        *inf_gaps,
        *(
            Rule(f"inf.{after}", step.id, Window(1, 2, 5))
            for after, step in zip(integrations, integ, strict=True)
        ),
        *(Rule(before.id, after.id, Window(min=1)) for before, after in pairwise(integ)),
        Rule("inf.3", "review.1", Window(0, 1, 3)),
    ]
    if infusions >= 5:
        rules.append(Rule("inf.5", "review.1", Window(max=0)))
    return Course((evaluation, *prep, *inf, *integ, review), tuple(rules), spacing_days=2)


def _eight() -> Course:
    return _base(3, 1, (1, 3))


def _core() -> Course:
    return _base(6, 2, (1, 2, 4, 6))


def _with(base: Course, *blocks: tuple[list[Step], list[Rule]]) -> Course:
    steps = [step for block, _ in blocks for step in block]
    rules = [rule for _, block in blocks for rule in block]
    first = [Rule("eval.1", step.id, Window(min=0)) for step in steps]
    return replace(base, steps=(*base.steps, *steps), rules=(*base.rules, *first, *rules))


def _block(slug: str, service: Service, first: Window) -> tuple[list[Step], list[Rule]]:
    steps, rules = _series(slug, service, 4, Window(5, 7, 14), core=False)
    return steps, [Rule("inf.1", steps[0].id, first), *rules]


def _boosters() -> Course:
    boosters, gaps = _series("boost", INFUSION, 3, Window(25, 28, 35))
    gaps.insert(0, Rule("inf.6", "boost.1", Window(21, 28, 35)))
    return _with(_core(), _block("counsel", COUNSEL, Window(-7, 2, 7)), (boosters, gaps))


def _blocks() -> Course:
    return _with(
        _core(),
        _block("counsel", COUNSEL, Window(-7, 2, 7)),
        _block("lifestyle", GROUP, Window(-7, 3, 10)),
    )


def _loose() -> Course:
    talks, gaps = _series("talk", TALK, 7, Window(3, 7, 14), core=False)
    gaps.insert(0, Rule("inf.6", "talk.1", Window(3, 10, 28)))
    course = _with(_blocks(), (talks, gaps))
    loosened = tuple(
        rule if rule.anchor == START else replace(rule, window=_loosened(rule.window))
        for rule in course.rules
    )
    return replace(course, rules=loosened)


def _loosened(window: Window) -> Window:
    if window.max is None or window.max <= 0:
        return window
    return replace(window, max=window.max * 3 // 2 + 1)
