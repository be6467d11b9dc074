"""Encryption of small secrets in the database: Fernet, with as many keys as were ever used.

The first key encrypts, every key decrypts. Where no key is set, one is derived from SECRET_KEY; it
goes on decrypting after keys are set, so that setting them loses nothing.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from opic.lib.base64url import bytes_of

KEY_BYTES = 32
# what every Fernet token begins with: its version byte, and the zeros of the time in it
_TOKEN = "gAAAA"


class DecryptionError(Exception):
    """No key of this host decrypts the text."""


def _fernet(key: bytes) -> Fernet:
    return Fernet(urlsafe_b64encode(key))


def _derived_key() -> bytes:
    """Return 32 bytes that are good for this purpose alone (RFC 5869)."""
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"opic.encryption")
    return kdf.derive(settings.SECRET_KEY.encode())


def _box() -> MultiFernet:
    keys = [bytes_of(key) for key in settings.OPIC_ENCRYPTION_KEYS]
    return MultiFernet([_fernet(key) for key in [*keys, _derived_key()]])


def is_encrypted(text: str) -> bool:
    """Return whether the text begins as every Fernet token does."""
    return text.startswith(_TOKEN)


def encrypt(text: str) -> str:
    """Return the text as a Fernet token, encrypted with the first key."""
    return _box().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Return the text of a Fernet token; raise DecryptionError when no key decrypts it."""
    try:
        return _box().decrypt(text.encode()).decode()
    except InvalidToken:
        raise DecryptionError from None


def opened(text: str) -> str:
    """Return the text itself, whether or not it is encrypted."""
    return decrypt(text) if is_encrypted(text) else text


def encrypt_again(text: str) -> str:
    """Encrypt with the first key what any key encrypted, or nothing did yet."""
    return encrypt(opened(text))
