"""What every page prints in its frame."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static

from accounts.adapters import code_waiting
from opic.lib.adapters import load_adapter

_SCRIPTS = settings.BASE_DIR / "static" / "js"


@cache
def import_map() -> str:
    """`opic/recorder` -> its hashed file, for every module we have, as JSON."""
    names = sorted(path.stem for path in _SCRIPTS.glob("*.js"))
    found = {f"opic/{name}": static(f"js/{name}.js") for name in names}
    return json.dumps({"imports": found}, separators=(",", ":"))


def page(request: HttpRequest) -> dict[str, Any]:
    return {
        "import_map_json": import_map(),
        "loopback_code": code_waiting(request) if request.path.startswith("/accounts/") else None,
        "push_key": load_adapter("pusher").public_key,
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
