"""A person's decision, signed: what the envelope binds, and what the person had before him."""

from __future__ import annotations

from casefile.decisions import Decision
from casefile.scenario import Gate
from graphs.context import RunContext
from graphs.position import Loaded
from guardrails import secrets
from lineage import decision as statement
from lineage.canonical import Json, canonical, digest, digest_bytes
from lineage.keys import SignatureRefused
from runtime.clock import instant
from runtime.errors import SigningError
from runtime.installation import wall_time
from runtime.store import person_keys
from runtime.store.signing_requests import SigningRequest
from runtime.store.turn import SignedDecision


async def signed(
    context: RunContext,
    decision: Decision,
    gate: Gate | None,
    loaded: Loaded,
    reason: str | None,
    request: SigningRequest | None = None,
) -> SignedDecision:
    """The envelope of a decision, by the key of the person; `reason` is what the person said.

    `request` is what the person was given to sign with his own key, and signed. Raises SigningError where its time is
    over, or its bytes are no longer what this decision says; and where the person holds his key and there is none.
    """
    store, now = context.store, wall_time()
    if request is not None and request.until <= instant(now):
        raise SigningError(f"what {decision.by} was given to sign was to be signed before {request.until}")
    signature = request.signature if request is not None else None
    signer = await person_keys.signer(store.database, context.installation, store.tenant, decision.by, now, signature)
    at = request.signed_at if request is not None else instant(now)
    try:
        body = canonical(statement.envelop(said(context, decision, gate, loaded, reason, at), signer))
    except SignatureRefused as error:
        raise SigningError(f"{error}: others, or the case has moved on since they were made") from None
    return SignedDecision(decision.id, digest_bytes(body), signer.kid, at, body)


def said(
    context: RunContext, decision: Decision, gate: Gate | None, loaded: Loaded, reason: str | None, signed_at: str
) -> statement.Signed:
    """What a person signs with this decision, at a time by the machine's clock."""
    store, person = context.store, context.packet.person(decision.by)
    return statement.Signed(
        tenant=store.tenant,
        case=store.case,
        run=store.run,
        gate=decision.gate,
        by=decision.by,
        role=", ".join(person.roles) if person and person.roles else None,
        decision=decision.decision,
        revision=decision.revision,
        lane=decision.lane,
        audience=tuple(decision.audience),
        policy_version=decision.policy_version,
        decided_at=instant(decision.at),
        expires_at=instant(decision.expires_at) if decision.expires_at else None,
        signed_at=signed_at,
        subjects=_subjects(decision, gate),
        shown=_shown(loaded),
        action=_masked(decision.action),
        target=_masked(decision.target),
        choice=_masked(decision.choice),
        accepts=tuple(decision.accepts),
        reason=_masked(reason),
    )


def _subjects(decision: Decision, gate: Gate | None) -> dict[str, str]:
    """Everything that the decision binds, by name: the revision, what else the gate is about, the evidence."""
    found = {"evidence": decision.evidence_digest}
    if decision.artifact_sha256:
        found[statement.ARTIFACT] = decision.artifact_sha256
    if gate is not None and decision.subject_sha256.startswith("sha256:"):
        found[gate.subject_key] = decision.subject_sha256
    return found


def _shown(loaded: Loaded) -> dict[str, Json]:
    """What stood open before the person, by name and by one hash over all registers."""
    open_now: list[Json] = [item.id for items in loaded.registers.values() for item in items if item.state == "open"]
    registers: dict[str, Json] = {
        name: [item.model_dump(mode="json") for item in items] for name, items in loaded.registers.items()
    }
    return {"open": open_now, "registers": digest(registers)}


def _masked(text: str | None) -> str | None:
    return None if text is None else secrets.mask(text)
