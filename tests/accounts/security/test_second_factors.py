"""Secrets of second factors are encrypted where they lie, and shown nowhere."""

import io
import json
import re
import secrets
import zipfile
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from accounts.security import second_factors
from opic.lib import encryption
from opic.lib.base64url import text_of
from tests.accounts.security.test_reauthentication import totp_code
from tests.factories import make_user, prove

migration = import_module("accounts.migrations.0006_encrypt_second_factors")
SECRET = "JBSWY3DPEHPK3PXP"
BASE32 = re.compile(r"\b[A-Z2-7]{16,}=*\b")
KEYS = [text_of(secrets.token_bytes(32)) for _ in range(3)]


def column():
    """The column as the database has it, past every model and adapter."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator ORDER BY id")
        return [str(row[0]) for row in cursor.fetchall()]


class ColumnTests(TestCase):
    def setUp(self):
        self.person = make_user()

    def test_no_base32_text_and_no_seed_lies_in_the_column(self):
        for _ in range(5):
            person = make_user()
            secret = generate_totp_secret()
            TOTP.activate(person, secret)
            codes = RecoveryCodes.activate(person)
            seed = encryption.decrypt(codes.instance.data["seed"])
            text = "".join(column())
            assert secret not in text
            assert seed not in text
            assert not BASE32.search(text)

    def test_the_code_of_the_app_opens_and_another_does_not(self):
        factor = TOTP.activate(self.person, SECRET)
        right = totp_code()
        assert not factor.validate_code(f"{(int(right) + 1) % 1_000_000:06}")
        assert factor.validate_code(right)

    def test_every_recovery_code_opens_once(self):
        codes = RecoveryCodes.activate(self.person)
        for code in codes.generate_codes():
            assert codes.validate_code(code)
            assert not codes.validate_code(code)

    def test_with_a_new_key_in_front_old_rows_still_verify(self):
        with override_settings(OPIC_ENCRYPTION_KEYS=KEYS[:1]):
            factor, codes = TOTP.activate(self.person, SECRET), RecoveryCodes.activate(self.person)
            first = codes.get_unused_codes()[0]
        before = column()
        with override_settings(OPIC_ENCRYPTION_KEYS=[KEYS[1], KEYS[0]]):
            assert factor.validate_code(totp_code())
            assert codes.validate_code(first)
            call_command("encryption_keys", "--rotate", stdout=io.StringIO())
        assert not set(before) & set(column())
        with override_settings(OPIC_ENCRYPTION_KEYS=KEYS[1:2]):
            codes = Authenticator.objects.get(type="recovery_codes").wrap()
            assert not codes.validate_code(first), "a used code stays used"
            assert codes.validate_code(codes.get_unused_codes()[0])

    def test_without_its_key_a_factor_opens_nothing_and_breaks_nothing(self):
        with override_settings(OPIC_ENCRYPTION_KEYS=KEYS[:1]):
            TOTP.activate(self.person, SECRET)
            RecoveryCodes.activate(self.person)
        with override_settings(OPIC_ENCRYPTION_KEYS=KEYS[1:2]), self.assertLogs("accounts") as logs:
            self.person.emailaddress_set.create(
                email=self.person.email, verified=True, primary=True
            )
            client = Client()
            client.post(reverse("account_login"), {"login": self.person.email, "password": "pw"})
            for code in (totp_code(), "", "000000"):
                page = client.post(reverse("mfa_authenticate"), {"code": code})
                assert page.status_code == 200
                assert "_auth_user_id" not in client.session
            client.force_login(self.person)
            assert client.get(reverse("mfa_index")).status_code == 200
        assert SECRET not in str(logs.output)
        assert KEYS[0] not in str(logs.output)

    def test_a_new_key_is_printed_and_good(self):
        out = io.StringIO()
        call_command("encryption_keys", "--new", stdout=out)
        with override_settings(OPIC_ENCRYPTION_KEYS=[out.getvalue().strip()]):
            assert encryption.decrypt(encryption.encrypt("x")) == "x"


class MigrationTests(TestCase):
    """Forth and back over rows as they lay before, and twice."""

    def setUp(self):
        rows = [
            ("totp", {"secret": SECRET}),
            ("recovery_codes", {"seed": "ab" * 40, "used_mask": 5, "viewed_at": 1.5}),
            ("recovery_codes", {"migrated_codes": ["one", "two"]}),
        ]
        self.before = [data for _type, data in rows]
        for type_, data in rows:
            Authenticator.objects.create(user=make_user(), type=type_, data=data)

    def rows(self):
        return list(Authenticator.objects.order_by("pk").values_list("data", flat=True))

    def test_there_and_back(self):
        migration.encrypt(apps, None)
        text = "".join(column())
        assert not any(word in text for word in (SECRET, "abab", "one", "two"))
        after = self.rows()
        assert after[1]["used_mask"] == 5
        assert [second_factors.changed(data, encryption.decrypt) for data in after] == self.before
        assert Authenticator.objects.get(type="totp").wrap().validate_code(totp_code())
        migration.encrypt(apps, None)
        assert [second_factors.changed(data, encryption.decrypt) for data in self.rows()] == (
            self.before
        )
        migration.decrypt(apps, None)
        assert self.rows() == self.before
        migration.decrypt(apps, None)
        assert self.rows() == self.before

    def test_a_row_written_by_a_host_of_the_release_before_still_opens(self):
        assert Authenticator.objects.get(type="totp").wrap().validate_code(totp_code())


class NowhereTests(TestCase):
    def test_no_secret_and_no_key_is_in_the_export(self):
        person = make_user()
        TOTP.activate(person, SECRET)
        codes = RecoveryCodes.activate(person).generate_codes()
        boxes = column()
        self.client.force_login(person)
        prove(self.client, person, "mfa")
        with override_settings(OPIC_ENCRYPTION_KEYS=KEYS):
            reply = self.client.get(reverse("account-export"))
            archive = zipfile.ZipFile(io.BytesIO(b"".join(reply.streaming_content)))
        text = archive.read("data.json").decode()
        json.loads(text)
        assert SECRET not in text
        assert not any(code in text for code in codes)
        assert not any(json.loads(box).get("secret", "nothing") in text for box in boxes)
        assert not any(key in text for key in [*KEYS, settings.SECRET_KEY])


class LostPhoneTests(TestCase):
    """`manage.py reset_second_factor`: the way for whom no code opens any more."""

    def run_for(self, email):
        out = io.StringIO()
        call_command("reset_second_factor", email, stdout=out)
        return out.getvalue()

    def test_the_factor_goes_and_its_owner_is_told(self):
        person, other = make_user("lost@example.org", language="ko"), make_user()
        for one in (person, other):
            TOTP.activate(one, SECRET)
            RecoveryCodes.activate(one)
        assert "told by mail" in self.run_for("Lost@example.org")
        assert set(Authenticator.objects.values_list("user", flat=True)) == {other.pk}
        assert [message.to for message in mail.outbox] == [["lost@example.org"]]
        assert "년" in mail.outbox[0].body

    def test_nobody_s_and_none_are_said(self):
        with pytest.raises(CommandError, match="Nobody here"):
            self.run_for("nobody@example.org")
        make_user("none@example.org")
        assert "no second factor" in self.run_for("none@example.org")
        assert mail.outbox == []
