"""Which hosts this set-up may contact, and a guard that refuses all others.

One list, made from the settings, for the privacy page, the start line and the guard. The guard sees
what Python does with sockets; for native code a test runs the product without any network.
"""

import ipaddress
import logging
import socket
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)
GOOGLE = "generativelanguage.googleapis.com"
EDGE = "speech.platform.bing.com"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
# so many addresses of known names are remembered, and so many refused hosts logged
MOST_ADDRESSES = 10_000
MOST_REFUSALS_LOGGED = 100
_INTERNET = (socket.AF_INET, socket.AF_INET6)


@dataclass(frozen=True)
class Contact:
    """A host, or `*.` and what it ends with; the setting that named it; what goes there and why."""

    host: str
    setting: str
    what: str | Promise
    why: str | Promise
    # database, queue: part of this site, not somebody else
    is_own: bool = False


def hosts_contacted(settings: Any) -> tuple[Contact, ...]:
    """Return every host outside this machine that this set-up may contact; none by default."""
    contacts = [
        *_mail(settings),
        *_models(settings),
        *_storage(settings),
        *_pushes(settings),
        *_voices(settings),
    ]
    if contacts:
        contacts += _proxies()
    contacts += _own(settings)
    return tuple(contact for contact in contacts if not _is_here(contact.host))


def start_line(contacts: Iterable[Contact]) -> str:
    """Return a line for the terminal with all hosts and the settings that name them."""
    hosts = [f"{contact.host} ({contact.setting})" for contact in contacts]
    return f"May contact: {', '.join(hosts)}" if hosts else "Contacts no other machine."


def _mail(settings: Any) -> list[Contact]:
    if settings.EMAIL_BACKEND != SMTP:
        return []
    what = _("Your e-mail address, codes for signing in, and notices about your account.")
    return [Contact(str(settings.EMAIL_HOST), "EMAIL_URL", what, _("It delivers our mails."))]


def _models(settings: Any) -> list[Contact]:
    """Return who hears and who judges: only what is asked counts, not what could be."""
    used = {settings.OPIC_EARS, settings.OPIC_RATER}
    hears_by_chat = settings.OPIC_EARS == "openai" and not settings.OPIC_EARS_URL
    is_own = settings.OPIC_LLM_OWN
    contacts = []
    if "gemini" in used:
        host = urlsplit(settings.GEMINI_API_ENDPOINT).hostname or GOOGLE
        what, why = _what_and_why(settings, "gemini", hears=settings.OPIC_EARS == "gemini")
        contacts.append(Contact(host, "GEMINI_API_KEY", what, why))
    if settings.OPIC_RATER == "openai" or hears_by_chat:
        host = urlsplit(settings.OPIC_LLM_URL).hostname or ""
        what, why = _what_and_why(settings, "openai", hears=hears_by_chat)
        contacts.append(Contact(host, "OPIC_LLM_URL", what, why, is_own=is_own))
    if settings.OPIC_EARS == "openai" and settings.OPIC_EARS_URL:
        host = urlsplit(settings.OPIC_EARS_URL).hostname or ""
        contacts.append(Contact(host, "OPIC_EARS_URL", VOICE, HEARS, is_own=is_own))
    return contacts


VOICE = _("What you say in an answer, without your name: only if you agreed to it.")
WORDS = _("The words of your answers, not your voice and not your name: only if you agreed to it.")
HEARS = _("It hears answers.")


def _what_and_why(settings: Any, name: str, *, hears: bool) -> tuple[str | Promise, str | Promise]:
    if name != settings.OPIC_RATER:
        return VOICE, HEARS
    return (VOICE, _("It hears and rates answers.")) if hears else (WORDS, _("It rates answers."))


def _storage(settings: Any) -> list[Contact]:
    options = settings.STORAGES["audio"].get("OPTIONS", {})
    host = urlsplit(options.get("endpoint_url", "")).hostname
    if not host:
        return []
    what, why = _("Recordings of your answers."), _("They are stored there.")
    # the client asks under either name
    hosts = (host, f"{options['bucket_name']}.{host}")
    return [Contact(name, "OPIC_STORAGE_URL", what, why) for name in hosts]


def _pushes(settings: Any) -> list[Contact]:
    if settings.OPIC_PUSHER != "webpush":
        return []
    what = _("An encrypted notice, to browsers in which you switched notifications on.")
    why = _("The maker of your browser brings it to your device.")
    return [Contact(host, "OPIC_PUSH_HOSTS", what, why) for host in settings.OPIC_PUSH_HOSTS]


