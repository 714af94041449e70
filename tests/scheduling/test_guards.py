"""The database refuses what must never be, whoever writes: here, the schema's owner in plain SQL.

Each guard has its control: with the guard taken away, the same statement goes through.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction

SCENE = """
INSERT INTO accounts_patient (id, given_name, family_name, preferred_name, email, phone, languages,
    access_needs, status) VALUES
    ('00000000-0000-0000-0000-00000000000a', 'Ada', 'Elm', '', '', '', '{}', '{}', 'active');
INSERT INTO scheduling_site (id, slug, name, neutral_name, timezone, address, phone,
    late_cancel_hours, late_cancel_hours_treatment, active) VALUES
    ('00000000-0000-0000-0000-00000000001a', 'here', 'Here', 'Here', 'America/Denver', '', '',
     24, 48, true);
INSERT INTO scheduling_resource (id, site_id, kind, name, roles, capacity, languages, features,
    active) VALUES
    ('00000000-0000-0000-0000-00000000002a', '00000000-0000-0000-0000-00000000001a', 'person',
     'Nurse', '{nurse}', 2, '{}', '{}', true);
INSERT INTO scheduling_service (slug, title, neutral_title, modes, bookable_by, min_age, treatment,
    definition, active) VALUES
    ('infusion', 'Infusion', 'Appointment', '{in_person}', 'staff', 18, true, '{}', true);
INSERT INTO scheduling_protocol (slug, title, staff_only, experimental, active)
    VALUES ('course', 'Course', false, false, true);
INSERT INTO scheduling_protocolversion (id, protocol_id, number, definition, fingerprint)
    VALUES (1, 'course', 1, '{}', 'x');
INSERT INTO scheduling_appointment (id, step, block, patient_id, service_id, site_id, mode,
    treatment, spacing_days, status, start, "end", phases, extended, reason, late, overrides,
    version, sequence) VALUES
    ('00000000-0000-0000-0000-00000000003a', '', '', '00000000-0000-0000-0000-00000000000a',
     'infusion', '00000000-0000-0000-0000-00000000001a', 'in_person', true, 2, 'booked',
     '2026-12-01 16:00+00', '2026-12-01 18:00+00', '[]', false, '', false, '{}', 1, 0),
    ('00000000-0000-0000-0000-00000000003b', '', '', '00000000-0000-0000-0000-00000000000a',
     'infusion', '00000000-0000-0000-0000-00000000001a', 'in_person', true, 2, 'cancelled',
     '2026-12-01 16:00+00', '2026-12-01 18:00+00', '[]', false, '', false, '{}', 1, 0);
INSERT INTO scheduling_reservation (resource_id, lane, during, role, appointment_id) VALUES
    ('00000000-0000-0000-0000-00000000002a', 0, '[2026-12-01 16:00+00,2026-12-01 18:00+00)',
     'nurse', '00000000-0000-0000-0000-00000000003a');
INSERT INTO scheduling_patienttime (patient_id, appointment_id, during) VALUES
    ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000003a',
     '[2026-12-01 16:00+00,2026-12-01 18:00+00)');
INSERT INTO scheduling_treatmentspacing (patient_id, appointment_id, days) VALUES
    ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000003a',
     '[2026-12-01,2026-12-03)');
INSERT INTO scheduling_event (verb, actor_label, status_before, status_after, sequence, reason,
    facts) VALUES ('booked', 'test', '', '', 0, '', '{}');
INSERT INTO accounts_user (id, password, email, name, roles, language, mail_shared, is_active,
    is_staff, is_superuser, date_joined) VALUES ('00000000-0000-0000-0000-00000000005a', '',
     'ada@example.org', 'Ada', '{}', 'en', false, true, false, false, now());
