"""One voice and one spelling in each language."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent.parent.parent / "opic" / "locale"
# what is written the other way throughout: the polite form of speech, a particle that fits what
# is filled in, the place of tone marks, one word a thing
UNWANTED = {
    "ko": ("니다", "습니까", "십시오", "(으)", "(를)", "(가)", "(는)", "(과)", "(와)"),
    "vi": ("xóa", "chỗ ngắt"),
}


@pytest.mark.parametrize("language", UNWANTED)
def test_no_text_is_in_another_voice_or_spelling(language):
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    assert len(messages) > 1000
    for message in messages:
        texts = [message.string] if isinstance(message.string, str) else message.string
        for text in texts:
            for form in UNWANTED[language]:
                assert form not in text.lower(), text
