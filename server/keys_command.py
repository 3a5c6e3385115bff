"""`casegate keys show|rotate|revoke`."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from lineage.keys import KeySet, PublicKey, Purpose
from runtime.clock import instant
from runtime.errors import InputError
from runtime.installation import Installation, wall_time
from runtime.settings import Settings
from runtime.store import person_keys, receipt_rows
from runtime.store.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SERVICE: dict[str, Purpose] = {"receipt": "receipt", "log": "log"}


async def show_keys(as_json: bool, db: str) -> int:
    """Print the keys. Those of the service are made where there are none, so that they can be published."""
    async with _opened(db) as (database, home):
        now = wall_time()
        home.signer("receipt", now)
        home.signer("log", now)
        keys = await _every(database, home)
        if as_json:
            click.echo(KeySet(keys).write(), nl=False)
            return 0
        for key in keys:
            of = f"{key.tenant}/{key.owner}" if key.tenant else key.owner
            ended = "" if key.fault_at(instant(now)) is None else "  ended"
            click.echo(f"{key.kid}  {key.purpose:<8}  {of}  {key.valid_from} to {key.valid_until}{ended}")
            if key.revoked_at:
                decisions, receipts = await receipt_rows.signed_since(database, key.kid, key.revoked_at)
                click.echo(
                    f"    revoked {key.revoked_at}: {key.revocation}; "
                    f"signed afterwards, and void: {decisions} decisions, {receipts} receipts"
                )
    return 0


async def rotate_key(whose: str, tenant: str | None, db: str) -> int:
    """Rotate. Raises InputError where there is no such person's key."""
    async with _opened(db) as (database, home):
        if whose in SERVICE:
            home.rotate(SERVICE[whose], wall_time())
        else:
            tenants = {k.tenant for k in await person_keys.every(database, tenant) if k.owner == whose}
            if len(tenants) != 1:
                raise InputError(whose, "", "receipt, log, or a person with keys in one tenant (--tenant) was expected")
            await person_keys.rotate(database, home, str(tenants.pop()), whose, wall_time())
        mine = [key for key in await _every(database, home) if _is_of(key, whose)]
        newest = max(mine, key=lambda key: (key.valid_from, key.valid_until))
        click.echo(f"{newest.kid} signs from {newest.valid_from}; publish the key set: casegate keys show --json")
    return 0


async def revoke_key(kid: str, reason: str, db: str) -> int:
    """Revoke. Raises InputError where there is no such key."""
    async with _opened(db) as (database, home):
        key = next((one for one in await _every(database, home) if one.kid == kid), None)
        if key is None:
            raise InputError(kid, "", "the id of a key was expected; casegate keys show lists them")
        if key.revoked_at:
            raise InputError(kid, "", f"a key that is not revoked was expected; it was, at {key.revoked_at}")
        now = wall_time()
        if key.purpose == "decision":
            await person_keys.revoke(database, home, key, now, reason)
        else:
            home.revoke(key, now, reason)
        click.echo(f"{kid} is revoked from {instant(now)}; publish the key set: casegate keys show --json")
    return 0


def _is_of(key: PublicKey, whose: str) -> bool:
    return key.purpose == whose if whose in SERVICE else key.owner == whose


async def _every(database: Database, home: Installation) -> list[PublicKey]:
    """The published keys of this installation, and those of people that another one with this database made."""
    published = home.public.every()
    known = {key.kid for key in published}
    others = [key for key in await person_keys.every(database) if key.kid not in known]
    return sorted([*published, *others], key=lambda key: (key.purpose, key.owner, key.valid_from, key.kid))


@asynccontextmanager
async def _opened(db: str) -> AsyncIterator[tuple[Database, Installation]]:
    settings = Settings()
    home = Installation.open(settings.data)
    database = await Database.open(db or settings.database_url())
    try:
        yield database, home
    finally:
        await database.close()
