"""A gunicorn worker that takes no thread before a request has arrived whole.

gunicorn's own threaded worker reads bodies in the thread that replies: as many half-sent requests
as there are threads stop the site. Here the loop that accepts reads heads and bodies too, so a slow
phone, or two hundred of them, costs memory and no thread. Three pools then reply: pages, uploads
(they decode and store, and may wait for a storage that hangs), and health, which has to reply
whatever the others wait for.
"""

import contextlib
import errno
import logging
import re
import selectors
import socket
import struct
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings
from django.db import connection
from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

logger = logging.getLogger(__name__)
BLOCK = 64 * 1024
MOST_HEAD = 64 * 1024
# kept in memory; a longer body goes to the disk
IN_MEMORY = 1024 * 1024
# all requests that wait for a reply may take the space of so many of the largest
MOST_BUFFERED = 16
HEAD_SECONDS = 10.0
# of a body: this long, and a second more for so many bytes
# (static/js/outbox/upload-send.js waits as long)
BODY_SECONDS = 60.0
SLOWEST = 4_000
# a thread that waits for a client to read, or for the rest of a body too large to wait for
SOCKET_SECONDS = 20
UPLOAD_BYTES = 64 * 1024
HEALTH = re.compile(rb"[A-Z]+ /healthz[ /?]")
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
CONTINUE = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
# after our last byte a client has so long to close, and may send so much, which nobody reads
LINGER_SECONDS = 2.0
LINGER_BYTES = 256 * 1024
# pages that compute at once in a process: more of them only take the interpreter from each other
COMPUTING = 1
# the same where each query waits for a server: one computes while the other waits
COMPUTING_BUSY_SERVER = 2
# a page that took longer waits for something, and another may begin
TURN_SECONDS = 0.05
# requests in a process, up to which each reply may end its connection
FEW = 4
# while more wait at the same process, one reply in so many ends its connection
PAGES_A_CONNECTION = 10


def _raw_reply(status: str, code: str) -> bytes:
    """Return a reply of the loop itself, in the shape of a refused upload."""
    body = b'{"status": "refused", "code": "%s", "keep": true}' % code.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nRetry-After: 10\r\n"
    return f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


FULL = _raw_reply("503 Service Unavailable", "unavailable")
TOO_LONG = _raw_reply("431 Request Header Fields Too Large", "too_large")
TOO_SLOW = _raw_reply("408 Request Timeout", "too_slow")


class IncomingRequest:
    """A request on its way: its head, how much of its body is missing, where it is stored."""

    def __init__(self, most_body: int) -> None:
        self.most_body = most_body
        self.buffer: Any = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by `end`
        self.head = b""
        self.is_head = True
        self.is_upload = False
        # not waited for: the view refuses it, and reads on if the client should see the reply
        self.is_too_large = False
        self.size = 0
        self.wanted = 0
        self.begun = time.monotonic()

    def add(self, data: bytes) -> None:
        """Write what came into the buffer. Raises OSError where the disk cannot take it."""
        self.buffer.write(data)
        self.size += len(data)
        if self.is_head:
            self._read_head(data)

    def _read_head(self, data: bytes) -> None:
        self.head += data
        # empty lines may stand before a request
        start = len(self.head) - len(self.head.lstrip(b"\r\n"))
        end = self.head.find(b"\r\n\r\n", start)
        if end < 0:
            return
        self.is_head = False
        length = LENGTH.search(self.head, start, end + 2)
        body = int(length[1]) if length else 0
        self.is_too_large = body > self.most_body
        self.wanted = end + 4 + (0 if self.is_too_large else body)
        self.is_upload = body > UPLOAD_BYTES
        self.head = self.head[start : end + 4]

    @property
    def is_whole(self) -> bool:
        """Return whether head and body have arrived."""
        return not self.is_head and self.size >= self.wanted

    @property
    def is_endless(self) -> bool:
        """Return whether the head is longer than MOST_HEAD."""
        return self.is_head and len(self.head) > MOST_HEAD

    @property
    def is_health(self) -> bool:
        """Return whether it asks for one of the health addresses."""
        return HEALTH.match(self.head) is not None

    @property
    def asks_to_go_on(self) -> bool:
        """Return whether the client waits for `100 Continue` before it sends the body."""
        is_waiting = not self.is_head and not self.is_whole
        return is_waiting and CONTINUE.search(self.head) is not None

    def is_overdue(self, now: float) -> bool:
        """Return whether it has taken longer than a client at SLOWEST would."""
        allowed = HEAD_SECONDS if self.is_head else BODY_SECONDS + self.size / SLOWEST
        return now - self.begun > allowed

    def end(self) -> None:
        """Free the memory or the file of the buffer."""
        self.buffer.close()


