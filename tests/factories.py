"""`make_…` with defaults: just enough rows for a test to say what it is about."""

import itertools
import time
import uuid
from typing import Any

from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts import consents
from accounts.models import DeviceSession, Goal, User
from materials import picked_topics
from materials.models import (
    Prompt,
    PromptRevision,
    SampleResponse,
    Topic,
    VoiceClip,
    text_hash,
)
from practice.models import Card, Phrase, PracticeSession, PracticeTake, Story
from scoring.models import Rating, Response, Status, audio_storage
from scoring.summaries.facts import Shown
from tests.heard import facts

_numbers = itertools.count(1)

MEASURES: dict[str, Any] = {
    "version": "2",
    "is_heard": True,
    "length_seconds": 62.0,
    "speech_seconds": 40.0,
    "share_spoken": 0.645,
    "pause_count": 18,
    "mean_pause_seconds": 1.1,
    "pauses_per_minute": 17.4,
    "mean_run_seconds": 2.1,
    "longest_run_seconds": 5.0,
    "syllables": 120,
    "speech_rate": 2.0,
    "articulation_rate": 3.0,
    "words_per_minute": 83.0,
    "loudness_dbfs": -22.0,
    "clipped_share": 0.0,
}


def make_user(email: str = "", *, may_record: bool = True, **fields: Any) -> User:
    user = User.objects.create_user(email or f"person{next(_numbers)}@example.org", "pw", **fields)
    if may_record:
        consents.give(user, ["recording"])
    return user


def make_goal(learner: User, **fields: Any) -> Goal:
    return Goal.objects.create(learner=learner, **fields)


def make_device(person: User) -> DeviceSession:
    return DeviceSession.objects.create(person=person)


def make_topic(slug: str = "", kind: str = "survey") -> Topic:
    slug = slug or f"topic-{next(_numbers)}"
    names = {f"name_{code}": slug.title() for code in ("en", "ko", "vi")}
    return Topic.objects.get_or_create(slug=slug, defaults={"kind": kind, **names})[0]


def make_picks(person: User, *topics: Topic) -> None:
    """Make these, and no others, the topics that a person picked."""
    picked_topics.replace(person, [topic.slug for topic in topics])


def make_clip(text: str = "", source: str = "espeak") -> VoiceClip:
    text = text or f"A text {next(_numbers)}"
    clip = VoiceClip(
        text_sha256=text_hash(text), voice="v", rate=140, source=source, seconds=1.0, size_bytes=10
    )
    clip.file.save(f"{clip.pk}.m4a", ContentFile(b"0123456789"), save=False)
    clip.save()
    return clip


def make_revision(prompt: Prompt, text: str = "", **fields: Any) -> PromptRevision:
    number = prompt.revisions.count() + 1
    text = text or f"Tell me about your favorite place number {next(_numbers)}."
    fields.setdefault("points", ["say where it is", "say what you see", "say why you like it"])
    fields.setdefault("expressions", ["it is near", "I like it because", "there is", "a lot of"])
    return PromptRevision.objects.create(prompt=prompt, number=number, text=text, **fields)


def make_prompt(
    key: str = "", *, topic: Topic | None = None, is_published: bool = True, **fields: Any
) -> Prompt:
    fields = {"item_type": "DESC", "min_step": 3, "max_step": 4, **fields}
    text = fields.pop("text", "")
    prompt = Prompt.objects.create(
        key=key or f"prompt-{next(_numbers)}", topic=topic or make_topic(), **fields
    )
    revision = make_revision(prompt, text)
    if is_published:
        revision.spare_clip = make_clip(revision.text)
        revision.save()
        revision.publish()
        prompt.refresh_from_db()
    return prompt


def make_sample(
    prompt: Prompt, text: str = "I love this small park near my home."
) -> SampleResponse:
    return SampleResponse.objects.create(prompt=prompt, text=text, spare_clip=make_clip(text))


def make_response(speaker: User, prompt: Prompt | None = None, **fields: Any) -> Response:
    """With a stored file of a few bytes, waiting for a worker."""
    prompt = prompt or make_prompt()
    pk = uuid.uuid4()
    sound = fields.pop("sound", b"0123456789")
    name = audio_storage().save(f"audio/{speaker.pk}/{pk}.m4a", ContentFile(sound))
    fields = {"length_ms": 62_000, "voiced_ms": 40_000, "recorded_at": timezone.now(), **fields}
    return Response.objects.create(
        pk=pk,
        speaker=speaker,
        revision=prompt.published or prompt.revisions.first(),
        upload_key=uuid.uuid4(),
        audio=name,
        audio_bytes=len(sound),
        **fields,
    )


