"""Erased parts: a signed note says which disclosures are gone for good, so that *erased* is not taken for *sealed*."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from lineage import dsse, sd_jwt
from lineage.canonical import Json, digest
from lineage.header import is_count
from lineage.keys import Signer, Trust, is_instant, trusted
from lineage.receipt.form import Receipt, layout, members, read
from lineage.receipt.report import Findings

PREDICATE: Final = "urn:casegate:erasure:1"
_MEMBERS: Final = frozenset({"jti", "digests", "entries", "erased_at"})


@dataclass(frozen=True, slots=True)
class Erased:
    """What the notes of a receipt say: digests of disclosures, and entries whose content is gone."""

    digests: frozenset[str]
    entries: frozenset[int]


def erase(data: bytes, entries: Collection[int], person: str | None, signer: Signer, at: str) -> bytes | None:
    """The receipt file without the parts that rest on these entries or are by that person, and with a signed note.

    None where the receipt shows no such part and its case has no such entry. Raises ReceiptError for another file.
    """
    value, receipt = members(data), read(data)
    wanted = sorted({seq for seq in entries if 0 <= seq < len(receipt.entries)})
    gone = [
        claim
        for claim in receipt.token.claims
        if claim.shown and type(claim.value) is dict
        and (claim.value.get("entry") in wanted or (person is not None and claim.value.get("by") == person))
    ]  # fmt: skip
    if not gone and not wanted:
        return None
    predicate: dict[str, Json] = {
        "jti": receipt.payload["jti"],
        "digests": list[Json](sorted(claim.digest for claim in gone)),
        "entries": list[Json](wanted),
        "erased_at": at,
    }
    note = dsse.envelop(dsse.statement({"receipt": _subject(receipt)}, PREDICATE, predicate), signer)
    left = {claim.disclosure for claim in gone}
    kept = [text for text in value["header"]["disclosures"] if text not in left]
    value |= {"header": {"disclosures": kept}, "erasures": [*value["erasures"], note]}
    value["disclosed"] = sd_jwt.read(value).processed()
    return layout(value)


def check_erasures(receipt: Receipt, trust: Trust, findings: Findings) -> Erased:
    """What was erased, by notes of the issuer of this very receipt; any other note is a finding."""
    digests: set[str] = set()
    entries: set[int] = set()
    for place, one in enumerate(receipt.erasures):
        try:
            envelope = dsse.read(one)
            problem = _note_problem(receipt, envelope, trust)
        except dsse.EnvelopeError as error:
            problem = str(error)
        if problem:
            findings.add("integrity", f"erasures/{place}", problem)
            continue
        digests |= set(envelope.statement["predicate"]["digests"])
        entries |= set(envelope.statement["predicate"]["entries"])
    for claim in receipt.token.claims:
        if claim.digest in digests and claim.shown:
            findings.add("integrity", claim.path, "shown, and a note says that it was erased")
    if digests - {claim.digest for claim in receipt.token.claims}:
        findings.add("integrity", "erasures", "a note erases what this receipt never had")
    return Erased(frozenset(digests), frozenset(entries))


def _note_problem(receipt: Receipt, envelope: dsse.Envelope, trust: Trust) -> str | None:
    said: dict[str, Any] = envelope.statement["predicate"]
    if envelope.statement["predicateType"] != PREDICATE or said.keys() != _MEMBERS or not is_instant(said["erased_at"]):
        return f"expected a statement of type {PREDICATE}"
    if type(said["digests"]) is not list or type(said["entries"]) is not list:
        return "expected lists of digests and entries"
    if not all(type(one) is str for one in said["digests"]):
        return "expected digests as texts"
    if not all(is_count(one) and one < len(receipt.entries) for one in said["entries"]):
        return "expected entries of this case"
    subject = {"receipt": _subject(receipt)}
    if said["jti"] != receipt.payload["jti"] or dsse.subjects_of(envelope.statement) != subject:
        return "the note is about another receipt"
    key, problem = trusted(trust, envelope.kid, "receipt", said["erased_at"])
    if key is None or problem:
        return problem
    if key.owner != receipt.payload["iss"]:
        return "the note is not by the issuer of the receipt"
    return None if envelope.signed_by(key) else "the note is not signed by its key"


def _subject(receipt: Receipt) -> str:
    """What a note is about: the signed token, whatever of it is shown."""
    return digest(receipt.token.signing_input.decode())