class BufferThenSocket:
    """A socket for gunicorn's parser, which reads the request from the buffer.

    Only a body too large to wait for is read from the socket itself, with a time limit.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.buffer: Any = None
        self.reads_on = False

    def give(self, request_in: IncomingRequest) -> None:
        """Make this the request that is read now."""
        self.drop()
        self.reads_on = request_in.is_too_large
        request_in.buffer.seek(0)
        self.buffer = request_in.buffer

    def drop(self) -> None:
        """Free the buffer of the request."""
        if self.buffer is not None:
            self.buffer.close()
            self.buffer = None

    def recv(self, size: int) -> bytes:
        """Return up to so many bytes; empty at the end of what may be read."""
        if self.buffer is not None:
            if data := self.buffer.read(size):
                return bytes(data)
            self.drop()
        if not self.reads_on:
            return b""
        self.sock.settimeout(SOCKET_SECONDS)
        return self.sock.recv(size)

    def rest(self) -> bytes:
        """Return what was buffered and not read: the beginning of the next request."""
        data = bytes(self.buffer.read()) if self.buffer is not None else b""
        self.drop()
        return data

    def gettimeout(self) -> float | None:
        return self.sock.gettimeout()

    def settimeout(self, seconds: float | None) -> None:
        self.sock.settimeout(seconds)


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker, whose loop reads whole requests."""

    def init_process(self) -> None:
        """Start the three pools and what the loop needs, before gunicorn's own."""
        upload_threads, page_threads = self._shares()
        self.uploads = ThreadPoolExecutor(upload_threads, "upload")
        self.pages = ThreadPoolExecutor(page_threads, "page")
        # they look at findings of other threads, and hold no database connection
        self.health = ThreadPoolExecutor(2, "health")
        self.incoming: dict[TConn, IncomingRequest] = {}
        self.lingering: dict[TConn, tuple[float, int]] = {}
        self.busy = 0
        self.replies = 0
        is_embedded = connection.vendor == "sqlite"
        self.most_computing = COMPUTING if is_embedded else COMPUTING_BUSY_SERVER
        # pages that wait for their turn, and when those that have it began
        self.line: deque[TConn] = deque()
        self.started: dict[TConn, float] = {}
        self.buffered_bytes = 0
        self.most_body = settings.OPIC_UPLOAD_BYTES + IN_MEMORY
        self.stopped_at = 0.0
        super().init_process()

    def _shares(self) -> tuple[int, int]:
        uploads = max(self.cfg.threads // 3, 1)
        return uploads, max(self.cfg.threads - uploads, 1)

    def get_thread_pool(self) -> ThreadPoolExecutor:
        return self.pages

    # --- accepting and reading, all in the loop's thread

    def accept(self, listener: socket.socket) -> None:
        """Take a connection in; when there are too many, drop the one that has waited longest."""
        try:
            client, address = listener.accept()
        except OSError:
            # another process was quicker, or the client is gone
            return
        self.nr_conns += 1
        # a client that does not read what we send holds a thread so long at most
        client.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SOCKET_SECONDS, 0)
        )
        conn = TConn(self.cfg, client, address, listener.getsockname())
        conn.source = BufferThenSocket(client)
        conn.parser = get_parser(self.cfg, conn.source, conn.client)
        conn.initialized = True
        self.await_request(conn)
        if self.nr_conns > self.worker_connections - 10:
            self._drop_oldest()

    def await_request(self, conn: TConn, begun: bytes = b"") -> None:
        """Read on in the loop until the next request is whole."""
        conn.sock.setblocking(False)
        self.incoming[conn] = request_in = IncomingRequest(self.most_body)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.read_more, conn))
        if begun:
            self._take(conn, request_in, begun)

    def read_more(self, conn: TConn, _client: socket.socket) -> None:
        """Read what came of a request, and end the connection where the client did."""
        request_in = self.incoming[conn]
        try:
            data = conn.sock.recv(BLOCK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._take(conn, request_in, data)
        else:
            self._drop(conn)

    def _take(self, conn: TConn, request_in: IncomingRequest, data: bytes) -> None:
        was_head = request_in.is_head
        try:
            self._buffer(request_in, data)
        except OSError:
            logger.exception("a request could not be kept")
            self._drop(conn, FULL)
            return
        if request_in.is_endless:
            self._drop(conn, TOO_LONG)
        elif request_in.is_whole:
            self._hand_over(conn)
        elif was_head and request_in.asks_to_go_on:
            conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _buffer(self, request_in: IncomingRequest, data: bytes) -> None:
        if self.buffered_bytes > MOST_BUFFERED * self.most_body:
            raise OSError(errno.ENOSPC, "too much has arrived and is not answered yet")
        request_in.add(data)
        self.buffered_bytes += len(data)

    def _hand_over(self, conn: TConn) -> None:
        request_in = self._forget(conn)
        conn.buffered_bytes = request_in.size
        conn.source.give(request_in)
        conn.data_ready = True
        if request_in.is_health:
            self._submit(conn, self.health)
        elif request_in.is_upload:
            self._submit(conn, self.uploads)
        else:
            self.line.append(conn)
            self._give_turns()

    def _give_turns(self) -> None:
        """Start pages while few compute.

        A page that takes longer than a moment waits for something, and no longer counts.
        """
        now = time.monotonic()
        computing = sum(now - begun < TURN_SECONDS for begun in self.started.values())
        while self.line and computing < self.most_computing:
            conn = self.line.popleft()
            self.started[conn] = now
            computing += 1
            self._submit(conn, self.pages)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait only a moment while pages wait for their turn, then give turns."""
        super().wait_for_and_dispatch_events(TURN_SECONDS if self.line else timeout)
        self._give_turns()

    def _submit(self, conn: TConn, pool: ThreadPoolExecutor) -> None:
        self.busy += 1
        future = pool.submit(self.handle, conn)
        future.add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )

    def _forget(self, conn: TConn) -> IncomingRequest:
        self.poller.unregister(conn.sock)
        return self.incoming.pop(conn)

    def _drop(self, conn: TConn, reply: bytes = b"") -> None:
        request_in = self._forget(conn)
        request_in.end()
        self.buffered_bytes -= request_in.size
        if reply and request_in.size:
            with contextlib.suppress(OSError):
                conn.sock.send(reply)
        self._linger(conn)

    # --- closing: our last bytes get there, and the loop never waits for it

    def _linger(self, conn: TConn) -> None:
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read_off, conn))
        except (OSError, ValueError):
            self._close(conn)
        else:
            self.lingering[conn] = (time.monotonic() + LINGER_SECONDS, LINGER_BYTES)

    def _read_off(self, conn: TConn, _client: socket.socket) -> None:
        until, left = self.lingering[conn]
        try:
            count = len(conn.sock.recv(BLOCK))
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if count and left > count:
            self.lingering[conn] = (until, left - count)
        else:
            self._end_linger(conn)

    def _end_linger(self, conn: TConn) -> None:
        del self.lingering[conn]
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def _drop_oldest(self) -> None:
        if self.incoming:
            self._drop(next(iter(self.incoming)), TOO_SLOW)

    # --- after the reply

    def finish_request(self, conn: TConn, done: "Future[Any]") -> None:
        """Wait for the next request of the connection after a reply, or close it."""
        self.busy -= 1
        self.started.pop(conn, None)
        try:
            stays_open = bool(done.result())
        # `handle` deals with its own errors; whatever is left ends the connection
        except Exception:  # noqa: BLE001
            stays_open = False
        self.buffered_bytes -= conn.buffered_bytes
        if not stays_open:
            conn.source.drop()
            self._linger(conn)
            return
        begun = conn.parser.unreader.take_buffered() + conn.source.rest()
        self.await_request(conn, begun)

    def _keepalive_after(self, conn: TConn, keepalive: Any) -> bool:
        """End the connection when its body was not read; gunicorn would read on for 5 s."""
        return not conn.source.reads_on and super()._keepalive_after(conn, keepalive)

    @property
    def max_keepalived(self) -> int:
        """Return how many connections may be kept alive, as gunicorn asks before each reply.

        While others wait here too, replies end their connections: who connects anew goes to
        whichever process is free. If all were kept, they would stay with one process while the
        other idles. Where many wait, one reply in so many is enough: each costs a connection.
        """
        waiting = self.busy + len(self.line)
        if waiting <= 1:
            return self._most_waiting
        self.replies += 1
        pages = 1 if waiting <= FEW else PAGES_A_CONNECTION
        return 0 if self.replies % pages == 0 else self._most_waiting

    @max_keepalived.setter
    def max_keepalived(self, value: int) -> None:
        self._most_waiting = value

    def murder_keepalived(self, force: bool = False) -> None:
        """End what takes too long: the first byte, the head, the body, the closing."""
        now = time.monotonic()
        for conn, (until, _left) in list(self.lingering.items()):
            if force or now > until:
                self._end_linger(conn)
        for conn, request_in in list(self.incoming.items()):
            if force or (
                self._is_idle(request_in, now)
                if request_in.size == 0
                else request_in.is_overdue(now)
            ):
                self._drop(conn, TOO_SLOW)

    def _is_idle(self, request_in: IncomingRequest, now: float) -> bool:
        if self.alive:
            return now - request_in.begun > int(self.cfg.keepalive)
        # the last reply said that the connection is kept: a request may be on its way
        return now - max(request_in.begun, self.stopped_at) > LINGER_SECONDS

    def _cap_keepalive(self, _deadline: float) -> None:
        self.stopped_at = time.monotonic()
