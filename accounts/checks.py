"""What must hold before anything starts."""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from accounts.push.vapid import belong_together

# what the library signs: a host with a dot, or localhost
_SUBJECT = re.compile(r"(mailto:[^@\s]+@|https://)(localhost|[\w-]+(\.[\w-]+)+)")


def can_sign_pushes(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Check that the keys fit each other: a push signed with another key than browsers know is
    refused.
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
    register(can_sign_pushes)
