"""Ed25519 public keys and signatures (RFC 8032) that come from strangers."""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_1: Final = pow(2, (_P - 1) // 4, _P)
_NEUTRAL: Final = (0, 1)

_Point = tuple[int, int]


def is_public_key(raw: bytes) -> bool:
    """Return whether 32 bytes are a public key that only the holder of its private key can sign for.

    They are not if they are no point of the curve, written in another way than the one way, or a point
    of small order, for which anybody can make signatures.
    """
    point = _decode(raw)
    if point is None:
        return False
    for _ in range(3):  # times 8, the cofactor: what has a small order ends at the neutral point
        point = _double(point)
    return point != _NEUTRAL


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether `signature` is one of `message` by the holder of a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _decode(raw: bytes) -> _Point | None:
    """Return the point that 32 bytes stand for (RFC 8032, 5.1.3); None: they stand for none."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if len(raw) != KEY_BYTES or y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT_OF_MINUS_1 % _P
    if x * x % _P != square or (x == 0 and sign):
        return None
    return (_P - x if x & 1 != sign else x), y


def _double(point: _Point) -> _Point:
    """Return twice a point (RFC 8032, 5.1, the affine addition law)."""
    x, y = point
    product = _D * x * x * y * y % _P
    return (
        2 * x * y * pow(1 + product, -1, _P) % _P,
        (y * y + x * x) * pow(1 - product, -1, _P) % _P,
    )
