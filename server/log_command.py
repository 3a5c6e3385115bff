"""`casegate log checkpoint|export`: what outsiders need to follow the service log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click

from lineage.canonical import Json
from lineage.log import note
from lineage.log.witness import export_lines
from runtime.errors import InputError, StoreError
from runtime.installation import Installation
from runtime.settings import Settings
from runtime.store import seal_rows
from runtime.store.chain import rows_of
from runtime.store.database import Database


async def show_checkpoint(db: str) -> int:
    """Print the newest checkpoint. Raises StoreError where nothing was sealed yet."""
    async with _opened(db) as database:
        kid, signed = await _newest(database)
    click.echo(signed, nl=False)
    key = Installation.open(Settings().data).public.find(kid)
    if key is not None:
        click.echo(note.verifier_key(note.read(signed).origin, key.raw), err=True)
    return 0


async def export_log(since: int, out: Path, db: str) -> int:
    """Write an export. Raises InputError where the log has fewer seals."""
    async with _opened(db) as database:
        kid, signed = await _newest(database)
        size = note.read(signed).size
        if since > size:
            raise InputError("--since", "", f"at most {size} was expected, the seals that the log has")
        proof = await seal_rows.consistency(database, since, size) if 0 < since < size else []
        seals: list[tuple[dict[str, Json], list[bytes]]] = []
        for row in await seal_rows.rows_from(database, since, size):
            headers = [r.header async for r in rows_of(database, row.tenant, row.case) if r.seq < row.seal.size]
            seal: dict[str, Json] = {"size": row.seal.size, "root": row.seal.root, "at": row.seal.at}
            seals.append(({"tenant": row.tenant, "case": row.case, **seal}, headers))
    try:
        out.write_bytes(b"".join(export_lines(since, kid, signed, proof, seals)))
    except OSError as error:
        raise InputError(str(out), "--out", f"a file that can be written was expected: {error.strerror}") from error
    click.echo(f"{out}: {len(seals)} seals since {since}, checkpoint of {size}")
    return 0


async def _newest(database: Database) -> tuple[str, str]:
    newest = await seal_rows.newest_checkpoint(database)
    if newest is None:
        raise StoreError("the service log is empty: no case has been sealed yet")
    return newest


@asynccontextmanager
async def _opened(db: str) -> AsyncIterator[Database]:
    database = await Database.open(db or Settings().database_url())
    try:
        yield database
    finally:
        await database.close()
