"""Receipts as the API gives them. A receipt is signed, so nothing in it can be masked: what a view hides is sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from graphs.receipt import issue_receipt
from graphs.result import key_set
from lineage.dsse import read as read_envelope
from lineage.keys import KeyFolder
from lineage.receipt import form
from lineage.receipt.disclose import ENTRIES, disclose
from lineage.receipt.form import ReceiptError
from lineage.receipt.verify import verify
from lineage.sd_jwt import Claim
from runtime.installation import wall_time
from server.api.access import OnRun
from server.api.standing import Caller
from server.models.lineage import ReceiptReport
from server.models.problem import Fault
from server.problems import Conflict, Unusable
from server.service import Service
from server.views.mask import Mask, mask_for


@dataclass(frozen=True, slots=True)
class Shown:
    """A receipt as one viewer may have it. `whole`: byte for byte as it was issued."""

    body: bytes
    whole: bool


async def receipt_for(on: OnRun) -> Shown | None:
    """The receipt, issued now where a crash came before it; None where the run may go on.

    Parts that hold what the view masks are sealed in the copy that the viewer gets; they are still counted.
    """
    context = on.opened.context
    body = await issue_receipt(context)
    if body is None:
        return None
    return await asyncio.to_thread(_as_seen, body, await mask_for(context, on.standing.view))


async def disclosed(on: OnRun, only: Sequence[str]) -> bytes:
    """A copy that shows only these paths, of what the viewer may see. Raises Conflict, and Unusable for a path."""
    seen = await receipt_for(on)
    if seen is None:
        raise Conflict("the run has not reached an end, so there is no receipt yet")
    try:
        return await asyncio.to_thread(disclose, seen.body, only)
    except ReceiptError as error:
        raise Unusable(f"body.only: {error}", [Fault(place="body.only", expected=str(error))]) from error


def _as_seen(body: bytes, mask: Mask) -> Shown:
    claims = [claim for claim in form.read(body).token.claims if claim.shown]
    seen = [claim.path for claim in claims if not _hidden(claim, mask)]
    if len(seen) == len(claims):
        return Shown(body, whole=True)
    return Shown(disclose(body, [*seen, ENTRIES]), whole=False)


def _hidden(claim: Claim, mask: Mask) -> bool:
    """Whether a part holds what the view masks, also inside the envelope of a decision."""
    value = claim.value
    if not isinstance(value, dict):
        return bool(mask.tree(value, claim.path.rpartition("/")[2]) != value)
    if claim.path.startswith("fields/") and "value" in value and not mask.view.shows_field(str(value["name"])):
        return True
    plain = {name: one for name, one in value.items() if name != "envelope"}
    if mask.tree(plain) != plain:
        return True
    said = read_envelope(value["envelope"]).statement if "envelope" in value else {}
    return bool(mask.tree(said) != said)


async def keys_for(here: Service, caller: Caller) -> bytes:
    """The key set that verifies the receipts of the caller's tenants. Keys of the service are made where none are."""
    now = wall_time()
    here.keys.signer("receipt", now)
    here.keys.signer("log", now)
    tenants = [member.tenant for member in caller.members]
    return (await key_set(here.database, here.keys, tenants)).write()


def report_of(data: bytes, trust: KeyFolder) -> ReceiptReport:
    """Verify a file against the installation's keys. Reads the key folder and nothing else."""
    report = verify(data, trust)
    return ReceiptReport.model_validate({"of": {}, **report.json()})
