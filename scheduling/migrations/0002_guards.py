"""What constraints of the models cannot say: ranges without a way round, completeness at commit,
revisions raised by the database, append-only history, and the trace that keeps masks current."""

from django.db import migrations

# An exclusion constraint lets null, empty and unbounded ranges through. These checks do not.
RANGES = """
ALTER TABLE scheduling_reservation ADD CONSTRAINT reservation_during_finite CHECK (
    NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)
    AND lower(during) > '-infinity' AND upper(during) < 'infinity'
    AND lower_inc(during) AND NOT upper_inc(during)
    AND upper(during) - lower(during) <= interval '24 hours');
ALTER TABLE scheduling_patienttime ADD CONSTRAINT patienttime_during_finite CHECK (
    NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)
    AND lower(during) > '-infinity' AND upper(during) < 'infinity'
    AND lower_inc(during) AND NOT upper_inc(during)
    AND upper(during) - lower(during) <= interval '24 hours');
ALTER TABLE scheduling_treatmentspacing ADD CONSTRAINT treatmentspacing_days_finite CHECK (
    NOT isempty(days) AND NOT lower_inf(days) AND NOT upper_inf(days)
    AND lower(days) > '-infinity' AND upper(days) < 'infinity'
    AND upper(days) - lower(days) <= 366);
ALTER TABLE scheduling_groupsession ADD CONSTRAINT groupsession_during_finite CHECK (
    NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)
    AND lower(during) > '-infinity' AND upper(during) < 'infinity'
    AND upper(during) - lower(during) <= interval '24 hours');
ALTER TABLE scheduling_closure ADD CONSTRAINT closure_during_finite CHECK (
    NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)
    AND lower(during) > '-infinity' AND upper(during) < 'infinity');
ALTER TABLE scheduling_appointment ADD CONSTRAINT appointment_period_finite CHECK (
    start > '-infinity' AND "end" < 'infinity' AND "end" - start <= interval '24 hours');
"""
RANGES_BACK = """
ALTER TABLE scheduling_appointment DROP CONSTRAINT appointment_period_finite;
ALTER TABLE scheduling_closure DROP CONSTRAINT closure_during_finite;
ALTER TABLE scheduling_groupsession DROP CONSTRAINT groupsession_during_finite;
ALTER TABLE scheduling_treatmentspacing DROP CONSTRAINT treatmentspacing_days_finite;
ALTER TABLE scheduling_patienttime DROP CONSTRAINT patienttime_during_finite;
ALTER TABLE scheduling_reservation DROP CONSTRAINT reservation_during_finite;
"""

# A lane that the resource does not have would be capacity out of thin air.
LANES = """
CREATE FUNCTION scheduling_lane_exists() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.lane >= (SELECT capacity FROM scheduling_resource WHERE id = NEW.resource_id) THEN
        RAISE EXCEPTION 'resource % has no lane %', NEW.resource_id, NEW.lane
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_lane_exists';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reservation_lane_exists BEFORE INSERT OR UPDATE ON scheduling_reservation
    FOR EACH ROW EXECUTE FUNCTION scheduling_lane_exists();
"""
LANES_BACK = """
DROP TRIGGER reservation_lane_exists ON scheduling_reservation;
DROP FUNCTION scheduling_lane_exists();
"""

