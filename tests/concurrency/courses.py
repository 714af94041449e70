"""Attempts at whole courses: hold one at one of a few sets of times, then confirm it."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from scheduling.core.refusals import Refused
from scheduling.models import ProtocolVersion
from scheduling.operations.actor import Actor
from scheduling.operations.confirm import confirm
from scheduling.operations.hold import Wanted
from tests.concurrency.crowd import Attempt
from tests.factories import NOW, Clinic, make_patient, make_protocol_version
from tests.scheduling.operations.booking import find_times, hold


def booking_courses(clinic: Clinic, desk: Actor) -> Attempt:
    """Book a whole course for a new patient; few of them fit."""
    version: ProtocolVersion = make_protocol_version("trd_iv6")
    offers: list[dict[str, Wanted]] = [
        find_times(clinic, version, earliest=date(2026, 12, 1) + timedelta(days=7 * week))
        for week in range(14)
    ]

    def attempt(chance: random.Random) -> object:
        patient = make_patient(str(chance.random()))
        times = chance.choice(offers)
        plan = hold(clinic, version, patient, actor=desk, times=times, earliest=None)
        return confirm(actor=desk, care_plan=plan, version=None, now=NOW).pk

    return attempt


def having_served(clinic: Clinic, desk: Actor) -> Callable[[], object]:
    """What leaves a process as warm as one that has answered before: a search, and a refusal of
    the same times at night, when nobody works."""
    version = ProtocolVersion.objects.get(protocol="trd_iv6")
    patient = make_patient("Nightly")

    def serve() -> None:
        times = find_times(clinic, version)
        at_night = {
            step: replace(want, start=want.start + timedelta(hours=12))
            for step, want in times.items()
        }
        with suppress(Refused):
            hold(clinic, version, patient, actor=desk, times=at_night, earliest=None)

    return serve
