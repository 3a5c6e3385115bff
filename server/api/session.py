"""Signing in and out; who am I; tokens."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from server.api.access import Allowed
from server.api.actions import Action
from server.api.answers import fails
from server.models.session import Me, SignIn, SignInWays, TokenMade, TokenNew, Tokens

router = APIRouter(tags=["session"])


@router.get("/session", dependencies=[Depends(Allowed(Action.SIGN_IN))])
async def sign_in_ways() -> SignInWays:
    """How one can sign in here."""
    raise NotImplementedError


@router.post("/session", dependencies=[Depends(Allowed(Action.SIGN_IN))], responses=fails(429))
async def sign_in(body: SignIn, response: Response) -> Me:
    """Sign in with e-mail and password. Sets the session cookie."""
    raise NotImplementedError


@router.delete("/session", status_code=204, dependencies=[Depends(Allowed(Action.SIGN_OUT))], responses=fails())
async def sign_out() -> Response:
    """End the session."""
    raise NotImplementedError


@router.get(
    "/session/link/{token}", status_code=303, dependencies=[Depends(Allowed(Action.SIGN_IN))], responses=fails(429)
)
async def sign_in_by_link(token: str) -> Response:
    """Sign in as a demo person by a link of the terminal; redirects to `/`."""
    raise NotImplementedError


@router.get(
    "/session/oidc/start", status_code=303, dependencies=[Depends(Allowed(Action.SIGN_IN))], responses=fails(404)
)
async def oidc_start() -> Response:
    """Go to the configured OpenID provider."""
    raise NotImplementedError


@router.get(
    "/session/oidc/callback", status_code=303, dependencies=[Depends(Allowed(Action.SIGN_IN))], responses=fails(404)
)
async def oidc_callback(state: str = "", code: str = "", error: str = "") -> Response:
    """Come back from it; redirects to `/`."""
    raise NotImplementedError


@router.get("/me", dependencies=[Depends(Allowed(Action.SEE_SELF))], responses=fails())
async def me() -> Me:
    """The signed-in account, its CSRF token and what it may ever do."""
    raise NotImplementedError


@router.get("/tokens", dependencies=[Depends(Allowed(Action.MANAGE_TOKENS))], responses=fails())
async def tokens() -> Tokens:
    """My tokens."""
    raise NotImplementedError


@router.post("/tokens", status_code=201, dependencies=[Depends(Allowed(Action.MANAGE_TOKENS))], responses=fails())
async def make_token(body: TokenNew) -> TokenMade:
    """Make a token. It is shown this once."""
    raise NotImplementedError


@router.delete(
    "/tokens/{token}", status_code=204, dependencies=[Depends(Allowed(Action.MANAGE_TOKENS))], responses=fails(404)
)
async def revoke_token(token: str) -> Response:
    """Revoke a token of mine."""
    raise NotImplementedError
