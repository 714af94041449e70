"""A stopped treatment that does not count gives its step of the course free."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("scheduling", "0003_trace_services"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="appointment",
            name="appointment_step_once",
        ),
        migrations.AddField(
            model_name="appointment",
            name="counts",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("counts", True),
                    models.Q(
                        (
                            "status__in",
                            ["cancelled", "noshow", "not_treated", "expired", "released"],
                        ),
                        _negated=True,
                    ),
                ),
                fields=("care_plan", "step"),
                name="appointment_step_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("counts", True), ("status", "stopped"), _connector="OR"),
                name="appointment_only_stopped_uncounted",
            ),
        ),
    ]
