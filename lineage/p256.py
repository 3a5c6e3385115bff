"""ES256 (RFC 7518 §3.4): ECDSA over P-256 with SHA-256, signatures as 64 bytes, r beside s."""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

UNCOMPRESSED: Final = b"\x04"
POINT_BYTES: Final = 65
SIGNATURE_BYTES: Final = 64
JWK: Final = {"kty": "EC", "crv": "P-256"}


def is_point(raw: bytes) -> bool:
    """Whether these bytes are an uncompressed point of the curve."""
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw)
    except ValueError:
        return False
    return len(raw) == POINT_BYTES


def signed(raw: bytes, data: bytes, signature: bytes) -> bool:
    """Whether `signature` is that key's over `data`. Of a point that is none nothing is."""
    half = SIGNATURE_BYTES // 2
    if len(signature) != SIGNATURE_BYTES or not is_point(raw):
        return False
    pair = encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw).verify(pair, data, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
