"""Saving a story, once however often it is sent."""

from django.db import transaction

from accounts.models import User
from practice.models import Story


@transaction.atomic
def add(story: Story) -> None:
    """Save a new story; the same words once more, as by a second press, change nothing."""
    # the person's row: two presses may arrive at once, and neither would see the story of the other
    User.objects.select_for_update(no_key=True).get(pk=story.learner_id)
    if not Story.objects.same_as(story).exists():
        story.save()
