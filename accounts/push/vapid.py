"""Keys of Web Push on the curve P-256: private number and public point, in base64url."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from opic.lib.base64url import bytes_of, text_of

# an uncompressed point: Web Push has no shorter form
POINT_BYTES = 65


def pair_of(key: ec.EllipticCurvePrivateKey) -> tuple[str, str]:
    """Return the private and the public key, as settings and browsers want them."""
    private = key.private_numbers().private_value.to_bytes(32, "big")
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return text_of(private), text_of(point)


def is_point(text: str) -> bool:
    """Return whether this is a public key that a message can be encrypted for."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(text))
    except ValueError:
        return False
    return len(bytes_of(text)) == POINT_BYTES


def belong_together(private: str, public: str) -> bool:
    """Return whether this public key is the one of this private key."""
    number = int.from_bytes(bytes_of(private), "big")
    try:
        key = ec.derive_private_key(number, ec.SECP256R1())
    except ValueError:
        return False
    return pair_of(key)[1] == public
