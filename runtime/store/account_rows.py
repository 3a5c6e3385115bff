"""Accounts, memberships, sessions, links and tokens in the store. Times are whole seconds of the wall clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.store import people_rows
from runtime.store.account_tables import accounts, api_tokens, memberships, oidc_states, sessions, sign_in_links
from runtime.store.database import Database
from runtime.store.lending import lending


@dataclass(frozen=True, slots=True)
class Account:
    """A person or a machine that can sign in. `global_roles` hold within the tenants that it is a member of."""

    id: str
    email: str
    name: str
    password: str | None
    global_roles: tuple[str, ...]
    disabled: bool
    demo: bool


@dataclass(frozen=True, slots=True)
class Member:
    """Who an account is in a tenant; `roles` are those that a roster there may give it."""

    tenant: str
    tenant_name: str
    person: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """An API token, without its secret."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int | None
    last_used_at: int | None


_A, _M, _S, _T = accounts.c, memberships.c, sessions.c, api_tokens.c
_ACCOUNT = (_A.id, _A.email, _A.name, _A.password, _A.global_roles, _A.disabled, _A.demo)
_TOKEN = (_T.id, _T.name, _T.scopes, _T.created_at, _T.expires_at, _T.last_used_at)
SEEN_EVERY = 60


async def put_account(database: Database, account: Account, at: int, issuer: str = "", subject: str = "") -> Account:
    """Store an account, or bring one with the same e-mail up to date. Returns it as it stands."""
    values = {
        "name": account.name,
        "password": account.password,
        "global_roles": orjson.dumps(account.global_roles).decode(),
        "disabled": account.disabled,
        "demo": account.demo,
        "issuer": issuer or None,
        "subject": subject or None,
    }
    email = account.email.casefold()

    async def work(connection: AsyncConnection) -> None:
        found = (await connection.execute(select(_A.id).where(_A.email == email))).scalar()
        if found is None:
            await connection.execute(insert(accounts).values(id=account.id, email=email, created_at=at, **values))
        else:
            await connection.execute(update(accounts).where(_A.id == found).values(**values))

    await database.together(work)
    stored = await account_by_email(database, email)
    if stored is None:
        raise AssertionError(f"account {email} was not stored")
    return stored


async def put_member(database: Database, account: str, member: Member) -> bool:
    """Make an account a member of a tenant. False where another account is that person there, or it is another one."""
    values = {"tenant_name": member.tenant_name, "name": member.name, "roles": orjson.dumps(member.roles).decode()}
    mine = (_M.tenant == member.tenant, _M.account == account, _M.person == member.person)
    try:

        async def work(connection: AsyncConnection) -> None:
            done = await connection.execute(update(memberships).where(*mine).values(**values))
            if not done.rowcount:
                row = {"tenant": member.tenant, "account": account, "person": member.person, **values}
                await connection.execute(insert(memberships).values(**row))

        await database.together(work)
    except IntegrityError:
        return False
    return True


async def account_by_email(database: Database, email: str) -> Account | None:
    """The account of an e-mail address."""
    return await _account(database, select(*_ACCOUNT).where(_A.email == email.casefold()))


async def account_by_subject(database: Database, issuer: str, subject: str) -> Account | None:
    """The account that an OpenID provider knows as `subject`."""
    return await _account(database, select(*_ACCOUNT).where(_A.issuer == issuer, _A.subject == subject))


async def bind_subject(database: Database, account: str, issuer: str, subject: str) -> None:
    """Bind an account to an OpenID subject at its first sign-in; later ones go by the subject, not by the e-mail."""

    async def work(connection: AsyncConnection) -> None:
        where = (_A.id == account, _A.issuer.is_(None))
        await connection.execute(update(accounts).where(*where).values(issuer=issuer, subject=subject))

    await database.together(work)


async def members_of(database: Database, account: str) -> tuple[Member, ...]:
    """The tenants in which an account is in use, with the roles that it has there now, its own and lent ones."""
    query = select(_M.tenant, _M.tenant_name, _M.person, _M.name, _M.roles).where(_M.account == account)
    found = await database.rows(query.order_by(_M.tenant))
    out = await people_rows.suspended_tenants(database, {row.tenant: row.person for row in found})
    members = [Member(t, tn, p, n, tuple(orjson.loads(roles))) for t, tn, p, n, roles in found if t not in out]
    return tuple([await _with_lent(database, one) for one in members])


async def _with_lent(database: Database, one: Member) -> Member:
    """A member with the roles that are lent to him now."""
    lent = (await lending(database, one.tenant)).lent()
    return replace(one, roles=tuple(dict.fromkeys((*one.roles, *lent.get(one.person, ())))))


async def members_in(database: Database, tenant: str) -> list[Member]:
    """Everybody of a tenant who has an account, also who is out of use; with their own roles, without lent ones."""
    query = select(_M.tenant, _M.tenant_name, _M.person, _M.name, _M.roles).where(_M.tenant == tenant)
    found = await database.rows(query.order_by(_M.person))
    return [Member(t, tn, p, n, tuple(orjson.loads(roles))) for t, tn, p, n, roles in found]


# --- sessions ----------------------------------------------------------------------------------------------------