def _voices(settings: Any) -> list[Contact]:
    if settings.OPIC_VOICE != "edge":
        return []
    what, why = _("Texts of questions; nothing of yours."), _("It reads questions aloud.")
    return [Contact(EDGE, "OPIC_VOICE", what, why)]


def _proxies() -> list[Contact]:
    """Return the proxies that the environment names, which every client here uses."""
    urls = {url for name, url in getproxies().items() if name in {"http", "https", "all"}}
    hosts = sorted({urlsplit(url if "//" in url else f"//{url}").hostname or "" for url in urls})
    what, why = _("What goes to the others."), _("It is this site's way out.")
    return [Contact(host, "HTTPS_PROXY", what, why, is_own=True) for host in hosts if host]


def _own(settings: Any) -> list[Contact]:
    database = settings.DATABASES["default"]
    hosts = database.get("HOST") or database.get("OPTIONS", {}).get("host") or ""
    redis = urlsplit(settings.REDIS_URL).hostname or ""
    named = [(host.strip(), "DATABASE_URL") for host in str(hosts).split(",")]
    named.append((redis, "REDIS_URL"))
    what, why = _("All that this site stores."), _("It is this site's own.")
    return [Contact(host, name, what, why, is_own=True) for host, name in named if host]


def _is_here(host: str) -> bool:
    """Return whether this is our own machine: by name, by address, or a socket in a file system."""
    if host in {"", "localhost"} or host.startswith(("/", "@")) or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


class OutgoingRefusedError(PermissionError):
    """Code of ours or of a library wanted to contact a host that no setting names."""


class Guard:
    """Which hosts may be contacted: by name, and by the addresses that those names had."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        hosts = {contact.host.lower() for contact in contacts}
        self.names = {host for host in hosts if not host.startswith("*")}
        self.endings = tuple(host[1:] for host in hosts if host.startswith("*"))
        self.addresses: dict[str, None] = {}
        self.logged_hosts: set[str] = set()

    def knows(self, host: str) -> bool:
        """Return whether this name or address may be contacted."""
        host = host.lower().rstrip(".")
        is_below = bool(self.endings) and host.endswith(self.endings)
        return host in self.names or host in self.addresses or is_below or _is_here(host)

    def remember(self, host: str, addresses: Iterable[str]) -> None:
        """Note the addresses that an allowed name has now; the oldest are forgotten."""
        if self.knows(host):
            self.addresses |= dict.fromkeys(addresses)
        while len(self.addresses) > MOST_ADDRESSES:
            del self.addresses[next(iter(self.addresses))]

    def judge(self, host: Any) -> None:
        """Raise OutgoingRefusedError for a host that may not be contacted; log each host once."""
        name = _text_of(host)
        if self.knows(name):
            return
        if name not in self.logged_hosts and len(self.logged_hosts) < MOST_REFUSALS_LOGGED:
            self.logged_hosts.add(name)
            logger.error("refused to contact %s: no setting names it", name)
        raise OutgoingRefusedError(f"{name} is not among the hosts that this set-up may contact")


def _text_of(host: Any) -> str:
    if isinstance(host, bytes | bytearray):
        return bytes(host).decode("ascii", "replace")
    return str(host or "")


_guard: Guard | None = None


def _connecting(used: socket.socket, address: Any) -> None:
    if _guard and used.family in _INTERNET and isinstance(address, tuple):
        _guard.judge(address[0])


def _resolving(host: Any, *_more: Any) -> None:
    # a machine may look up its own name: mails carry it
    if _guard and _text_of(host) != socket.gethostname():
        _guard.judge(host)


_JUDGED: dict[str, Callable[..., None]] = {
    "socket.connect": _connecting,
    "socket.sendto": _connecting,
    "socket.sendmsg": _connecting,
    "socket.getaddrinfo": _resolving,
    "socket.gethostbyname": _resolving,
    "socket.gethostbyaddr": _resolving,
}


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if judged := _JUDGED.get(event):
        judged(*arguments)


_resolve = socket.getaddrinfo


def _resolve_and_remember(host: Any, port: Any, *more: Any, **named: Any) -> Any:
    addresses = _resolve(host, port, *more, **named)
    if _guard:
        _guard.remember(_text_of(host), [str(row[4][0]) for row in addresses])
    return addresses


def install(contacts: Iterable[Contact]) -> None:
    """Refuse all other hosts, in this process and those it forks; a second call replaces the list.

    Python cannot take an audit hook out again.
    """
    global _guard
    is_first = _guard is None
    _guard = Guard(contacts)
    if is_first:
        socket.getaddrinfo = _resolve_and_remember
        sys.addaudithook(_audit)
