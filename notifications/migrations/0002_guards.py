"""What the database itself holds about messages."""

from django.db import migrations

# One small insert for each statement that writes events, not for each event.
QUEUE = """
CREATE FUNCTION notifications_queue_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notifications_pendingevent (event_id)
        SELECT id FROM written
        WHERE appointment_id IS NOT NULL OR care_plan_id IS NOT NULL OR patient_id IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER event_queued AFTER INSERT ON scheduling_event
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION notifications_queue_events();
"""
QUEUE_BACK = """
DROP TRIGGER event_queued ON scheduling_event;
DROP FUNCTION notifications_queue_events();
"""

# A message that may have gone out is never sent again: sending again is another row, by a person.
FORWARD = """
CREATE FUNCTION notifications_message_goes_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = OLD.status
        OR OLD.status = 'scheduled' AND NEW.status <> 'sent'
        OR OLD.status = 'sending'
        OR OLD.status = 'ambiguous' AND NEW.status IN ('sent', 'failed', 'bounced', 'cancelled')
        OR OLD.status = 'sent' AND NEW.status = 'bounced' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'message is %, it cannot become %', OLD.status, NEW.status
        USING ERRCODE = 'check_violation', CONSTRAINT = 'message_goes_forward';
END $$;
CREATE TRIGGER message_goes_forward BEFORE UPDATE OF status ON notifications_message
    FOR EACH ROW EXECUTE FUNCTION notifications_message_goes_forward();
"""
FORWARD_BACK = """
DROP TRIGGER message_goes_forward ON notifications_message;
DROP FUNCTION notifications_message_goes_forward();
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.RunSQL(QUEUE, QUEUE_BACK),
        migrations.RunSQL(FORWARD, FORWARD_BACK),
    ]
