"""The embedded voice, which says the same words once for all tests of a process."""

from functools import cache

from materials.voice_adapters import EspeakVoice, Spoken


class RememberingVoice(EspeakVoice):
    """A third of the CPU of a rating went into reading the same advice aloud."""

    def speak(self, text: str, voice: str, words_a_minute: int) -> Spoken:
        return _spoken(text, voice, words_a_minute)


@cache
def _spoken(text: str, voice: str, words_a_minute: int) -> Spoken:
    return EspeakVoice().speak(text, voice, words_a_minute)
