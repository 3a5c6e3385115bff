"""`casegate lineage show|verify`: over a store, or over a `lineage.jsonl` file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import orjson

from lineage.chain import Row, Verdict, verify_lines, verify_stream
from runtime.errors import InputError


async def show(case: str, db: str, as_json: bool) -> int:
    """Print every entry, one a line."""
    if Path(case).is_file():
        for line in Path(case).read_bytes().splitlines():
            entry = orjson.loads(line)
            click.echo(line.decode() if as_json else _line(entry["header"], entry["content"]))
        return 0
    for row in await _rows(case, db):
        header = orjson.loads(row.header)
        content = {name: {"value": orjson.loads(value) if value else None} for name, (_, value) in row.contents.items()}
        shown = {"seq": row.seq, "hash": row.hash, "header": header, "content": content}
        click.echo(orjson.dumps(shown).decode() if as_json else _line(header, content))
    return 0


def _line(header: dict[str, Any], content: dict[str, Any]) -> str:
    actor = header["actor"]
    said = orjson.dumps({name: part["value"] for name, part in content.items()}).decode()
    shown = said if len(said) <= 120 else said[:119] + "…"
    return f"{header['seq']:>4}  {header['at']}  {header['kind']:<18} {actor['type']}:{actor['id']:<16} {shown}"


async def verify(case: str, db: str) -> int:
    """Verify, and say what was checked. 0 intact, 1 not."""
    if Path(case).is_file():
        verdict = verify_lines(case)
        note = "a file alone cannot show that its end was cut off; verify against the store or a seal for that"
    else:
        verdict = await _verify_store(case, db)
        note = "checked against the recorded head and seals"
    for finding in verdict.findings:
        click.echo(f"{finding.place}: {finding.problem}")
    erased = f", {verdict.erased} erased" if verdict.erased else ""
    if verdict.intact:
        click.echo(f"{case}: intact: {verdict.entries} entries{erased}; {note}")
        return 0
    click.echo(f"{case}: NOT intact: {len(verdict.findings)} finding(s) in {verdict.entries} entries")
    return 1


async def _verify_store(case: str, db: str) -> Verdict:
    from runtime.store.chain import head_of, rows_of, seals_of

    database, tenant = await found_case(case, db)
    try:
        rows = rows_of(database, tenant, case)
        return await verify_stream(rows, await head_of(database, tenant, case), await seals_of(database, tenant, case))
    finally:
        await database.close()


async def _rows(case: str, db: str) -> list[Row]:
    from runtime.store.chain import rows_of

    database, tenant = await found_case(case, db)
    try:
        return [row async for row in rows_of(database, tenant, case)]
    finally:
        await database.close()


async def found_case(case: str, db: str) -> Any:
    """The database and the tenant of a case. Raises InputError where there is no such case."""
    from runtime.settings import Settings
    from runtime.store.chain import tenants_of
    from runtime.store.database import Database

    url = db or Settings().database_url()
    database = await Database.open(url)
    tenants = await tenants_of(database, case)
    if len(tenants) != 1:
        await database.close()
        what = "is in more than one tenant" if tenants else "is not in this database, and is no lineage.jsonl file"
        raise InputError(case, "", f"a case was expected; {case!r} {what}")
    return database, tenants[0]
