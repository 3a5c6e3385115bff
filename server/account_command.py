"""`casegate account add`: accounts and memberships, by whoever runs the server."""

from __future__ import annotations

import re
import sys
import uuid
from dataclasses import dataclass

import click

from runtime.clock import wall
from runtime.errors import InputError
from runtime.settings import Settings
from runtime.store import account_rows
from runtime.store.account_rows import Account, Member
from runtime.store.database import Database
from server.security.passwords import hash_password

SHORTEST = 12
LEAST_OTHER = 5
"""How many different characters must be left of a password beside the words that are guessed first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. Empty members stay as they are."""

    email: str
    name: str
    tenant: str
    tenant_name: str
    person: str
    roles: tuple[str, ...]
    global_roles: tuple[str, ...]
    password: bool
    disable: bool


async def add(wanted: Wanted, db: str) -> int:
    """Make or change the account. Raises InputError for what cannot be stored."""
    _check(wanted)
    secret = hash_password(_password(wanted)) if wanted.password else None
    database = await Database.open(db or Settings().database_url())
    try:
        known = await account_rows.account_by_email(database, wanted.email)
        made = Account(
            id=known.id if known else f"acc_{uuid.uuid4().hex[:16]}",
            email=wanted.email,
            name=wanted.name or (known.name if known else wanted.email.partition("@")[0]),
            password=secret or (known.password if known else None),
            global_roles=wanted.global_roles or (known.global_roles if known else ()),
            disabled=wanted.disable,
            demo=False,
        )
        account = await account_rows.put_account(database, made, wall())
        if secret is not None and known is not None:
            # Whoever knew the old password may have a session of it.
            await account_rows.end_sessions(database, account.id)
        if wanted.tenant:
            await _member(database, account, wanted)
    finally:
        await database.close()
    click.echo(f"{account.email}: {'disabled' if account.disabled else 'ready'}")
    return 0


async def _member(database: Database, account: Account, wanted: Wanted) -> None:
    tenant = wanted.tenant_name or wanted.tenant
    member = Member(wanted.tenant, tenant, wanted.person, account.name, tuple(dict.fromkeys(wanted.roles)))
    if not await account_rows.put_member(database, account.id, member):
        expected = f"{wanted.person} of {wanted.tenant} is another account, or this account is another person there"
        raise InputError(wanted.email, "--person", expected)


def _check(wanted: Wanted) -> None:
    local, at, domain = wanted.email.partition("@")
    if not (local and at and domain) or len(wanted.email) > 320 or any(c.isspace() for c in wanted.email):
        raise InputError(wanted.email, "EMAIL", "an e-mail address was expected")
    if bool(wanted.tenant) != bool(wanted.person):
        raise InputError(wanted.email, "--tenant, --person", "both or neither were expected")
    if wanted.roles and not wanted.tenant:
        raise InputError(wanted.email, "--role", "a role is one in a tenant: --tenant and --person were expected")


def _password(wanted: Wanted) -> str:
    if sys.stdin.isatty():
        given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        given = sys.stdin.readline().rstrip("\n")
    if len(given) < SHORTEST:
        raise InputError("the password", "", f"at least {SHORTEST} characters were expected")
    if _easy(given, wanted):
        raise InputError("the password", "", "one that is not made of the account, its tenant or this program's name")
    return given


def _easy(password: str, wanted: Wanted) -> bool:
    """Whether little is left of a password without the words that anybody would try first for this account."""
    words = re.findall(r"\w{3,}", f"{wanted.email} {wanted.name} {wanted.tenant} {wanted.tenant_name} {wanted.person}")
    rest = password.casefold()
    for word in sorted({*(one.casefold() for one in words), "casegate", "password"}, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(set(rest)) < LEAST_OTHER
