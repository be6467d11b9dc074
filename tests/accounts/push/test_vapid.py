"""The pair of keys that a push service knows us by."""

from django.core.management import call_command

from accounts.push.vapid import belong_together
from tests.accounts.push_service import PRIVATE, PUBLIC


def test_the_command_prints_a_pair_that_works_as_it_is(capsys):
    call_command("vapid_keys", subject="mailto:me@example.org")
    lines = dict(line.split("=", 1) for line in capsys.readouterr().out.split())
    assert belong_together(lines["OPIC_VAPID_PRIVATE_KEY"], lines["OPIC_VAPID_PUBLIC_KEY"])
    assert lines["OPIC_VAPID_SUBJECT"] == "mailto:me@example.org"
    call_command("vapid_keys")
    assert lines["OPIC_VAPID_PRIVATE_KEY"] not in capsys.readouterr().out


def test_a_pair_belongs_together_or_not():
    assert belong_together(PRIVATE, PUBLIC)
    assert not belong_together(PRIVATE[:-4] + "AAAA", PUBLIC)
    assert not belong_together("A" * 43, PUBLIC)  # zero is no key
