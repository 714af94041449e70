"""Somebody may be in danger: tell one person after the other until a clinician has acted.

Neutral words everywhere: what was answered stands with the answers, and only there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Patient, Role, User
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.core.roles import Role as CoreRole
from scheduling.models import CarePlan, Escalation, OnCall, Site, StaffTask
from scheduling.operations import atomic, events, staff_tasks
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may

URGENT_CALL = "urgent_call"
ANSWER_WITHIN = timedelta(minutes=15)
"""How long one person has to acknowledge. The clinic's own default."""
ACT_WITHIN = timedelta(hours=1)
"""How long whoever acknowledged has to act before it goes on. The clinic's own default."""
OPEN = {"ended_at": None}


def raise_alert(
    *,
    actor: Actor,
    patient: Patient,
    site: Site,
    care_plan: CarePlan | None = None,
    again: bool = True,
    now: datetime,
) -> Escalation:
    """Begin an alert, committed before this returns; nothing else is written with it.

    Where one is open already it begins anew, whoever had it: there is something new to see.
    Without `again`, an open one is left as it is.
    """

    def work() -> Escalation:
        first = next_on_call(site, 0)
        start = {
            "holder": first.user if first else None,
            "place": first.place if first else 0,
            "passes_at": now + ANSWER_WITHIN if first else None,
        }
        alert = Escalation(patient=patient, site=site, care_plan=care_plan, raised_at=now, **start)
        Escalation.objects.bulk_create([alert], ignore_conflicts=True)  # escalation_open_once
        found = Escalation.objects.get(patient=patient, **OPEN)
        if found.pk != alert.pk:
            if not again:
                return found
            Escalation.objects.filter(pk=found.pk).update(
                **start, told_at=None, acknowledged_by=None, acknowledged_at=None
            )
            found.refresh_from_db()
        staff_tasks.open_task(
            URGENT_CALL,
            CoreRole.CLINICIAN,
            site=site,
            patient=patient,
            care_plan=care_plan,
            urgent=True,
            due_at=now,
            now=now,
        )
        record("alert_raised", found, actor, now)
        return found

    return atomic.run(work)


def acknowledge(*, actor: Actor, alert: Escalation, now: datetime) -> Escalation:
    """Take it on: the others are left in peace while there is time to act.

    Raises Refused: NOT_ALLOWED; WRONG_STATE where somebody else has it, or it has ended.
    """
    user = require(actor, Action.ACKNOWLEDGE_ALERT)

    def work() -> Escalation:
        free = Escalation.objects.filter(pk=alert.pk, acknowledged_at=None, **OPEN)
        if not free.update(acknowledged_by=user, acknowledged_at=now, passes_at=now + ACT_WITHIN):
            raise Refused([refuse(Code.WRONG_STATE, state=state_of(alert), action="acknowledge")])
        record("alert_acknowledged", alert, actor, now)
        return Escalation.objects.get(pk=alert.pk)

    return atomic.run(work)


def end_alert(*, actor: Actor, alert: Escalation, action: str, now: datetime) -> Escalation:
    """Record what was done; only this ends an alert.

    Raises Refused: NOT_ALLOWED for anybody but a clinician or prescriber, REASON_NEEDED without
    words, WRONG_STATE where it has ended.
    """
    user = require(actor, Action.END_ALERT)
    if not action.strip():
        raise Refused([refuse(Code.REASON_NEEDED, action="end_alert")])

    def work() -> Escalation:
        ended = Escalation.objects.filter(pk=alert.pk, **OPEN).update(
            ended_by=user, ended_at=now, action=action.strip(), passes_at=None
        )
        if not ended:
            raise Refused([refuse(Code.WRONG_STATE, state="ended", action="end_alert")])
        StaffTask.objects.filter(
            kind=URGENT_CALL, patient=alert.patient_id, finished_at=None
        ).update(finished_at=now, outcome="acted", owner=user)
        record("alert_ended", alert, actor, now)
        return Escalation.objects.get(pk=alert.pk)

    return atomic.run(work)


def next_on_call(site: Site, place: int) -> OnCall | None:
    """Who comes after that place of the list, and can still sign in."""
    rows = OnCall.objects.filter(site=site, place__gt=place, user__is_active=True)
    return rows.select_related("user").order_by("place").first()


def recipients(alert: Escalation) -> list[User]:
    """Who is asked now: the holder, or every manager once the list has come to its end."""
    if alert.holder is not None:
        return [alert.holder]
    return list(User.objects.filter(is_active=True, roles__contains=[Role.MANAGER.value]))


def state_of(alert: Escalation) -> str:
    """`open`, `acknowledged` or `ended`, as it is now."""
    fresh = Escalation.objects.get(pk=alert.pk)
    if fresh.ended_at is not None:
        return "ended"
    return "acknowledged" if fresh.acknowledged_at is not None else "open"


def record(verb: str, alert: Escalation, actor: Actor, now: datetime) -> None:
    """One line of history: that something happened, never what was said."""
    events.append(
        actor=actor,
        verb=verb,
        patient=alert.patient,
        care_plan=alert.care_plan,
        facts={"alert": str(alert.pk)},
        now=now,
    )


def require(actor: Actor, action: Action) -> User:
    """The person who acts. Raises Refused (NOT_ALLOWED)."""
    if actor.user is None or not may(actor.user, action):
        roles = ", ".join(sorted(actor.roles))
        raise Refused([refuse(Code.NOT_ALLOWED, action=action.value, role=roles)])
    return actor.user
