from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0010_guest_responses")]

    operations = [
        migrations.AddField(
            model_name="daysummary",
            name="board",
            field=models.JSONField(db_default={}, default=dict),
        )
    ]
