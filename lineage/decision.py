"""A person's decision as an in-toto statement: for exactly which content, in which place, seen how, until when."""

from dataclasses import dataclass
from typing import Any, Final

from lineage import dsse
from lineage.canonical import Json
from lineage.keys import Signer, is_instant

PREDICATE: Final = "urn:casegate:decision:1"
ARTIFACT: Final = "artifact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a person signs. `subjects` maps what is bound (artifact, evidence, configuration, …) to its hash.

    `decided_at` and `expires_at` are by the clock of the run; `signed_at` by the machine's, because keys are valid by
    that. `shown` is what the person had before him.
    """

    tenant: str
    case: str
    run: str
    gate: str
    by: str
    role: str | None
    decision: str
    revision: str | None
    lane: str
    audience: tuple[str, ...]
    policy_version: str
    decided_at: str
    expires_at: str | None
    signed_at: str
    subjects: dict[str, str]
    shown: dict[str, Json]
    action: str | None = None
    target: str | None = None
    choice: str | None = None
    accepts: tuple[str, ...] = ()
    reason: str | None = None


MEMBERS: Final = frozenset(Signed.__slots__) - {"subjects"}


def statement(signed: Signed) -> dict[str, Json]:
    """The in-toto statement of a decision: what is signed, whoever holds the key."""
    predicate: dict[str, Json] = {name: getattr(signed, name) for name in sorted(MEMBERS)}
    predicate |= {"audience": list(signed.audience), "accepts": list(signed.accepts)}
    return dsse.statement(signed.subjects, PREDICATE, predicate)


def envelop(signed: Signed, signer: Signer) -> dict[str, Json]:
    """The DSSE envelope of a decision. Raises SignatureRefused where a signature made elsewhere is over other bytes."""
    return dsse.envelop(statement(signed), signer)


def predicate_of(envelope: dsse.Envelope) -> dict[str, Any]:
    """The predicate of a decision. Raises EnvelopeError where the statement is about something else."""
    said = envelope.statement
    if said["predicateType"] != PREDICATE or said["predicate"].keys() != MEMBERS:
        raise dsse.EnvelopeError(f"statement: expected a predicate of type {PREDICATE} and its members")
    predicate: dict[str, Any] = said["predicate"]
    if not is_instant(predicate["signed_at"]):
        raise dsse.EnvelopeError("statement: expected signed_at to be a UTC time")
    return predicate
