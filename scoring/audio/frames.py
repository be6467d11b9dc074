"""Frames between a process and a child of ours, over a socket: a head, and bytes behind it.

A frame is the length of its head, the head (JSON, with size and checksum of the bytes), the bytes.
"""

import json
import socket
import struct
import zlib
from typing import Any

LENGTH = struct.Struct(">I")
MOST_HEAD = 64 * 1024
BLOCK = 1024 * 1024


def write_frame(end: socket.socket, head: dict[str, Any], data: bytes = b"") -> None:
    """Send a frame: the head with the size and checksum of the bytes, then the bytes."""
    text = json.dumps({**head, "bytes": len(data), "crc": zlib.crc32(data)}).encode()
    end.sendall(LENGTH.pack(len(text)) + text)
    end.sendall(data)


def read_frame(end: socket.socket, most: int) -> tuple[dict[str, Any], bytes]:
    """Return head and bytes of one frame, `most` bytes at most.

    Raises EOFError when it ends too early, ValueError when it is no whole frame.
    """
    size = LENGTH.unpack(_exactly(end, LENGTH.size))[0]
    if size > MOST_HEAD:
        raise ValueError("head too long")
    head = json.loads(_exactly(end, size))
    if not isinstance(head, dict) or not 0 <= int(head.get("bytes", 0)) <= most:
        raise ValueError("no frame")
    data = _exactly(end, int(head.get("bytes", 0)))
    if head.get("crc", 0) != zlib.crc32(data):
        raise ValueError("damaged")
    return head, data


def _exactly(end: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        block = end.recv(min(size - len(data), BLOCK))
        if not block:
            raise EOFError
        data += block
    return bytes(data)
