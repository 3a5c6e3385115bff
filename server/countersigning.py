"""An answer to a gate by who holds the key that he signs with: exact bytes go out, a signature over them comes back.

The service never has that key, and signs nothing in its owner's name. What counts is judged when the signature comes.
"""

from __future__ import annotations

from casefile.packet import Decides
from casefile.scenario import Gate
from graphs.decisions import prepare
from lineage.dsse import pae
from lineage.encoding import from_base64, to_base64
from lineage.keys import PublicKey
from runtime.clock import instant
from runtime.installation import wall_time
from runtime.store import person_keys, signing_requests
from runtime.store.signing_requests import SigningRequest
from server import deciding
from server.api.access import OnRun
from server.models.gates import DecisionIn, DecisionMade, SignatureIn, ToSign
from server.models.problem import Fault
from server.problems import Conflict, Gone, Unknown, Unusable
from server.turns import event_key


async def asked(on: OnRun, gate: Gate, body: DecisionIn, given: str) -> ToSign:
    """What is to be signed for this answer. The same key again gives the first request, until its time is over.

    Raises Conflict (no key of his own, decided already, at work), Gone, Forbidden, Unusable.
    """
    key = event_key(on, "decide", given)
    before = await deciding.decided(on, key)
    if before is not None:
        deciding.same(before, gate, body)
        raise Conflict(f"this was answered already, at {instant(before.at)}: {before.decision}")
    mine = await _held(on)
    await deciding.fresh(on, gate, body)
    answer, context = deciding.as_step(on, gate, body), on.opened.context
    request, refusal = await prepare(context, key, answer, on.now, mine.kid)
    if Decides.model_validate_json(request.answer).model_copy(update={"reason": answer.reason}) != answer:
        fault = Fault(place="header.Idempotency-Key", expected="a fresh key: this one was used for another answer")
        raise Unusable(f"{fault.place}: {fault.expected}", [fault])
    return ToSign(
        run=context.store.run,
        gate=gate.name,
        request=request.decision,
        kid=request.kid,
        payload=to_base64(request.body),
        sign=to_base64(pae(request.body)),
        until=request.until,
        refusal=refusal,
    )


async def signed(on: OnRun, gate: Gate, name: str, body: SignatureIn) -> DecisionMade:
    """Count the answer that was asked for, if this is its person's signature over its bytes.

    Raises Unknown, Gone (too late), Unusable (not this signature), and what an answer in one step raises.
    """
    before = await deciding.decided(on, name)
    if before is not None and (before.by, before.gate) == (on.actor, gate.name):
        return await deciding.answered(on, before, gate, await deciding.head_size(on))
    store = on.opened.context.store
    request = await signing_requests.find(store.database, store.tenant, store.run, name)
    if request is None or request.owner != on.actor:
        raise Unknown("there is no such request to sign, or it is somebody else's")
    answer = Decides.model_validate_json(request.answer)
    if answer.gate != gate.name:
        raise Unknown("there is no such request to sign at this gate")
    signature = _signature(await _held(on), request, body)
    await signing_requests.sign(store.database, store.tenant, store.run, name, signature)
    await deciding.look_again(on)
    return await deciding.counted(on, gate, name, answer)


async def _held(on: OnRun) -> PublicKey:
    store = on.opened.context.store
    key = await person_keys.held(store.database, store.tenant, on.actor)
    if key is None:
        raise Conflict("you have registered no key of your own: answer in one step, or register one")
    if fault := key.fault_at(instant(wall_time())):
        raise Conflict(f"the key that you hold is over: {fault}; register another one")
    return key


def _signature(key: PublicKey, request: SigningRequest, body: SignatureIn) -> bytes:
    """The signature, checked before anything is stored."""
    if request.until <= instant(wall_time()):
        raise Gone(f"it was to be signed before {request.until}; ask for what is to be signed anew")
    if not body.kid == key.kid == request.kid:
        raise _unusable("body.kid", f"{request.kid}: the key that this was made for, and the newest that you hold")
    try:
        signature = from_base64(body.signature)
    except ValueError as error:
        raise _unusable("body.signature", str(error)) from error
    if not key.signed(pae(request.body), signature):
        raise _unusable("body.signature", f"the signature of key {key.kid} over exactly the bytes of `sign`")
    return signature


def _unusable(place: str, expected: str) -> Unusable:
    return Unusable(f"{place}: {expected}", [Fault(place=place, expected=expected)])
