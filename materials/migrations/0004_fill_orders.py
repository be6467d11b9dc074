"""Fill in what topics and prompts are sorted by."""

from django.db import migrations

from materials.models import draw_shuffle_number


def fill(apps, schema_editor):
    # saving a topic makes its sort keys
    for topic in apps.get_model("materials", "Topic").objects.all():
        topic.save()
    # one number was given to all prompts when the column was added
    prompts = apps.get_model("materials", "Prompt").objects
    rows = list(prompts.only("pk"))
    for row in rows:
        row.shuffle_number = draw_shuffle_number()
    prompts.bulk_update(rows, ["shuffle_number"], batch_size=400)


class Migration(migrations.Migration):
    dependencies = [("materials", "0003_orders")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
