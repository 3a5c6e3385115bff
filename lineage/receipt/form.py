"""The form of a receipt file: its members, its claims, its questions, and the one layout of its bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from lineage import sd_jwt
from lineage.canonical import CanonicalError, Json, canonical, digest_bytes, parse
from lineage.entry import leaf
from lineage.sd_jwt import SdJwt

TYP: Final = "casegate-receipt+sd-jwt"
ALG: Final = "EdDSA"
VCT: Final = "urn:casegate:receipt:1"

# Beside the four of the JWS: headers or leaves of all entries, what is shown in readable form, notes of erasure.
FILE_MEMBERS: Final = frozenset({"protected", "payload", "signature", "header", "entries", "disclosed", "erasures"})
CLEAR: Final = frozenset(
    {"iss", "iat", "jti", "vct", "_sd_alg", "tenant", "case", "run", "scenario", "policy_version", "integrity"}
)
OBJECTS: Final = ("intent", "result")
LISTS: Final = ("policies", "approvals", "actions", "evidence", "fields", "open_items", "refusals")
INTEGRITY: Final = frozenset({"entries", "root", "head", "sealed_at", "log"})
# A part of these shows its entry's header too: the header says nothing that the part does not say.
WITH_HEADER: Final = ("approvals", "actions", "evidence")

QUESTIONS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "approved": ("Who approved", ("approvals",)),
    "policy": ("Which policy", ("policies",)),
    "actions": ("Which actions", ("actions", "refusals")),
    "evidence": ("Which evidence", ("evidence",)),
    "integrity": ("Intact and attributable", ("intent", "result", "fields")),
    "open": ("What is open", ("open_items",)),
}
QUESTION_OF: Final = {claim: question for question, (_, claims) in QUESTIONS.items() for claim in claims}


class ReceiptError(ValueError):
    """A file that is no receipt. The message names the place and what was expected."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A read file. `entries` has a header, or None where the entry is sealed; `leaves` are its hashes in the tree."""

    token: SdJwt
    entries: tuple[dict[str, Any] | None, ...]
    hashes: tuple[str | None, ...]
    leaves: tuple[bytes, ...]
    disclosed: Any
    erasures: tuple[Any, ...]

    @property
    def payload(self) -> dict[str, Any]:
        """The signed claims, with digests where others may be disclosed."""
        return self.token.payload


def layout(value: Json) -> bytes:
    """The one byte form of a receipt file: sorted keys, two blanks of indent, a line feed at the end."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def members(data: bytes) -> dict[str, Any]:
    """The members of a receipt file. Raises ReceiptError for other members, another layout or a repeated key."""
    try:
        value = orjson.loads(data)
        laid_out = layout(value)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as error:
        # What is nested too deep is read, and not written.
        raise ReceiptError(f"file: expected JSON: {error}") from None
    if type(value) is not dict or laid_out != data:
        try:
            parse(data)
        except CanonicalError as error:
            raise ReceiptError(f"file: {error}") from None
        raise ReceiptError("file: expected the layout that receipts have (sorted keys, indent of two, line feed)")
    if value.keys() != FILE_MEMBERS:
        raise ReceiptError(f"file: expected the members {', '.join(sorted(FILE_MEMBERS))}")
    return value


def read(data: bytes) -> Receipt:
    """Reads a receipt file. Raises ReceiptError; verifies nothing but form."""
    value = members(data)
    try:
        token = sd_jwt.read(value)
    except sd_jwt.SdJwtError as error:
        raise ReceiptError(str(error)) from None
    _check_claims(token)
    if type(value["entries"]) is not list or type(value["erasures"]) is not list:
        raise ReceiptError("entries, erasures: expected lists")
    entries: list[dict[str, Any] | None] = []
    hashes: list[str | None] = []
    leaves: list[bytes] = []
    for place, one in enumerate(value["entries"]):
        header, hash_, leaf_ = _entry(place, one)
        entries.append(header)
        hashes.append(hash_)
        leaves.append(leaf_)
    return Receipt(token, tuple(entries), tuple(hashes), tuple(leaves), value["disclosed"], tuple(value["erasures"]))


def sealed_entry(header: Json) -> dict[str, Json]:
    """What stands for an entry whose header is not shown: its leaf in the tree."""
    return {"leaf": leaf(digest_bytes(canonical(header))).hex()}


def _entry(place: int, one: Any) -> tuple[dict[str, Any] | None, str | None, bytes]:
    if type(one) is not dict:
        raise ReceiptError(f"entries/{place}: expected a header or a leaf")
    if one.keys() == {"leaf"}:
        text = one["leaf"]
        if type(text) is not str or len(text) != 64 or text.strip("0123456789abcdef"):
            raise ReceiptError(f"entries/{place}: expected a leaf of 64 lowercase hex digits")
        return None, None, bytes.fromhex(text)
    try:
        hash_ = digest_bytes(canonical(one))
    except CanonicalError as error:
        raise ReceiptError(f"entries/{place}: {error}") from None
    return one, hash_, leaf(hash_)


def _check_claims(token: SdJwt) -> None:
    payload = token.payload
    if payload.keys() != CLEAR | set(OBJECTS) | set(LISTS):
        raise ReceiptError("payload: expected exactly the claims of a receipt")
    if token.header.keys() != {"alg", "kid", "typ"} or type(token.header["kid"]) is not str:
        raise ReceiptError("protected: expected alg, kid and typ")
    if token.header["typ"] != TYP:
        raise ReceiptError(f"protected: expected typ to be {TYP}")
    if token.header["alg"] != ALG or payload["vct"] != VCT:
        raise ReceiptError(f"protected, payload: expected alg {ALG} and vct {VCT}")
    for name in ("iss", "jti", "tenant", "case", "run", "scenario", "policy_version"):
        if type(payload[name]) is not str:
            raise ReceiptError(f"payload/{name}: expected text")
    for name in OBJECTS:
        if not sd_jwt.is_object(payload[name]):
            raise ReceiptError(f"payload/{name}: expected members that can be disclosed one by one")
    for name in LISTS:
        if not sd_jwt.is_list(payload[name]):
            raise ReceiptError(f"payload/{name}: expected elements that can be disclosed one by one")
    integrity = payload["integrity"]
    if type(payload["iat"]) is not int or type(integrity) is not dict or integrity.keys() != INTEGRITY:
        raise ReceiptError("payload: expected iat, and integrity with entries, root, head, sealed_at and log")
    for claim in token.claims:
        if claim.shown and claim.path.partition("/")[0] in LISTS and type(claim.value) is not dict:
            raise ReceiptError(f"{claim.path}: expected an object")
