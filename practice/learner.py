"""What pages need to know of a learner, read at once."""

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef

from accounts.level_embargo import embargo_start
from accounts.models import Consent, User
from opic.lib.levels import DEFAULT_STEP, DEFAULT_TARGET, Level
from scoring.raters.base import EMBEDDED
from scoring.rating import budget


class LearnerContext:
    """Consent and goal of a learner, read together because every page of practice needs both.

    `columns` and `asked` (annotations) are read with them, over people, and stand in `row`.
    """

    def __init__(self, person: User, *columns: str, **asked: Any) -> None:
        consent = Consent.objects.in_force().filter(kind=Consent.Kind.RECORDING)
        more = budget.with_usage(person) if settings.OPIC_RATER != EMBEDDED else {}
        rows = User.objects.filter(pk=person.pk).annotate(
            may_record=Exists(consent.filter(person=OuterRef("pk"))), **more, **asked
        )
        own = ["may_record", "goal__target", "goal__step", "goal__exam_on"]
        self.row: dict[str, Any] = rows.values(*own, *columns, *more, *asked).get()
        self.may_record = bool(self.row["may_record"])
        self.rated_left = budget.remaining(self.row) if self.may_record and more else None
        self.embargo_start = embargo_start(person, self.row["goal__exam_on"])
        self.has_goal = self.row["goal__target"] is not None
        self.target = Level(self.row["goal__target"] or DEFAULT_TARGET)
        self.step = self.row["goal__step"] or DEFAULT_STEP
