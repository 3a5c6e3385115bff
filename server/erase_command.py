"""`casegate lineage erase`: the content of named entries, or of everything that one person did."""

from __future__ import annotations

import re
from typing import Any

import click
import orjson
from sqlalchemy import select

from runtime.errors import InputError
from runtime.installation import Installation, wall_time
from runtime.settings import Settings
from runtime.store.chain import rows_of
from runtime.store.database import Database
from runtime.store.erase_rows import drafted
from runtime.store.erase_rows import erase as erase_rows
from runtime.store.tables import runs
from server.lineage_command import found_case, only_tenant


async def erase(case: str, entries: str, person: str | None, by: str, reason: str, db: str) -> int:
    """Erase, and say what was done. Raises InputError where nothing fits, or where a run is still at work."""
    async with found_case(case, db) as (database, tenants):
        tenant = only_tenant(case, tenants)
        chain = [orjson.loads(row.header) async for row in rows_of(database, tenant, case)]
        chosen = _chosen(chain, _numbers(entries), person)
        if not chosen:
            what = f"entries of the case were expected; it has {len(chain)}, from 0"
            raise InputError("--entries, --person", "", what)
        await _ended(database, tenant, {header["run"] for header in chosen.values()})
        now = wall_time()
        signer = Installation.open(Settings().data).signer("receipt", now)
        draft = drafted(tenant, case, chosen, by, reason, now)

        receipts = await database.together(
            lambda connection: erase_rows(connection, tenant, case, chosen, person, draft, signer)
        )
    click.echo(f"{case}: content of {len(chosen)} entries erased, {receipts} receipt(s) changed; the headers stay")
    return 0


def _numbers(text: str) -> set[int]:
    """`3,7-9` as numbers. Raises InputError."""
    found: set[int] = set()
    for part in filter(None, (one.strip() for one in text.split(","))):
        match = re.fullmatch(r"(\d{1,15})(?:-(\d{1,15}))?", part, re.ASCII)
        if match is None or int(match[2] or match[1]) - int(match[1]) not in range(1_000_000):
            raise InputError("--entries", part, "numbers of entries were expected, for example 3,7-9")
        found |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    return found


def _chosen(chain: list[dict[str, Any]], numbers: set[int], person: str | None) -> dict[int, dict[str, Any]]:
    return {
        header["seq"]: header
        for header in chain
        if header["seq"] in numbers
        or (person is not None and header["actor"]["type"] == "person" and header["actor"]["id"] == person)
    }


async def _ended(database: Database, tenant: str, named: set[str]) -> None:
    """A run at work still needs what people said in it."""
    c = runs.c
    found = await database.row(select(c.run).where(c.tenant == tenant, c.run.in_(named), c.final.is_(False)))
    if found is not None:
        raise InputError(found.run, "", "a run that has ended was expected; content of one at work is still needed")
