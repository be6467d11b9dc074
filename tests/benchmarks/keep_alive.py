"""Clients that keep their connections: pages a second must not depend on how many they are."""

import asyncio
import re
import time

from tests.benchmarks.client import Learner
from tests.benchmarks.lines import Line, median

PAGE = "/practice/"
SECONDS = 4.0
REPEATS = 5
# 2 clients' pages a second to those of more: 1 / 0.9
MOST = 1.11


async def _ask(learner: Learner, until: float) -> int:
    """How many pages came, one after another on one connection; opened anew where it was closed."""
    request = (
        f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1:{learner.port}\r\n"
        f"Cookie: sessionid={learner.cookie}\r\nConnection: keep-alive\r\n\r\n"
    ).encode()
    count = 0
    reader, writer = await asyncio.open_connection("127.0.0.1", learner.port)
    while time.monotonic() < until:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200 "):
            raise AssertionError(head[:100])
        length = re.search(rb"\r\ncontent-length: (\d+)\r\n", head)
        if length is None:
            raise AssertionError(head)
        await reader.readexactly(int(length[1]))
        count += 1
        if b"\r\nconnection: close\r\n" in head:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", learner.port)
    writer.close()
    return count


async def _ask_all(learner: Learner, clients: int, until: float) -> int:
    return sum(await asyncio.gather(*(_ask(learner, until) for _ in range(clients))))


def pages_a_second(learner: Learner, clients: int, seconds: float = SECONDS) -> float:
    """One loop asks for all of them: a thread each would cost more the more they are."""
    begun = time.monotonic()
    pages = asyncio.run(_ask_all(learner, clients, begun + seconds))
    return pages / (time.monotonic() - begun)


def keep_alive_lines(learner: Learner) -> list[Line]:
    pages_a_second(learner, 16)
    rates: dict[int, list[float]] = {2: [], 16: [], 64: []}
    for _ in range(REPEATS):
        for clients, rates_here in rates.items():
            rates_here.append(pages_a_second(learner, clients))
    two = median(rates[2])
    return [Line("2 kept connections: practice list", two, "/s")] + [
        Line(f"pages with 2 kept connections to {clients}", two / median(rates[clients]), "", MOST)
        for clients in (16, 64)
    ]
