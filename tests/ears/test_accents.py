import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ears.accents import ACCENTS, SOUND, STRENGTHS, accented, is_vowel

SENTENCE = (
    "lˈæst wˈiːkɛnd aɪ wˈɔːkt tə ðə mˈɑːɹkɪt wɪð maɪ sˈɪstɚ, ænd wiː bˈɔːt θɹˈiː fɹˈɛʃ fˈɪʃ."
    " ʃiː kˈʊks æt hˈoʊm, sˌoʊ aɪ wɪl hˈɛlp hɜː. stɹˈeɪndʒ vˈɪzɪts fˈɪnɪʃᵻz ɪn mˈeɪ."
)
# what Kokoro's model has a sign for
SIGNS = frozenset(" ,.?!;:ˈˌːabdefhijklmnoprstuvwzæɑɐɒɔəɚɛɜɡɪŋɯɹɾʃʊʌʒʔθðᵻ")
sounds = st.sampled_from(sorted({*"pbtdkɡfvszθðʃmnŋɹlwjh", "tʃ", "dʒ"}))
vowels = st.sampled_from(["ɪ", "iː", "æ", "ɑː", "ʊ", "uː", "ə", "ɚ", "eɪ", "oʊ", "aɪ"])
words = st.builds(
    lambda start, vowel, end: "".join([*start, "ˈ", vowel, *end]),
    st.lists(sounds, max_size=3),
    vowels,
    st.lists(sounds, max_size=3),
)
texts = st.lists(words, min_size=1, max_size=12).map(" ".join)


def last_sounds(text):
    """The sounds after the last vowel of each word."""
    for word in text.split(" "):
        spoken = [sound for sound in SOUND.findall(word) if sound[0].isalpha() and sound != "ˈ"]
        places = [at for at, sound in enumerate(spoken) if is_vowel(sound) or sound == "ɯ"]
        yield spoken[places[-1] + 1 :] if places else []


@pytest.mark.parametrize("accent", ACCENTS)
@given(text=texts)
def test_no_place_changed_is_the_text_itself(accent, text):
    assert accented(text, accent, 0.0) == text


@pytest.mark.parametrize("accent", ACCENTS)
@given(text=texts, share=st.sampled_from(sorted(STRENGTHS.values())))
def test_words_stay_words_and_every_sign_can_be_spoken(accent, text, share):
    changed = accented(text, accent, share)
    assert changed.count(" ") == text.count(" ")
    assert SIGNS.issuperset(changed)


@pytest.mark.parametrize("accent", ACCENTS)
def test_a_stronger_accent_differs_in_more_words(accent):
    plain = SENTENCE.split(" ")
    differing = [
        {
            at
            for at, word in enumerate(accented(SENTENCE, accent, share).split(" "))
            if word != plain[at]
        }
        for share in sorted(STRENGTHS.values())
    ]
    assert 0 < len(differing[0]) < len(differing[2])
    assert differing[0] <= differing[1] <= differing[2]


@given(text=texts)
def test_korean_has_no_sound_that_korean_lacks(text):
    changed = accented(text, "korean", 1.0)
    assert not set("fvθðzæɪʊɚː") & set(changed)
    for end in last_sounds(changed):
        assert set(end) <= set("mnŋlwjɾ")


@given(text=texts)
def test_vietnamese_ends_no_word_in_a_cluster_or_in_a_hiss(text):
    changed = accented(text, "vietnamese", 1.0)
    for end in last_sounds(changed):
        assert len(end) <= 1
        assert set(end) <= set("mnŋptkʔ")


@pytest.mark.parametrize(
    ("word", "korean", "vietnamese"),
    [
        ("wˈɔːkt", "wˈokɯtɯ", "wˈɔk"),
        ("θɹˈiː", "sɯlˈi", "tˈi"),
        ("fˈɪʃ", "pˈiʃi", "fˈi"),
        ("stɹˈiːt", "sɯtɯlˈitɯ", "stˈiʔ"),
        ("wɛnt", "wɛntɯ", "wɛn"),
    ],
)
def test_some_words(word, korean, vietnamese):
    assert accented(word, "korean", 1.0) == korean
    assert accented(word, "vietnamese", 1.0) == vietnamese
