"""What tests of the rater that hears share: somebody who agreed, an answer, a model on loopback."""

from django.conf import settings as usual
from django.core.cache import cache
from django.test import TestCase, override_settings

from accounts import consents
from scoring import tasks
from scoring.audio import codec
from scoring.ears.base import get_ears
from scoring.models import Response
from scoring.raters.base import get_rater
from tests.factories import make_prompt, make_response, make_user
from tests.gemini.scripts import example, hears, rates
from tests.gemini.server import FakeGemini
from tests.scoring import recordings

PAST = example("past-im2-a")
SECONDS = 24
VOICE = "tests.scoring.voices.RememberingVoice"


def sound(seconds=SECONDS, seed=0):
    recording = codec.canonical([recordings.as_container(recordings.speech(seconds, seed))])
    return recording.data


SOUND = sound()


def settings_of(fake):
    """The settings that lead to this model."""
    if fake.rater == "transcription":
        return {
            "OPIC_EARS": "openai",
            "OPIC_EARS_URL": f"{fake.url}/v1",
            "OPIC_EARS_MODEL": fake.model,
            "OPIC_EARS_KEY": fake.key,
        }
    if fake.rater == "openai":
        for adapter in (get_rater("openai"), get_ears("openai").chat):
            adapter.client.forms.clear()
        return {
            "OPIC_RATER": "openai",
            "OPIC_EARS": "openai",
            "OPIC_LLM_URL": f"{fake.url}/v1",
            "OPIC_LLM_MODEL": fake.model,
            "OPIC_LLM_KEY": fake.key,
        }
    return {
        "OPIC_RATER": "gemini",
        "OPIC_EARS": "gemini",
        "GEMINI_API_KEY": fake.key,
        "GEMINI_API_ENDPOINT": fake.url,
        "GEMINI_MODELS": ["gemini-3.5-flash-lite", "gemini-3.8-flash"],
    }


class GeminiSetup:
    """A person who agreed to everything, an answer of theirs, and a model that behaves."""

    ROW = PAST
    FAKE = FakeGemini

    def setUp(self):
        cache.clear()
        self.fake = self.FAKE(hears(self.ROW["transcript"]), rates(self.ROW))
        self.fake.__enter__()
        self.addCleanup(self.fake.__exit__, None, None, None)
        settings = override_settings(
            **settings_of(self.fake),
            OPIC_ADAPTERS={**usual.OPIC_ADAPTERS, "voice": {"espeak": VOICE}},
            OPIC_CHOSEN={**usual.OPIC_CHOSEN, "rater": self.fake.rater, "voice": "espeak"},
            OPIC_VENDOR_SECONDS=2,
            OPIC_DAILY_RATINGS_PER_USER=1000,
        )
        settings.enable()
        self.addCleanup(settings.disable)
        self.person = make_user()
        consents.give(self.person, ["abroad"])
        self.prompt = make_prompt(item_type=self.ROW.get("item_type", "PAST"), min_step=3)

    def model_settings(self):
        """The settings of the model, after something of it was changed."""
        return override_settings(**settings_of(self.fake))

    def submitted(self, data=SOUND, **fields):
        fields.setdefault("audio_sha256", f"{Response.objects.count():064d}")
        return make_response(
            self.person, self.prompt, sound=data, length_ms=1000 * SECONDS, **fields
        )

    def rated(self, response=None):
        """What one run of the worker leaves."""
        response = response or self.submitted()
        tasks.rate_response(str(response.pk))
        return Response.objects.select_related("shown_rating").get(pk=response.pk)

    def due_again(self, response):
        Response.objects.filter(pk=response.pk).update(not_before_at=None)
        return self.rated(response)


class GeminiCase(GeminiSetup, TestCase):
    pass
