"""The topics a person picked, written by the survey and read by practice."""

from collections.abc import Collection

from django.db import transaction

from accounts.models import User
from materials.models import PickedTopic, Topic


@transaction.atomic
def replace(person: User, slugs: Collection[str]) -> None:
    """Make these the topics that a person picked; slugs of no topic are left out."""
    mine = PickedTopic.objects.picked_by(person)
    mine.exclude(topic__slug__in=slugs).delete()
    picked = Topic.objects.filter(slug__in=slugs).exclude(picks__in=mine)
    rows = [PickedTopic(person=person, topic=topic) for topic in picked]
    # the same form, sent twice at the same moment
    PickedTopic.objects.bulk_create(rows, ignore_conflicts=True)
