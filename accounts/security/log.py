"""The security log: one line an event, without anything that is a person's own.

    sign_in user=<uuid> address=<keyed hash> client=<network>#<keyed hash> request=<id> how=password

Lines outlive the accounts they are about, so they name nobody: an id means nothing without its
row, and addresses are hashed with the product's key. `docs/operations.md` lists the events; a test
compares that list with `Event` and causes every one.
"""

import atexit
import ipaddress
import logging
import re
import threading
import time
from collections import Counter
from enum import StrEnum

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.models import User
from opic.lib.incidents import request_id

logger = logging.getLogger("opic.security")
NOTHING = "-"
HASH_LENGTH = 16
WINDOW = 60.0
# lines of one event in a window and process: from one client, and from all
MOST_OF_A_CLIENT = 10
MOST_OF_AN_EVENT = 120
_UNSAFE = re.compile(r"[^\w.:/,#+-]", re.ASCII)


class Event(StrEnum):
    """The first word of a line in the security log."""

    SIGNED_UP = "signed_up"
    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_LIMITED = "sign_in_limited"
    SIGN_OUT = "sign_out"
    CODE_REJECTED = "code_rejected"
    SECOND_FACTOR_FAILED = "second_factor_failed"
    REAUTHENTICATION_FAILED = "reauthentication_failed"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    FACTOR_RESET = "factor_reset"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"
    ADDRESS_CHANGED = "address_changed"
    SESSION_ENDED = "session_ended"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    EXPORTED = "exported"
    DATA_ERASED = "data_erased"
    ACCOUNT_DELETED = "account_deleted"
    ADMIN_REFUSED = "admin_refused"
    ADMIN_WRITE = "admin_write"
    TICKET_REFUSED = "ticket_refused"
    CSRF_REFUSED = "csrf_refused"


class Repeats:
    """How many lines of an event may still be written in this window; the others are counted.

    A flood of failures must neither fill a disk nor hide a sign-in: each event has a limit of its
    own. Memory is bounded: clients are told apart only until their event has reached its limit.
    """

    def __init__(self) -> None:
        # threads of a process write at the same time: limits and counts change together
        self._lock = threading.Lock()
        self._forget(time.monotonic())

    def _forget(self, now: float) -> None:
        self._begun = now
        self._written: Counter[tuple[str, str]] = Counter()
        self._held: Counter[str] = Counter()

    def allows(self, event: str, client: str) -> bool:
        """Return whether a line may be written; where not, count it as held back."""
        with self._lock:
            of_all, of_client = (event, ""), (event, client)
            is_full = self._written[of_all] >= MOST_OF_AN_EVENT
            if is_full or self._written[of_client] >= MOST_OF_A_CLIENT:
                self._held[event] += 1
                return False
            self._written[of_all] += 1
            self._written[of_client] += 1
            return True

    def over(self, *, at_once: bool = False) -> dict[str, int]:
        """Return how many lines of each event were held back, and begin a new window.

        Empty while the window is not over, unless `at_once`.
        """
        with self._lock:
            now = time.monotonic()
            if now - self._begun < WINDOW and not at_once:
                return {}
            held = dict(self._held)
            self._forget(now)
            return held


_repeats = Repeats()


def write(
    event: Event,
    request: HttpRequest | None,
    person: object = None,
    *,
    address: str = "",
    how: str = "",
) -> None:
    """Write one line to the security log, unless its event or its client is over the limit.

    `person` may be anybody or nobody; `address` is what was typed where no account is known.
    """
    flush()
    client = client_of(request)
    if not _repeats.allows(event, client):
        return
    user = person if isinstance(person, User) else None
    fields = {
        "user": str(user.pk) if user and user.pk else "",
        "address": hash_of("address", address or (user.email if user else "")),
        "client": client,
        "request": request_id.get(),
        "how": how,
    }
    details = " ".join(f"{name}={_safe(value)}" for name, value in fields.items())
    logger.info("%s %s", event.value, details)


def flush(*, at_once: bool = False) -> None:
    """Log how many lines were held back, once their window is over."""
    for event, count in sorted(_repeats.over(at_once=at_once).items()):
        logger.info("%s repeated=%d", event, count)


def hash_of(kind: str, value: str) -> str:
    """Return a keyed hash of a value, 16 hexadecimal digits; empty for an empty value.

    It is the same on every host with this SECRET_KEY, and nobody else can compute it.
    """
    if not value:
        return ""
    digest = salted_hmac(f"opic.security.{kind}", value.strip().lower(), algorithm="sha256")
    return digest.hexdigest()[:HASH_LENGTH]


def client_of(request: HttpRequest | None) -> str:
    """Return the client's network, which operators can block, and a hash that tells clients apart.

    Empty without a request or an address.
    """
    if request is None:
        return ""
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return ""
    width = 24 if address.version == 4 else 48
    network = ipaddress.ip_network(f"{address}/{width}", strict=False)
    return f"{network}#{hash_of('client', str(address))}"


def _safe(value: str) -> str:
    """Return the value without spaces, line ends and anything that could pass for another field."""
    return _UNSAFE.sub("_", value)[:200] or NOTHING


atexit.register(flush, at_once=True)
