"""Which answers were first, of those given before that was kept."""

from django.db import migrations
from django.db.models import Exists, OuterRef, Q


def mark(apps, schema_editor):
    Response = apps.get_model("scoring", "Response")
    AttemptItem = apps.get_model("exams", "AttemptItem")
    same = Response.objects.filter(
        speaker=OuterRef("speaker"), revision__prompt=OuterRef("revision__prompt")
    )
    earlier = same.filter(
        Q(received_at__lt=OuterRef("received_at"))
        | Q(received_at=OuterRef("received_at"), pk__lt=OuterRef("pk"))
    )
    sat = AttemptItem.objects.filter(response=OuterRef("pk"))
    first = Response.objects.filter(~Exists(earlier) | Q(Exists(sat)))
    # by their ids: an UPDATE may not look into the table it changes on every database
    ids = list(first.values_list("pk", flat=True))
    for at in range(0, len(ids), 500):
        Response.objects.filter(pk__in=ids[at : at + 500]).update(is_first=True)


def unmark(apps, schema_editor):
    apps.get_model("scoring", "Response").objects.update(is_first=False)


class Migration(migrations.Migration):
    dependencies = [("exams", "0001_sittings"), ("scoring", "0003_day_summaries")]
    operations = [migrations.RunPython(mark, unmark)]
