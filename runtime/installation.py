"""The local installation: its own keys in a folder with restrictive modes, and the public keys that it vouches for.

| file | what | mode |
| --- | --- | --- |
| `keys/installation.key` | 32 random bytes that seal every private key, here and in the store | 0600 |
| `keys/private/<kid>` | a sealed private key of the service (receipts, log) | 0600 |
| `keys/public/<kid>.json` | a public key with its validity, also of people | 0644 |
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lineage.keys import KeyFolder, PrivateKey, PublicKey, Purpose, public_bytes
from runtime.clock import from_instant, instant
from runtime.errors import StoreError

KEY_BYTES = 32
NONCE_BYTES = 12
VALIDITY = timedelta(days=365)
# After a rotation the old key stays valid that long, for what was signed with it meanwhile elsewhere.
OVERLAP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Installation:
    """An opened installation. `id` names it in receipts; it is derived from its key and says nothing about it."""

    folder: Path
    id: str
    _key: bytes

    @classmethod
    def open(cls, data: Path) -> Installation:
        """Open the installation in the data folder; what is not there yet is made. Raises StoreError."""
        folder = data / "keys"
        try:
            for one in (folder, folder / "private", folder / "public"):
                one.mkdir(mode=0o700, parents=True, exist_ok=True)
            key = _once(folder / "installation.key", secrets.token_bytes(KEY_BYTES))
        except OSError as error:
            raise StoreError(f"{folder}: keys cannot be kept there ({error.strerror}); set CASEGATE_DATA") from error
        if len(key) != KEY_BYTES:
            raise StoreError(f"{folder / 'installation.key'}: expected {KEY_BYTES} bytes, found {len(key)}")
        name = hashlib.sha256(b"casegate installation\n" + key).hexdigest()[:16]
        return cls(folder, f"casegate-{name}", key)

    def pseudonyms(self, scope: str) -> bytes:
        """The key of the pseudonyms that one scope of viewers sees: of another scope's nothing follows from them."""
        return hmac.digest(self._key, b"casegate pseudonyms\n" + scope.encode(), "sha256")

    @property
    def log_origin(self) -> str:
        """The name of the log that seals of cases go into."""
        return f"{self.id}/sealed-cases"

    @property
    def public(self) -> KeyFolder:
        """The public keys that this installation trusts: its own and those of its people."""
        return KeyFolder(self.folder / "public")

    def signer(self, purpose: Purpose, now: datetime) -> PrivateKey:
        """The newest key of the service for that purpose that holds now; made where there is none.

        A key that a rotation ended signs no more, though what it signed still holds through the overlap.
        """
        mine = [key for key in self.keys(purpose) if key.fault_at(instant(now)) is None and not _ended(key)]
        newest = max(mine, key=lambda key: (key.valid_from, key.kid), default=None)
        return self._load(newest.kid if newest else self.make(purpose, now).kid)

    def keys(self, purpose: Purpose) -> list[PublicKey]:
        """The service's own public keys for that purpose, also those that are over."""
        # By the private files, which are few: the public ones are also those of all people.
        kids = (path.name for path in (self.folder / "private").iterdir())
        mine = (self.public.find(kid) for kid in sorted(kids))
        return [key for key in mine if key is not None and key.purpose == purpose]

    def make(self, purpose: Purpose, now: datetime) -> PublicKey:
        """A new key of the service. The private half is written before the public one names it."""
        seed = secrets.token_bytes(KEY_BYTES)
        key = new_key(seed, purpose, None, self.id, now)
        _once(self.folder / "private" / key.kid, self.seal(seed, key.kid))
        self.publish(key)
        return key

    def rotate(self, purpose: Purpose, now: datetime) -> PublicKey:
        """A new key; those that are valid end after the overlap."""
        for key in self.keys(purpose):
            if key.fault_at(instant(now)) is None:
                self.publish(ended(key, now))
        return self.make(purpose, now)

    def revoke(self, key: PublicKey, now: datetime, reason: str) -> PublicKey:
        """From now on nothing that the key signs counts."""
        revoked = replace(key, revoked_at=instant(now), revocation=reason)
        self.publish(revoked)
        return revoked

    def publish(self, key: PublicKey) -> None:
        """Write a public key, or its new validity."""
        path = self.folder / "public" / f"{key.kid}.json"
        data = orjson.dumps(key.jwk(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        if path.exists() and path.read_bytes() == data:
            return
        fresh = path.with_name(f".{key.kid}.{secrets.token_hex(4)}")
        fresh.write_bytes(data)
        os.replace(fresh, path)

    def seal(self, seed: bytes, kid: str) -> bytes:
        """A private key as it may be stored: AES-256-GCM, bound to its id."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, seed, kid.encode())

    def unseal(self, sealed: bytes, kid: str) -> PrivateKey:
        """The private key again. Raises StoreError where another installation sealed it, or it was damaged."""
        try:
            seed = AESGCM(self._key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], kid.encode())
        except (InvalidTag, ValueError):
            raise StoreError(
                f"key {kid}: not sealed by this installation; bring its {self.folder / 'installation.key'} along"
            ) from None
        return PrivateKey(seed, kid)

    def _load(self, kid: str) -> PrivateKey:
        path = self.folder / "private" / kid
        try:
            return self.unseal(path.read_bytes(), kid)
        except OSError as error:
            raise StoreError(f"{path}: the private key cannot be read: {error.strerror}") from error


def new_key(seed: bytes, purpose: Purpose, tenant: str | None, owner: str, now: datetime) -> PublicKey:
    """The public half, valid from now on."""
    return PublicKey(public_bytes(seed), purpose, tenant, owner, instant(now), instant(now + VALIDITY))


def ended(key: PublicKey, now: datetime, after: timedelta = OVERLAP) -> PublicKey:
    """The key with its end after the overlap, never later than it was."""
    return replace(key, valid_until=instant(min(now + after, from_instant(key.valid_until))))


def _ended(key: PublicKey) -> bool:
    return from_instant(key.valid_until) < from_instant(key.valid_from) + VALIDITY


def wall_time() -> datetime:
    """The machine's clock in whole seconds: signatures are made in the world, not in the time of a packet."""
    return datetime.now(UTC).replace(microsecond=0)


def _once(path: Path, data: bytes) -> bytes:
    """Write a secret file where there is none, all of it or nothing; give what is there then."""
    if not path.exists():
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # Another process may be first: then its key is the one.
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()
