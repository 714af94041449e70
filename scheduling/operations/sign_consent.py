"""Keep what a patient has read and signed, word for word."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db.models import F

from scheduling.consents.loading import ConsentDocument
from scheduling.core.refusals import Code, Refusal, Refused, refuse
from scheduling.core.walltime import local_date
from scheduling.models import CarePlan, CarePlanStatus, ConsentSignature, Gate, GateCode, GateStatus
from scheduling.operations import atomic, events, gates
from scheduling.operations.actor import Actor
from scheduling.operations.change import look_at_plan
from scheduling.operations.clear import LIVE
from scheduling.selectors.consents import (
    consent_of,
    fingerprint_of,
    load_consents,
    signature_of,
    words_of,
)
from scheduling.selectors.dosing_days import dosing_days

LONGEST = 200


def sign_consent(
    *,
    actor: Actor,
    care_plan: CarePlan,
    document: ConsentDocument,
    shown: str,
    name: str,
    now: datetime,
) -> ConsentSignature:
    """Sign the document with a typed name; the consent gate closes. Signing twice is signing once.

    `shown` is the fingerprint of the words the patient had before them. Raises Refused:
    NOT_ALLOWED for anybody but the patient, WRONG_STATE, TREATMENT_DAY, STALE where the words have
    changed since, UNKNOWN without a name.
    """

    def work() -> ConsentSignature:
        plan = look_at_plan(care_plan, None)
        signed = signature_of(plan, document)
        if signed is not None and signed.version == document.version:
            return signed
        words = words_of(plan, document)
        title, typed = document.title, name.replace("\0", "").strip()[:LONGEST]
        refusals = _refusals(actor, plan, now)
        if fingerprint_of(title, words) != shown:
            refusals.append(refuse(Code.STALE))
        if not typed:
            refusals.append(refuse(Code.UNKNOWN, field="name", value=""))
        if refusals or actor.user is None:
            raise Refused(refusals)
        signature = ConsentSignature.objects.create(
            care_plan=plan,
            document=document.slug,
            version=document.version,
            language=document.language,
            title=title,
            text=words,
            fingerprint=shown,
            name=typed,
            signed_by=actor.user,
            signed_at=now,
        )
        facts = {"document": document.slug, "version": document.version}
        events.append(actor=actor, verb="consent_signed", care_plan=plan, facts=facts, now=now)
        if Gate.objects.filter(care_plan=plan, code=GateCode.CONSENT, status=GateStatus.OPEN):
            _set(plan, GateStatus.CLOSED, actor, now)
        return signature

    return atomic.run(work)


def ask_again(now: datetime) -> int:
    """Reopen the consent of every running course whose document has a new version that is to be
    signed again; returns how many. Those who were asked already are left alone."""
    if not any(document.asks_again for document in load_consents()):
        return 0
    asked = 0
    running = CarePlan.objects.filter(
        status__in=LIVE, gates__code=GateCode.CONSENT, gates__status=GateStatus.CLOSED
    )
    for found in running.filter(consents__isnull=False).distinct():
        asked += atomic.run(partial(_ask_again, found, now))
    return asked


def _ask_again(care_plan: CarePlan, now: datetime) -> int:
    plan = look_at_plan(care_plan, None)
    document = consent_of(plan)
    if document is None or signature_of(plan, document) is not None:
        return 0
    _set(plan, GateStatus.OPEN, Actor.sweep(), now)
    return 1


def _refusals(actor: Actor, plan: CarePlan, now: datetime) -> list[Refusal]:
    refusals = []
    if actor.user is None or actor.patient_id != plan.patient_id:
        role = ", ".join(sorted(actor.roles))
        refusals.append(refuse(Code.NOT_ALLOWED, action="sign_consent", role=role))
    if plan.status not in LIVE:
        state = CarePlanStatus(plan.status).value
        refusals.append(refuse(Code.WRONG_STATE, state=state, action="sign_consent"))
    zone = plan.site.timezone
    today = local_date(now, zone)
    if today in dosing_days(plan.patient_id, now, zone):
        refusals.append(refuse(Code.TREATMENT_DAY, date=today.isoformat()))
    return refusals


def _set(plan: CarePlan, status: GateStatus, actor: Actor, now: datetime) -> None:
    code = gates.GateCode.CONSENT
    gates.put(actor=actor, care_plan=plan, code=code, status=status, now=now)
    CarePlan.objects.filter(pk=plan.pk).update(version=F("version"))
