"""Mailed codes are guessed a few times and no more; a password is hashed once whoever asks."""

import threading
from typing import ClassVar

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.test import Client, TestCase, TransactionTestCase, override_settings
from django.urls import reverse

from accounts.models import User
from accounts.security import code_guesses
from tests.accounts.security.test_reauthentication import mailed_code
from tests.factories import make_user

EMAIL, PASSWORD = "mina@example.org", "a long enough pass phrase"


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password was hashed."""

    count: ClassVar[list[str]] = []

    def encode(self, password, salt):
        self.count.append(password)
        return super().encode(password, salt)


@override_settings(PASSWORD_HASHERS=[f"{__name__}.CountingHasher"])
class HashingTests(TestCase):
    def hashings(self, url, data):
        CountingHasher.count.clear()
        Client().post(reverse(url), data)
        return len(CountingHasher.count)

    def test_signing_up_hashes_once_for_a_new_and_for_a_known_address(self):
        make_user(EMAIL).emailaddress_set.create(email=EMAIL, verified=True, primary=True)
        form = {"password1": PASSWORD}
        assert self.hashings("account_signup", {**form, "email": EMAIL}) == 1
        assert self.hashings("account_signup", {**form, "email": EMAIL.upper()}) == 1
        assert self.hashings("account_signup", {**form, "email": "new@example.org"}) == 1
        assert User.objects.count() == 2

    def test_so_does_signing_in(self):
        make_user(EMAIL)
        for email in (EMAIL, "nobody@example.org"):
            data = {"login": email, "password": "wrong"}
            assert self.hashings("account_login", data) == 1, email

    def test_a_password_that_is_refused_is_hashed_for_nobody(self):
        make_user(EMAIL)
        for email in (EMAIL, "new@example.org"):
            data = {"email": email, "password1": "123"}
            assert self.hashings("account_signup", data) == 0, email


def ask_for_code(kind, client):
    """Have a code of this kind mailed. Return where it is typed."""
    if kind == "signup":
        reply = client.post(
            reverse("account_signup"), {"email": "new@example.org", "password1": PASSWORD}
        )
    elif kind == "reauthentication":
        person = User.objects.get(email=EMAIL)
        person.set_unusable_password()
        person.save()
        client.force_login(person)
        reply = client.post(reverse("accounts:reauthenticate-code"), {"action": "send"})
    else:
        reply = client.post(reverse(kind), {"email": EMAIL})
    return reply["Location"]


KINDS = ["signup", "account_request_login_code", "account_reset_password", "reauthentication"]


def opened(kind, client):
    """Whether the code of this kind did what it is for."""
    if kind == "account_reset_password":
        state = client.session.get("account_password_reset_verification", {})
        return bool(state.get("code_confirmed"))
    if kind == "reauthentication":
        return client.get(reverse("account-delete")).status_code == 200
    return "_auth_user_id" in client.session


class GuessTests(TestCase):
    def setUp(self):
        make_user(EMAIL).emailaddress_set.create(email=EMAIL, verified=True, primary=True)

    def guess(self, kind, wrong):
        """So many wrong codes with the session put back each time, as parallel ones leave it."""
        cache.clear()
        client = Client()
        url = ask_for_code(kind, client)
        session = dict(client.session)
        for number in range(wrong):
            client.post(url, {"code": f"BBBB-BBB{'BCDFGHJKLM'[number]}"})
            store = client.session
            store.clear()
            store.update(session)
            store.save()
        client.post(url, {"code": mailed_code()})
        return opened(kind, client)

    def test_two_wrong_guesses_are_forgiven_and_three_are_not(self):
        for kind in KINDS:
            with self.subTest(kind):
                assert self.guess(kind, wrong=2)
                User.objects.exclude(email=EMAIL).delete()
                assert not self.guess(kind, wrong=3)
                User.objects.exclude(email=EMAIL).delete()

    def test_one_too_many_reads_like_a_wrong_one(self):
        client = Client()
        url = ask_for_code("account_request_login_code", client)
        session, texts = dict(client.session), []
        for _ in range(5):
            page = client.post(url, {"code": "BBBB-BBBB"})
            texts.append("not the code we sent" in page.content.decode())
            store = client.session
            store.clear()
            store.update(session)
            store.save()
        assert texts == [True] * 5

    def test_another_code_has_guesses_of_its_own(self):
        for _ in range(code_guesses.MOST):
            assert code_guesses.take("BBBB-BBBB")
        assert not code_guesses.take("BBBB-BBBB")
        assert code_guesses.take("CCCC-CCCC")


class ParallelGuessTests(TransactionTestCase):
    """Real requests at the same moment, one cookie, the database's cache as without Redis."""

    def test_of_twenty_guesses_at_once_three_are_judged(self):
        make_user(EMAIL).emailaddress_set.create(email=EMAIL, verified=True, primary=True)
        client = Client()
        ask_for_code("account_request_login_code", client)
        right = mailed_code()
        taken, start = [], threading.Barrier(20)

        def guess():
            start.wait()
            taken.append(code_guesses.take(right))

        threads = [threading.Thread(target=guess) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(taken, reverse=True) == [True] * 3 + [False] * 17


class PasswordTests(TestCase):
    """What a new password must be; nothing about letters, digits and signs."""

    def accepted(self, password):
        form = {"email": EMAIL, "password1": password}
        Client().post(reverse("account_signup"), form)
        is_created = User.objects.filter(email=EMAIL).delete()[0] > 0
        mail.outbox.clear()
        return is_created

    def test_short_common_numeric_and_one_s_own_are_refused(self):
        for password in (
            "ninechars",
            "1234567890",
            "password123",
            "qwertyuiop",
            EMAIL,
            "mina@example",
        ):
            assert not self.accepted(password), password

    def test_any_ten_characters_that_are_not_common_do(self):
        for password in ("tenletters", "가나다라마바사아자차", "  two  words", "x" * 9 + "y"):
            assert self.accepted(password), password


@pytest.mark.parametrize("password", ["mina mina mina"])
def test_one_s_own_name_is_no_password(client, db, password):
    person = make_user("someone@example.org", name="mina mina mina")
    client.force_login(person)
    client.post(
        reverse("account_change_password"),
        {"oldpassword": "pw", "password1": password, "password2": password},
    )
    person.refresh_from_db()
    assert person.check_password("pw")
