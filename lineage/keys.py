"""Public keys with whose they are, what for and when they hold: the trust that an auditor brings along.

`keys.json` is a JWK Set (RFC 7517, RFC 8037) with our members beside the standard ones. A key's id is its thumbprint
(RFC 7638), so a file cannot give a known id to another key.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal, Protocol, get_args

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lineage.canonical import CanonicalError, canonical, parse
from lineage.encoding import from_base64url, to_base64url

Purpose = Literal["receipt", "decision", "log"]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
_MEMBERS = {"kty", "crv", "x", "kid", "use", "alg", "purpose", "tenant", "owner", "valid_from", "valid_until",
            "revoked_at", "revocation"}  # fmt: skip
_FIXED = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA"}


class KeyFault(ValueError):  # noqa: N818  it is a state of the key, found by a check
    """A key or key set that cannot be used. The message names the place and what was expected."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 key. `owner` is the person, or the installation for keys of the service, which have no tenant.

    Times are `YYYY-MM-DDTHH:MM:SSZ`. What was signed from `valid_until` or `revoked_at` on counts for nothing.
    """

    raw: bytes
    purpose: Purpose
    tenant: str | None
    owner: str
    valid_from: str
    valid_until: str
    revoked_at: str | None = None
    revocation: str | None = None

    @property
    def kid(self) -> str:
        """The thumbprint of RFC 7638."""
        return thumbprint(self.raw)

    def signed(self, data: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `data`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def fault_at(self, at: str) -> str | None:
        """Why a signature of that time does not count, or None."""
        if at < self.valid_from:
            return f"signed at {at}, before its key was valid ({self.valid_from})"
        if self.revoked_at is not None and at >= self.revoked_at:
            return f"signed at {at}, after its key was revoked ({self.revoked_at})"
        if at >= self.valid_until:
            return f"signed at {at}, after its key had expired ({self.valid_until})"
        return None

    def jwk(self) -> dict[str, Any]:
        """The key as `keys.json` has it."""
        return {
            **_FIXED,
            "x": to_base64url(self.raw),
            "kid": self.kid,
            "purpose": self.purpose,
            "tenant": self.tenant,
            "owner": self.owner,
            "valid_from": self.valid_from,
            "valid_until": self.valid_until,
            "revoked_at": self.revoked_at,
            "revocation": self.revocation,
        }


class Trust(Protocol):
    """Where a verifier finds the keys that it trusts."""

    def find(self, kid: str) -> PublicKey | None:
        """The trusted key of that id, or None."""


class KeySet:
    """A published key set."""

    def __init__(self, keys: Iterable[PublicKey]) -> None:
        self._keys = {key.kid: key for key in keys}

    def find(self, kid: str) -> PublicKey | None:
        """The trusted key of that id, or None."""
        return self._keys.get(kid)

    def __iter__(self) -> Iterator[PublicKey]:
        return iter(self._keys.values())

    def write(self) -> bytes:
        """`keys.json`: by purpose, owner and start."""
        keys = sorted(self._keys.values(), key=lambda k: (k.purpose, k.owner, k.valid_from, k.kid))
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
        return orjson.dumps({"keys": [key.jwk() for key in keys]}, option=options)

    @staticmethod
    def read(data: bytes) -> "KeySet":
        """Raises KeyFault where it is no key set of this form."""
        try:
            value = parse(data)
        except CanonicalError as error:
            raise KeyFault(str(error)) from None
        if type(value) is not dict or value.keys() != {"keys"} or type(value["keys"]) is not list:
            raise KeyFault("expected an object with the one member keys, a list")
        keys = [key_of(one, f"/keys/{n}") for n, one in enumerate(value["keys"])]
        if len({key.kid for key in keys}) != len(keys):
            raise KeyFault("/keys: expected each key once")
        return KeySet(keys)


class KeyFolder:
    """The public keys of the local installation: one file for each, read when it is asked for."""

    def __init__(self, folder: str | PathLike[str]) -> None:
        self._folder = Path(folder)

    def find(self, kid: str) -> PublicKey | None:
        """The trusted key of that id, or None. Raises KeyFault where its file was damaged."""
        try:
            raw = from_base64url(kid)
        except ValueError:
            return None
        path = self._folder / f"{kid}.json"
        if len(raw) != hashlib.sha256().digest_size or not path.is_file():
            return None
        try:
            key = key_of(parse(path.read_bytes()), path.name)
        except CanonicalError as error:
            raise KeyFault(f"{path}: {error}") from None
        return key if key.kid == kid else None

    def every(self) -> list[PublicKey]:
        """All of them. Raises KeyFault where a file was damaged."""
        found = (self.find(path.stem) for path in sorted(self._folder.glob("*.json")))
        return [key for key in found if key is not None]


def key_of(value: object, place: str = "key") -> PublicKey:
    """Reads one JWK of ours. Raises KeyFault for any other member, form or id."""
    if type(value) is not dict or value.keys() != _MEMBERS:
        raise KeyFault(f"{place}: expected the members {', '.join(sorted(_MEMBERS))}")
    for name, fixed in _FIXED.items():
        if value[name] != fixed:
            raise KeyFault(f"{place}/{name}: expected {fixed!r}")
    try:
        raw = from_base64url(value["x"])
    except ValueError as error:
        raise KeyFault(f"{place}/x: {error}") from None
    if len(raw) != 32 or value["kid"] != thumbprint(raw):
        raise KeyFault(f"{place}/kid: expected the thumbprint of a key of 32 bytes")
    if value["purpose"] not in PURPOSES:
        raise KeyFault(f"{place}/purpose: expected one of {', '.join(PURPOSES)}")
    if type(value["owner"]) is not str or not value["owner"]:
        raise KeyFault(f"{place}/owner: expected a name")
    if not _is_text_or_null(value["tenant"]) or not _is_text_or_null(value["revocation"]):
        raise KeyFault(f"{place}: expected tenant and revocation to be text or null")
    for name in ("valid_from", "valid_until", "revoked_at"):
        if not (is_instant(value[name]) or (name == "revoked_at" and value[name] is None)):
            raise KeyFault(f"{place}/{name}: expected a UTC time, YYYY-MM-DDTHH:MM:SSZ")
    names = ("purpose", "tenant", "owner", "valid_from", "valid_until", "revoked_at", "revocation")
    given: dict[str, Any] = {name: value[name] for name in names}
    return PublicKey(raw, **given)


def thumbprint(raw: bytes) -> str:
    """RFC 7638 over the members that RFC 8037 requires, SHA-256, base64url."""
    members = canonical({"crv": "Ed25519", "kty": "OKP", "x": to_base64url(raw)})
    return to_base64url(hashlib.sha256(members).digest())


def public_bytes(private: bytes) -> bytes:
    """The 32 bytes of the public key that belongs to a private one of 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def is_instant(value: object) -> bool:
    """Whether `value` is a UTC time as headers and keys have it."""
    if type(value) is not str or len(value) != 20 or value[-1] != "Z":
        return False
    try:
        return datetime.fromisoformat(value).strftime("%Y-%m-%dT%H:%M:%SZ") == value
    except ValueError:
        return False


