"""Services are part of what each process keeps of the clinic, so their changes leave a trace too."""

from django.db import migrations

TRACE = """
CREATE TRIGGER clinic_trace AFTER INSERT OR UPDATE OR DELETE ON scheduling_service
    FOR EACH STATEMENT EXECUTE FUNCTION scheduling_trace_clinic();
"""
TRACE_BACK = "DROP TRIGGER clinic_trace ON scheduling_service;"


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0002_guards")]

    operations = [migrations.RunSQL(TRACE, TRACE_BACK)]
