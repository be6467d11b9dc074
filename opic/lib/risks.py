"""Risky settings, and the words that accept them.

Production starts with none of these unless OPIC_ACCEPT names the risk. Where a voice would travel
in clear text the same is asked on loopback too. Pure: values in, risks out.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from opic.lib.env import ConfigurationError

WORDS = (
    "any-host",
    "any-origin",
    "any-push-host",
    "console-mail",
    "dummy-mail",
    "ears-http",
    "file-mail",
    "http-origin",
    "llm-http",
    "memory-mail",
    "no-https-redirect",
    "plain-model",
    "plain-smtp",
    "plain-storage",
    "private-push-host",
    "sqlite",
    "weak-key",
)
LEAST_SIGNS = 8
LEAST_FRESH = 0.7
_MAIL_KINDS = {"console": "console", "dummy": "dummy", "filebased": "file", "locmem": "memory"}
_PRIVATE_NAMES = (".internal", ".intranet", ".lan", ".local", ".localdomain", ".localhost")


@dataclass(frozen=True)
class Setup:
    """The settings that can be risky."""

    is_loopback: bool
    secret_key: str
    allowed_hosts: Iterable[str]
    csrf_origins: Iterable[str]
    email: Mapping[str, Any]
    database_engine: str
    model_endpoint: str
    llm_url: str
    ears_url: str
    storage_url: str
    push_hosts: Iterable[str]
    redirects_to_https: bool


@dataclass(frozen=True)
class Risk:
    """One risk: the word that accepts it, and what to write instead."""

    word: str
    text: str

    def __str__(self) -> str:
        return f"{self.text} (or OPIC_ACCEPT={self.word})."


def refuse(setup: Setup, accepted: Iterable[str]) -> None:
    """Raise ConfigurationError, in one line, for unknown words and for risks without theirs."""
    accepted = set(accepted)
    unknown = sorted(accepted - set(WORDS))
    if unknown:
        raise ConfigurationError(
            f"OPIC_ACCEPT names {unknown[0]!r}: it knows {', '.join(WORDS)}; take the others out."
        )
    left = [risk for risk in risks_of(setup) if risk.word not in accepted]
    if left:
        raise ConfigurationError(" ".join(map(str, left)))


def risks_of(setup: Setup) -> list[Risk]:
    """Return every risk of this set-up; on loopback only those that leave the machine."""
    risks = list(_plain_voices(setup))
    if setup.is_loopback:
        return risks
    return [*_names(setup), *_stores(setup), *_mail(setup.email), *_push(setup), *risks]


def _plain_voices(setup: Setup) -> Iterator[Risk]:
    for name, word, scheme, url in (
        ("GEMINI_API_ENDPOINT", "plain-model", "http", setup.model_endpoint),
        ("OPIC_STORAGE_URL", "plain-storage", "s3+http", setup.storage_url),
    ):
        parts = urlsplit(url)
        is_here = setup.is_loopback and is_loopback_host(parts.hostname or "")
        if url and parts.scheme in {scheme, ""} and not is_here:
            safe = scheme.replace("+http", "").replace("http", "https")
            yield Risk(word, f"{name} sends voices in clear text: write {safe}://…")
    for name, word, url in (
        ("OPIC_LLM_URL", "llm-http", setup.llm_url),
        ("OPIC_EARS_URL", "ears-http", setup.ears_url),
    ):
        parts = urlsplit(url)
        if parts.scheme == "http" and not is_loopback_host(parts.hostname or ""):
            yield Risk(word, f"{name} sends voices in clear text: write https://…")


def _names(setup: Setup) -> Iterator[Risk]:
    if is_weak(setup.secret_key):
        yield Risk("weak-key", "SECRET_KEY can be guessed: take 64 random bytes, base64")
    if "*" in setup.allowed_hosts:
        yield Risk("any-host", "ALLOWED_HOSTS is *: name the hosts")
    if not setup.redirects_to_https:
        yield Risk("no-https-redirect", "OPIC_SSL_REDIRECT=0 answers in clear text: unset it")
    origins = list(setup.csrf_origins)
    if any(origin.startswith("http://") for origin in origins):
        yield Risk("http-origin", "CSRF_TRUSTED_ORIGINS trusts http://: write https://")
    if any(_is_broad(origin.partition("://")[2]) for origin in origins):
        yield Risk("any-origin", "CSRF_TRUSTED_ORIGINS trusts nearly all: name the hosts")


def _stores(setup: Setup) -> Iterator[Risk]:
    if setup.database_engine.endswith("sqlite3"):
        text = "DATABASE_URL is SQLite, for one host and few people: write postgres://…"
        yield Risk("sqlite", text)


def _mail(email: Mapping[str, Any]) -> Iterator[Risk]:
    kind = _MAIL_KINDS.get(str(email.get("EMAIL_BACKEND", "")).split(".")[-2])
    if kind:
        text = f"EMAIL_URL sends nothing ({kind} only): write smtp+tls://user:password@host:587"
        yield Risk(f"{kind}-mail", text)
    elif not (email.get("EMAIL_USE_TLS") is True or email.get("EMAIL_USE_SSL") is True):
        yield Risk("plain-smtp", "EMAIL_URL sends codes in clear text: write smtp+tls://…")


def _push(setup: Setup) -> Iterator[Risk]:
    hosts = list(setup.push_hosts)
    if any(_is_broad(host) for host in hosts):
        yield Risk("any-push-host", "OPIC_PUSH_HOSTS allows nearly all: name the push services")
    if any(is_private_host(host) for host in hosts):
        text = "OPIC_PUSH_HOSTS names an address or a name of an inner network: name push services"
        yield Risk("private-push-host", text)


def _is_broad(pattern: str) -> bool:
    """Return whether an asterisk has less than two whole names behind it: `*`, `*.com`, `*.*`."""
    return "*" in pattern and not re.fullmatch(r"\*(\.[a-z0-9-]+){2,}(:\d+)?", pattern.lower())


def is_address(host: str) -> bool:
    """Return whether a resolver reads this host as numbers.

    It does so for 127.0.0.1, 127.1, 0x7f000001, 2130706433 and [::1].
    """
    last = host.rstrip(".").rpartition(".")[2]
    return ":" in host or bool(re.fullmatch(r"\d+|0[xX][0-9a-fA-F]*", last))


def is_private_host(host: str) -> bool:
    """Return whether it is an address, a single label, or a name only an inner network knows.

    Push services have public names: any address at all counts, link-local or not.
    """
    host = host.lower().rstrip(".")
    return is_address(host) or host.endswith(_PRIVATE_NAMES) or ("." not in host and host != "*")


def is_model_url(url: str) -> bool:
    """Return whether it is https, or http to this machine or an inner network.

    Nothing secret is in it, and nothing follows its path: something is added there.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        # raises ValueError for a port that is none
        is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
        is_host = bool(re.fullmatch(r"[a-z0-9._:-]+", host)) and parts.port != 0
    except ValueError:
        return False
    if (
        not (is_plain and is_host)
        or not re.fullmatch(r"[!-~]+", url)
        or parts.path.endswith("/completions")
    ):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_inner(host))


def _is_inner(host: str) -> bool:
    """Return whether it is this machine, a private address, or a name of an inner network."""
    if is_loopback_host(host):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        # what a resolver would read as another address
        return is_private_host(host) and not is_address(host)


def is_loopback_host(host: str) -> bool:
    """Return whether this is localhost or a loopback address, in brackets or not."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_weak(key: str) -> bool:
    """Return whether a secret has few different characters, or steps between them that repeat.

    Random texts of 50 characters or more are not weak, in hexadecimal digits too.
    """
    steps = [ord(after) - ord(before) for before, after in pairwise(key)]
    pairs = list(pairwise(steps))
    is_fresh = len(set(pairs)) >= LEAST_FRESH * len(pairs) > 0
    return len(set(key)) < LEAST_SIGNS or not is_fresh or key.startswith("django-insecure-")
