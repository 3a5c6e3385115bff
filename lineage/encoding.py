"""Base64 in its two alphabets, strictly: one text for one value, so that no byte of a signed file is free."""

import base64
import binascii


def to_base64url(data: bytes) -> str:
    """RFC 7515 §2: the URL-safe alphabet without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: object) -> bytes:
    """Raises ValueError for anything but what `to_base64url` writes, also for spare bits that are set."""
    if type(text) is not str:
        raise ValueError("expected base64url text")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("expected base64url without padding") from None
    if to_base64url(data) != text:
        raise ValueError("expected base64url without padding and without spare bits")
    return data


def to_base64(data: bytes) -> str:
    """RFC 4648 §4: the standard alphabet with padding."""
    return base64.b64encode(data).decode()


def from_base64(text: object) -> bytes:
    """Raises ValueError for anything but what `to_base64` writes."""
    if type(text) is not str:
        raise ValueError("expected base64 text")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("expected base64 with padding") from None
    if to_base64(data) != text:
        raise ValueError("expected base64 without spare bits")
    return data
