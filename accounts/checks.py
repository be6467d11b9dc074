"""What must hold before anything starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from accounts.vapid import belong_together


def keys_belong_together(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """A push signed with another key than the browsers were told is refused everywhere."""
    if settings.OPIC_PUSHER != "webpush":
        return []
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
    register(keys_belong_together)
