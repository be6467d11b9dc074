"""Every risk of a production start: refused without its word, accepted with it, and by no other."""

import base64
import random
from dataclasses import replace

import pytest
from django.core.management.utils import get_random_secret_key

from opic.lib.env import ConfigurationError, Env
from opic.lib.risks import WORDS, Setup, is_model_url, is_private_host, is_weak, refuse, risks_of
from tests.opic.lib.test_env import PRODUCTION, start

BACKENDS = "django.core.mail.backends"
SAFE = Setup(
    is_loopback=False,
    secret_key=PRODUCTION["SECRET_KEY"],
    allowed_hosts=["opic.example.org"],
    csrf_origins=["https://opic.example.org", "https://*.example.org"],
    email={"EMAIL_BACKEND": f"{BACKENDS}.smtp.EmailBackend", "EMAIL_USE_TLS": True},
    database_engine="django.db.backends.postgresql",
    model_endpoint="https://models.example.org/",
    llm_url="https://llm.example.org/v1",
    ears_url="https://ears.example.org/v1",
    storage_url="s3://key:secret@files.example.org/bucket",
    push_hosts=["fcm.googleapis.com", "*.push.apple.com"],
    redirects_to_https=True,
)
# what an operator writes, and the word that accepts it
RISKS = [
    ({"SECRET_KEY": "k" * 60}, "weak-key"),
    ({"SECRET_KEY": "0123456789" * 6}, "weak-key"),
    ({"SECRET_KEY": "django-insecure-" + PRODUCTION["SECRET_KEY"]}, "weak-key"),
    ({"EMAIL_URL": "consolemail://"}, "console-mail"),
    ({"EMAIL_URL": "dummymail://"}, "dummy-mail"),
    ({"EMAIL_URL": "memorymail://"}, "memory-mail"),
    ({"EMAIL_URL": "filemail:///tmp/mails"}, "file-mail"),
    ({"EMAIL_URL": "smtp://u:p@mail.example.org:25"}, "plain-smtp"),
    ({"EMAIL_URL": "smtp+tls://u:p@mail.example.org:25?EMAIL_USE_TLS=False"}, "plain-smtp"),
    ({"GEMINI_API_ENDPOINT": "http://models.example.org/"}, "plain-model"),
    ({"GEMINI_API_ENDPOINT": "http://127.0.0.1:9/"}, "plain-model"),
    ({"OPIC_LLM_URL": "http://10.0.0.7:8000/v1"}, "llm-http"),
    ({"OPIC_LLM_URL": "http://ollama:11434/v1"}, "llm-http"),
    ({"OPIC_EARS_URL": "http://10.0.0.7:8000/v1"}, "ears-http"),
    ({"OPIC_STORAGE_URL": "s3+http://k:s@files.example.org/bucket"}, "plain-storage"),
    ({"ALLOWED_HOSTS": "*"}, "any-host"),
    ({"ALLOWED_HOSTS": "opic.example.org,*"}, "any-host"),
    ({"OPIC_PUSH_HOSTS": "*"}, "any-push-host"),
    ({"OPIC_PUSH_HOSTS": "*.com"}, "any-push-host"),
    ({"OPIC_PUSH_HOSTS": "169.254.169.254"}, "private-push-host"),
    ({"OPIC_PUSH_HOSTS": "10.0.0.1"}, "private-push-host"),
    ({"OPIC_PUSH_HOSTS": "localhost"}, "private-push-host"),
    ({"OPIC_PUSH_HOSTS": "*.push.internal"}, "private-push-host"),
    ({"DATABASE_URL": "sqlite:////tmp/none.sqlite3"}, "sqlite"),
    ({"OPIC_SSL_REDIRECT": "0"}, "no-https-redirect"),
    ({"CSRF_TRUSTED_ORIGINS": "http://opic.example.org"}, "http-origin"),
    ({"CSRF_TRUSTED_ORIGINS": "https://*.org"}, "any-origin"),
]


def setup_of(change: dict[str, str]) -> Setup:
    """The same values as the settings read."""
    env = Env({"EMAIL_URL": "smtp+tls://u:p@mail.example.org:587", **change})
    return replace(
        SAFE,
        secret_key=env.text("SECRET_KEY", SAFE.secret_key),
        allowed_hosts=env.names("ALLOWED_HOSTS", SAFE.allowed_hosts),
        csrf_origins=env.names("CSRF_TRUSTED_ORIGINS", SAFE.csrf_origins),
        email=env.email("EMAIL_URL", ""),
        database_engine=env.database("DATABASE_URL", PRODUCTION["DATABASE_URL"])["ENGINE"],
        model_endpoint=env.text("GEMINI_API_ENDPOINT", SAFE.model_endpoint),
        llm_url=env.text("OPIC_LLM_URL", SAFE.llm_url),
        ears_url=env.text("OPIC_EARS_URL", SAFE.ears_url),
        storage_url=env.text("OPIC_STORAGE_URL", SAFE.storage_url),
        push_hosts=env.names("OPIC_PUSH_HOSTS", SAFE.push_hosts),
        redirects_to_https=env.flag("OPIC_SSL_REDIRECT", default=True),
    )


def test_every_word_has_its_case():
    assert {word for _change, word in RISKS} == set(WORDS)


def test_what_is_safe_needs_no_word():
    refuse(SAFE, [])
    refuse(SAFE, WORDS)


