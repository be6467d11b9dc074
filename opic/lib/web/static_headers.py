"""Headers of static files. It imports nothing: the settings name it while they are read."""

from collections.abc import MutableMapping


def add_static_headers(headers: MutableMapping[str, str], _path: str, _url: str) -> None:
    """Mark static files as for our own pages: no other site may embed them."""
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
