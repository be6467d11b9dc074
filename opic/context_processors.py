"""What templates print on every page: scripts, keys, and the link to the source."""

import json
import re
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from accounts.adapters import code_waiting
from accounts.push.adapters import get_pusher

_SCRIPTS = settings.BASE_DIR / "static" / "js"
_IMPORTED = re.compile(r'(?:from|import)\s*\(?\s*"opic/([\w/-]+)"')


@cache
def script_names() -> tuple[str, ...]:
    """Return the path of every script of ours below static/js, without its ending."""
    paths = (path.relative_to(_SCRIPTS).with_suffix("") for path in _SCRIPTS.rglob("*.js"))
    return tuple(sorted(path.as_posix() for path in paths))


@cache
def _imports_of(name: str) -> frozenset[str]:
    return frozenset(_IMPORTED.findall((_SCRIPTS / f"{name}.js").read_text()))


@cache
def _names_by_url() -> dict[str, str]:
    return {static(f"js/{name}.js"): name for name in script_names()}


@cache
def import_map(urls: frozenset[str] | None = None) -> str:
    """Return `opic/shared/waveform` -> its hashed file, as JSON, for each module that the scripts
    with these URLs import, or import in turn; for every imported module without URLs.
    """
    names = _names_by_url()
    waiting = set(script_names() if urls is None else (names[url] for url in urls if url in names))
    looked_at: set[str] = set()
    imported: set[str] = set()
    while waiting:
        name = waiting.pop()
        looked_at.add(name)
        imported |= _imports_of(name)
        waiting |= _imports_of(name) - looked_at
    modules = {f"opic/{name}": static(f"js/{name}.js") for name in sorted(imported)}
    imports = {**modules, "idb": static("build/idb.js")}
    return json.dumps({"imports": imports}, separators=(",", ":"))


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the context of every page; a mailed code only where there is no mail server."""
    return {
        "import_map_json": import_map(),
        "loopback_code": code_waiting(request) if request.path.startswith("/accounts/") else None,
        "push_key": get_pusher().public_key,
        "source_url": settings.OPIC_SOURCE_URL or reverse("source"),
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