def make_measured(speaker: User, prompt: Prompt | None = None, **fields: Any) -> Response:
    """A response with its delivery band, as the embedded rater leaves it."""
    response = make_response(speaker, prompt, measures={**MEASURES}, **fields)
    rating = Rating.objects.create(
        response=response, kind="measure", rater="fluency", band_low=4, band_high=7
    )
    Response.objects.filter(pk=response.pk).update(status=Status.MEASURED, shown_rating=rating)
    response.refresh_from_db()
    return response


def make_heard(
    speaker: User,
    prompt: Prompt | None = None,
    *,
    with_facts: dict[str, Any] | None = None,
    **fields: Any,
) -> Response:
    """A response with the facts of the built-in judge, `with_facts` or those of `tests.heard`."""
    response = make_measured(speaker, prompt, **fields)
    rating = response.shown_rating
    rating.rater, rating.facts = "builtin", facts() if with_facts is None else with_facts
    rating.save()
    return response


def make_rated(
    speaker: User,
    prompt: Prompt | None = None,
    *,
    level: int = 6,
    lower: str = "MMMMM",
    upper: str = "",
    **fields: Any,
) -> Response:
    """A response with a level; judgements by letters (M, P, N), one a criterion."""
    response = make_response(speaker, prompt, measures={**MEASURES}, **fields)
    item_type = response.revision.prompt.item_type
    rating = Rating.objects.create(
        response=response,
        kind="rating",
        rater="gemini",
        level_low=level - 1,
        level_high=level,
        level=level,
        points=round(100 * (level - 1) / 8),
        sureness="quite",
        criteria=Shown(item_type, lower, upper, False, level, False).criteria(),
    )
    Response.objects.filter(pk=response.pk).update(status=Status.RATED, shown_rating=rating)
    response.refresh_from_db()
    return response


def make_take(learner: User, prompt: Prompt, response: Response | None = None) -> PracticeTake:
    return PracticeTake.objects.create(
        response=response or make_measured(learner, prompt),
        session=PracticeSession.join(learner),
        learner=learner,
        prompt=prompt,
        number=PracticeTake.objects.made_by(learner).on_prompt(prompt).count() + 1,
    )


def make_corrected(
    speaker: User, prompt: Prompt | None = None, *corrections: tuple[str, str], **fields: Any
) -> Response:
    """A response with a level, as a model leaves it: each (quote, better) in a sentence."""
    response = make_measured(speaker, prompt, **fields)
    transcript, rows = "", []
    for quote, better in corrections:
        start = len(transcript) + len("And so ")
        transcript += f"And so {quote} that day. "
        end = start + len(quote)
        why = f"Say it as “{better}”."
        rows.append({"quote": quote, "start": start, "end": end, "better": better, "why": why})
    rating = Rating.objects.create(
        response=response,
        kind="rating",
        rater="gemini",
        level=6,
        level_low=6,
        level_high=7,
        advice={
            "transcript": transcript,
            "stretches": [{"at": 0.0, "text": transcript.strip(), "clear": "clear"}],
            "corrections": rows,
            "upgraded": "I went to the market near my house with an old friend of mine.",
        },
    )
    Response.objects.filter(pk=response.pk).update(
        status=Status.RATED, shown_rating=rating, settled_at=timezone.now()
    )
    response.refresh_from_db()
    return response


def make_card(learner: User, quote: str = "", **fields: Any) -> Card:
    """Due today, made of no answer."""
    fields = {"better": "I went there", "why": "It was yesterday.", **fields}
    fields.setdefault("due_on", learner.today)
    quote = quote or f"I go there {next(_numbers)}"
    return Card.objects.create(learner=learner, quote=quote, **fields)


def make_phrase(learner: User, text: str = "", **fields: Any) -> Phrase:
    text = text or f"as far as I remember {next(_numbers)}"
    return Phrase.objects.create(learner=learner, text=text, **fields)


def make_story(learner: User, topic: Topic | None = None, **fields: Any) -> Story:
    fields = {"title": "The lost umbrella", "keywords": "rain\nbus 42\na kind driver", **fields}
    return Story.objects.create(learner=learner, topic=topic or make_topic(), **fields)


def prove(client: Any, person: User, method: str = "password", *, seconds_ago: float = 0) -> None:
    """Leave in a client's session the library's own record of a proof, as old as it is said."""
    session = client.session
    record = {"method": method, "at": time.time() - seconds_ago, "reauthenticated": True}
    session["account_authentication_methods"] = [
        *session.get("account_authentication_methods", []),
        record,
    ]
    session["account_authentication_methods_user"] = user_id_to_str(person)
    session.save()


def enter_admin(client: Any, person: User) -> User:
    """Sign in somebody who has a second factor and used it just now."""
    if not Authenticator.objects.filter(user=person).exists():
        TOTP.activate(person, generate_totp_secret())
    client.force_login(person)
    prove(client, person, "mfa")
    return person
