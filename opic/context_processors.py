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
def import_map() -> str:
    """Return the import map as JSON: `opic/shared/waveform` -> the hashed file, and so on."""
    sources = ((_SCRIPTS / f"{name}.js").read_text() for name in script_names())
    names = sorted({name for source in sources for name in _IMPORTED.findall(source)})
    modules = {f"opic/{name}": static(f"js/{name}.js") for name in names}
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
