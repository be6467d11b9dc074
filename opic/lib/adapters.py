"""Short name (`fluency`, `edge`) to instance. The dotted paths stand in settings, in
`OPIC_ADAPTERS`.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@cache
def _made(path: str) -> Any:
    return import_string(path)()


def load_adapter(need: str, name: str | None = None) -> Any:
    """Return the adapter for a need (`rater`, `voice`): the chosen one, or the one with this short
    name.
    """
    chosen = name or settings.OPIC_CHOSEN[need]
    return _made(settings.OPIC_ADAPTERS[need][chosen])