# Looked at when the transaction commits, so that a move may delete first and insert afterwards.
WHOLE = """
CREATE FUNCTION scheduling_check_appointment(checked uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    seen record;
BEGIN
    SELECT a.*, s.timezone INTO seen
        FROM scheduling_appointment a JOIN scheduling_site s ON s.id = a.site_id
        WHERE a.id = checked;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF seen.status IN ('held', 'booked', 'arrived', 'in_progress', 'recovering') THEN
        IF NOT EXISTS (SELECT FROM scheduling_patienttime p WHERE p.appointment_id = checked
                AND p.patient_id = seen.patient_id
                AND p.during = tstzrange(seen.start, seen."end")) THEN
            RAISE EXCEPTION 'appointment % does not hold its patient''s time', checked
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_holds_patient';
        END IF;
        IF NOT EXISTS (SELECT FROM scheduling_reservation r WHERE r.appointment_id = checked
                AND r.during && tstzrange(seen.start, seen."end")) THEN
            RAISE EXCEPTION 'appointment % holds no resource', checked
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_holds_resource';
        END IF;
        IF seen.treatment AND NOT EXISTS (SELECT FROM scheduling_treatmentspacing t
                WHERE t.appointment_id = checked AND t.patient_id = seen.patient_id
                AND lower(t.days) = (seen.start AT TIME ZONE seen.timezone)::date
                AND (upper(t.days) = lower(t.days) + seen.spacing_days
                    OR 'spacing' = ANY(seen.overrides))) THEN
            RAISE EXCEPTION 'treatment % does not keep its spacing', checked
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_keeps_spacing';
        END IF;
    ELSIF seen.status IN ('cancelled', 'expired', 'released') THEN
        IF EXISTS (SELECT FROM scheduling_reservation r WHERE r.appointment_id = checked)
            OR EXISTS (SELECT FROM scheduling_patienttime p WHERE p.appointment_id = checked)
            OR EXISTS (SELECT FROM scheduling_treatmentspacing t
                WHERE t.appointment_id = checked) THEN
            RAISE EXCEPTION 'appointment % is over and still blocks', checked
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_gives_back';
        END IF;
    END IF;
END $$;

CREATE FUNCTION scheduling_appointment_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'scheduling_appointment' THEN
        PERFORM scheduling_check_appointment(NEW.id);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM scheduling_check_appointment(OLD.appointment_id);
    ELSE
        PERFORM scheduling_check_appointment(NEW.appointment_id);
        IF TG_OP = 'UPDATE' AND OLD.appointment_id IS DISTINCT FROM NEW.appointment_id THEN
            PERFORM scheduling_check_appointment(OLD.appointment_id);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER appointment_whole AFTER INSERT OR UPDATE ON scheduling_appointment
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION scheduling_appointment_whole();
CREATE CONSTRAINT TRIGGER appointment_whole AFTER UPDATE OR DELETE ON scheduling_patienttime
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION scheduling_appointment_whole();
CREATE CONSTRAINT TRIGGER appointment_whole AFTER UPDATE OR DELETE ON scheduling_treatmentspacing
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION scheduling_appointment_whole();
CREATE CONSTRAINT TRIGGER appointment_whole AFTER UPDATE OR DELETE ON scheduling_reservation
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.appointment_id IS NOT NULL)
    EXECUTE FUNCTION scheduling_appointment_whole();

CREATE FUNCTION scheduling_care_plan_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    plan_id uuid;
BEGIN
    IF TG_TABLE_NAME = 'scheduling_careplan' THEN
        plan_id := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        plan_id := OLD.care_plan_id;
    ELSE
        plan_id := NEW.care_plan_id;
    END IF;
    IF EXISTS (SELECT FROM scheduling_careplan p WHERE p.id = plan_id
            AND p.status IN ('held', 'active', 'on_hold')
            AND p.sessions > (SELECT count(DISTINCT a.step) FROM scheduling_appointment a
                WHERE a.care_plan_id = p.id AND a.status NOT IN ('expired', 'released'))) THEN
        RAISE EXCEPTION 'care plan % is not whole', plan_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'care_plan_whole';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER care_plan_whole AFTER INSERT OR UPDATE ON scheduling_careplan
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION scheduling_care_plan_whole();
CREATE CONSTRAINT TRIGGER care_plan_whole AFTER UPDATE OF status, care_plan_id, step OR DELETE
    ON scheduling_appointment
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.care_plan_id IS NOT NULL)
    EXECUTE FUNCTION scheduling_care_plan_whole();
"""
WHOLE_BACK = """
DROP TRIGGER care_plan_whole ON scheduling_appointment;
DROP TRIGGER care_plan_whole ON scheduling_careplan;
DROP FUNCTION scheduling_care_plan_whole();
DROP TRIGGER appointment_whole ON scheduling_reservation;
DROP TRIGGER appointment_whole ON scheduling_treatmentspacing;
DROP TRIGGER appointment_whole ON scheduling_patienttime;
DROP TRIGGER appointment_whole ON scheduling_appointment;
DROP FUNCTION scheduling_appointment_whole();
DROP FUNCTION scheduling_check_appointment(uuid);
"""

