"""What saved surveys open is written down for practice."""

from django.conf import settings
from django.db import migrations

from exams.survey import rules


def _slugs_of(survey, variants):
    """Topics of a saved survey; items that the lists do not have any more open none."""
    picked = rules.existing_only(survey.picked, variants)
    if not any(picked.values()):
        return frozenset()
    return rules.topics_of(
        picked,
        works=rules.works(survey.answers),
        studies=rules.studies(survey.answers),
        variants=variants,
    )


def write(apps, schema_editor):
    picked_topics = apps.get_model("materials", "PickedTopic").objects
    ids = dict(apps.get_model("materials", "Topic").objects.values_list("slug", "pk"))
    variants = frozenset(settings.OPIC_SURVEY_VARIANTS)
    for survey in apps.get_model("exams", "BackgroundSurvey").objects.iterator():
        picked_topics.bulk_create(
            [
                picked_topics.model(person_id=survey.candidate_id, topic_id=ids[slug])
                for slug in _slugs_of(survey, variants)
                if slug in ids
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [("exams", "0006_survey_undo"), ("materials", "0004_fill_orders")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
