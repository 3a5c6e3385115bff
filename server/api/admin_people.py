"""People of a tenant, delegations, tokens, one's own signing key, and the chain of what admins did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from runtime.store.admin_chain import CHAIN
from server.admin import keys, people
from server.admin import settings as setting_acts
from server.admin.people import Wanted
from server.api.access import Allowed, OnThisTenant
from server.api.actions import Action
from server.api.answers import fails
from server.models.admin import Done, Proposed, ReasonIn
from server.models.admin_people import (
    AuditPage,
    Deactivated,
    DelegationIn,
    DelegationMade,
    DelegationRow,
    People,
    PersonIn,
)
from server.models.keys import HeldKeyIn, KeyIn, KeyProof, SigningKey
from server.models.lineage import Verification
from server.views import admin_people as views
from server.views.proof import verified

router = APIRouter(prefix="/admin/{tenant}", tags=["admin"])
READ, CHANGE = [Depends(Allowed(Action.READ_SETTINGS))], [Depends(Allowed(Action.CHANGE_SETTINGS))]
AUDIT, OWN = [Depends(Allowed(Action.AUDIT_ADMINS))], [Depends(Allowed(Action.DELEGATE))]
KEY = [Depends(Allowed(Action.HOLD_KEY))]


@router.get("/people", dependencies=READ, responses=fails(404))
async def people_page(tenant: str, on: OnThisTenant) -> People:
    """Everybody of the tenant: roles, delegations, tokens, who is out of use, who is proposed."""
    return await views.people_view(on)


@router.post("/people", status_code=201, dependencies=CHANGE, responses=fails(404, 409))
async def propose_person(tenant: str, body: PersonIn, on: OnThisTenant) -> Proposed:
    """Propose a person, or other roles of one."""
    wanted = Wanted(body.person, body.email, body.name, body.roles)
    return Proposed(version=await people.propose(on, wanted, body.reason))


@router.post("/people/{person}/versions/{version}/activation", dependencies=CHANGE, responses=fails(404, 409))
async def activate_person(tenant: str, person: str, version: int, body: ReasonIn, on: OnThisTenant) -> Done:
    """Put it in force. More needs a second admin; less does not, and voids what waits on a role that goes."""
    await people.activate(on, person, version, body.reason)
    return Done(active=(await setting_acts.look(on, "person", person)).history.active)


@router.post("/people/{person}/deactivation", dependencies=CHANGE, responses=fails(404, 409))
async def deactivate_person(tenant: str, person: str, body: ReasonIn, on: OnThisTenant) -> Deactivated:
    """Take a person out of use at once. Answers of his that nothing has come of yet are void."""
    return Deactivated(runs=await people.deactivate(on, person, body.reason))


@router.delete("/tokens/{token}", status_code=204, dependencies=CHANGE, responses=fails(404))
async def revoke_anybodys_token(tenant: str, token: str, on: OnThisTenant) -> Response:
    """Revoke a token of somebody of the tenant."""
    await people.revoke_token(on, token)
    return Response(status_code=204)


@router.get("/delegations", dependencies=OWN, responses=fails(404))
async def my_delegations(tenant: str, on: OnThisTenant) -> list[DelegationRow]:
    """The delegations that I give or take."""
    return await views.delegations_view(on, on.member.person)


@router.post("/delegations", status_code=201, dependencies=OWN, responses=fails(404))
async def delegate(tenant: str, body: DelegationIn, on: OnThisTenant) -> DelegationMade:
    """Lend a role of mine for a time."""
    times = (body.valid_from, body.valid_until)
    return DelegationMade(id=await people.delegate(on, body.taker, body.role, times, body.reason))


@router.delete("/delegations/{delegation}", status_code=204, dependencies=OWN, responses=fails(404, 409))
async def end_delegation(tenant: str, delegation: str, on: OnThisTenant) -> Response:
    """End a delegation: mine, or any one as an admin."""
    await people.end_delegation(on, delegation, any_giver="admin" in on.caller.account.global_roles)
    return Response(status_code=204)


@router.get("/signing-key", dependencies=KEY, responses=fails(404))
async def my_signing_key(tenant: str, on: OnThisTenant) -> SigningKey:
    """With what I sign my answers at gates: a key that I hold, or one that the service keeps sealed."""
    return await keys.mine(on)


@router.post("/signing-key/proof", dependencies=KEY, responses=fails(404))
async def prove_key(tenant: str, body: KeyIn, on: OnThisTenant) -> KeyProof:
    """What a key of mine has to sign, to show that I hold it."""
    return keys.to_prove(on, body.key)


@router.post("/signing-key", status_code=201, dependencies=KEY, responses=fails(404, 409))
async def hold_key(tenant: str, body: HeldKeyIn, on: OnThisTenant) -> SigningKey:
    """Sign with a key that I hold from now on. The service then signs nothing in my name."""
    return await keys.hold(on, body)


@router.get("/audit", dependencies=AUDIT, responses=fails(404))
async def audit(
    tenant: str,
    on: OnThisTenant,
    after: Annotated[int, Query(ge=-1, le=2**53)] = -1,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    newest: Annotated[bool, Query(description="the last page instead")] = False,
) -> AuditPage:
    """What admins did, in order."""
    return await views.audit_view(on, after, limit, newest)


@router.post("/audit/verify", dependencies=AUDIT, responses=fails(404))
async def verify_audit(tenant: str, on: OnThisTenant) -> Verification:
    """Verify the chain of what admins did."""
    return await verified(on.database, on.tenant, CHAIN)