async def start_session(database: Database, hashed: str, account: str, at: int, until: int) -> None:
    """Store a session; those that have expired are removed on the way."""

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(delete(sessions).where(_S.expires_at < at))
        row = {"hash": hashed, "account": account, "created_at": at, "seen_at": at, "expires_at": until}
        await connection.execute(insert(sessions).values(**row))

    await database.together(work)


async def session_account(database: Database, hashed: str, at: int, idle: int) -> tuple[Account, int] | None:
    """The account of a living session and when it expires. Being seen is written at most once a minute."""
    query = select(*_ACCOUNT, _S.expires_at, _S.seen_at).join(sessions, _S.account == _A.id)
    found = await database.row(query.where(_S.hash == hashed))
    if found is None:
        return None
    *row, expires_at, seen_at = found
    if at >= expires_at or at - seen_at > idle:
        return None
    if at - seen_at > SEEN_EVERY:
        await database.together(
            lambda connection: connection.execute(update(sessions).where(_S.hash == hashed).values(seen_at=at))
        )
    account = _of(row)
    return None if account.disabled else (account, int(expires_at))


async def end_sessions(database: Database, account: str) -> None:
    """End every session of an account."""
    await database.together(lambda connection: connection.execute(delete(sessions).where(_S.account == account)))


async def end_session(database: Database, hashed: str) -> None:
    """End a session for good."""
    await database.together(lambda connection: connection.execute(delete(sessions).where(_S.hash == hashed)))


# --- sign-in links and OpenID states -----------------------------------------------------------------------------


async def put_link(database: Database, hashed: str, account: str, until: int, at: int) -> None:
    """Store a demo person's sign-in link; expired ones are removed."""
    c = sign_in_links.c

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(delete(sign_in_links).where(c.expires_at < at))
        await connection.execute(insert(sign_in_links).values(hash=hashed, account=account, expires_at=until))

    await database.together(work)


async def link_account(database: Database, hashed: str, at: int) -> Account | None:
    """The demo account of a link that has not expired."""
    c = sign_in_links.c
    query = select(*_ACCOUNT).join(sign_in_links, c.account == _A.id).where(c.hash == hashed, c.expires_at > at)
    account = await _account(database, query)
    return account if account is not None and account.demo and not account.disabled else None


async def put_state(database: Database, hashed: str, verifier: str, nonce: str, until: int, at: int) -> None:
    """Remember that somebody went to the OpenID provider."""
    c = oidc_states.c

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(delete(oidc_states).where(c.expires_at < at))
        row = {"hash": hashed, "verifier": verifier, "nonce": nonce, "expires_at": until}
        await connection.execute(insert(oidc_states).values(**row))

    await database.together(work)


async def take_state(database: Database, hashed: str, at: int) -> tuple[str, str] | None:
    """Verifier and nonce of a state, once: a state that is taken is gone."""
    c = oidc_states.c

    async def work(connection: AsyncConnection) -> tuple[str, str] | None:
        query = select(c.verifier, c.nonce, c.expires_at).where(c.hash == hashed)
        found = (await connection.execute(query)).first()
        gone = await connection.execute(delete(oidc_states).where(c.hash == hashed))
        return (found[0], found[1]) if found is not None and gone.rowcount and found[2] > at else None

    return await database.together(work)


# --- tokens ------------------------------------------------------------------------------------------------------


async def put_token(database: Database, account: str, token: Token, hashed: str) -> None:
    """Store a token."""
    row = {
        "id": token.id,
        "hash": hashed,
        "account": account,
        "name": token.name,
        "scopes": orjson.dumps(token.scopes).decode(),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
    }
    await database.together(lambda connection: connection.execute(insert(api_tokens).values(**row)))


async def tokens_of(database: Database, account: str) -> list[Token]:
    """An account's tokens, newest first."""
    query = select(*_TOKEN).where(_T.account == account).order_by(_T.created_at.desc(), _T.id)
    return [_token(row) for row in await database.rows(query)]


async def revoke_token(database: Database, account: str, token: str) -> bool:
    """Remove a token of this account. False where it has no such token."""
    mine = (_T.account == account, _T.id == token)
    gone = await database.together(lambda connection: connection.execute(delete(api_tokens).where(*mine)))
    return bool(gone.rowcount)


async def token_account(database: Database, hashed: str, at: int) -> tuple[Account, Token] | None:
    """The account and the token of a living secret."""
    query = select(*_ACCOUNT, *_TOKEN).join(api_tokens, _T.account == _A.id).where(_T.hash == hashed)
    found = await database.row(query)
    if found is None:
        return None
    account, token = _of(found[: len(_ACCOUNT)]), _token(found[len(_ACCOUNT) :])
    if account.disabled or (token.expires_at is not None and at >= token.expires_at):
        return None
    if token.last_used_at is None or at - token.last_used_at > SEEN_EVERY:
        await database.together(
            lambda connection: connection.execute(update(api_tokens).where(_T.id == token.id).values(last_used_at=at))
        )
    return account, token


def _token(row: Sequence[Any]) -> Token:
    id_, name, scopes, created, expires, used = row
    return Token(id_, name, tuple(orjson.loads(scopes)), created, expires, used)


async def _account(database: Database, query: Select[Any]) -> Account | None:
    found = await database.row(query)
    return None if found is None else _of(found)


def _of(row: Sequence[Any]) -> Account:
    id_, email, name, password, roles, disabled, demo = row
    return Account(id_, email, name, password, tuple(orjson.loads(roles)), disabled, demo)
