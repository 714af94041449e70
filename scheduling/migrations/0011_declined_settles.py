"""A question about a visit whose patient does not come ends by itself where it has an answer."""

from django.db import migrations

# Here and not in the operations: visits are moved and given up in many places, and a question that
# stays open rings somebody up about a time that is no more.
SETTLE = """
CREATE FUNCTION scheduling_settle_declined() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE scheduling_stafftask SET finished_at = now(), outcome =
        CASE WHEN NEW.attendance = 'accepted' THEN 'accepted'
            WHEN NEW.status = 'cancelled' THEN 'cancelled'
            WHEN NEW.status <> 'booked' THEN 'over'
            ELSE 'moved' END
        WHERE kind = 'attendance_declined' AND appointment_id = NEW.id AND finished_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER appointment_settles_declined AFTER UPDATE ON scheduling_appointment
    FOR EACH ROW WHEN (OLD.attendance IN ('declined', 'tentative')
        AND (NEW.attendance NOT IN ('declined', 'tentative') OR NEW.status <> 'booked'))
    EXECUTE FUNCTION scheduling_settle_declined();
"""
SETTLE_BACK = """
DROP TRIGGER appointment_settles_declined ON scheduling_appointment;
DROP FUNCTION scheduling_settle_declined();
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0010_attendance")]

    operations = [migrations.RunSQL(SETTLE, SETTLE_BACK)]
