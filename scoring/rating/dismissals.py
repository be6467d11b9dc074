"""Corrections that people dismiss, and which kinds switch themselves off by it."""

from collections import Counter

from accounts.models import User
from scoring.models import DismissedCorrection, Rating, Response

LOOK_BACK = 200  # the newest answers of a person: ears get better, and so do people
LEAST_SHOWN = 5
MOST_DISMISSED = 0.2  # of those shown


def has_correction(response: Response, kind: str, start: int) -> bool:
    """Return whether the rating that is shown has a correction of this kind at this place."""
    facts = response.shown_rating.facts if response.shown_rating else {}
    rows = facts.get("corrections", [])
    return any(row["kind"] == kind and row["start"] == start for row in rows)


def dismiss(response: Response, kind: str, start: int) -> None:
    """Take a correction away from an answer, for the person who spoke; twice is once."""
    DismissedCorrection.objects.get_or_create(
        response=response, kind=kind, start=start, defaults={"person": response.speaker}
    )


def dismissed_in(response: Response) -> frozenset[tuple[str, int]]:
    """Return kind and first character of the corrections dismissed in one response."""
    rows = DismissedCorrection.objects.of_response(response)
    return frozenset(rows.values_list("kind", "start"))


def switched_off(person: User) -> frozenset[str]:
    """Return the kinds of correction that this person dismissed too often.

    That is more than `MOST_DISMISSED` of at least `LEAST_SHOWN` shown, in their newest `LOOK_BACK`
    answers. A correction that was shown by several ratings of one answer counts once.
    """
    newest = Response.objects.spoken_by(person).order_by("-recorded_at", "-pk")[:LOOK_BACK]
    ids = list(newest.values_list("pk", flat=True))
    taken = DismissedCorrection.objects.of_person(person).filter(response__in=ids)
    dismissed = set(taken.values_list("response", "kind", "start"))
    ratings = Rating.objects.filter(response__in=ids, kind=Rating.Kind.MEASURE)
    shown = set(dismissed)
    for response_id, corrections in ratings.values_list("response", "facts__corrections"):
        shown |= {(response_id, row["kind"], row["start"]) for row in corrections or []}
    by_kind = Counter(kind for _response, kind, _start in shown)
    away = Counter(kind for _response, kind, _start in dismissed)
    return frozenset(
        kind
        for kind, count in by_kind.items()
        if count >= LEAST_SHOWN and away[kind] > MOST_DISMISSED * count
    )
