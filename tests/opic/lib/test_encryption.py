"""The box for secrets: the first key encrypts, all decrypt, none is ever printed."""

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from opic.lib import encryption
from opic.lib.base64url import text_of
from opic.lib.env import ConfigurationError, Env

FIRST, SECOND, THIRD = (text_of(bytes([number]) * 32) for number in (1, 2, 3))


def keys(*values, secret="s" * 50):
    return override_settings(OPIC_ENCRYPTION_KEYS=list(values), SECRET_KEY=secret)


@given(st.text(max_size=80))
def test_what_goes_in_comes_out_and_is_not_seen_in_between(text):
    with keys(FIRST):
        box = encryption.encrypt(text)
        assert encryption.decrypt(box) == text
        assert encryption.is_encrypted(box)
        assert len(text) < 8 or text not in box


@given(st.permutations([FIRST, SECOND, THIRD]))
def test_whatever_the_order_all_decrypt_and_the_first_encrypts(order):
    with keys(order[-1]):
        old = encryption.encrypt("JBSWY3DPEHPK3PXP")
    with keys(*order):
        assert encryption.decrypt(old) == "JBSWY3DPEHPK3PXP"
        new = encryption.encrypt_again(old)
    with keys(order[0]):
        assert encryption.decrypt(new) == "JBSWY3DPEHPK3PXP"
    with keys(*order[1:]), pytest.raises(encryption.DecryptionError):
        encryption.decrypt(new)


def test_without_keys_one_comes_from_the_secret_key_and_stays_good_when_keys_are_set():
    with keys():
        old = encryption.encrypt("x")
    with keys(FIRST):
        assert encryption.decrypt(old) == "x"
        new = encryption.encrypt("y")
    with keys(), pytest.raises(encryption.DecryptionError):
        encryption.decrypt(new)
    with keys(secret="t" * 50), pytest.raises(encryption.DecryptionError):
        encryption.decrypt(old)


def test_a_changed_box_is_refused():
    with keys(FIRST):
        box = encryption.encrypt("x")
        for place in range(0, len(box), 7):
            other = "A" if box[place] != "A" else "B"
            with pytest.raises(encryption.DecryptionError):
                encryption.decrypt(box[:place] + other + box[place + 1 :])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("no-key", 1),
        (FIRST[:-2], 1),
        (f"{FIRST},{SECOND}x", 2),
        (f"{FIRST},ü", 2),
        (f"{FIRST}, {SECOND}, A" + "A" * 50, 3),
    ],
)
def test_a_bad_key_stops_the_start_in_one_line_that_repeats_no_key(text, number):
    env = Env({"OPIC_ENCRYPTION_KEYS": text})
    with pytest.raises(ConfigurationError) as caught:
        env.keys("OPIC_ENCRYPTION_KEYS", size=32, made_by="`x`")
    message = str(caught.value)
    assert f"key {number} is not a key" in message
    assert "\n" not in message
    assert not any(part.strip() and part.strip() in message for part in text.split(","))


def test_the_same_key_twice_is_a_mistake():
    env = Env({"OPIC_ENCRYPTION_KEYS": f"{FIRST},{FIRST}="})
    with pytest.raises(ConfigurationError, match="twice"):
        env.keys("OPIC_ENCRYPTION_KEYS", size=32, made_by="`x`")
