"""A push service on this machine: takes what is posted, opens it as the browser would, and answers
as it is told to.
"""

import json
import os
import threading
import time
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from accounts.push.vapid import pair_of
from opic.lib.base64url import bytes_of, text_of

PRIVATE, PUBLIC = pair_of(ec.generate_private_key(ec.SECP256R1()))
SUBJECT = "mailto:desk@example.org"


@dataclass
class Browser:
    """One that subscribed: its address at the service, and the keys only it can open with."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": pair_of(self.key)[1], "auth": text_of(self.secret)}

    def opened(self, body: bytes) -> dict[str, Any]:
        return dict(
            json.loads(
                http_ece.decrypt(
                    body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
                )
            )
        )


@dataclass
class Post:
    path: str
    headers: Message
    body: bytes


class PushService:
    """Use as a context manager. `replies[path]` is (status, headers, seconds to think)."""

    def __init__(self) -> None:
        self.posts: list[Post] = []
        self.replies: dict[str, tuple[int, dict[str, str], float]] = {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.posts.append(Post(self.path, self.headers, body))
                status, headers, seconds = service.replies.get(self.path, (201, {}, 0))
                time.sleep(seconds)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_words: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "PushService":
        # looks fifty times a second whether it shall stop: most tests have one of their own
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self.server.shutdown()
        self.server.server_close()

    def browser(
        self, name: str, status: int = 201, *, seconds: float = 0, **headers: str
    ) -> Browser:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        self.replies[f"/{name}"] = (status, named, seconds)
        return Browser(f"{self.url}/{name}", ec.generate_private_key(ec.SECP256R1()))

    def paths(self) -> list[str]:
        return [post.path.strip("/") for post in self.posts]


def claims_of(post: Post) -> dict[str, Any]:
    """What the VAPID header claims, once its signature was checked with our public key."""
    scheme, _, rest = post.headers["Authorization"].partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert parts["k"].rstrip("=") == PUBLIC
    signed, _, signature = parts["t"].rpartition(".")
    raw = bytes_of(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(PUBLIC))
    key.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    return dict(json.loads(bytes_of(signed.split(".")[1])))
