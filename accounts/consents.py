"""Giving and withdrawing consent. Rows stay, with the version of the text and both times.

Who gets a voice to rate it is said by the settings: this site's own server, Google's models, or
another host. Agreeing to one of them is no consent to another.
"""

import hashlib
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from accounts.models import Consent, ConsentQuerySet, User


class ConsentMissingError(Exception):
    """The speaker has not consented, or withdrew: this voice may not be processed.

    Its arguments are the kinds of consent that are missing.
    """


def rates_here() -> bool:
    """Return whether a server of this site's own rates, so that nothing goes to anybody else."""
    return bool(settings.OPIC_RATER == "openai" and settings.OPIC_LLM_OWN)


def other_recipient() -> str:
    """Return the host that gets the voice; empty for this site's own and for Google's models."""
    if settings.OPIC_RATER != "openai" or settings.OPIC_LLM_OWN:
        return ""
    return urlsplit(settings.OPIC_LLM_URL).hostname or ""


def _version_mark() -> str:
    """Return what the version of a text carries at its end for another recipient than Google."""
    host = other_recipient()
    return f" {hashlib.sha256(host.encode()).hexdigest()[:8]}" if host else ""


def for_rating() -> ConsentQuerySet:
    """Return consents in force that let this set-up have a voice rated by whom it asks.

    Where this site's own server rates, the consent to recording is enough.
    """
    rows = Consent.objects.in_force()
    if rates_here():
        return rows.filter(kind=Consent.Kind.RECORDING)
    rows, mark = rows.filter(kind=Consent.Kind.ABROAD), _version_mark()
    if mark:
        return rows.filter(text_version__endswith=mark)
    return rows.exclude(text_version__contains=" ")


@transaction.atomic
def give(person: User, kinds: list[str]) -> None:
    """Save consents of these kinds to the text of today; giving one twice changes nothing."""
    for kind in kinds:
        version = settings.OPIC_CONSENT_VERSION
        if kind == Consent.Kind.ABROAD:
            version += _version_mark()
            if not may_send_abroad(person):
                # what stands was given for another recipient
                withdraw(person, kind)
        Consent.objects.get_or_create(
            person=person, kind=kind, withdrawn_at=None, defaults={"text_version": version}
        )


def withdraw(person: User, kind: str) -> None:
    """End the person's consent of this kind; changes nothing where none is in force."""
    for consent in Consent.objects.given_by(person).in_force().filter(kind=kind):
        consent.withdraw()


def may_record(person: User) -> bool:
    """Return whether the person consents to being recorded and measured."""
    return Consent.objects.holds(person, Consent.Kind.RECORDING)


def may_send_abroad(person: User) -> bool:
    """Return whether the person consents to recordings going to whoever rates them here."""
    return for_rating().given_by(person).exists()


def demand_recording(person: User) -> None:
    """Raise ConsentMissingError unless the person consents to being recorded now."""
    if not may_record(person):
        raise ConsentMissingError(Consent.Kind.RECORDING)


def demand_abroad(person: User) -> None:
    """Raise ConsentMissingError unless the person consents to recording and sending abroad now.

    Where this site's own server rates, nothing is sent abroad and recording alone is demanded.
    """
    mine = Consent.objects.given_by(person).in_force()
    recording = mine.filter(kind=Consent.Kind.RECORDING)
    given = set((recording | for_rating().given_by(person)).values_list("kind", flat=True))
    demanded = {Consent.Kind.RECORDING.value}
    if not rates_here():
        demanded.add(Consent.Kind.ABROAD.value)
    if missing := demanded - given:
        raise ConsentMissingError(*sorted(missing))
