import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from accounts.push.vapid import pair_of
from opic.lib.env import ConfigurationError, Env

HEARS_ELSEWHERE = {
    "OPIC_EARS": "openai",
    "OPIC_EARS_URL": "https://ears.example.org/v1",
    "OPIC_EARS_MODEL": "w",
}
VAPID, OTHER = (pair_of(ec.generate_private_key(ec.SECP256R1())) for _ in range(2))


def test_values_are_typed():
    env = Env({"A": "1", "B": "2.5", "C": "x, y,", "D": "off", "E": " text "})
    assert env.flag("A") is True
    assert env.number("B", 0) == 2.5
    assert env.names("C") == ["x", "y"]
    assert env.flag("D", default=True) is False
    assert env.text("E") == "text"
    assert env.count("missing", 7) == 7
    assert Env({"L": "1, 3,7"}).counts("L", [2]) == [1, 3, 7]
    assert env.counts("missing", [2, 4]) == [2, 4]


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("F", "maybe", lambda env: env.flag("F")),
        ("N", "many", lambda env: env.number("N", 1)),
        ("N", "11", lambda env: env.number("N", 1, most=10)),
        ("N", "1.5", lambda env: env.count("N", 1)),
        ("C", "best", lambda env: env.choice("C", ["good", "better"], "good")),
        ("L", "1,two", lambda env: env.counts("L", [1])),
        ("L", "3,1", lambda env: env.counts("L", [1])),
        ("L", "2,2", lambda env: env.counts("L", [1])),
        ("L", "0,1", lambda env: env.counts("L", [1], least=1)),
        ("L", "1,99", lambda env: env.counts("L", [1], most=9)),
        ("L", ",", lambda env: env.counts("L", [1])),
        ("D", "nonsense://", lambda env: env.database("D", "")),
        ("D", "what", lambda env: env.database("D", "")),
    ],
)
def test_nonsense_is_refused_in_one_line_that_names_it(name, value, read):
    with pytest.raises(ConfigurationError) as caught:
        read(Env({name: value}))
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mistyped_name_of_ours_is_refused():
    env = Env({"OPIC_RATTER": "fluency", "PATH": "/bin"})
    with pytest.raises(ConfigurationError, match="OPIC_RATTER"):
        env.refuse_unknown()


