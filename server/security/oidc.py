"""Sign-in by OpenID Connect: code flow with PKCE, state bound to the browser, ID token checked by signature and claims.

An account is bound to (issuer, subject) at its first sign-in, by a verified e-mail of an account that an administrator
made. Nobody gets an account by signing in.
"""

from __future__ import annotations

import time
from typing import Any

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from runtime.store import account_rows
from runtime.store.account_rows import Account
from runtime.store.database import Database
from server.problems import NotSignedIn, Unknown
from server.security.secrets import fresh, hashed, same
from server.settings import ServerSettings

SECONDS = 600
ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
_SCOPE = "openid email profile"


def cookie(secure: bool) -> str:
    """The name of the cookie that binds a sign-in to its browser. Lax, because the provider sends the browser back."""
    return "__Host-casegate_oidc" if secure else "casegate_oidc"


def _redirect(settings: ServerSettings) -> str:
    return f"{settings.origin}/api/session/oidc/callback"


async def begin(settings: ServerSettings, database: Database) -> tuple[str, str]:
    """Where to send the browser, and the state to bind to it. Raises Unknown where no provider is configured."""
    if not settings.oidc_issuer:
        raise Unknown("no OpenID provider is configured here")
    described = await _described(settings)
    verifier, nonce, at = fresh() + fresh(), fresh(), int(time.time())
    state = fresh()
    address = prepare_grant_uri(
        described["authorization_endpoint"],
        client_id=settings.oidc_client_id,
        response_type="code",
        redirect_uri=_redirect(settings),
        scope=_SCOPE,
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    await account_rows.put_state(database, hashed(state), verifier, nonce, at + SECONDS, at)
    return str(address), state


async def finish(settings: ServerSettings, database: Database, state: str, bound: str, code: str) -> Account:
    """The account of who comes back. Raises NotSignedIn for whatever does not fit."""
    if not settings.oidc_issuer:
        raise Unknown("no OpenID provider is configured here")
    if not state or not same(state, bound):
        raise NotSignedIn("the sign-in was not begun in this browser")
    kept = await account_rows.take_state(database, hashed(state), int(time.time()))
    if kept is None or not code:
        raise NotSignedIn("the sign-in was cancelled, is too old or was finished already")
    claims = await _claims(settings, code, *kept)
    return await _account(settings, database, claims)


async def _claims(settings: ServerSettings, code: str, verifier: str, nonce: str) -> dict[str, Any]:
    described = await _described(settings)
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _redirect(settings),
        "code_verifier": verifier,
    }
    secret = (settings.oidc_client_id, settings.oidc_client_secret.get_secret_value())
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            tokens = (await client.post(described["token_endpoint"], data=asked, auth=secret)).raise_for_status().json()
            keys = (await client.get(described["jwks_uri"])).raise_for_status().json()
        decoded = jwt.decode(tokens["id_token"], KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        JWTClaimsRegistry(
            leeway=60,
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.oidc_client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
        ).validate(decoded.claims)
    except (JoseError, httpx.HTTPError, KeyError, ValueError, TypeError) as error:
        raise NotSignedIn(f"the provider's answer cannot be used ({type(error).__name__})") from error
    return dict(decoded.claims)


async def _account(settings: ServerSettings, database: Database, claims: dict[str, Any]) -> Account:
    subject = str(claims["sub"])
    account = await account_rows.account_by_subject(database, settings.oidc_issuer, subject)
    if account is None and claims.get("email_verified") is True and claims.get("email"):
        account = await account_rows.account_by_email(database, str(claims["email"]))
        if account is not None:
            await account_rows.bind_subject(database, account.id, settings.oidc_issuer, subject)
            account = await account_rows.account_by_subject(database, settings.oidc_issuer, subject)
    if account is None or account.disabled:
        raise NotSignedIn("you have no account here; an administrator makes one")
    return account


async def _described(settings: ServerSettings) -> dict[str, Any]:
    """The provider's own description of itself. Its issuer must be the one that is configured."""
    address = f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            described = (await client.get(address)).raise_for_status().json()
        if described["issuer"] != settings.oidc_issuer:
            raise NotSignedIn("the OpenID provider names another issuer than the one that is configured")
        return {n: str(described[n]) for n in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise NotSignedIn(f"the OpenID provider does not answer ({type(error).__name__})") from error
