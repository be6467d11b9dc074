"""Requests arrive in the loop: who is slow, or many, or idle holds no thread."""

import contextlib
import hashlib
import http.client
import json
import random
import select
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from opic.lib.web import worker
from tests.opic.lib.web.served import Server, read_reply, reply_of, request

pytestmark = pytest.mark.processes
HANGING = 2  # fewer than one process has threads for pages


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    one = Server(tmp_path_factory.mktemp("served"), "--threads", "4")
    yield one
    one.stop()


def hash_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def test_two_hundred_half_sent_requests_hold_no_thread(server):
    """Four threads a process: with one of them held by each, the first page would never come."""
    with contextlib.ExitStack() as stack:
        bodies = [stack.enter_context(server.connect()) for _ in range(150)]
        heads = [stack.enter_context(server.connect()) for _ in range(50)]
        for client in bodies:
            client.sendall(request("/", b"x" * 1000, "POST")[:-1])
        for client in heads:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-")
        for path in ("/healthz", "/", "/healthz", "/"):
            assert server.ask(path)["status"] == 200
        for client in bodies[:20]:
            client.sendall(b"x")
            assert reply_of(client)["hash"] == hash_of(b"x" * 1000)


def test_ten_slow_phones_are_answered_and_pages_in_between(server):
    rng = random.Random(3)
    bodies = [rng.randbytes(60_000) for _ in range(10)]
    statuses: dict[int, str] = {}

    def send(number: int) -> None:
        data = request("/", bodies[number], "POST")
        with server.connect() as client:
            for at in range(0, len(data), 6000):
                client.sendall(data[at : at + 6000])
                time.sleep(0.03)
            statuses[number] = reply_of(client)["hash"]

    phones = [threading.Thread(target=send, args=(number,)) for number in range(10)]
    for phone in phones:
        phone.start()
    pages = 0
    while any(phone.is_alive() for phone in phones):
        pages += server.ask("/")["status"] == 200
    assert [statuses[number] for number in range(10)] == [hash_of(body) for body in bodies]
    assert pages > 2


@pytest.mark.parametrize("size", [0, 1, 8191, 70_000, 3_000_000])
def test_a_body_arrives_as_it_was_sent_however_it_is_cut(server, size):
    rng = random.Random(size)
    body = rng.randbytes(size)
    data = request("/", body, "POST")
    with server.connect() as client:
        for _ in range(2):
            at = 0
            while at < len(data):
                step = rng.choice([1, 17, 4096, len(data)])
                client.sendall(data[at : at + step])
                at += step
                if rng.random() < 0.3 and at < 20_000:
                    time.sleep(0.001)
            payload = reply_of(client)
            assert (payload["size"], payload["hash"]) == (size, hash_of(body))


def test_requests_sent_at_once_are_answered_in_their_order(server):
    parts = [request("/a", b"1" * 5, "POST"), request("/b"), request("/c", b"2" * 9000, "POST")]
    with server.connect() as client, client.makefile("rb") as file:
        client.sendall(b"".join(parts))
        client.settimeout(30)
        paths = [read_reply(file)["path"] for _ in parts]
    assert paths == ["/a", "/b", "/c"]


def test_who_asks_to_go_on_is_told_to(server):
    data = request("/", b"y" * 500, "POST", "Expect: 100-continue")
    with server.connect() as client:
        client.sendall(data[:-500])
        client.settimeout(30)
        assert client.recv(64).startswith(b"HTTP/1.1 100 Continue")
        client.sendall(data[-500:])
        assert reply_of(client)["size"] == 500


def test_a_body_that_is_too_large_is_not_waited_for(server):
    with server.connect() as client:
        client.sendall(b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert reply_of(client)["path"] == "/unread"


@pytest.mark.parametrize(
    "beginning",
    [
        b"\r\n\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\n",
        b"POST /all HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nContent-Length: 9\r\n\r\n",
        b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nabc",
        b"GET / HTTP/1.1\nHost: x\n\n",
    ],
)
def test_no_half_sent_request_of_any_kind_holds_a_thread(server, beginning):
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(server.connect()).sendall(beginning)
        begun = time.monotonic()
        assert {server.ask("/")["status"] for _ in range(8)} == {200}
        assert server.ask("/", b"u" * 200_000, "POST")["size"] == 200_000
        assert time.monotonic() - begun < 4


def test_nonsense_is_refused_and_the_server_goes_on(server):
    rng = random.Random(5)
    for number in range(60):
        data = bytearray(request("/", b"z" * 100, "POST"))
        for _ in range(1 + number % 5):
            data[rng.randrange(len(data))] = rng.randrange(256)
        with server.connect() as client:
            client.sendall(data)
            client.shutdown(1)
            client.settimeout(30)
            while client.recv(4096):
                pass
    assert server.ask("/")["status"] == 200


def test_a_head_without_an_end_is_refused(server):
    with server.connect() as client, contextlib.suppress(ConnectionError):
        client.sendall(b"GET / HTTP/1.1\r\n" + b"A: " + b"b" * 2 * worker.MOST_HEAD)
        client.settimeout(30)
        assert client.recv(64).startswith(b"HTTP/1.1 4")


def test_health_answers_while_every_thread_hangs(server):
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(server.connect()) for _ in range(40)]
        with server.hanging():
            for client in waiting:
                client.sendall(request("/hang"))
            pids = {server.ask("/healthz")["pid"] for _ in range(12)}
            assert pids
        # all of them are answered before others hang on purpose
        assert [reply_of(client)["status"] for client in waiting] == [200] * 40
    assert server.ask("/")["status"] == 200