INSERT INTO scheduling_careplan (id, patient_id, protocol_version_id, site_id, status, blocks,
    modes, wishes, sessions, earliest, extended, clearance, clearance_condition, reason, version)
    VALUES ('00000000-0000-0000-0000-00000000004b', '00000000-0000-0000-0000-00000000000a', 1,
     '00000000-0000-0000-0000-00000000001a', 'active', '{}', '{}', '{}', 0, '2026-12-01', false,
     'pending', '', '', 1);
INSERT INTO scheduling_consentsignature (id, care_plan_id, document, version, language, title, text,
    fingerprint, name, signed_by_id, signed_at) VALUES (gen_random_uuid(),
     '00000000-0000-0000-0000-00000000004b', 'treatment', 1, 'en', 'Consent', '[]', 'x', 'Ada',
     '00000000-0000-0000-0000-00000000005a',
     now());
INSERT INTO scheduling_questionnaireresponse (id, care_plan_id, questionnaire, version, language,
    moment, answers, score, completed_at) VALUES (gen_random_uuid(),
     '00000000-0000-0000-0000-00000000004b', 'phq9', 1, 'en', 'phq9/1', '{}', 9, now());
"""
BOOKED = "'00000000-0000-0000-0000-00000000003a'"
CANCELLED = "'00000000-0000-0000-0000-00000000003b'"
NURSE = "'00000000-0000-0000-0000-00000000002a'"
PATIENT = "'00000000-0000-0000-0000-00000000000a'"


def reserve(during: str, lane: str = "0", resource: str = NURSE, owner: str = BOOKED) -> str:
    return (
        "INSERT INTO scheduling_reservation (resource_id, lane, during, role, appointment_id) "
        f"VALUES ({resource}, {lane}, {during}, 'nurse', {owner})"
    )


def attend(during: str, patient: str = PATIENT) -> str:
    return (
        "INSERT INTO scheduling_patienttime (patient_id, appointment_id, during) "
        f"VALUES ({patient}, {CANCELLED}, {during})"
    )


def space(days: str, patient: str = PATIENT) -> str:
    return f"INSERT INTO scheduling_treatmentspacing (patient_id, days) VALUES ({patient}, {days})"


def alert(ended: str, *, once: bool = False) -> str:
    row = f"({PATIENT}::uuid, '00000000-0000-0000-0000-00000000001a'::uuid, now(), 0, {ended})"
    return (
        "INSERT INTO scheduling_escalation (id, patient_id, site_id, raised_at, place, ended_at,"
        f" ended_by_id, action) SELECT gen_random_uuid(), * FROM (VALUES {row}"
        + ("" if once else f", {row}")
        + ") AS rows (patient, site, raised, place, ended, by, action)"
    )


def sign(name: str, version: int = 1) -> str:
    return (
        "INSERT INTO scheduling_consentsignature (id, care_plan_id, document, version, language,"
        " title, text, fingerprint, name, signed_by_id, signed_at) SELECT gen_random_uuid(),"
        f" care_plan_id, document, {version}, language, title, text, fingerprint, {name},"
        " signed_by_id, signed_at FROM scheduling_consentsignature"
    )


def respond(moment: str, completed: str) -> str:
    return (
        "INSERT INTO scheduling_questionnaireresponse (id, care_plan_id, questionnaire, version,"
        " language, moment, answers, score, completed_at) SELECT gen_random_uuid(), id, 'phq9', 1,"
        f" 'en', '{moment}', '{{}}', 3, {completed} FROM scheduling_careplan LIMIT 1"
    )


def drop(table: str, constraint: str) -> str:
    return f"ALTER TABLE scheduling_{table} DROP CONSTRAINT {constraint}"


def untrigger(table: str, trigger: str) -> str:
    return f"DROP TRIGGER {trigger} ON scheduling_{table}"


def nullable(table: str, column: str) -> str:
    return f"ALTER TABLE scheduling_{table} ALTER COLUMN {column} DROP NOT NULL"


WITHIN = "'[2026-12-01 17:00+00,2026-12-01 17:30+00)'"
LATER = "'[2026-12-05 17:00+00,2026-12-05 17:30+00)'"
CASES = {
    "lane taken": (reserve(WITHIN), drop("reservation", "reservation_lane_once")),
    "lane null": (reserve(LATER, lane="NULL"), nullable("reservation", "lane")),
    "resource null": (reserve(LATER, resource="NULL"), nullable("reservation", "resource_id")),
    "period null": (reserve("NULL"), nullable("reservation", "during")),
    "period empty": (reserve("'empty'"), drop("reservation", "reservation_during_finite")),
    "period open at the end": (
        reserve("'[2027-01-01 00:00+00,)'"),
        drop("reservation", "reservation_during_finite"),
    ),
    "period open at the start": (
        reserve("'(,2026-01-01 00:00+00)'"),
        drop("reservation", "reservation_during_finite"),
    ),
    "period up to infinity": (
        reserve("'[2027-01-01 00:00+00,infinity)'"),
        drop("reservation", "reservation_during_finite"),
    ),
    "period of a week": (
        reserve("'[2027-01-01 00:00+00,2027-01-08 00:00+00)'"),
        drop("reservation", "reservation_during_finite"),
    ),
    "lane that is not there": (
        reserve(LATER, lane="2"),
        untrigger("reservation", "reservation_lane_exists"),
    ),
    "reservation of nobody": (
        reserve(LATER, owner="NULL"),
        drop("reservation", "reservation_one_owner"),
    ),
    "patient elsewhere": (attend(WITHIN), drop("patienttime", "patient_once")),
    "patient null": (attend(LATER, patient="NULL"), nullable("patienttime", "patient_id")),
    "patient's time empty": (attend("'empty'"), drop("patienttime", "patienttime_during_finite")),
    "treatment the next day": (
        space("'[2026-12-02,2026-12-04)'"),
        drop("treatmentspacing", "treatment_spacing_kept"),
    ),
    "treatment of nobody": (
        space("'[2026-12-02,2026-12-04)'", patient="NULL"),
        nullable("treatmentspacing", "patient_id"),
    ),
    "spacing empty": (
        space("'[2026-12-09,2026-12-09)'"),
        drop("treatmentspacing", "treatmentspacing_days_finite"),
    ),
    "spacing without end": (
        space("'[2026-12-09,)'"),
        drop("treatmentspacing", "treatmentspacing_days_finite"),
    ),
    "history edited": (
        "UPDATE scheduling_event SET verb = 'other'",
        untrigger("event", "event_history_stands"),
    ),
    "history deleted": (
        "DELETE FROM scheduling_event",
        untrigger("event", "event_history_stands"),
    ),
    "signature edited": (
        "UPDATE scheduling_consentsignature SET name = 'Eve'",
        untrigger("consentsignature", "consent_stands"),
    ),
    "signature deleted": (
        "DELETE FROM scheduling_consentsignature",
        untrigger("consentsignature", "consent_stands"),
    ),
    "signed twice": (
        sign("'Ada'"),
        drop("consentsignature", "consent_signed_once"),
    ),
    "signed by nobody": (
        sign("''", version=2),
        drop("consentsignature", "consent_names_its_signer"),
    ),
    "score edited": (
        "UPDATE scheduling_questionnaireresponse SET score = 1",
        untrigger("questionnaireresponse", "response_stands"),
    ),
    "score deleted": (
        "DELETE FROM scheduling_questionnaireresponse",
        untrigger("questionnaireresponse", "response_stands"),
    ),
    "a moment answered twice": (
        respond("phq9/1", "now()"),
        drop("questionnaireresponse", "response_once"),
    ),
    "scored before it was completed": (
        respond("phq9/2", "NULL"),
        drop("questionnaireresponse", "response_scored_when_completed"),
    ),
    "protocol version edited": (
        "UPDATE scheduling_protocolversion SET definition = '[]'",
        untrigger("protocolversion", "protocol_version_stands"),
    ),
    "appointment reversed": (
        f'UPDATE scheduling_appointment SET "end" = start WHERE id = {CANCELLED}',
        drop("appointment", "appointment_not_reversed"),
    ),
    # Looked at when the transaction commits.
    "moved without its patient's time": (
        f"UPDATE scheduling_appointment SET start = start + interval '1 hour', "
        f'"end" = "end" + interval \'1 hour\' WHERE id = {BOOKED}',
        untrigger("appointment", "appointment_whole"),
    ),
    "patient's time taken away": (
        f"DELETE FROM scheduling_patienttime WHERE appointment_id = {BOOKED}",
        untrigger("patienttime", "appointment_whole"),
    ),
    "resources taken away": (
        f"DELETE FROM scheduling_reservation WHERE appointment_id = {BOOKED}",
        untrigger("reservation", "appointment_whole"),
    ),
    "spacing taken away": (
        f"DELETE FROM scheduling_treatmentspacing WHERE appointment_id = {BOOKED}",
        untrigger("treatmentspacing", "appointment_whole"),
    ),
    "spacing shortened without an override": (
        "UPDATE scheduling_treatmentspacing SET days = '[2026-12-01,2026-12-02)' "
        f"WHERE appointment_id = {BOOKED}",
        untrigger("treatmentspacing", "appointment_whole"),
    ),
    "cancelled and still blocking": (
        f"UPDATE scheduling_appointment SET status = 'cancelled' WHERE id = {BOOKED}",
        untrigger("appointment", "appointment_whole"),
    ),
    "a second alert about one patient": (
        alert("NULL::timestamptz, NULL::uuid, ''"),
        "DROP INDEX escalation_open_once",
    ),
    "alert ended without what was done": (
        alert("now(), NULL::uuid, ''", once=True),
        drop("escalation", "escalation_ends_with_action"),
    ),
    "plan without its sessions": (
        "INSERT INTO scheduling_careplan (id, patient_id, protocol_version_id, site_id, status, "
        "blocks, modes, wishes, sessions, earliest, extended, clearance, clearance_condition, "
        "reason, version) VALUES ('00000000-0000-0000-0000-00000000004a', "
        f"{PATIENT}, 1, '00000000-0000-0000-0000-00000000001a', 'active', '{{}}', '{{}}', '{{}}', "
        "14, '2026-12-01', false, 'pending', '', '', 1)",
        untrigger("careplan", "care_plan_whole"),
    ),
}


@pytest.fixture
def owner(transactional_db: None) -> Iterator[Any]:
    """A cursor of the schema's owner in a transaction that is thrown away."""
    connection = connections["owner"]
    connection.ensure_connection()
    with transaction.atomic(using="owner"):
        with connection.cursor() as cursor:
            cursor.execute(SCENE)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            yield cursor
        transaction.set_rollback(True, using="owner")
    connection.close()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("case", CASES)
def test_refused_with_the_guard_and_possible_without(case: str, owner: Any) -> None:
    statement, take_guard_away = CASES[case]

    with pytest.raises(DatabaseError), transaction.atomic(using="owner"):
        owner.execute(statement)

    owner.execute(take_guard_away)
    owner.execute(statement)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_version_and_sequence_are_raised_by_the_database(owner: Any) -> None:
    owner.execute("SET CONSTRAINTS ALL DEFERRED")
    revision = f"SELECT version, sequence FROM scheduling_appointment WHERE id = {BOOKED}"

    owner.execute(f"UPDATE scheduling_appointment SET late = true, version = 1 WHERE id = {BOOKED}")
    owner.execute(revision)
    assert owner.fetchone() == (2, 0)

    owner.execute(
        f"UPDATE scheduling_appointment SET start = start + interval '5 min', sequence = 9 "
        f"WHERE id = {BOOKED}"
    )
    owner.execute(revision)
    assert owner.fetchone() == (3, 1)

    owner.execute(f"UPDATE scheduling_appointment SET status = 'cancelled' WHERE id = {BOOKED}")
    owner.execute(revision)
    assert owner.fetchone() == (4, 2)
