"""System checks of Web Push: its subject and its keys."""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from accounts.push.vapid import belong_together

# py_vapid signs only for a host with a dot, or for localhost
_SUBJECT = re.compile(r"(mailto:[^@\s]+@|https://)(localhost|[\w-]+(\.[\w-]+)+)")


def can_sign_pushes(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Check that push services would accept what we sign: a reachable subject, keys of one pair.

    A push signed with another key than the one that browsers subscribed with is refused.
    """
    if settings.OPIC_PUSHER != "webpush":
        return []
    if not _SUBJECT.fullmatch(settings.OPIC_VAPID_SUBJECT):
        return [
            Error(
                "OPIC_VAPID_SUBJECT reaches nobody: write mailto:you@example.org or https://example.org.",
                id="opic.E003",
            )
        ]
    if belong_together(settings.OPIC_VAPID_PRIVATE_KEY, settings.OPIC_VAPID_PUBLIC_KEY):
        return []
    return [
        Error(
            "OPIC_VAPID_PRIVATE_KEY and OPIC_VAPID_PUBLIC_KEY are of two pairs:"
            " set both from one run of `manage.py vapid_keys`.",
            id="opic.E002",
        )
    ]


def register_all() -> None:
    """Register the checks of this module with Django."""
    register(can_sign_pushes)