def test_pages_that_wait_give_their_turn_to_others(server):
    """However few may compute at once: who waits for a moment no longer counts."""
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(server.connect()) for _ in range(HANGING)]
        with server.hanging():
            for client in waiting:
                client.sendall(request("/hang"))
            replies = [server.ask("/") for _ in range(20)]
            # the others hang all the while
            assert [reply["status"] for reply in replies] == [200] * 20
        assert [reply_of(client)["status"] for client in waiting] == [200] * HANGING


def test_who_does_not_close_after_our_last_byte_stops_nobody(server):
    """gunicorn's own worker waits two seconds for each of them, in the loop."""
    with contextlib.ExitStack() as stack:
        begun = time.monotonic()
        for _ in range(20):
            client = stack.enter_context(server.connect())
            client.sendall(request("/", b"", "GET", "Connection: close"))
            assert reply_of(client)["status"] == 200
        assert time.monotonic() - begun < 20 * worker.LINGER_SECONDS / 2


@pytest.mark.parametrize("clients", [2, 16, 64])
def test_kept_connections_are_shared_out_between_the_processes(server, clients):
    counts: Counter[int] = Counter()
    until = time.monotonic() + 1.5

    def ask_repeatedly() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        while time.monotonic() < until:
            connection.request("GET", "/burn")
            counts[json.loads(connection.getresponse().read())["pid"]] += 1
        connection.close()

    threads = [threading.Thread(target=ask_repeatedly) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 2
    assert min(counts.values()) > 0.25 * counts.total()


def test_two_clients_at_one_process_part(tmp_path):
    """They ask in turn, so neither ever waits; the other process would idle."""
    server = Server(tmp_path)
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        for _ in range(2):
            counts: Counter[int] = Counter()
            for connection in two_at_one_process(server):
                stack.enter_context(contextlib.closing(connection))
                threading.Thread(
                    target=ask_until, args=(connection, counts, time.monotonic() + 2)
                ).start()
            time.sleep(2.2)
            assert len(counts) == 2, counts
            assert min(counts.values()) > 0.25 * counts.total(), counts


def two_at_one_process(server) -> list[http.client.HTTPConnection]:
    """Two connections, each asked once already."""
    held: dict[int, http.client.HTTPConnection] = {}
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", "/")
        pid = json.loads(connection.getresponse().read())["pid"]
        if pid in held:
            both = [held.pop(pid), connection]
            for other in held.values():
                other.close()
            return both
        held[pid] = connection


def ask_until(connection: http.client.HTTPConnection, counts: Counter[int], until: float) -> None:
    while time.monotonic() < until:
        connection.request("GET", "/burn")
        counts[json.loads(connection.getresponse().read())["pid"]] += 1


def test_one_client_keeps_its_connection(server):
    with server.connect() as client:
        for _ in range(5):
            client.sendall(request("/"))
            assert reply_of(client)["status"] == 200


def test_a_stop_waits_for_what_is_being_answered_and_for_no_idle_client(tmp_path):
    server = Server(tmp_path, "--threads", "4")
    with server.connect() as idle, server.connect() as sending, server.connect() as asking:
        idle.sendall(request("/"))
        assert reply_of(idle)["status"] == 200
        sending.sendall(request("/", b"x" * 1000, "POST")[:-1])
        with server.hanging():
            asking.sendall(request("/hang"))
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            sending.sendall(b"x")
            assert reply_of(sending)["size"] == 1000
        assert reply_of(asking)["path"] == "/hang"
        assert server.process.wait(15) == 0


@contextlib.contextmanager
def one_process(folder, *options: str, **environment: str) -> Iterator[Server]:
    server = Server(folder, "--workers", "1", *options, **environment)
    try:
        yield server
    finally:
        server.stop()


def test_what_has_arrived_and_waits_for_its_rest_has_a_bound_in_all(tmp_path):
    """Each alone is small enough; together they would fill memory and disk."""
    most = worker.MOST_BUFFERED * (100_000 + worker.IN_MEMORY)
    body = b"x" * 1_000_000
    with one_process(tmp_path, OPIC_UPLOAD_BYTES="100000") as server:
        with contextlib.ExitStack() as stack:
            waiting = [stack.enter_context(server.connect()) for _ in range(most // len(body) + 3)]
            for client in waiting:
                with contextlib.suppress(ConnectionError):
                    client.sendall(request("/", body, "POST")[:-1])
            refused = [client.recv(64) for client in select.select(waiting, [], [], 5)[0]]
            assert refused
            assert all(reply.startswith(b"HTTP/1.1 503 ") for reply in refused)
        # who goes makes room
        assert server.ask("/", body, "POST")["hash"] == hash_of(body)


def test_the_oldest_half_sent_request_makes_room_for_a_new_client(tmp_path):
    few = ("--worker-connections", "30")
    with one_process(tmp_path, *few) as server, contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(server.connect()) for _ in range(29)]
        for client in waiting:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-")
        begun = time.monotonic()
        assert [server.ask("/")["status"] for _ in range(5)] == [200] * 5
        # not by the time that a head has
        waiting[0].settimeout(5)
        assert waiting[0].recv(64).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - begun < worker.HEAD_SECONDS / 2
