"""Clockwork tasks of practice."""

from django.urls import reverse

from accounts import notices
from accounts.models import Notice
from practice.models import PracticeTake


def tell_late() -> None:
    """Notify learners of ratings that took so long that the page is probably closed by now.

    Runs every minute.
    """
    late = PracticeTake.objects.rated_late().select_related("learner__notice_settings")
    notices.notify_all(
        [
            Notice(
                person=take.learner,
                kind=Notice.Kind.RESULT,
                key=f"answer:{take.pk}",
                url=reverse("scoring:response-detail", args=[take.pk]),
            )
            for take in late
        ]
    )
