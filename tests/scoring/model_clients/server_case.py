"""What tests of this client share: a client of its own, and a server on loopback."""

import pytest
from django.core.cache import cache
from django.test import SimpleTestCase, override_settings

from scoring.audio import codec
from scoring.ears.model_reply import HEAR_SCHEMA
from scoring.model_clients.base import Ask, ModelError
from scoring.model_clients.openai_compatible import OpenAiCompatibleClient
from scoring.model_clients.usage import NoUsageRecorder
from scoring.raters import schemas
from tests.gemini.scripts import hears
from tests.openai_compatible.server import (
    FakeOpenAiCompatible,
    content_reply,
)
from tests.scoring.gemini_case import PAST, SOUND, settings_of

WAV = codec.Sound(SOUND).wav()
ASK = Ask("rate", "Judge it.", ["An answer.", "And more."], schemas.RATE_SCHEMA, 512)
HEAR = Ask("hear", "Hear it.", ["Write."], HEAR_SCHEMA, 512, WAV, "audio/wav", 24.0)
TEXT = '{"a": 1}'


class ServerCase(SimpleTestCase):
    """A client of its own, and a server."""

    OPTIONS: dict[str, object] = {}

    def setUp(self):
        cache.clear()
        self.fake = FakeOpenAiCompatible(
            hears(PAST["transcript"]), lambda _call: content_reply(TEXT), **self.OPTIONS
        )
        self.fake.__enter__()
        self.addCleanup(self.fake.__exit__, None, None, None)
        chosen = override_settings(**settings_of(self.fake), OPIC_VENDOR_SECONDS=2)
        chosen.enable()
        self.addCleanup(chosen.disable)
        self.model_client = OpenAiCompatibleClient()

    def asked(self, ask=ASK):
        return self.model_client.generate(ask, NoUsageRecorder())

    def replied(self, made, ask=ASK):
        self.fake.next_up = [made]
        return self.asked(ask)

    def error_of(self, made, ask=ASK) -> ModelError:
        with pytest.raises(ModelError) as caught:
            self.replied(made, ask)
        return caught.value

    def forms(self):
        sent = [call.config.get("response_format", {}) for call in self.fake.calls]
        return [form.get("type", "") for form in sent]
