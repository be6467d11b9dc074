"""Giving and withdrawing consent. Rows stay, with the version of the text and both times.

The settings say what leaves this site, and to whom: the voice where others hear, the words where
others judge what was heard here, or nothing. Agreeing to one recipient is no consent to another;
agreeing to the voice covers the words, and never the other way round.
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


GOOGLE = "google"


def _recipient_of(adapter: str, url: str) -> str:
    """Return who an adapter sends to: empty for nobody else, `GOOGLE`, or a host."""
    if adapter == "gemini":
        return GOOGLE
    if adapter != "openai" or settings.OPIC_LLM_OWN:
        return ""
    return urlsplit(url).hostname or ""


def _gets_voice() -> str:
    return _recipient_of(settings.OPIC_EARS, settings.OPIC_EARS_URL or settings.OPIC_LLM_URL)


def voice_leaves() -> bool:
    """Return whether somebody else hears the recordings, where the speaker agrees."""
    return bool(_gets_voice())


def recipients() -> list[str]:
    """Return who gets the voice or the words, each once: `GOOGLE` or hosts; none for our own."""
    both = (_gets_voice(), _recipient_of(settings.OPIC_RATER, settings.OPIC_LLM_URL))
    return sorted({one for one in both if one})


def what_leaves() -> str:
    """Return the kind of consent that is asked for what leaves this site; empty for nothing."""
    if voice_leaves():
        return Consent.Kind.ABROAD
    return Consent.Kind.WORDS if recipients() else ""


def _version_mark() -> str:
    """Return what the version of a text carries at its end for other recipients than Google."""
    hosts = recipients()
    if hosts in ([], [GOOGLE]):
        return ""
    return f" {hashlib.sha256(','.join(hosts).encode()).hexdigest()[:8]}"


def for_rating() -> ConsentQuerySet:
    """Return consents in force that let this set-up hear and judge with whom it asks.

    Where nothing leaves this site, the consent to recording is enough.
    """
    rows, kind = Consent.objects.in_force(), what_leaves()
    if not kind:
        return rows.filter(kind=Consent.Kind.RECORDING)
    covering = {Consent.Kind.ABROAD, Consent.Kind(kind)}
    rows, mark = rows.filter(kind__in=covering), _version_mark()
    if mark:
        return rows.filter(text_version__endswith=mark)
    return rows.exclude(text_version__contains=" ")


@transaction.atomic
def give(person: User, kinds: list[str]) -> None:
    """Save consents of these kinds to the text of today; giving one twice changes nothing."""
    for kind in kinds:
        version = settings.OPIC_CONSENT_VERSION
        if kind != Consent.Kind.RECORDING:
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
    """Return whether the person consents to what leaves going to whoever is asked here."""
    return for_rating().given_by(person).exists()


def demand_recording(person: User) -> None:
    """Raise ConsentMissingError unless the person consents to being recorded now."""
    if not may_record(person):
        raise ConsentMissingError(Consent.Kind.RECORDING)


def demand_abroad(person: User) -> None:
    """Raise ConsentMissingError unless the person consents to recording and what leaves, now.

    Where nothing leaves this site, recording alone is demanded.
    """
    missing = [] if may_record(person) else [Consent.Kind.RECORDING.value]
    if (kind := what_leaves()) and not may_send_abroad(person):
        missing.append(str(kind))
    if missing:
        raise ConsentMissingError(*sorted(missing))
