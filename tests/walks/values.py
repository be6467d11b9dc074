"""Values that nobody types by accident: by class, as they stand in a URL or a form's body."""

from urllib.parse import quote

MARK = "walk7"
SOME_ID = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
# read out of a template, this would be another number than the one that was sent
SUM, TOTAL = "{{ 7|add:1234560 }}", b"1234567"

PLAIN: dict[str, str] = {
    "empty": "",
    "blank": " \t ",
    "superscript two": "²",
    "arabic-indic": "٣",
    "fullwidth": "３",
    "a third": "⅓",
    "roman eight": "Ⅷ",
    "5,000 digits": "9" * 5000,
    "5,000 arabic digits": "٣" * 5000,
    "negative": "-1",
    "zero": "0",
    "plus": "+1",
    "underscore": "1_0",
    "beyond a small int": "40000",
    "beyond an int": "2147483648",
    "beyond a bigint": "9223372036854775808",
    "far below": "-9223372036854775809",
    "no number": "seven",
    "nan": "nan",
    "inf": "-inf",
    "a huge float": "1e400",
    "hexadecimal": "0x10",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "beyond the calendar": "10000-01-01",
    "no such day": "2026-02-30",
    "first moment": "0001-01-01T00:00:00+00:00",
    "first moment, far east": "0001-01-01T00:00:00+23:59",
    "last moment": "9999-12-31T23:59:59.999999+00:00",
    "last moment, far west": "9999-12-31T23:59:59.999999-23:59",
    "a moment without a zone": "2026-01-01T00:00:00",
    "an odd zone": "2026-01-01T00:00:00+99:99",
    "a week": "2026-W01-1",
    "first key": f"0001-01-01T00:00:00+23:59~{SOME_ID}",
    "first key in utc": f"0001-01-01T00:00:00+00:00~{SOME_ID}",
    "last key": f"9999-12-31T23:59:59.999999-23:59~{SOME_ID}",
    "last key in utc": f"9999-12-31T23:59:59.999999+00:00~{SOME_ID}",
    "half a key": "2026-01-01T00:00:00+00:00~",
    "a key of nonsense": "~~",
    "nobody's id": SOME_ID,
    "an id in braces": "{" + SOME_ID + "}",
    "an id in fullwidth": "６" * 32,
    "markup": f"<script>{MARK}</script>",
    "an attribute": f"\"'><img src=x onerror={MARK}>",
    "quotes": f"\"'`{MARK}",
    "template syntax": SUM,
    "a tag of a template": "{% load " + MARK + " %}",
    "sql": "' OR '1'='1' --",
    "wildcards": "%_%_\\",
    "a regular expression": "(((",
    "up and out": "../../../../etc/passwd",
    "another host": "//evil.example/",
    "another host, backslashes": "\\\\evil.example\\x",
    "another host, crooked": "https:evil.example",
    "script address": "javascript:alert(1)",
    "a new line": f"a\r\nX-Walk: {MARK}",
    "right to left": "\u202egnitirw\u200b",
    "beyond the plane": "\U0001f600\U0010ffff",
    "control characters": "\x01\x1b\x7f\x85\u2028",
    "10,000 characters": "x" * 10_000,
    "10,000 brackets": "[" * 10_000,
    "a deep object": '{"a":' * 3000,
    "json": '{"a": [1, null, "\\ud800", "\\u0000"]}',
    "percent": "%zz%",
}
RAW: dict[str, str] = {
    "nul": "%00",
    "nul inside": "a%00b",
    "a key with nul": f"2026-01-01T00:00:00%2B00:00~%00{SOME_ID}",
    "a lone surrogate": "%ED%A0%80",
    "no utf-8": "%FF%FE%C3",
    "cut utf-8": "a%E2%82",
    "no percent": "%zz%",
}
HOSTILE: dict[str, str] = {
    **{name: quote(text, safe="") for name, text in PLAIN.items()},
    **RAW,
}
# what a page must never hold as it was sent
UNESCAPED = (
    f"<script>{MARK}".encode(),
    f"onerror={MARK}>".encode(),
    f"\"'`{MARK}".encode(),
    TOTAL,
)
# of a content type: Django would decode the query in them
CHARSETS = ("utf-16", "utf-7", "unicode_escape", "base64", "undefined", "idna", "no-such", "²")
# whole bodies for those who read one by themselves
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a list": b"[]",
    "a number": b"9" * 4000,
    "a deep list": b"[" * 4000,
    "a deep object": b'{"endpoint":' * 300,
    "a surrogate": b'{"endpoint": "https://a.push.apple.com/\\ud800", "keys": {"auth": "\\ud800"}}',
    "a nul": b'{"endpoint": "https://a.push.apple.com/\\u0000", "keys": {"p256dh": "\\u0000"}}',
    "surrogates for names": b'{"\\ud800": "\\ud800", "segments": [{"sizes": [1e999]}], "v": 1}',
    "no utf-8": b'{"endpoint": "\xff\xfe"}',
    "utf-16": '{"endpoint": "x"}'.encode("utf-16"),
    "numbers for texts": b'{"endpoint": 1e999, "keys": {"auth": NaN, "p256dh": -Infinity}}',
    "nulls": b'{"endpoint": null, "keys": {"auth": null, "p256dh": [[]]}}',
}
# read by our code, by Django or by a library before a view is reached
HEADERS = (
    *(
        "Accept",
        "Accept-Language",
        "Content-Length",
        "Cookie",
        "Host",
        "Origin",
        "Range",
        "Referer",
    ),
    *("HX-Current-URL", "HX-History-Restore-Request", "HX-Prompt", "HX-Target", "HX-Trigger"),
    *("If-Modified-Since", "If-None-Match", "User-Agent", "X-CSRFToken", "X-Forwarded-For"),
    *("X-Forwarded-Proto", "X-Upload-Token", "X-Wants"),
)
IN_HEADERS: dict[str, str] = {
    "half an address": "http://[",
    "no address": "http://a\u00b2b[::1]:99999999/",
    "a range of superscripts": "bytes=\u00b2-\u00b3",
    "a range without end": f"bytes={'9' * 5000}-",
    "the last nothing": "bytes=-0",
    "many ranges": "bytes=" + ",".join(["0-1"] * 500),
    "quoted octals": 'sessionid="\\000\\377aaaaaaaaa"; django_language="\\000"; csrftoken="\\000"',
    "many languages": ",".join(["xx-\u00b2;q=0.\u00b3"] * 300),
    "no date": "Fri, 99 Foo 99999999999999999999 99:99:99 GMT",
    "an old date": "Sun, 00 Jan 0000 00:00:00 GMT",
}
