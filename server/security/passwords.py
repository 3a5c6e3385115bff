"""Passwords: Argon2id, checked away from the event loop, and for unknown accounts too."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

_HASHER = PasswordHash.recommended()


def hash_password(password: str) -> str:
    """The Argon2id hash of a password."""
    return _HASHER.hash(password)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")


async def right(password: str, stored: str | None) -> bool:
    """Whether it is the password. Without a stored one the same work is done, and the answer is no."""
    return await asyncio.to_thread(_right, password, stored)


def _right(password: str, stored: str | None) -> bool:
    try:
        return _HASHER.verify(password, stored or _nobody()) and stored is not None
    except UnknownHashError:
        return False
