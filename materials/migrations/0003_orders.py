"""Columns to sort by: topics as each language sorts, prompts by chance."""

from django.db import migrations, models

import materials.models
from opic.lib.stores.sort_keys import SortKeyField


class Migration(migrations.Migration):
    dependencies = [("materials", "0002_picked_topics")]
    operations = [
        migrations.AddField(
            model_name="prompt",
            name="shuffle_number",
            field=models.BigIntegerField(
                default=materials.models.draw_shuffle_number, editable=False
            ),
        ),
        *(
            migrations.AddField(
                model_name="topic",
                name=f"sort_{language}",
                field=SortKeyField(of=f"name_{language}", language=language),
            )
            for language in ("en", "ko", "vi")
        ),
        migrations.AlterModelOptions(name="topic", options={"ordering": ["sort_en"]}),
    ]
