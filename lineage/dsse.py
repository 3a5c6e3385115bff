"""DSSE envelopes around in-toto statements: a signature over a type and a body, by the protocol's PAE.

One envelope has one signature: where several people are needed, each signs an envelope of his own, and keys are
counted, not signatures.
"""

from dataclasses import dataclass
from typing import Any, Final

from lineage.canonical import CanonicalError, Json, canonical, digest, parse_canonical
from lineage.encoding import from_base64, to_base64
from lineage.keys import PublicKey, Signer

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"


class EnvelopeError(ValueError):
    """An envelope of another form. The message names the place and what was expected."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A read envelope: `statement` is the parsed body, `digest` the hash by which lineage headers name it."""

    kid: str
    body: bytes
    statement: dict[str, Any]
    signature: bytes
    digest: str

    def signed_by(self, key: PublicKey) -> bool:
        """Whether the signature is that key's."""
        return key.kid == self.kid and key.signed(pae(self.body), self.signature)


def pae(body: bytes) -> bytes:
    """The pre-authentication encoding of DSSE v1."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def envelop(statement: Json, signer: Signer) -> dict[str, Json]:
    """Signs a statement. Raises CanonicalError where it is outside the domain."""
    body = canonical(statement)
    signature: dict[str, Json] = {"keyid": signer.kid, "sig": to_base64(signer.sign(pae(body)))}
    return {"payloadType": PAYLOAD_TYPE, "payload": to_base64(body), "signatures": [signature]}


def statement(subjects: dict[str, str], predicate_type: str, predicate: dict[str, Json]) -> dict[str, Json]:
    """An in-toto statement; `subjects` maps a name to `sha256:<hex>`."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": h.removeprefix("sha256:")}} for name, h in subjects.items()],
        "predicateType": predicate_type,
        "predicate": predicate,
    }


def read(value: Any) -> Envelope:
    """Reads an envelope, strictly. Raises EnvelopeError; says nothing about the signature."""
    if type(value) is not dict or value.keys() != {"payloadType", "payload", "signatures"}:
        raise EnvelopeError("envelope: expected payloadType, payload and signatures")
    if value["payloadType"] != PAYLOAD_TYPE:
        raise EnvelopeError(f"envelope: expected the payloadType {PAYLOAD_TYPE}")
    signatures = value["signatures"]
    if type(signatures) is not list or len(signatures) != 1:
        raise EnvelopeError("envelope: expected exactly one signature")
    [signature] = signatures
    if type(signature) is not dict or signature.keys() != {"keyid", "sig"} or type(signature["keyid"]) is not str:
        raise EnvelopeError("envelope: expected keyid and sig in the signature")
    try:
        body, sig = from_base64(value["payload"]), from_base64(signature["sig"])
        said: Any = parse_canonical(body)
    except (ValueError, CanonicalError) as error:
        raise EnvelopeError(f"envelope: {error}") from None
    if type(said) is not dict or said.keys() != {"_type", "subject", "predicateType", "predicate"}:
        raise EnvelopeError("envelope: expected an in-toto statement")
    if said["_type"] != STATEMENT_TYPE or type(said["predicate"]) is not dict:
        raise EnvelopeError(f"envelope: expected a statement of type {STATEMENT_TYPE} with a predicate")
    return Envelope(signature["keyid"], body, said, sig, digest(value))


def subjects_of(said: dict[str, Any]) -> dict[str, str]:
    """The subjects of a statement, name to `sha256:<hex>`. Raises EnvelopeError for another form."""
    found: dict[str, str] = {}
    subjects = said["subject"]
    for one in subjects if type(subjects) is list else [None]:
        if type(one) is not dict or one.keys() != {"name", "digest"} or type(one["digest"]) is not dict:
            raise EnvelopeError("statement: expected subjects with name and digest")
        if one["digest"].keys() != {"sha256"} or type(one["name"]) is not str or one["name"] in found:
            raise EnvelopeError("statement: expected each subject once, with a sha256 digest")
        found[one["name"]] = f"sha256:{one['digest']['sha256']}"
    return found
