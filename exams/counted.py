"""Which sittings count as a test: for the weekly plan, and to be compared with."""

from django.conf import settings
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from exams.models import Attempt, AttemptItem, AttemptItemQuerySet, AttemptQuerySet

LONGEST = 15  # items of the longest test


def counted(attempts: AttemptQuerySet) -> AttemptQuerySet:
    """Return those handed in with enough said.

    That is `OPIC_EXAM_COUNTED_ANSWERS` of 15 answers, and as large a share of 12.
    """
    spoken = AttemptItem.objects.filter(
        attempt=OuterRef("pk"),
        response__voiced_ms__gte=1000 * settings.OPIC_EXAM_COUNTED_SECONDS,
    )
    count = spoken.order_by().values("attempt").annotate(n=Count("pk")).values("n")
    scaled = Coalesce(Subquery(count), 0) * LONGEST
    least = F("item_count") * settings.OPIC_EXAM_COUNTED_ANSWERS
    return attempts.over().alias(scaled=scaled).filter(scaled__gte=least)


def items_of_test_before(attempt: Attempt) -> AttemptItemQuerySet:
    """Return the items of the last test before this one that counts, loaded with their ratings."""
    mine = Attempt.objects.taken_by(attempt.candidate).filter(made_at__lt=attempt.made_at)
    last = counted(mine).order_by("-made_at")
    rows = AttemptItem.objects.filter(attempt=Subquery(last.values("pk")[:1]))
    return rows.select_related("response__shown_rating").order_by("number")
