"""What a guest sees of an answer: the panel of a measured one, with nothing in it to keep."""

from django.utils import timezone

from opic.lib.levels import DEFAULT_TARGET
from scoring.display import polling
from scoring.display.advice import advice_of
from scoring.display.facts import facts_view
from scoring.display.measure_rows import delivery_for, figures_of
from scoring.display.panel import Panel, heard_so_far, why_unratable
from scoring.models import GuestResponse, Response
from scoring.rating import guests
from scoring.uploads import guests as guest_uploads


def result_for_guests() -> str:
    """Return what guests get here: `words`, `measures` of pace and pauses alone, or `nothing`."""
    if not guest_uploads.are_heard():
        return "nothing"
    return "words" if guests.has_ears() else "measures"


def panel_for_guest(guest: GuestResponse) -> Panel:
    """Return what to print for a guest's answer, against the typical ranges of the usual target."""
    # never saved: the panel prints responses, and a guest's row is none
    response = Response(
        pk=guest.pk,
        revision=guest.revision,
        length_ms=guest.length_ms,
        recorded_at=guest.received_at,
        received_at=guest.received_at,
        status=guest.status,
        reason=guest.reason,
        measures=guest.measures,
    )
    figures = figures_of(guest.measures, guest.facts)
    delivery = delivery_for(figures, DEFAULT_TARGET, {}, is_counted="run_words" in figures)
    heard, is_heard_whole = heard_so_far(response, (guest.heard or {}).get("heard"))
    is_done = guest.is_final and bool(delivery.rows)
    return Panel(
        response=response,
        target=DEFAULT_TARGET,
        delivery=delivery,
        advice=advice_of(delivery.rows, guest.facts) if is_done else None,
        words=facts_view(guest.facts, frozenset()),
        next_look=_next_look(guest),
        unratable=why_unratable(response),
        heard=heard,
        is_heard_whole=is_heard_whole,
        has_goal=False,
    )


def _next_look(guest: GuestResponse) -> str:
    if guest.is_final:
        return ""
    waited = (timezone.now() - guest.received_at).total_seconds()
    return f"{polling.next_look_at_many(waited, soonest=polling.SOONEST, most=polling.LATEST):.2f}"
