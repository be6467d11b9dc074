"""Who asks, and which attempt is theirs."""

from typing import cast

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from exams.models import Attempt


def candidate_of(request: HttpRequest) -> User:
    """Return the signed-in person who asks."""
    return cast(User, request.user)


def own_attempt(request: HttpRequest, attempt_id: str) -> Attempt:
    """Return this candidate's attempt, loaded for its page. Raises Http404 for a stranger's."""
    mine = Attempt.objects.taken_by(candidate_of(request)).for_page()
    return get_object_or_404(mine, pk=attempt_id)
