from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0007_wait_for_a_usable_reply")]

    operations = [
        migrations.AddField(
            model_name="rating",
            name="facts",
            field=models.JSONField(db_default={}, default=dict),
        ),
        # the column keeps its name: workers of the release before go on
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("hearing", "rater", "ears"),
                migrations.AlterField(
                    "hearing", "ears", models.CharField(db_column="rater", max_length=40)
                ),
            ]
        ),
    ]
