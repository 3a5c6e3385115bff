"""SD-JWT (RFC 9901) in the JWS JSON form, strictly read: claims that are signed once and shown one by one.

What is narrower here than in the RFC, so that each file has one reading: canonical JSON inside, no disclosure within
a disclosure, `_sd` sorted, disclosures in the order in which the payload names them.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lineage.canonical import CanonicalError, Json, canonical, parse_canonical
from lineage.encoding import from_base64url, to_base64url
from lineage.keys import PublicKey, Signer

SALT_BYTES: Final = 16
RESERVED: Final = frozenset({"_sd", "_sd_alg", "..."})


class SdJwtError(ValueError):
    """Not an SD-JWT of this form. The message names the place and what was expected."""


@dataclass(slots=True)
class Concealed:
    """Claims on the way to a payload: `member` and `element` give what stands in it instead of the value."""

    disclosures: dict[str, str] = field(default_factory=dict)

    def members(self, values: Mapping[str, Json]) -> dict[str, Json]:
        """An object each of whose members is a disclosure of its own (RFC 9901 §4.2.4.1)."""
        digests = sorted(self._add([_salt(), name, value]) for name, value in values.items())
        return {"_sd": list(digests)}

    def elements(self, values: list[Json]) -> list[Json]:
        """A list each of whose elements is a disclosure of its own (RFC 9901 §4.2.4.2)."""
        return [{"...": self._add([_salt(), value])} for value in values]

    def _add(self, disclosure: list[Json]) -> str:
        text = to_base64url(canonical(disclosure))
        name = digest_of(text)
        self.disclosures[name] = text
        return name


@dataclass(frozen=True, slots=True)
class Claim:
    """A disclosable claim: where it stands, and its value where it is shown. `path` is `list/3` or `object/name`.

    A sealed member of an object has no name; its path then ends with `?` and its place among the digests.
    """

    path: str
    digest: str
    disclosure: str | None = None
    value: Json = None

    @property
    def shown(self) -> bool:
        """Whether the value is here."""
        return self.disclosure is not None


@dataclass(frozen=True, slots=True)
class SdJwt:
    """A read SD-JWT. `signing_input` is what the signature is over; `clear` the claims that are never sealed."""

    header: dict[str, Any]
    payload: dict[str, Any]
    signing_input: bytes
    signature: bytes
    claims: tuple[Claim, ...]

    def signed_by(self, key: PublicKey) -> bool:
        """Whether the signature is that key's."""
        return key.signed(self.signing_input, self.signature)

    def processed(self) -> dict[str, Json]:
        """The payload with what is shown in place and without what is sealed (RFC 9901 §7.1)."""
        shown: dict[str, Json] = {}
        for name, value in self.payload.items():
            if name == "_sd_alg":
                continue
            mine = [claim for claim in self.claims if claim.path.partition("/")[0] == name and claim.shown]
            if is_object(value):
                shown[name] = {claim.path.partition("/")[2]: claim.value for claim in mine}
            elif is_list(value):
                shown[name] = [claim.value for claim in mine]
            else:
                shown[name] = value
        return shown


def digest_of(disclosure: str) -> str:
    """The digest that stands in a payload for a disclosure: SHA-256 over its text (RFC 9901 §4.2.3)."""
    return to_base64url(hashlib.sha256(disclosure.encode()).digest())


def sign(header: dict[str, Json], payload: dict[str, Json], concealed: Concealed, signer: Signer) -> dict[str, Json]:
    """The flattened JWS JSON form with the disclosures in its unprotected header (RFC 9901 §8)."""
    protected = to_base64url(canonical({**header, "kid": signer.kid}))
    body = to_base64url(canonical({**payload, "_sd_alg": "sha-256"}))
    signature = signer.sign(f"{protected}.{body}".encode())
    disclosures: list[Json] = [concealed.disclosures[name] for _, name in _digests({**payload, "_sd_alg": "sha-256"})]
    return {
        "protected": protected,
        "payload": body,
        "signature": to_base64url(signature),
        "header": {"disclosures": disclosures},
    }


def read(value: Mapping[str, Any]) -> SdJwt:
    """Reads the members protected, payload, signature and header. Raises SdJwtError; verifies no signature."""
    header = _json(value["protected"], "protected")
    payload = _json(value["payload"], "payload")
    if payload.get("_sd_alg") != "sha-256":
        raise SdJwtError("payload: expected _sd_alg to be sha-256")
    try:
        signature = from_base64url(value["signature"])
    except ValueError as error:
        raise SdJwtError(f"signature: {error}") from None
    unprotected = value["header"]
    if type(unprotected) is not dict or unprotected.keys() != {"disclosures"}:
        raise SdJwtError("header: expected the one member disclosures")
    given = unprotected["disclosures"]
    if type(given) is not list or not all(type(one) is str for one in given):
        raise SdJwtError("header/disclosures: expected a list of texts")
    claims = _claims(payload, given)
    return SdJwt(header, payload, f"{value['protected']}.{value['payload']}".encode(), signature, claims)


