"""A plain HTTP client: signed in, and able to upload an answer at a given speed."""

import hashlib
import http.client
import json
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass
class Learner:
    """What `seed.learner` printed, and the port of the product."""

    port: int
    cookie: str
    prompt: str
    upload: str
    tickets: list[dict[str, str]]

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": f"sessionid={self.cookie}", **headers}
        connection.request("GET", path, headers=headers)
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        return reply.status, body

    def send(self, data: bytes, *, bytes_a_second: float = 0) -> dict[str, Any]:
        """Upload one answer, in chunks of a second's worth, at this speed (0: as fast as it
        goes).
        """
        ticket = self.tickets.pop()
        body, kind = multipart(ticket["key"], data)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.putrequest("POST", self.upload)
        for name, value in (
            ("X-Upload-Token", ticket["token"]),
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
        ):
            connection.putheader(name, value)
        connection.endheaders()
        step = int(bytes_a_second / 10) or len(body)
        for start in range(0, len(body), step):
            connection.send(body[start : start + step])
            if bytes_a_second:
                time.sleep(0.1)
        response = connection.getresponse()
        reply = dict(json.loads(response.read()))
        connection.close()
        if reply["status"] != "saved":
            raise AssertionError(reply)
        return reply


def multipart(key: str, data: bytes, chunk: int = 20_000) -> tuple[bytes, str]:
    """Body and content type of an upload, as the recorder sends it."""
    parts = [data[start : start + chunk] for start in range(0, len(data), chunk)]
    manifest = {
        "v": 1,
        "key": key,
        "mime": "audio/webm;codecs=opus",
        "recorded_at": datetime.now(UTC).isoformat(),
        "time_zone": "Asia/Seoul",
        "elapsed_ms": 0,
        "accept_partial": False,
        "segments": [
            {"sizes": [len(part) for part in parts], "sha256": hashlib.sha256(data).hexdigest()}
        ],
    }
    edge = uuid.uuid4().hex
    fields = [("manifest", "", json.dumps(manifest).encode())]
    fields += [(f"chunk-0-{index}", "chunk", part) for index, part in enumerate(parts)]
    body = b""
    for name, file, value in fields:
        more = f'; filename="{file}"\r\nContent-Type: audio/webm' if file else ""
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        body += head.encode() + value + b"\r\n"
    return body + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"
