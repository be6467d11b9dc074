"""Streaks of those who spoke before streaks were kept."""

from django.db import migrations


def count(apps, schema_editor):
    from accounts.streaks import runs_of

    Activity = apps.get_model("accounts", "Activity")
    Streak = apps.get_model("accounts", "Streak")
    people = Activity.objects.order_by().values_list("person", flat=True).distinct()
    for person in people.iterator():
        days = Activity.objects.filter(person=person).values_list("day", flat=True)
        runs = runs_of(days)
        last = runs[-1]
        Streak.objects.update_or_create(
            person_id=person,
            defaults={
                "length": last.length,
                "started_on": last.started_on,
                "last_on": last.last_on,
                "last_free_on": last.last_free_on,
                "longest": max(run.length for run in runs),
            },
        )


def forget(apps, schema_editor):
    apps.get_model("accounts", "Streak").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_streaks")]
    operations = [migrations.RunPython(count, forget)]