def start(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """manage.py check, with nothing in the environment but this."""
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


PRODUCTION = {
    "ALLOWED_HOSTS": "opic.example.org",
    "SECRET_KEY": "vTz4mJ0cQf8wLx2RkPdY7sBnHe5uGiA1oW9jK3tCqXbZ6rFyDlUaMg",
    "DATABASE_URL": "postgres://u:p@127.0.0.1:5432/none",
    "EMAIL_URL": "smtp+tls://u:p@mail.example.org:587",
    "OPIC_TRUSTED_PROXIES": "1",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"EMAIL_URL": ""}, "EMAIL_URL"),
        ({"OPIC_TRUSTED_PROXIES": ""}, "OPIC_TRUSTED_PROXIES"),
        ({"OPIC_TRUSTED_PROXIES": "one"}, "OPIC_TRUSTED_PROXIES"),
        ({"DEBUG": "1"}, "DEBUG"),
        ({"CSRF_TRUSTED_ORIGINS": "opic.example.org"}, "CSRF_TRUSTED_ORIGINS"),
        ({"OPIC_RATER": "magic"}, "OPIC_RATER"),
        ({"OPIC_STORAGE_URL": "s3://nobucket"}, "OPIC_STORAGE_URL"),
        ({"OPIC_TYPO": "1"}, "OPIC_TYPO"),
        ({"GEMINI_API_KEY": "k"}, "GEMINI_PAID_TIER"),
        ({"OPIC_RATER": "gemini"}, "GEMINI_API_KEY"),
        ({"OPIC_RATER": "openai"}, "OPIC_LLM_URL, OPIC_LLM_MODEL"),
        ({"OPIC_RATER": "openai", "OPIC_LLM_URL": "https://a.example/v1"}, "set OPIC_LLM_MODEL"),
        ({"OPIC_RATER": "openai", "OPIC_LLM_MODEL": "m"}, "set OPIC_LLM_URL"),
        ({"OPIC_LLM_URL": "http://a.example/v1"}, "OPIC_LLM_URL"),
        ({"OPIC_LLM_URL": "http://a.example/v1", "OPIC_ACCEPT": "llm-http"}, "OPIC_LLM_URL"),
        ({"OPIC_LLM_URL": "http://10.0.0.7/v1"}, "OPIC_ACCEPT=llm-http"),
        ({"OPIC_LLM_MODEL": "m" * 81}, "OPIC_LLM_MODEL"),
        ({"OPIC_LLM_KEY": "two words"}, "OPIC_LLM_KEY"),
        ({"OPIC_LLM_OWN": "mine"}, "OPIC_LLM_OWN"),
        ({"OPIC_EARS": "magic"}, "OPIC_EARS"),
        ({"OPIC_EARS": "gemini"}, "OPIC_EARS is gemini: set GEMINI_API_KEY"),
        ({"OPIC_EARS": "openai"}, "set OPIC_EARS_URL"),
        ({"OPIC_EARS_URL": "https://a.example/v1"}, "set OPIC_EARS_MODEL"),
        ({"OPIC_EARS_URL": "http://a.example/v1"}, "OPIC_EARS_URL"),
        ({"OPIC_EARS_URL": "http://10.0.0.7/v1", "OPIC_EARS_MODEL": "w"}, "OPIC_ACCEPT=ears-http"),
        ({"OPIC_EARS_KEY": "two words"}, "OPIC_EARS_KEY"),
        ({"OPIC_EARS": "local"}, "the weights of base are not there"),
        ({"OPIC_RATER": "builtin"}, "nobody hears them"),
        ({"OPIC_RATER": "fluency", **HEARS_ELSEWHERE}, "OPIC_RATER is fluency"),
        ({"OPIC_PUSHER": "pigeon"}, "OPIC_PUSHER"),
        ({"OPIC_PUSHER": "webpush"}, "vapid_keys"),
        ({"OPIC_VAPID_PRIVATE_KEY": VAPID[0]}, "OPIC_VAPID_PUBLIC_KEY"),
        ({"OPIC_VAPID_PRIVATE_KEY": "no key"}, "OPIC_VAPID_PRIVATE_KEY"),
        ({"OPIC_VAPID_PUBLIC_KEY": VAPID[0]}, "OPIC_VAPID_PUBLIC_KEY"),
        ({"OPIC_VAPID_SUBJECT": "me@example.org"}, "OPIC_VAPID_SUBJECT"),
        ({"OPIC_ENCRYPTION_KEYS": "no key"}, "encryption_keys --new"),
        ({"OPIC_STAFF_SESSION_HOURS": "25"}, "OPIC_STAFF_SESSION_HOURS"),
        ({"OPIC_ADMIN_FACTOR_MINUTES": "1"}, "OPIC_ADMIN_FACTOR_MINUTES"),
        ({"OPIC_PUSH_HOSTS": "fcm.googleapis.com,127.0.0.1"}, "OPIC_PUSH_HOSTS"),
        ({"OPIC_PUSH_HOSTS": "https://fcm.googleapis.com/"}, "OPIC_PUSH_HOSTS"),
        ({"OPIC_PUSH_SECONDS": "0"}, "OPIC_PUSH_SECONDS"),
        ({"OPIC_PUSH_TRIES": "many"}, "OPIC_PUSH_TRIES"),
        ({"OPIC_NOTICE_DAYS": "1.5"}, "OPIC_NOTICE_DAYS"),
    ],
)
@pytest.mark.processes
def test_production_without_what_it_needs_does_not_start(tmp_path, change, message):
    done = start(tmp_path, **{**PRODUCTION, **change})
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.processes
def test_web_push_starts_with_one_pair_and_not_with_halves_of_two(tmp_path):
    pushing = {
        "OPIC_VAPID_PRIVATE_KEY": VAPID[0],
        "OPIC_VAPID_PUBLIC_KEY": VAPID[1],
        "OPIC_VAPID_SUBJECT": "mailto:me@example.org",
    }
    assert start(tmp_path, **PRODUCTION, **pushing).returncode == 0
    done = start(tmp_path, **PRODUCTION, **{**pushing, "OPIC_VAPID_PUBLIC_KEY": OTHER[1]})
    assert done.returncode != 0
    assert "opic.E002" in done.stderr
    done = start(tmp_path, **PRODUCTION, **{**pushing, "OPIC_VAPID_SUBJECT": "mailto:me@desk"})
    assert done.returncode != 0
    assert "opic.E003" in done.stderr


@pytest.mark.parametrize("more", [{"GEMINI_PAID_TIER": "1"}, {"OPIC_ACCEPT_TRAINING": "1"}])
@pytest.mark.processes
def test_a_key_starts_where_the_tier_or_the_acceptance_is_said(tmp_path, more):
    done = start(tmp_path, **{**PRODUCTION, "GEMINI_API_KEY": "k", **more})
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "more",
    [
        {"OPIC_LLM_URL": "https://llm.example.org/v1/", "OPIC_LLM_KEY": "sk-1"},
        {"OPIC_LLM_URL": "http://127.0.0.1:11434/v1", "OPIC_LLM_OWN": "1"},
        {"OPIC_LLM_URL": "http://10.0.0.7:8000/v1", "OPIC_ACCEPT": "llm-http"},
    ],
)
@pytest.mark.processes
def test_a_server_of_the_chat_protocol_starts_with_address_and_model(tmp_path, more):
    done = start(tmp_path, **PRODUCTION, OPIC_RATER="openai", OPIC_LLM_MODEL="m", **more)
    assert done.returncode == 0, done.stderr


@pytest.mark.processes
def test_times_out_of_order_do_not_start(tmp_path):
    done = start(tmp_path, OPIC_TASK_SECONDS="200", OPIC_LEASE_SECONDS="180")
    assert done.returncode != 0
    assert "opic.E001" in done.stderr


@pytest.mark.processes
@pytest.mark.parametrize("value", ["0", "1"])
def test_a_redirect_that_is_named_on_loopback_changes_nothing_there(tmp_path, value):
    done = start(tmp_path, OPIC_SSL_REDIRECT=value)
    assert done.returncode == 0, done.stderr
    assert start(tmp_path, OPIC_SSL_REDIRECT="perhaps").returncode == 2


@pytest.mark.processes
def test_loopback_makes_its_own_key_and_keeps_it(tmp_path):
    assert start(tmp_path).returncode == 0
    key = (tmp_path / "secret-key").read_text()
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert start(tmp_path).returncode == 0
    assert (tmp_path / "secret-key").read_text() == key
