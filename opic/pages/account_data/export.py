"""All of a person's data as one archive, streamed: nothing is written to a disk on the way."""

import json
import zipfile
from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.db.models.fields.files import FieldFile
from webpush.models import PushInformation, SubscriptionInfo

from accounts.models import (
    Activity,
    Consent,
    DeviceSession,
    Goal,
    Notice,
    NoticeSettings,
    Streak,
    User,
)
from exams.models import (
    Attempt,
    AttemptItem,
    AttemptResult,
    BackgroundSurvey,
    OfficialLevel,
    SelfAssessment,
)
from materials.models import PickedTopic, Prompt, PromptRevision, SampleResponse
from practice.models import Card, Phrase, PracticeSession, PracticeTake, Story
from scoring.models import (
    DaySummary,
    DismissedCorrection,
    GuestResponse,
    Hearing,
    ModelCall,
    Rating,
    Response,
    audio_storage,
)

# secrets that open something are not exported, not even to their owner; nor is what names somebody
# else
LEFT_OUT: dict[type[Model], set[str]] = {
    User: {"password"},
    SubscriptionInfo: {"auth", "p256dh"},
    UserSession: {"session_key"},
    Authenticator: {"data"},
    LogEntry: {"object_repr", "change_message", "object_id"},
    Rating: {"person_id"},
}


class _Pipe:
    """A file that a zip is written to and read from at the same time."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: the reader takes what waits."""

    def close(self) -> None:
        """Do nothing: there is no file behind it."""

    def taken(self) -> bytes:
        data, self.waiting = b"".join(self.waiting), []
        return data


def _plain(row: Model) -> dict[str, Any]:
    names = [field.attname for field in row._meta.concrete_fields]
    secret = LEFT_OUT.get(type(row), set())
    values = {name: getattr(row, name) for name in names if name not in secret}
    return {
        name: str(value) if isinstance(value, FieldFile) else value
        for name, value in values.items()
    }


def _response_row(response: Response) -> dict[str, Any]:
    return {
        **_plain(response),
        "audio": f"audio/{response.pk}.m4a" if response.audio else None,
        "question": response.revision.text,
        "hearings": [_plain(row) for row in response.hearings.all()],
        "ratings": [
            {**_plain(row), "spoken": _spoken_name(row) if row.spoken else None}
            for row in response.ratings.all()
        ],
    }


def _spoken_name(rating: Rating) -> str:
    return f"audio/{rating.response_id}-{rating.pk}.m4a"


def _sitting(attempt: Attempt) -> dict[str, Any]:
    return {
        **_plain(attempt),
        "assessment": _plain(attempt.assessment),
        "items": [{**_plain(row), "question": row.revision.text} for row in attempt.items.all()],
        "results": [_plain(row) for row in attempt.results.all()],
    }


def _account_of(person: User) -> dict[str, Any]:
    """Return how somebody signs in, from where, and what they did as staff."""
    entries = LogEntry.objects.select_related("content_type").filter(user=person)
    return {
        "person": _plain(User.objects.get(pk=person.pk)),
        "groups": list(person.groups.values_list("name", flat=True)),
        "permissions": list(person.user_permissions.values_list("codename", flat=True)),
        "addresses": [_plain(row) for row in EmailAddress.objects.filter(user=person)],
        "second_factors": [_plain(row) for row in Authenticator.objects.filter(user=person)],
        "sign_ins": [_plain(row) for row in UserSession.objects.filter(user=person)],
        "admin_entries": [{**_plain(row), "on": str(row.content_type)} for row in entries],
        "levels_given": [
            {name: value for name, value in _plain(row).items() if name != "response_id"}
            for row in Rating.objects.filter(person=person).exclude(response__speaker=person)
        ],
        "texts_written": [_plain(row) for row in PromptRevision.objects.filter(made_by=person)],
    }


