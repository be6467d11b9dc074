"""How long a request may take to arrive."""

from opic.lib.web.worker import IncomingRequest


def test_the_slow_have_their_time_and_no_more():
    request = IncomingRequest(most_body=1000)
    now = request.begun
    request.add(b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n")
    assert not request.is_overdue(now + 9)
    assert request.is_overdue(now + 11)
    request.add(b"\r\n" + b"x" * 500)
    assert not request.is_whole
    assert not request.is_overdue(now + 59)
    assert request.is_overdue(now + 61)
    fast = IncomingRequest(most_body=10**7)
    fast.add(b"POST / HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 400_000)
    # 32 kB/s and even 5 kB/s are fast enough
    assert not fast.is_overdue(fast.begun + 150)
    assert fast.is_overdue(fast.begun + 170)
    request.end()
    fast.end()
