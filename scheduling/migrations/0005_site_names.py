"""A clinic chooses whether patients read the names of people and rooms."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0004_uncounted_steps"),
    ]

    operations = [
        migrations.AddField(
            model_name="site",
            name="names_people",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="site",
            name="names_rooms",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
