"""Names sort as their language's alphabet has them, by keys that sort alike in any database."""

import random
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from materials.models import Topic
from materials.packs_reader import read_bank
from opic.lib.stores.sort_keys import LENGTH, sort_key

# as the languages' own dictionaries have them
ORDERED = {
    "en": ["Banks", "Bars and clubs", "beach", "café", "Cafes", "Free time", "Freedom"],
    "ko": ["가구", "가족과 친구", "게임", "공원", "기술", "까치", "나무", "하이킹", "휴대폰", "TV"],
    "vi": [
        *("an", "ba", "bà", "bả", "bã", "bá", "bạ", "ban", "băng", "bân", "cam", "dân", "đan"),
        *("em", "ê", "no", "nô", "nơ", "nu", "nư", "y"),
    ],
}


@pytest.mark.parametrize("language", ORDERED)
def test_names_sort_as_the_language_has_them(language):
    mixed = ORDERED[language][:]
    random.Random(1).shuffle(mixed)
    assert sorted(mixed, key=lambda text: sort_key(text, language)) == ORDERED[language]


@given(text=st.text(max_size=80), language=st.sampled_from(["en", "ko", "vi"]))
def test_a_key_is_plain_and_the_same_for_the_same_text(text, language):
    key = sort_key(text, language)
    assert re.fullmatch("[0-9a-f]+", key)
    assert key == sort_key(unicodedata.normalize("NFD", text), language)


def test_the_keys_of_every_topic_fit_and_differ():
    topics = read_bank().topics.values()
    for language in ORDERED:
        keys = [sort_key(topic.name[language], language) for topic in topics]
        assert len(set(keys)) == len(keys)
        assert max(map(len, keys)) <= LENGTH
    assert len(sort_key("한" * 80, "ko")) <= LENGTH


@pytest.mark.django_db
def test_a_saved_name_has_its_key():
    names = {"name_en": "Beach", "name_ko": "해변", "name_vi": "Biển"}
    topic = Topic.objects.create(slug="x", kind="survey", **names)
    assert topic.sort_vi == sort_key("Biển", "vi")
    Topic.objects.update_or_create(slug="x", defaults={"name_ko": "가"})
    topic.refresh_from_db()
    assert topic.sort_ko == sort_key("가", "ko")
