"""Giving and withdrawing consent: rows are kept, with the version of the text and the time."""

from django.conf import settings
from django.db import transaction

from accounts.models import Consent, User


class ConsentMissingError(Exception):
    """A voice may not be worked on (any more): its speaker has not agreed, or withdrew."""


@transaction.atomic
def give(person: User, kinds: list[str]) -> None:
    """Write down these consents; giving one twice changes nothing."""
    for kind in kinds:
        Consent.objects.get_or_create(
            person=person,
            kind=kind,
            withdrawn_at=None,
            defaults={"text_version": settings.OPIC_CONSENT_VERSION},
        )


def withdraw(person: User, kind: str) -> None:
    for consent in Consent.objects.given_by(person).in_force().filter(kind=kind):
        consent.withdraw()


def may_record(person: User) -> bool:
    return Consent.objects.holds(person, Consent.Kind.RECORDING)


def may_send_abroad(person: User) -> bool:
    return Consent.objects.holds(person, Consent.Kind.ABROAD)


def demand_recording(person: User) -> None:
    """Raise ConsentMissingError unless this voice may be worked on at this moment."""
    if not may_record(person):
        raise ConsentMissingError(Consent.Kind.RECORDING)


def demand_abroad(person: User) -> None:
    """Raise ConsentMissingError unless this voice may be worked on, and sent abroad, now."""
    given = Consent.objects.given_by(person).in_force().values_list("kind", flat=True)
    if missing := {Consent.Kind.RECORDING.value, Consent.Kind.ABROAD.value} - set(given):
        raise ConsentMissingError(*sorted(missing))
