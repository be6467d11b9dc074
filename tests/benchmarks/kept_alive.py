"""Clients that keep their connections: pages a second must not depend on how many they are."""

import http.client
import threading
import time

from tests.benchmarks.client import Learner
from tests.benchmarks.lines import Line, median

PAGE = "/practice/"
SECONDS = 4.0
ROUNDS = 5
# 2 clients' pages a second to those of more: 1 / 0.9
MOST = 1.11


def _ask(learner: Learner, until: float, done: list[int]) -> None:
    """One page after another on one connection, opened anew where the server closes it."""
    connection = http.client.HTTPConnection("127.0.0.1", learner.port, timeout=60)
    headers = {"Cookie": f"sessionid={learner.cookie}", "Connection": "keep-alive"}
    count = 0
    while time.monotonic() < until:
        connection.request("GET", PAGE, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise AssertionError(answer.status)
        count += 1
    connection.close()
    done.append(count)


def pages_a_second(learner: Learner, clients: int, seconds: float = SECONDS) -> float:
    done: list[int] = []
    begun = time.monotonic()
    asking = [
        threading.Thread(target=_ask, args=(learner, begun + seconds, done)) for _ in range(clients)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    if len(done) < clients:
        raise AssertionError("a client met an error")
    return sum(done) / (time.monotonic() - begun)


def kept_alive_lines(learner: Learner) -> list[Line]:
    pages_a_second(learner, 16)
    rates: dict[int, list[float]] = {2: [], 16: [], 64: []}
    for _ in range(ROUNDS):
        for clients, found in rates.items():
            found.append(pages_a_second(learner, clients))
    two = median(rates[2])
    return [Line("2 kept connections: practice list", two, "/s")] + [
        Line(f"pages with 2 kept connections to {clients}", two / median(rates[clients]), "", MOST)
        for clients in (16, 64)
    ]
