"""A WSGI app without a product, served as ours is: for tests of the worker (test_worker)."""

import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.product import BASE, free_port, wait_for_port


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """`/burn` takes 5 ms of CPU, `/hang` waits until a file is gone, `/unread` reads no body,
    `/all` reads whatever comes.
    """
    path = environ["PATH_INFO"]
    if path == "/burn":
        until = time.thread_time() + 0.005
        while time.thread_time() < until:
            pass
    if path == "/hang":
        while (Path(os.environ["DATA_DIR"]) / "hang").exists():
            time.sleep(0.02)
    size = 0 if path == "/unread" else int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(size) if size else b""
    if path == "/all":
        body = environ["wsgi.input"].read()
    payload = {"pid": os.getpid(), "path": path, "size": len(body)}
    payload["hash"] = hashlib.sha256(body).hexdigest()
    reply = json.dumps(payload).encode()
    start("200 OK", [("Content-Length", str(len(reply)))])
    return [reply]


class Server:
    def __init__(self, folder: Path, *options: str, **more: str) -> None:
        self.folder, self.port = folder, free_port()
        environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), **more}
        command = ["-m", "gunicorn", "tests.opic.lib.web.served:application"]
        command += ["--config", "python:opic.gunicorn", "--bind", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            [sys.executable, *command, *options], cwd=BASE, env=environment
        )
        wait_for_port(self.port)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 30)

    def ask(self, path: str, body: bytes = b"", method: str = "GET") -> dict[str, Any]:
        with self.connect() as client:
            client.sendall(request(path, body, method))
            return reply_of(client)

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """While inside, `/hang` does not come back."""
        (self.folder / "hang").touch()
        try:
            yield
        finally:
            (self.folder / "hang").unlink()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def request(path: str, body: bytes = b"", method: str = "GET", *more: str) -> bytes:
    head = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*head, "", ""]).encode() + body


def reply_of(client: socket.socket) -> dict[str, Any]:
    """The next reply on this connection; its status stands under `status`."""
    client.settimeout(30)
    with client.makefile("rb") as file:
        return read_reply(file)


def read_reply(file: Any) -> dict[str, Any]:
    status = int(file.readline().split()[1])
    length = 0
    while (line := file.readline().strip()) != b"":
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if status == 100:
        return read_reply(file)
    return {"status": status, **json.loads(file.read(length) or b"{}")}
