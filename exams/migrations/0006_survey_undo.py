"""One step back from a ready set of answers to the survey."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exams", "0005_finished")]
    operations = [
        migrations.AddField(
            model_name="backgroundsurvey",
            name="before_preset",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
