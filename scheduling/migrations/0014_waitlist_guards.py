"""What constraints of the waitlist's models cannot say: an offer that stands holds something, one
that is over holds nothing; and the trace says where something was given back."""

from django.db import migrations

OFFERS = """
CREATE FUNCTION scheduling_check_offer(checked uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    seen record;
    holds boolean;
BEGIN
    SELECT * INTO seen FROM scheduling_waitlistoffer WHERE id = checked;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    holds := EXISTS (SELECT FROM scheduling_reservation r WHERE r.offer_id = checked);
    IF seen.status = 'offered' AND seen.care_plan_id IS NULL AND NOT holds THEN
        RAISE EXCEPTION 'offer % holds nothing', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'waitlist_offer_holds';
    ELSIF seen.status <> 'offered' AND holds THEN
        RAISE EXCEPTION 'offer % is over and still blocks', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'waitlist_offer_gives_back';
    END IF;
END $$;

CREATE FUNCTION scheduling_offer_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'scheduling_waitlistoffer' THEN
        PERFORM scheduling_check_offer(NEW.id);
    ELSE
        PERFORM scheduling_check_offer(OLD.offer_id);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER waitlist_offer_whole AFTER INSERT OR UPDATE ON scheduling_waitlistoffer
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION scheduling_offer_whole();
CREATE CONSTRAINT TRIGGER waitlist_offer_whole AFTER UPDATE OR DELETE ON scheduling_reservation
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.offer_id IS NOT NULL)
    EXECUTE FUNCTION scheduling_offer_whole();
"""
OFFERS_BACK = """
DROP TRIGGER waitlist_offer_whole ON scheduling_reservation;
DROP TRIGGER waitlist_offer_whole ON scheduling_waitlistoffer;
DROP FUNCTION scheduling_offer_whole();
DROP FUNCTION scheduling_check_offer(uuid);
"""

FREED = """
CREATE FUNCTION scheduling_trace_freed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scheduling_reservationchange (xid, at, resource, during, freed)
        SELECT pg_current_xact_id()::text::bigint, now(), resource_id,
               tstzrange(min(lower(during)), max(upper(during))), true
        FROM changed GROUP BY resource_id, lower(during)::date;
    RETURN NULL;
END $$;
DROP TRIGGER reservation_trace_delete ON scheduling_reservation;
DROP TRIGGER reservation_trace_old ON scheduling_reservation;
CREATE TRIGGER reservation_trace_delete AFTER DELETE ON scheduling_reservation
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling_trace_freed();
CREATE TRIGGER reservation_trace_old AFTER UPDATE ON scheduling_reservation
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling_trace_freed();

CREATE OR REPLACE FUNCTION scheduling_trace_clinic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scheduling_reservationchange (xid, at, freed)
        VALUES (pg_current_xact_id()::text::bigint, now(), true);
    RETURN NULL;
END $$;
"""
FREED_BACK = """
CREATE OR REPLACE FUNCTION scheduling_trace_clinic() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scheduling_reservationchange (xid, at)
        VALUES (pg_current_xact_id()::text::bigint, now());
    RETURN NULL;
END $$;
DROP TRIGGER reservation_trace_delete ON scheduling_reservation;
DROP TRIGGER reservation_trace_old ON scheduling_reservation;
CREATE TRIGGER reservation_trace_delete AFTER DELETE ON scheduling_reservation
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling_trace_reservations();
CREATE TRIGGER reservation_trace_old AFTER UPDATE ON scheduling_reservation
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling_trace_reservations();
DROP FUNCTION scheduling_trace_freed();
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0013_waitlist")]

    operations = [
        migrations.RunSQL(OFFERS, OFFERS_BACK),
        migrations.RunSQL(FREED, FREED_BACK),
    ]