def _claims(payload: dict[str, Any], given: list[str]) -> tuple[Claim, ...]:
    by_digest = {digest_of(text): text for text in given}
    if len(by_digest) != len(given):
        raise SdJwtError("header/disclosures: one disclosure stands twice")
    named = list(_digests(payload))
    names = [name for _, name in named]
    if len(set(names)) != len(names):
        raise SdJwtError("payload: one digest stands twice")
    strangers = by_digest.keys() - set(names)
    if strangers:
        raise SdJwtError(f"header/disclosures: {len(strangers)} that the payload does not name")
    if [by_digest[name] for name in names if name in by_digest] != given:
        raise SdJwtError("header/disclosures: not in the order of the payload")
    claims = tuple(_claim(path, name, by_digest.get(name)) for path, name in named)
    paths = [claim.path for claim in claims]
    if len(set(paths)) != len(paths):
        raise SdJwtError("header/disclosures: one claim name stands twice in an object")
    return claims


def _claim(path: str, name: str, text: str | None) -> Claim:
    if text is None:
        return Claim(path, name)
    try:
        parts = parse_canonical(from_base64url(text))
    except (ValueError, CanonicalError) as error:
        raise SdJwtError(f"disclosure of {path}: {error}") from None
    whole = path.partition("/")[0]
    in_object = path.partition("/")[2].startswith("?")
    if type(parts) is not list or len(parts) != (3 if in_object else 2):
        raise SdJwtError(f"disclosure of {path}: expected salt, {'name and value' if in_object else 'and value'}")
    if type(parts[0]) is not str or len(parts[0]) < 22:
        raise SdJwtError(f"disclosure of {path}: expected a salt of 128 bits or more")
    if in_object:
        key = parts[1]
        if type(key) is not str or not key or "/" in key or key.startswith("?"):
            raise SdJwtError(f"disclosure of {path}: expected a claim name")
        if key in RESERVED:
            raise SdJwtError(f"disclosure of {path}: the claim name {key} is reserved")
        path = f"{whole}/{key}"
    if _has_reserved(parts[-1]):
        raise SdJwtError(f"disclosure of {path}: expected no {', '.join(sorted(RESERVED))} inside")
    return Claim(path, name, text, parts[-1])


def _digests(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every digest with its path, in the payload's order. Raises SdJwtError where one stands anywhere else."""
    for name in sorted(payload):
        value = payload[name]
        if is_object(value):
            if value["_sd"] != sorted(value["_sd"]):
                raise SdJwtError(f"payload/{name}: expected digests in order")
            found = list(value["_sd"])
        elif is_list(value):
            found = [one["..."] for one in value]
        elif name in RESERVED - {"_sd_alg"} or _has_reserved(value):
            raise SdJwtError(f"payload/{name}: digests stand where none may")
        else:
            continue
        for place, one in enumerate(found):
            if not _is_digest(one):
                raise SdJwtError(f"payload/{name}: expected digests of SHA-256")
            yield f"{name}/{'?' if is_object(value) else ''}{place}", one


def is_object(value: Any) -> bool:
    """Whether `value` is an object of which each member is a disclosure of its own."""
    return type(value) is dict and value.keys() == {"_sd"} and type(value["_sd"]) is list and _texts(value["_sd"])


def is_list(value: Any) -> bool:
    """Whether `value` is a list of which each element is one."""
    return type(value) is list and all(
        type(one) is dict and one.keys() == {"..."} and type(one["..."]) is str for one in value
    )


def _texts(values: list[Any]) -> bool:
    return all(type(one) is str for one in values)


def _is_digest(text: str) -> bool:
    try:
        return len(from_base64url(text)) == hashlib.sha256().digest_size
    except ValueError:
        return False


def _has_reserved(value: Any) -> bool:
    if type(value) is dict:
        return not RESERVED.isdisjoint(value) or any(map(_has_reserved, value.values()))
    return type(value) is list and any(map(_has_reserved, value))


def _json(text: Any, place: str) -> dict[str, Any]:
    try:
        value = parse_canonical(from_base64url(text))
    except (ValueError, CanonicalError) as error:
        raise SdJwtError(f"{place}: {error}") from None
    if type(value) is not dict:
        raise SdJwtError(f"{place}: expected an object")
    return value


def _salt() -> str:
    return to_base64url(os.urandom(SALT_BYTES))
