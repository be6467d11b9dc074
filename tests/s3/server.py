"""A small S3 on loopback: objects in memory, and the bad days of a real one.

Speaks as much of the wire format as a storage needs: PUT, GET (with ranges), HEAD, DELETE of an
object, ListObjects. `mode`: fine, refuse (nothing listens), hang (takes the request and says
nothing), slow (a byte of its reply every few seconds), broken (503 of its own).
"""

import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "sound"
STAMP = "2026-11-28T00:00:00.000Z"


class FakeS3:
    """Use as a context manager; `url` is what OPIC_STORAGE_URL takes."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.mode = "fine"
        self.requests: list[tuple[str, str]] = []
        self.released = threading.Event()
        handler = type("Handler", (_Handler,), {"fake": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"s3+http://key:secret@127.0.0.1:{self.port}/{BUCKET}?region=local"

    def __enter__(self) -> "FakeS3":
        # looks fifty times a second whether it shall stop: most tests have one of their own
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeS3
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: Any) -> None:
        pass

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}").lstrip("/")

    def _begin(self) -> bool:
        """True when the request is to be served."""
        self.fake.requests.append((self.command, self._key()))
        if self.fake.mode == "hang":
            self.fake.released.wait()
            self.close_connection = True
            return False
        if self.fake.mode == "slow":
            self._dribble()
            return False
        if self.fake.mode == "broken":
            self._reply(503, b"<Error><Code>SlowDown</Code></Error>")
            return False
        return True

    def _dribble(self) -> None:
        self.close_connection = True
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        for at in range(len(head)):
            if self.fake.released.wait(3):
                return
            try:
                self.wfile.write(head[at : at + 1])
            except OSError:
                return

    def _reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", headers.get("Size", str(len(body))))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _body(self) -> bytes:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "aws-chunked" not in (self.headers.get("Content-Encoding") or ""):
            return data
        made = b""
        while data:
            size, _line, data = data.partition(b"\r\n")
            length = int(size.split(b";")[0], 16)
            if not length:
                break
            made, data = made + data[:length], data[length + 2 :]
        return made

    def do_PUT(self) -> None:
        body = self._body()
        if self._begin():
            self.fake.objects[self._key()] = body
            self._reply(200, ETag='"made"')

    def do_HEAD(self) -> None:
        if self._begin():
            data = self.fake.objects.get(self._key())
            if data is None:
                self._reply(404)
            else:
                self._reply(200, Size=str(len(data)), **_facts())

    def do_DELETE(self) -> None:
        if self._begin():
            self.fake.objects.pop(self._key(), None)
            self._reply(204)

    def do_GET(self) -> None:
        if not self._begin():
            return
        key = self._key()
        if not key:
            self._reply(200, self._listing(), Content_Type="application/xml")
        elif key not in self.fake.objects:
            self._reply(404, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            self._reply(200, self.fake.objects[key], **_facts())

    def _listing(self) -> bytes:
        asked = parse_qs(urlsplit(self.path).query)
        prefix = asked.get("prefix", [""])[0]
        names = sorted(key for key in self.fake.objects if key.startswith(prefix))
        folders = sorted({prefix + key[len(prefix) :].split("/")[0] + "/" for key in names
                          if "/" in key[len(prefix) :]})  # fmt: skip
        files = [key for key in names if "/" not in key[len(prefix) :]]
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{STAMP}</LastModified>"
            f"<Size>{len(self.fake.objects[key])}</Size></Contents>"
            for key in files
        )
        rows += "".join(
            f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in folders
        )
        text = f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        return text.encode()


def _facts() -> dict[str, str]:
    return {"ETag": '"made"', "Last_Modified": formatdate(time.time(), usegmt=True)}
