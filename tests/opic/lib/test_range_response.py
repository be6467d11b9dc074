import io

import pytest
from django.test import RequestFactory

from opic.lib.range_response import byte_range, file_reply

BODY = bytes(range(100))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=0-1", (0, 1)),
        ("bytes=10-", (10, 99)),
        ("bytes=-5", (95, 99)),
        ("bytes=-500", (0, 99)),
        ("bytes=90-500", (90, 99)),
        ("bytes=-", None),
        ("lines=1-2", None),
        ("bytes=0-1,5-6", None),
    ],
)
def test_ranges(header, expected):
    assert byte_range(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=5-2", "bytes=-0", "bytes=200-300"])
def test_a_range_outside_the_file_is_refused(header):
    with pytest.raises(ValueError):
        byte_range(header, 100)


def ask(header: str):
    request = RequestFactory().get("/", headers={"range": header} if header else {})
    return file_reply(request, io.BytesIO(BODY), size=100, content_type="audio/mp4")


@pytest.mark.parametrize(
    ("header", "status", "body", "content_range"),
    [
        ("", 200, BODY, None),
        ("bytes=0-1", 206, BODY[:2], "bytes 0-1/100"),
        ("bytes=98-", 206, BODY[98:], "bytes 98-99/100"),
        ("bytes=-3", 206, BODY[97:], "bytes 97-99/100"),
    ],
)
def test_answers(header, status, body, content_range):
    reply = ask(header)
    assert reply.status_code == status
    assert b"".join(reply.streaming_content) == body
    assert reply.get("Content-Range") == content_range
    assert reply["Content-Length"] == str(len(body))
    assert "no-store" in reply["Cache-Control"]


def test_416_says_how_long_the_file_is():
    reply = ask("bytes=100-")
    assert reply.status_code == 416
    assert reply["Content-Range"] == "bytes */100"
