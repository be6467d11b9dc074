"""Bytes as browsers and push services write them: base64 for addresses, without its padding."""

import binascii
from base64 import b64decode, urlsafe_b64encode


def text_of(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """Return what the text stands for; nothing at all when it is not base64url."""
    try:
        padded = text + "=" * (-len(text) % 4)
        return b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return b""