def instant_of(seconds: int) -> str:
    """Seconds since 1970 as a UTC time of that form. Raises ValueError beyond the years 1 to 9999."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError):
        raise ValueError("expected a time within the years 1 to 9999") from None


def _is_text_or_null(value: object) -> bool:
    return value is None or type(value) is str


class Signer(Protocol):
    """Somebody who can sign. The key may be held by the service, sealed, or by the person (WebAuthn)."""

    @property
    def kid(self) -> str:
        """The id of the key."""

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature over `data`."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key whose private half is at hand. Never printed: `repr` shows the id alone."""

    seed: bytes
    kid: str

    @staticmethod
    def of(seed: bytes) -> "PrivateKey":
        """From the 32 private bytes."""
        return PrivateKey(seed, thumbprint(public_bytes(seed)))

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature over `data`."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(data)

    def __repr__(self) -> str:
        return f"PrivateKey({self.kid})"


def trusted(trust: Trust, kid: str, purpose: Purpose, at: str) -> tuple[PublicKey | None, str | None]:
    """The key of that id for that purpose, and why a signature of that time does not count (None: it does)."""
    key = trust.find(kid)
    if key is None:
        return None, f"key {kid}: not among the trusted keys"
    if key.purpose != purpose:
        return None, f"key {kid}: trusted for {key.purpose}, not for {purpose}"
    fault = key.fault_at(at)
    return key, f"key {kid}: {fault}" if fault else None
