"""What one session needs: phases, and joint requirements on people and places.

All minutes count elapsed time from the session's start. A requirement may reach past the end of
the patient's own time (the turnover of a chair).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a session: `prepare`, `treat`, `recover` (the patient is there) or `turnover`."""

    name: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Requirement:
    """One unit with `role`, from minute `start` to minute `end` (half-open).

    - A requirement names a role of a person (`nurse`) or a kind of place (`infusion_chair`) or a
      group series (`lifestyle_group`). Each requirement is met by one unit for its whole span; a
      role that may be handed over between phases is written as one requirement per phase.
    - `present`: somebody of the role is on shift throughout; takes no lane.
    - `alone`: takes every lane of the unit (a first dose: the nurse watches no other chair).
    - `qualification`: the person must hold it on that day (`acls`).
    - `speaks`: the person must share a language with the patient.
    """

    role: str
    start: int
    end: int
    present: bool = False
    alone: bool = False
    qualification: str | None = None
    speaks: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A bookable kind of session in one mode, as the planner sees it.

    `minutes` is the patient's own time (turnover excluded). `trip` is false for video and phone.
    `treatment` sessions keep the protocol's spacing. `talk` sessions precede a treatment that
    falls on the same day. `continuity` names the role that stays the same person throughout a
    course (`therapist`), if any.
    """

    slug: str
    phases: tuple[Phase, ...]
    requirements: tuple[Requirement, ...]
    mode: str = "in_person"
    treatment: bool = False
    talk: bool = False
    continuity: str | None = None

    @property
    def minutes(self) -> int:
        return sum(phase.minutes for phase in self.phases if phase.name != "turnover")

    @property
    def trip(self) -> bool:
        return self.mode == "in_person"