@pytest.mark.parametrize(("change", "word"), RISKS)
def test_a_risk_is_refused_unless_its_own_word_is_said(change, word):
    setup = setup_of(change)
    assert [risk.word for risk in risks_of(setup)] == [word]
    refuse(setup, [word])
    for accepted in ([], set(WORDS) - {word}):
        with pytest.raises(ConfigurationError) as refused:
            refuse(setup, accepted)
        assert f"OPIC_ACCEPT={word}" in str(refused.value)
        assert next(iter(change)) in str(refused.value)
        assert "\n" not in str(refused.value)


def test_an_unknown_word_stops_the_start_and_names_the_known_ones():
    for is_loopback in (True, False):
        with pytest.raises(ConfigurationError) as refused:
            refuse(replace(SAFE, is_loopback=is_loopback), ["sqlite", "everything"])
        assert "everything" in str(refused.value)
        assert all(word in str(refused.value) for word in WORDS)


def test_loopback_accepts_all_but_voices_that_leave_in_clear_text():
    risky = {name: value for change, _word in RISKS for name, value in change.items()}
    risky["GEMINI_API_ENDPOINT"] = "http://models.example.org/"
    setup = replace(setup_of(risky), is_loopback=True)
    clear_text = {"plain-model", "plain-storage", "llm-http", "ears-http"}
    assert {risk.word for risk in risks_of(setup)} == clear_text
    for host in ("127.0.0.1", "localhost", "[::1]", "127.8.8.8"):
        near = replace(
            setup,
            model_endpoint=f"http://{host}:9/",
            llm_url=f"http://{host}:9/v1",
            ears_url=f"http://{host}:9/v1",
            storage_url=f"s3+http://k:s@{host}:9000/bucket",
        )
        assert risks_of(near) == []


@pytest.mark.parametrize(
    "change",
    [
        {"DATABASE_URL": "sqlite:////tmp/none.sqlite3"},
        {"ALLOWED_HOSTS": "*"},
        {"EMAIL_URL": "consolemail://"},
        {"OPIC_ACCEPT": "sqlight"},
    ],
)
def test_the_start_asks_for_the_words(tmp_path, change):
    done = start(tmp_path, **{**PRODUCTION, **change})
    assert done.returncode == 2
    assert "OPIC_ACCEPT" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_start_takes_several_words(tmp_path):
    change = {"DATABASE_URL": "sqlite:////tmp/none.sqlite3", "EMAIL_URL": "consolemail://"}
    accepted = {"OPIC_ACCEPT": "sqlite, console-mail,any-host"}
    done = start(tmp_path, **{**PRODUCTION, **change, **accepted})
    assert done.returncode == 0, done.stderr


def test_random_keys_of_every_kind_are_strong():
    chance = random.Random(13)
    for _ in range(500):
        assert not is_weak(chance.randbytes(25).hex())
        assert not is_weak(base64.b64encode(chance.randbytes(38)).decode())
        assert not is_weak("".join(chance.choices("0123456789", k=60)))
        assert not is_weak(get_random_secret_key())


def test_texts_that_follow_a_rule_are_weak():
    alphabet = "".join(map(chr, range(33, 127)))
    for step in range(1, 25):
        assert is_weak((alphabet[:step] * 60)[:60]), step
        assert is_weak(alphabet[::step].ljust(60, "x")[:60]), step
    assert is_weak("")
    assert is_weak("correcthorse" * 5)


def test_whatever_the_resolver_reads_as_an_address_is_private():
    for host in ("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[fe80::1]", "10.0.0.1."):
        assert is_private_host(host), host
    for host in ("redis", "redis-1", "printer.local", "metadata.google.internal", "LOCALHOST"):
        assert is_private_host(host), host
    for host in ("fcm.googleapis.com", "*.push.apple.com", "a.127.example.org"):
        assert not is_private_host(host), host


@pytest.mark.parametrize("slashes", ["///", "////"])
def test_mail_in_files_goes_where_it_says(tmp_path, slashes):
    url = f"filemail:{slashes}{str(tmp_path).lstrip('/')}/mails"
    assert Env({"E": url}).email("E", "")["EMAIL_FILE_PATH"] == f"{tmp_path}/mails"


def test_mail_in_files_below_a_host_is_refused():
    with pytest.raises(ConfigurationError, match="filemail:///"):
        Env({"E": "filemail://mails/today"}).email("E", "")


@pytest.mark.parametrize(
    "url",
    [
        "https://openrouter.ai/api/v1",
        "https://[2001:db8::7]:8443/v1",
        "http://127.0.0.1:11434/v1",
        "http://[::1]:8000",
        "http://localhost:1234/v1",
        "http://10.0.0.7/v1",
        "http://192.168.1.20:8080/v1",
        "http://ollama:11434/v1",
        "http://llm.lan/v1",
    ],
)
def test_a_models_server_is_https_or_near(url):
    assert is_model_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://llm.example.org/v1",
        "http://8.8.8.8/v1",
        "http://[2001:4860:4860::8888]/v1",
        "http://0x08080808/v1",
        "http://134744072/v1",
        "ftp://10.0.0.7/v1",
        "//10.0.0.7/v1",
        "llm.example.org/v1",
        "https://",
        "https://user:password@llm.example.org/v1",
        "https://llm.example.org/v1?key=secret",
        "https://llm.example.org/v1#top",
        "https://llm.example.org:port/v1",
        "https://llm.example.org:99999/v1",
        "https://llm example.org/v1",
        "https://llm.example.org/v1/chat/completions",
        "https://[::1/v1",
        "https://☃.example.org/v1",
        "https://llm.example.org/v\n1",
    ],
)
def test_no_other_address_is_one_of_a_models_server(url):
    assert not is_model_url(url)
