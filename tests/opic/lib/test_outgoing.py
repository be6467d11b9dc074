"""Nobody is contacted but whom a setting names: the list, the guard, and the guard in a process."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.conf import settings

from opic.lib.outgoing import Contact, Guard, OutgoingRefusedError, hosts_contacted, start_line

BASE = {
    "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
    "EMAIL_HOST": "localhost",
    "GEMINI_API_KEY": "",
    "GEMINI_API_ENDPOINT": "",
    "OPIC_LLM_URL": "",
    "OPIC_LLM_OWN": False,
    "OPIC_EARS": "none",
    "OPIC_EARS_URL": "",
    "OPIC_RATER": "fluency",
    "STORAGES": {"audio": {"OPTIONS": {"location": "/x"}}},
    "OPIC_PUSHER": "notice",
    "OPIC_PUSH_HOSTS": ["fcm.googleapis.com"],
    "OPIC_VOICE": "espeak",
    "DATABASES": {"default": {"HOST": ""}},
    "REDIS_URL": "",
}


def contacts(**changes):
    return hosts_contacted(SimpleNamespace(**{**BASE, **changes}))


def test_by_default_nobody():
    assert contacts() == ()
    assert start_line(contacts()) == "Contacts no other machine."


GEMINI = "generativelanguage.googleapis.com"
LLM, EARS = {"OPIC_LLM_URL": "https://llm.example.org/v1"}, "https://ears.example.org/v1"


@pytest.mark.parametrize("rater", ["fluency", "builtin", "gemini", "openai"])
@pytest.mark.parametrize("ears", ["none", "local", "gemini", "openai"])
@pytest.mark.parametrize("ears_url", ["", EARS])
def test_only_who_hears_or_judges_is_contacted_and_what_goes_there_is_said(rater, ears, ears_url):
    """A key or an address alone contacts nobody; who only judges gets no voice."""
    chosen = {"OPIC_RATER": rater, "OPIC_EARS": ears, "OPIC_EARS_URL": ears_url}
    made = {one.host: str(one.what) for one in contacts(GEMINI_API_KEY="k", **LLM, **chosen)}
    hears = {"gemini": GEMINI, "openai": "ears.example.org" if ears_url else "llm.example.org"}
    judges = {"gemini": GEMINI, "openai": "llm.example.org"}
    assert set(made) == {*filter(None, [hears.get(ears), judges.get(rater)])}
    for host, what in made.items():
        assert ("not your voice" in what) is (host != hears.get(ears))


def test_the_sites_own_stores_are_marked_and_this_machine_is_nobody_else():
    marked = contacts(
        DATABASES={"default": {"HOST": "db1.inner, db2.inner"}}, REDIS_URL="redis://r.inner:6379/0"
    )
    assert [(contact.host, contact.is_own) for contact in marked] == [
        ("db1.inner", True),
        ("db2.inner", True),
        ("r.inner", True),
    ]
    for here in ("127.0.0.1", "/run/postgresql", "localhost", "::1"):
        assert contacts(DATABASES={"default": {"HOST": here}}) == ()
    by_option = {"default": {"HOST": "", "OPTIONS": {"host": "db.inner"}}}
    assert "db.inner (DATABASE_URL)" in start_line(contacts(DATABASES=by_option))


def test_a_way_out_is_named_where_somebody_is_contacted(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.inner:3128")
    assert contacts() == ()
    hosts = [contact.host for contact in contacts(OPIC_VOICE="edge")]
    assert hosts == ["speech.platform.bing.com", "proxy.inner"]


def guard(*hosts: str) -> Guard:
    return Guard(Contact(host, "X", "", "") for host in hosts)


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        ("mail.example.org", True),
        ("MAIL.example.org.", True),
        (b"mail.example.org", True),
        ("web.push.apple.com", True),
        ("push.apple.com", False),
        ("evilpush.apple.com", False),
        ("mail.example.org.evil.example", False),
        ("example.org", False),
        ("169.254.169.254", False),
        ("8.8.8.8", False),
        ("2001:db8::1", False),
        ("::ffff:8.8.8.8", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("0.0.0.0", True),
        (None, True),
        ("", True),
    ],
)
def test_who_may_be_contacted(host, is_allowed):
    watching = guard("mail.example.org", "*.push.apple.com")
    if is_allowed:
        watching.judge(host)
        return
    with pytest.raises(OutgoingRefusedError):
        watching.judge(host)


def test_addresses_are_known_by_the_name_they_were_asked_for():
    watching = guard("mail.example.org")
    watching.remember("evil.example", ["203.0.113.1"])
    watching.remember("mail.example.org", ["203.0.113.2"])
    watching.judge("203.0.113.2")
    with pytest.raises(OutgoingRefusedError):
        watching.judge("203.0.113.1")


def test_a_refusal_is_told_once_a_host(caplog):
    watching = guard()
    for _ in range(50):
        with pytest.raises(OutgoingRefusedError):
            watching.judge("evil.example")
    for number in range(500):
        with pytest.raises(OutgoingRefusedError):
            watching.judge(f"{number}.example")
    assert caplog.text.count("evil.example") == 1
    assert len(caplog.records) == 100


CODE = """
import asyncio, socket, sys, urllib.request
import django
django.setup()
def tried(work):
    try:
        work()
    except BaseException as exc:
        names = []
        while exc is not None:
            names.append(type(exc).__name__)
            exc = exc.__cause__ or exc.__context__ or getattr(exc, "reason", None)
        return "refused" if "OutgoingRefusedError" in names else names[0]
    return "done"
def udp():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("198.51.100.1", 53))
def forked():
    import os
    pid = os.fork()
    if not pid:
        os._exit(tried(lambda: socket.create_connection(("198.51.100.1", 9), 1)) == "refused")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
    raise RuntimeError("the child was refused")
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
import requests
print(
    tried(lambda: socket.create_connection(("198.51.100.1", 9), 1)),
    tried(lambda: socket.socket().connect(("198.51.100.1", 9))),
    tried(lambda: socket.socket().connect_ex(("198.51.100.1", 9))),
    tried(udp),
    tried(lambda: socket.getaddrinfo("evil.example", 443)),
    tried(lambda: socket.gethostbyname("evil.example")),
    tried(lambda: urllib.request.urlopen("http://198.51.100.1/", timeout=1)),
    tried(lambda: asyncio.run(asyncio.open_connection("198.51.100.1", 9))),
    tried(lambda: requests.get("http://169.254.169.254/", timeout=1)),
    tried(lambda: socket.create_connection(("127.0.0.1", port), 1)),
    tried(lambda: socket.create_connection(("localhost", port), 1)),
    tried(lambda: socket.getfqdn()),
    tried(forked),
)
"""


@pytest.mark.parametrize("setup", ["import opic.wsgi", "pass"])
def test_a_process_of_the_product_contacts_nobody(tmp_path, setup):
    """Web, worker and commands alike: whatever loads the apps."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"{setup}\n{CODE}"],
        cwd=settings.BASE_DIR,
        env={"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "opic.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["refused"] * 9 + ["done"] * 3 + ["RuntimeError"]
    assert "refused to contact 198.51.100.1: no setting names it" in done.stderr