# `version` changes with any write; `sequence` only with time, place or cancellation.
REVISIONS = """
CREATE FUNCTION scheduling_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;
CREATE FUNCTION scheduling_raise_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.sequence := OLD.sequence;
    IF (NEW.start, NEW."end", NEW.site_id, NEW.mode)
            IS DISTINCT FROM (OLD.start, OLD."end", OLD.site_id, OLD.mode)
        OR (NEW.status = 'cancelled') IS DISTINCT FROM (OLD.status = 'cancelled') THEN
        NEW.sequence := OLD.sequence + 1;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER care_plan_version BEFORE UPDATE ON scheduling_careplan
    FOR EACH ROW EXECUTE FUNCTION scheduling_raise_version();
CREATE TRIGGER appointment_revision BEFORE UPDATE ON scheduling_appointment
    FOR EACH ROW EXECUTE FUNCTION scheduling_raise_sequence();
"""
REVISIONS_BACK = """
DROP TRIGGER appointment_revision ON scheduling_appointment;
DROP TRIGGER care_plan_version ON scheduling_careplan;
DROP FUNCTION scheduling_raise_sequence();
DROP FUNCTION scheduling_raise_version();
"""

HISTORY = """
CREATE FUNCTION scheduling_history_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is never edited' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER event_history_stands BEFORE UPDATE OR DELETE ON scheduling_event
    FOR EACH ROW EXECUTE FUNCTION scheduling_history_stands();
CREATE TRIGGER protocol_version_stands BEFORE UPDATE ON scheduling_protocolversion
    FOR EACH ROW EXECUTE FUNCTION scheduling_history_stands();
"""
HISTORY_BACK = """
DROP TRIGGER protocol_version_stands ON scheduling_protocolversion;
DROP TRIGGER event_history_stands ON scheduling_event;
DROP FUNCTION scheduling_history_stands();
"""

# Statement triggers with transition tables: one small insert per statement, not per row.
CHANGES = """
CREATE FUNCTION scheduling_trace_reservations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scheduling_reservationchange (xid, at, resource, during)
        SELECT pg_current_xact_id()::text::bigint, now(), resource_id,
               tstzrange(min(lower(during)), max(upper(during)))
        FROM changed GROUP BY resource_id, lower(during)::date;
    RETURN NULL;
END $$;
CREATE TRIGGER reservation_trace_insert AFTER INSERT ON scheduling_reservation
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling_trace_reservations();
CREATE TRIGGER reservation_trace_delete AFTER DELETE ON scheduling_reservation
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling_trace_reservations();
CREATE TRIGGER reservation_trace_old AFTER UPDATE ON scheduling_reservation
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling_trace_reservations();
CREATE TRIGGER reservation_trace_new AFTER UPDATE ON scheduling_reservation
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling_trace_reservations();

CREATE FUNCTION scheduling_trace_clinic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scheduling_reservationchange (xid, at)
        VALUES (pg_current_xact_id()::text::bigint, now());
    RETURN NULL;
END $$;
"""
CLINIC_TABLES = ("site", "resource", "qualification", "weeklyhours", "closure", "groupsession")
CHANGES += "".join(
    f"""
CREATE TRIGGER clinic_trace AFTER INSERT OR UPDATE OR DELETE ON scheduling_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling_trace_clinic();
"""
    for table in CLINIC_TABLES
)
CHANGES_BACK = (
    "".join(f"DROP TRIGGER clinic_trace ON scheduling_{table};\n" for table in CLINIC_TABLES)
    + """
DROP FUNCTION scheduling_trace_clinic();
DROP TRIGGER reservation_trace_new ON scheduling_reservation;
DROP TRIGGER reservation_trace_old ON scheduling_reservation;
DROP TRIGGER reservation_trace_delete ON scheduling_reservation;
DROP TRIGGER reservation_trace_insert ON scheduling_reservation;
DROP FUNCTION scheduling_trace_reservations();
"""
)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial")]

    operations = [
        migrations.RunSQL(RANGES, RANGES_BACK),
        migrations.RunSQL(LANES, LANES_BACK),
        migrations.RunSQL(WHOLE, WHOLE_BACK),
        migrations.RunSQL(REVISIONS, REVISIONS_BACK),
        migrations.RunSQL(HISTORY, HISTORY_BACK),
        migrations.RunSQL(CHANGES, CHANGES_BACK),
    ]
