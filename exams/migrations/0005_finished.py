"""The status of a test that is over is called finished, with a level or without."""

from django.db import migrations, models

STATUSES = [
    ("preparing", "being set up"),
    ("in_progress", "going on"),
    ("submitted", "handed in"),
    ("rated", "finished"),
    ("abandoned", "given up"),
]


class Migration(migrations.Migration):
    dependencies = [("exams", "0003_codes")]
    operations = [
        migrations.AlterField(
            model_name="attempt",
            name="status",
            field=models.CharField(choices=STATUSES, default="preparing", max_length=12),
        ),
    ]
