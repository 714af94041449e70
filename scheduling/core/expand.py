"""From a protocol and a choice of blocks to the flat course that the planner sees."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from scheduling.core.catalogue import ServiceDefinition, service_for
from scheduling.core.course import START, Course, Rule, Step, Window
from scheduling.core.protocol import ProtocolDefinition, StepTemplate
from scheduling.core.refusals import Code, Refused, refuse

Services = Mapping[str, ServiceDefinition]
# (template, block id or None, whether it belongs to the core)
_Chosen = tuple[StepTemplate, str | None, bool]


def expand(
    protocol: ProtocolDefinition,
    services: Services,
    *,
    blocks: Collection[str] = (),
    added: Mapping[str, int | None] | None = None,
    cleared: bool = False,
    modes: Mapping[str, str] | None = None,
) -> Course:
    """The sessions of a course and the rules between them.

    `blocks` are the optional ones chosen. `added` maps steps that the prescriber adds to how often
    (None: the protocol's own count). `cleared`: steps that clearance makes unnecessary are left
    out, and what was counted from them counts from the patient's earliest date: the maximum stays,
    minimum and target fall away. `modes` maps a service to the mode wanted.
    Raises Refused naming every unknown block, step or mode.
    """
    added = added or {}
    modes = modes or {}
    _refuse_unknown(protocol, services, blocks, added, modes)
    chosen: list[_Chosen] = [
        *((template, None, True) for template in protocol.core),
        *((step, block.id, False) for block in protocol.blocks if block.id in blocks
          for step in block.steps),
        *((replace(step, count=added[step.id] or step.count or 1), None, False)
          for step in protocol.added_by_prescriber if step.id in added),
    ]  # fmt: skip
    skipped = {
        step_id
        for template, _, _ in chosen
        if cleared and template.skip_if_cleared
        for step_id in template.occurrences()
    }
    chosen = [item for item in chosen if not (cleared and item[0].skip_if_cleared)]
    return Course(
        steps=tuple(
            step for item in chosen for step in _steps(*item, services=services, modes=modes)
        ),
        rules=tuple(rule for rule in _rules([item[0] for item in chosen], skipped)),
        apart=tuple(_apart([item[0] for item in chosen])),
        spacing_days=spacing_days(protocol, services),
        treatments_per_year=protocol.treatments_per_year,
    )


def spacing_days(protocol: ProtocolDefinition, services: Services) -> int:
    """The least gap between two treatments that any step of the protocol allows, at least 1."""
    minima = [
        step.gap.min
        for step in protocol.steps()
        if step.gap and step.gap.min and services[step.service].treatment
    ]
    return min(minima, default=1)


def _steps(
    template: StepTemplate,
    block: str | None,
    core: bool,
    *,
    services: Services,
    modes: Mapping[str, str],
) -> Iterable[Step]:
    alone = {override.occurrence: override.alone for override in template.overrides}
    gates = tuple(rule.gate for rule in services[template.service].gates)
    gates += tuple(gate for gate in template.gates if gate not in gates)
    definition, mode = services[template.service], modes.get(template.service, "in_person")
    usual = service_for(definition, mode=mode)
    for number, step_id in enumerate(template.occurrences(), start=1):
        own = alone.get(number)
        service = service_for(definition, mode=mode, alone=own) if own else usual
        yield Step(step_id, service, core=core, block=block, gates=gates)


def _rules(templates: list[StepTemplate], skipped: Collection[str]) -> Iterable[Rule]:
    for template in templates:
        steps = template.occurrences()
        yield from _windows(template, steps, skipped)
        gap = template.gap or (Window(min=1) if template.after else None)
        if gap:
            for previous, step in pairwise(steps):
                yield Rule(previous, step, gap, kind="gap")
        if template.before:
            yield Rule(template.before, steps[-1], Window(max=0))
        if template.first:
            if template.within is not None:
                yield Rule(START, steps[0], Window(min=0, max=template.within))
            yield from _follow(steps[-1], templates, template)


def _windows(
    template: StepTemplate, steps: tuple[str, ...], skipped: Collection[str]
) -> Iterable[Rule]:
    if template.window is None:
        return
    window = template.window
    if template.after:
        for anchor, step in zip(template.after, steps, strict=True):
            yield Rule(anchor, step, window)
    elif template.anchor in skipped:
        yield Rule(START, steps[0], Window(min=0, max=window.max))
    elif template.anchor:
        yield Rule(template.anchor, steps[0], window)
        if window.max is not None and window.max < 0:
            for step in steps[1:]:
                yield Rule(template.anchor, step, Window(min=window.min, max=window.max))


def _follow(last: str, templates: list[StepTemplate], first: StepTemplate) -> Iterable[Rule]:
    """What comes first precedes the first occurrence of every other step; the rest follow from it
    by their gaps. A window that counts forward from it says so already."""
    for template in templates:
        forward = template.anchor == last and template.window and (template.window.min or -1) >= 0
        if template is not first and not forward:
            yield Rule(last, template.occurrences()[0], Window(min=0))


def _apart(templates: list[StepTemplate]) -> Iterable[tuple[str, str]]:
    sessions = {template.id: template.occurrences() for template in templates}
    for template in templates:
        for other in template.not_same_day_as:
            for step in template.occurrences():
                yield from ((step, session) for session in sessions.get(other, ()))


def _refuse_unknown(
    protocol: ProtocolDefinition,
    services: Services,
    blocks: Collection[str],
    added: Mapping[str, int | None],
    modes: Mapping[str, str],
) -> None:
    known_blocks = {block.id for block in protocol.blocks}
    known_added = {step.id for step in protocol.added_by_prescriber}
    refusals = [
        *(refuse(Code.UNKNOWN, field="blocks", value=block)
          for block in blocks if block not in known_blocks),
        *(refuse(Code.UNKNOWN, field="added", value=step)
          for step in added if step not in known_added),
        *(refuse(Code.UNKNOWN, field="modes", value=f"{slug}: {mode}")
          for slug, mode in modes.items()
          if slug not in services or mode not in services[slug].modes),
    ]  # fmt: skip
    if refusals:
        raise Refused(refusals)
