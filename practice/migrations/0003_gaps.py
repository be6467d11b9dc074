"""Cards with gaps to fill, beside those of corrections."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("materials", "0004_fill_orders"),
        ("practice", "0002_phrases_cards_stories"),
    ]
    operations = [
        migrations.AddField(
            model_name="card",
            name="kind",
            field=models.CharField(
                choices=[("correction", "correction"), ("gap", "gap to fill")],
                db_default="correction",
                default="correction",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="card",
            name="prompt",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="cards",
                to="materials.prompt",
            ),
        ),
    ]