def rows_of(person: User) -> dict[str, Any]:
    """Return everything stored about a person in plain values, by kind.

    Texts of the prompt bank are not theirs, but for the questions they replied to.
    """
    responses = Response.objects.spoken_by(person).select_related("revision")
    return {
        **_account_of(person),
        "goal": [_plain(row) for row in Goal.objects.filter(learner=person)],
        "consents": [_plain(row) for row in Consent.objects.given_by(person)],
        "days": [_plain(row) for row in Activity.objects.filter(person=person)],
        "streak": [_plain(row) for row in Streak.objects.filter(person=person)],
        "devices": [_plain(row) for row in DeviceSession.objects.filter(person=person)],
        "notices": [_plain(row) for row in Notice.objects.sent_to(person)],
        "notice_settings": [_plain(row) for row in NoticeSettings.objects.filter(person=person)],
        "push_devices": [
            _plain(row) for row in SubscriptionInfo.objects.filter(webpush_info__user=person)
        ],
        "sessions": [_plain(row) for row in PracticeSession.objects.held_by(person)],
        "day_summaries": [_plain(row) for row in DaySummary.objects.of_person(person)],
        "dismissed_corrections": [
            _plain(row) for row in DismissedCorrection.objects.of_person(person)
        ],
        "model_calls": [_plain(row) for row in ModelCall.objects.of_person(person)],
        "takes": [_plain(row) for row in PracticeTake.objects.made_by(person)],
        "phrases": [_plain(row) for row in Phrase.objects.saved_by(person)],
        "cards": [_plain(row) for row in Card.objects.held_by(person)],
        "stories": [_plain(row) for row in Story.objects.written_by(person)],
        "survey": [_plain(row) for row in BackgroundSurvey.objects.filter(candidate=person)],
        "picked_topics": [
            {**_plain(row), "topic": row.topic.slug}
            for row in PickedTopic.objects.picked_by(person).select_related("topic")
        ],
        "official_levels": [_plain(row) for row in OfficialLevel.objects.filter(candidate=person)],
        "tests": [
            _sitting(row)
            for row in Attempt.objects.taken_by(person)
            .select_related("assessment")
            .prefetch_related("items__revision", "results")
            .order_by("made_at")
        ],
        "answers": [
            _response_row(row)
            for row in responses.prefetch_related("hearings", "ratings").order_by("recorded_at")
        ],
    }


# what `rows_of` reads; a test compares it with every installed model that leads to a person
COVERED: set[type[Model]] = {User, Goal, Consent, Activity, Streak, DeviceSession, Notice}
COVERED |= {NoticeSettings, PushInformation, EmailAddress, Authenticator, UserSession, LogEntry}
COVERED |= {Response, Hearing, Rating, DaySummary, ModelCall, PracticeSession, PracticeTake}
COVERED |= {
    DismissedCorrection,
    Phrase,
    Card,
    Story,
    BackgroundSurvey,
    PickedTopic,
    OfficialLevel,
    PromptRevision,
}
COVERED |= {Attempt, SelfAssessment, AttemptItem, AttemptResult}
COVERED |= {User.groups.through, User.user_permissions.through}
NOT_EXPORTED: dict[type[Model], str] = {
    Prompt: "the bank's: leads to a person only through who wrote a wording, which is there",
    SampleResponse: "the bank's, like the prompt it belongs to",
    GuestResponse: "leads to a person only through who wrote a wording; nobody's name is in it, and"
    " it is gone within the hour",
    EmailConfirmation: "keys that open an address; we send codes and keep none of these",
}


def _sounds_of(person: User) -> Iterator[tuple[str, str]]:
    """Yield every sound of theirs: its name in the archive, its name in the storage."""
    sounds = Response.objects.spoken_by(person).with_sound().values_list("pk", "audio")
    yield from ((f"audio/{pk}.m4a", str(name)) for pk, name in sounds)
    ratings = Rating.objects.filter(response__speaker=person).exclude(spoken=None)
    for rating in ratings.exclude(spoken="").only("response_id", "spoken"):
        yield _spoken_name(rating), str(rating.spoken.name)


def archive(person: User) -> Iterator[bytes]:
    """Yield a ZIP file piece by piece: data.json, every recording and spoken advice."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as target:
        text = json.dumps(rows_of(person), cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        target.writestr("data.json", text, zipfile.ZIP_DEFLATED)
        yield pipe.taken()
        for shown, name in _sounds_of(person):
            try:
                with audio_storage().open(name, "rb") as file:
                    target.writestr(shown, file.read())
            except FileNotFoundError:
                # deleted while the archive was on its way
                continue
            yield pipe.taken()
    yield pipe.taken()
