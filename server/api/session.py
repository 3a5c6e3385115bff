"""Signing in and out; who am I; tokens."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime

import structlog
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from runtime.clock import instant
from runtime.store import account_rows
from runtime.store.account_rows import Account, Token
from server.api.access import Allowed, Here, Me, caller_of_session, may_here, may_in_tenant
from server.api.actions import PUBLIC, Action
from server.api.answers import fails
from server.api.standing import Caller
from server.models.session import Me as MeView
from server.models.session import Membership, SignIn, SignInWays, TokenMade, TokenNew, TokenRow, Tokens
from server.problems import NotSignedIn, Unknown
from server.security import oidc, passwords
from server.security.secrets import TOKEN_PREFIX, csrf_of, fresh, hashed
from server.service import Service

log = structlog.get_logger("casegate")
router = APIRouter(tags=["session"])


@router.get("/session", dependencies=[Depends(Allowed(Action.SIGN_IN))])
async def sign_in_ways(here: Here) -> SignInWays:
    """How one can sign in here."""
    name = here.settings.oidc_name if here.settings.oidc_issuer else None
    return SignInWays(password=True, oidc=name, demo=here.demo)


@router.post("/session", dependencies=[Depends(Allowed(Action.SIGN_IN))], responses=fails(429))
async def sign_in(body: SignIn, request: Request, response: Response, here: Here) -> MeView:
    """Sign in with e-mail and password. Sets the session cookie."""
    email = body.email.casefold()
    here.rates.attempt(_address(request), email)
    account = await account_rows.account_by_email(here.database, email)
    right = await passwords.right(body.password, account.password if account else None)
    if account is None or not right or account.disabled:
        here.rates.failed(email)
        log.warning("sign-in refused", way="password", account=account.id if account else None)
        raise NotSignedIn("e-mail or password is wrong")
    session = await _start(here, account, response)
    log.info("signed in", way="password", account=account.id)
    return await _me(here, session)


@router.delete("/session", status_code=204, dependencies=[Depends(Allowed(Action.SIGN_OUT))], responses=fails())
async def sign_out(me: Me, here: Here) -> Response:
    """End the session."""
    response = Response(status_code=204)
    if me.way == "session":
        await account_rows.end_session(here.database, hashed(me.secret))
        here.cookie.clear(response)
        # What the browser still holds of the cases goes too: drafts of chat, cached pages.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        log.info("signed out", account=me.account.id)
    return response


@router.get(
    "/session/link/{token}",
    status_code=303,
    response_class=Response,
    dependencies=[Depends(Allowed(Action.SIGN_IN))],
    responses=fails(429),
)
async def sign_in_by_link(token: str, request: Request, here: Here) -> Response:
    """Sign in as a demo person by a link of the terminal; redirects to `/`."""
    here.rates.attempt(_address(request))
    account = await account_rows.link_account(here.database, hashed(token), int(time.time()))
    if account is None:
        raise NotSignedIn("the link is unknown or has expired; start the demo again for new ones")
    response = RedirectResponse("/", status_code=303)
    await _start(here, account, response)
    log.info("signed in", way="link", account=account.id)
    return response


@router.get(
    "/session/oidc/start",
    status_code=303,
    response_class=Response,
    dependencies=[Depends(Allowed(Action.SIGN_IN))],
    responses=fails(404, 429),
)
async def oidc_start(request: Request, here: Here) -> Response:
    """Go to the configured OpenID provider."""
    here.rates.attempt(_address(request))
    address, state = await oidc.begin(here.settings, here.database)
    response = RedirectResponse(address, status_code=303)
    name, secure = oidc.cookie(here.cookie.secure), here.cookie.secure
    response.set_cookie(name, state, max_age=oidc.SECONDS, path="/", secure=secure, httponly=True, samesite="lax")
    return response


@router.get(
    "/session/oidc/callback",
    status_code=303,
    response_class=Response,
    dependencies=[Depends(Allowed(Action.SIGN_IN))],
    responses=fails(404, 429),
)
async def oidc_callback(request: Request, here: Here, state: str = "", code: str = "") -> Response:
    """Come back from it; redirects to `/`."""
    here.rates.attempt(_address(request))
    name, secure = oidc.cookie(here.cookie.secure), here.cookie.secure
    bound = request.cookies.get(name, "")
    try:
        account = await oidc.finish(here.settings, here.database, state, bound, code)
    except NotSignedIn as refused:
        log.warning("sign-in refused", way="oidc", reason=refused.detail)
        raise
    response = RedirectResponse("/", status_code=303)
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
    await _start(here, account, response)
    log.info("signed in", way="oidc", account=account.id)
    return response


@router.get("/me", dependencies=[Depends(Allowed(Action.SEE_SELF))], responses=fails())
async def me(caller: Me, here: Here) -> MeView:
    """The signed-in account, its CSRF token and what it may ever do."""
    return me_view(here, caller)


@router.get("/tokens", dependencies=[Depends(Allowed(Action.MANAGE_TOKENS))], responses=fails())
async def tokens(caller: Me, here: Here) -> Tokens:
    """My tokens."""
    found = await account_rows.tokens_of(here.database, caller.account.id)
    return Tokens(tokens=[TokenRow.model_validate(_token(one)) for one in found])


@router.post("/tokens", status_code=201, dependencies=[Depends(Allowed(Action.MANAGE_TOKENS))], responses=fails())
async def make_token(body: TokenNew, caller: Me, here: Here) -> TokenMade:
    """Make a token. It is shown this once."""
    at, secret = int(time.time()), TOKEN_PREFIX + fresh()
    until = at + body.days * 86_400 if body.days is not None else None
    scopes = tuple(dict.fromkeys(body.scopes))
    made = Token(f"tok_{uuid.uuid4().hex[:16]}", body.name, scopes, at, until, None)
    await account_rows.put_token(here.database, caller.account.id, made, hashed(secret))
    return TokenMade.model_validate({**_token(made), "token": secret})


@router.delete(
    "/tokens/{token}",
    status_code=204,
    dependencies=[Depends(Allowed(Action.MANAGE_TOKENS))],
    responses=fails(404),
)
async def revoke_token(token: str, caller: Me, here: Here) -> Response:
    """Revoke a token of mine."""
    if not await account_rows.revoke_token(here.database, caller.account.id, token):
        raise Unknown
    return Response(status_code=204)


def me_view(here: Service, caller: Caller) -> MeView:
    """The account, for its own eyes."""
    able = [action for action in Action if may_ever(here, caller, action)]
    members = [
        Membership(tenant=m.tenant, tenant_name=m.tenant_name, person=m.person, name=m.name, roles=list(m.roles))
        for m in caller.members
    ]
    return MeView.model_validate(
        {
            "account": caller.account.id,
            "name": caller.account.name,
            "email": caller.account.email,
            "way": caller.way,
            "demo": caller.account.demo,
            "global_roles": list(caller.account.global_roles),
            "memberships": members,
            "capabilities": able,
            "csrf": csrf_of(caller.secret) if caller.way == "session" else "",
            "expires_at": _time(caller.expires_at),
        }
    )


def may_ever(here: Service, caller: Caller, action: Action) -> bool:
    """Whether there could be a case on which the account may do it: by its roles in the directory."""
    if action.startswith(("admin:", "tenant:")):
        return any(may_in_tenant(here, caller, action, member.tenant) for member in caller.members)
    if not action.startswith(("run:", "signals:")) or action in PUBLIC:
        return may_here(here, caller, action)
    if not caller.reaches(action):
        return False
    roles = {role for member in caller.members for role in member.roles}
    context = {
        "signed_in": True,
        "way": caller.way,
        "scoped": True,
        "member": bool(caller.members),
        "on_roster": bool(roles),
        "roles": sorted(roles),
        "gate_roles": sorted(roles),
    }
    return here.policies.allow(caller.account.id, caller.account.global_roles, action, ("Case", "any"), context)


async def _start(here: Service, account: Account, response: Response) -> str:
    """A new session: never one that was there before signing in."""
    session, at, hours = fresh(), int(time.time()), here.settings.session_hours
    await account_rows.start_session(here.database, hashed(session), account.id, at, at + hours * 3_600)
    here.cookie.put(response, session, hours * 3_600)
    return session


async def _me(here: Service, session: str) -> MeView:
    caller = await caller_of_session(here, session)
    if caller is None:
        raise NotSignedIn("the session ended at once: the account is disabled")
    return me_view(here, caller)


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _token(token: Token) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "scopes": list(token.scopes),
        "created_at": _time(token.created_at),
        "expires_at": _time(token.expires_at),
        "last_used_at": _time(token.last_used_at),
    }


def _time(at: int | None) -> str | None:
    return None if at is None else instant(datetime.fromtimestamp(at, UTC))
