"""Giving and withdrawing consent. Rows stay, with the version of the text and both times."""

from django.conf import settings
from django.db import transaction

from accounts.models import Consent, User


class ConsentMissingError(Exception):
    """The speaker has not consented, or withdrew: this voice may not be processed.

    Its arguments are the kinds of consent that are missing.
    """


@transaction.atomic
def give(person: User, kinds: list[str]) -> None:
    """Save consents of these kinds to the text of today; giving one twice changes nothing."""
    for kind in kinds:
        Consent.objects.get_or_create(
            person=person,
            kind=kind,
            withdrawn_at=None,
            defaults={"text_version": settings.OPIC_CONSENT_VERSION},
        )


def withdraw(person: User, kind: str) -> None:
    """End the person's consent of this kind; changes nothing where none is in force."""
    for consent in Consent.objects.given_by(person).in_force().filter(kind=kind):
        consent.withdraw()


def may_record(person: User) -> bool:
    """Return whether the person consents to being recorded and measured."""
    return Consent.objects.holds(person, Consent.Kind.RECORDING)


def may_send_abroad(person: User) -> bool:
    """Return whether the person consents to recordings being rated abroad."""
    return Consent.objects.holds(person, Consent.Kind.ABROAD)


def demand_recording(person: User) -> None:
    """Raise ConsentMissingError unless the person consents to being recorded now."""
    if not may_record(person):
        raise ConsentMissingError(Consent.Kind.RECORDING)


def demand_abroad(person: User) -> None:
    """Raise ConsentMissingError unless the person consents to recording and sending abroad now."""
    given = Consent.objects.given_by(person).in_force().values_list("kind", flat=True)
    if missing := {Consent.Kind.RECORDING.value, Consent.Kind.ABROAD.value} - set(given):
        raise ConsentMissingError(*sorted(missing))
