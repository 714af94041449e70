"""Let somebody back in who lost their keys, or whose mail others read: by a code on the telephone.

Who asks is identified first. The code opens one session, in which nothing can be done but to set a
new way to sign in; then every old one is gone.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta

from accounts import recovery
from accounts.models import Patient, RecoveryCode, User
from scheduling.core.refusals import Code, Refused, refuse
from scheduling.operations import atomic, events
from scheduling.operations.actor import Actor
from scheduling.permissions import Action, may

VALID = timedelta(minutes=30)
"""Long enough for a call. The clinic's own default."""


def find_locked_out(
    *, actor: Actor, email: str, family_name: str, birth_date: date, now: datetime
) -> Patient | None:
    """The patient who signs in with that address, if name and birth date are theirs: two
    identifiers, as the Joint Commission asks of every contact [NPSG.01.01.01]. A wrong answer is
    written down. Raises Refused (NOT_ALLOWED)."""
    _require(actor, Action.RECOVER_PATIENT)

    def work() -> Patient | None:
        rows = Patient.objects.select_related("user").filter(user__roles=[], user__is_staff=False)
        found = rows.filter(user__email=email.lower(), user__is_active=True).first()
        if found is None:
            return None
        if (_bare(found.family_name), found.birth_date) == (_bare(family_name), birth_date):
            return found
        events.append(actor=actor, verb="recovery_refused", patient=found, now=now)
        return None

    return atomic.run(work)


def give_patient_code(*, actor: Actor, patient: Patient, now: datetime) -> str:
    """A new code for a patient who was found by `find_locked_out`: the only time it can be seen.

    Raises Refused: NOT_ALLOWED, also where the patient works here too; WRONG_STATE without login.
    """
    giver, user = _require(actor, Action.RECOVER_PATIENT), patient.user
    if user is None:
        raise Refused([refuse(Code.WRONG_STATE, state="no_login", action="recover")])
    if user.works_here or user.is_staff or user == giver:
        raise _not_allowed(actor, Action.RECOVER_STAFF)
    return _give(actor, giver, user, patient, now)


def give_staff_code(*, actor: Actor, user: User, now: datetime) -> str:
    """A new code for a colleague. Raises Refused (NOT_ALLOWED): managers give it, to others."""
    giver = _require(actor, Action.RECOVER_STAFF)
    if user == giver or not user.works_here:
        raise _not_allowed(actor, Action.RECOVER_STAFF)
    return _give(actor, giver, user, None, now)


def use_code(*, email: str, code: str, now: datetime) -> User | None:
    """The person, if the code is theirs and works: it then never does again, and neither does any
    old way to sign in. None for all else, so that nobody learns who has an account or a code."""

    def work() -> User | None:
        user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if user is None:
            return None
        mine = RecoveryCode.objects.filter(
            user=user, hashed=recovery.digest(user, code), used_at=None, expires_at__gt=now
        )
        if not mine.update(used_at=now):
            return None
        recovery.forget_ways_in(user)
        patient = Patient.objects.filter(user=user).first()
        events.append(actor=Actor.of(user), verb="recovered", patient=patient, now=now)
        return user

    return atomic.run(work)


def _give(actor: Actor, giver: User, user: User, patient: Patient | None, now: datetime) -> str:
    code = recovery.new_code()

    def work() -> str:
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        RecoveryCode.objects.filter(user=user, used_at=None).delete()
        RecoveryCode.objects.create(
            user=user,
            hashed=recovery.digest(user, code),
            created_by=giver,
            expires_at=now + VALID,
        )
        facts = {"user": str(user.pk)}
        events.append(actor=actor, verb="recovery_given", patient=patient, facts=facts, now=now)
        return code

    return atomic.run(work)


def _bare(name: str) -> str:
    """A name as it is compared: no matter how it was typed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _require(actor: Actor, action: Action) -> User:
    if actor.user is None or not may(actor.user, action):
        raise _not_allowed(actor, action)
    return actor.user


def _not_allowed(actor: Actor, action: Action) -> Refused:
    roles = ", ".join(sorted(actor.roles))
    return Refused([refuse(Code.NOT_ALLOWED, action=action.value, role=roles)])
