"""Bytes as browsers and push services write them: base64 for addresses, without its padding."""

import binascii
from base64 import b64decode, urlsafe_b64encode


def text_of(data: bytes) -> str:
    """Return bytes as base64url without padding (RFC 4648, section 5)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """Return the bytes that a base64url text stands for; none when it is not base64url."""
    try:
        padded = text + "=" * (-len(text) % 4)
        return b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return b""
