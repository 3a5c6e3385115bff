"""Public keys with whose they are, what for and when they hold: the trust that an auditor brings along.

`keys.json` is a JWK Set (RFC 7517, RFC 8037) with our members beside the standard ones. A key's id is its thumbprint
(RFC 7638), so a file cannot give a known id to another key. Keys of the service are Ed25519; a person may hold an ES256
one (RFC 7518 §3.4), which is what most devices make.
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

from lineage import p256
from lineage.canonical import CanonicalError, Json, canonical, parse
from lineage.encoding import from_base64url, to_base64url

Purpose = Literal["receipt", "decision", "log"]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
_OURS = {"kid", "use", "alg", "purpose", "tenant", "owner", "valid_from", "valid_until", "revoked_at", "revocation"}
_RAW_BYTES = 32
_ED25519 = {"kty": "OKP", "crv": "Ed25519"}
_ALGORITHMS = {"OKP": "EdDSA", "EC": "ES256"}


class KeyFault(ValueError):  # noqa: N818  it is a state of the key, found by a check
    """A key or key set that cannot be used. The message names the place and what was expected."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`raw` is an Ed25519 key of 32 bytes, or the uncompressed point of an ES256 key, 65 bytes.

    `owner` is the person, or the installation for keys of the service, which have no tenant. Times are
    `YYYY-MM-DDTHH:MM:SSZ`. What was signed from `valid_until` or `revoked_at` on counts for nothing.
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
        if len(self.raw) == p256.POINT_BYTES:
            return p256.signed(self.raw, data, signature)
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
        bare = jwk_of(self.raw)
        return {
            **bare,
            "use": "sig",
            "alg": _ALGORITHMS[bare["kty"]],
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
    if type(value) is not dict or not value.keys() > _OURS:
        raise KeyFault(f"{place}: expected the members {', '.join(sorted(_OURS))}, and those of a public key")
    raw = raw_of({name: value[name] for name in value.keys() - _OURS}, place)
    if value["use"] != "sig" or value["alg"] != _ALGORITHMS[value["kty"]]:
        raise KeyFault(f"{place}: expected use 'sig' and alg {_ALGORITHMS[value['kty']]!r}")
    if value["kid"] != thumbprint(raw):
        raise KeyFault(f"{place}/kid: expected the thumbprint of the key")
    if value["purpose"] not in PURPOSES:
        raise KeyFault(f"{place}/purpose: expected one of {', '.join(PURPOSES)}")
    if value["kty"] == "EC" and value["purpose"] != "decision":
        raise KeyFault(f"{place}/kty: expected an Ed25519 key: ES256 keys are held by people, for decisions")
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


def raw_of(jwk: object, place: str = "key") -> bytes:
    """The key of a bare public JWK, Ed25519 or P-256. Raises KeyFault for any other member, form or curve."""
    if type(jwk) is not dict:
        raise KeyFault(f"{place}: expected a public key as a JWK")
    known = {**_ED25519, "x": ""} if jwk.get("kty") == "OKP" else {**p256.JWK, "x": "", "y": ""}
    if jwk.keys() != known.keys() or any(jwk[name] != fixed for name, fixed in known.items() if fixed):
        raise KeyFault(f"{place}: expected an Ed25519 key (kty OKP, crv, x) or a P-256 one (kty EC, crv, x, y)")
    try:
        parts = [from_base64url(jwk[name]) for name in ("x", "y") if name in jwk]
    except ValueError as error:
        raise KeyFault(f"{place}/x: {error}") from None
    if any(len(part) != _RAW_BYTES for part in parts):
        raise KeyFault(f"{place}/x: expected {_RAW_BYTES} bytes")
    if len(parts) == 1:
        return parts[0]
    raw = p256.UNCOMPRESSED + parts[0] + parts[1]
    if not p256.is_point(raw):
        raise KeyFault(f"{place}/x: expected a point of P-256")
    return raw


def jwk_of(raw: bytes) -> dict[str, str]:
    """The public JWK with the members that make its thumbprint, and no others."""
    if len(raw) != p256.POINT_BYTES:
        return {**_ED25519, "x": to_base64url(raw)}
    x, y = raw[1 : _RAW_BYTES + 1], raw[_RAW_BYTES + 1 :]
    return {**p256.JWK, "x": to_base64url(x), "y": to_base64url(y)}


def thumbprint(raw: bytes) -> str:
    """RFC 7638 over the members that RFC 7638 §3.2 and RFC 8037 §2 require, SHA-256, base64url."""
    return to_base64url(hashlib.sha256(canonical(dict[str, Json](jwk_of(raw)))).digest())


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


class SignatureRefused(ValueError):  # noqa: N818  it is a state of a signature, found by a check
    """A signature that was made elsewhere is not that of its key over these bytes."""


class Signer(Protocol):
    """Somebody who can sign: the one port, whoever has the private key.

    The service may hold it sealed (`PrivateKey`), or the person has it and signs elsewhere (`SignedElsewhere`).
    """

    @property
    def kid(self) -> str:
        """The id of the key."""

    @property
    def public(self) -> bytes:
        """The public key, as `PublicKey.raw` has it."""

    def sign(self, data: bytes) -> bytes:
        """The signature of that key over `data`. Raises SignatureRefused where it cannot be given."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key whose private half is at hand. Never printed: `repr` shows the id alone."""

    seed: bytes
    kid: str

    @staticmethod
    def of(seed: bytes) -> "PrivateKey":
        """From the 32 private bytes."""
        return PrivateKey(seed, thumbprint(public_bytes(seed)))

    @property
    def public(self) -> bytes:
        """The 32 public bytes."""
        return public_bytes(self.seed)

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature over `data`."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(data)

    def __repr__(self) -> str:
        return f"PrivateKey({self.kid})"


@dataclass(frozen=True, slots=True)
class SignedElsewhere:
    """A signature by a key that its owner holds. It can be given for the very bytes it was made over, and no others."""

    key: PublicKey
    signature: bytes

    @property
    def kid(self) -> str:
        """The id of the key."""
        return self.key.kid

    @property
    def public(self) -> bytes:
        """The public key."""
        return self.key.raw

    def sign(self, data: bytes) -> bytes:
        """The signature. Raises SignatureRefused where it is not that key's over `data`."""
        if not self.key.signed(data, self.signature):
            raise SignatureRefused(f"the signature is not that of key {self.kid} over these bytes")
        return self.signature


def trusted(trust: Trust, kid: str, purpose: Purpose, at: str) -> tuple[PublicKey | None, str | None]:
    """The key of that id for that purpose, and why a signature of that time does not count (None: it does)."""
    key = trust.find(kid)
    if key is None:
        return None, f"key {kid}: not among the trusted keys"
    if key.purpose != purpose:
        return None, f"key {kid}: trusted for {key.purpose}, not for {purpose}"
    fault = key.fault_at(at)
    return key, f"key {kid}: {fault}" if fault else None
