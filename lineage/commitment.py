"""Salted commitments: a header proves a value without showing it, and still stands once it is erased."""

import hashlib
import os
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lineage.canonical import Json, Path, canonical

SALT_BYTES = 16

Standing: TypeAlias = Literal["shown", "erased", "invalid"]


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment. An erased one has neither salt nor value.

    `salt` is 32 lowercase hex digits, `value` canonical JSON bytes, `commitment` `sha256:<hex>`.
    """

    salt: str | None
    value: bytes | None
    commitment: str

    def erased(self) -> "Opening":
        """The opening without its content. The salt goes too: with it, a short value can be guessed."""
        return Opening(None, None, self.commitment)


def commit(value: Json, at: Path = ()) -> Opening:
    """Commits to `value` under a fresh salt. Raises CanonicalError outside the domain; `at` as there."""
    data, salt = canonical(value, at), os.urandom(SALT_BYTES)
    return Opening(salt.hex(), data, _commitment(salt, data))


def check(opening: Opening) -> Standing:
    """*shown* where salt and value give the commitment, *erased* where both are gone, else *invalid*."""
    if opening.salt is None and opening.value is None:
        return "erased"
    if opening.salt is None or opening.value is None:
        return "invalid"
    return "shown" if opens(opening.commitment, opening.salt, opening.value) else "invalid"


def opens(commitment: str, salt: str, value: bytes) -> bool:
    """Whether `salt` (hex) and `value` (canonical bytes) give `commitment`."""
    try:
        raw = bytes.fromhex(salt)
    except ValueError:
        return False
    # fromhex forgives capitals and spaces; one salt must have one spelling.
    return len(raw) == SALT_BYTES and raw.hex() == salt and _commitment(raw, value) == commitment


def _commitment(salt: bytes, value: bytes) -> str:
    # The salt has a fixed length, so salt and value cannot be cut at another place.
    return "sha256:" + hashlib.sha256(salt + value).hexdigest()
