"""Secrets that are handed out once and kept only as a hash: sessions, links, tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets

TOKEN_PREFIX = "cg_"  # so that secret scanners can find a token that got away


def fresh() -> str:
    """A new secret of 256 bits."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What the store keeps of a secret. These are random, so that a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_of(session: str) -> str:
    """The CSRF token of a session: whoever cannot read the cookie cannot compute it."""
    return hmac.new(session.encode(), b"casegate csrf", hashlib.sha256).hexdigest()


def same(a: str, b: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(a.encode(), b.encode())
