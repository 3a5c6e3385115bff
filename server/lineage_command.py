"""`casegate lineage show|verify`: over a store, or over a `lineage.jsonl` file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson

from lineage.chain import Finding, Verdict, verify_lines, verify_stream
from lineage.entry import EntryError, parse_line
from runtime.errors import InputError
from runtime.store.database import Database


async def show(case: str, db: str, as_json: bool) -> int:
    """Print every entry, one a line. Raises InputError for a file that is no lineage, naming the line."""
    if Path(case).is_file():
        return _show_file(Path(case), as_json)
    from runtime.store.chain import rows_of

    async with found_case(case, db) as (database, tenants):
        async for row in rows_of(database, only_tenant(case, tenants), case):
            header = orjson.loads(row.header)
            content = {name: {"value": orjson.loads(v) if v else None} for name, (_, v) in row.contents.items()}
            shown = {"seq": row.seq, "hash": row.hash, "header": header, "content": content}
            click.echo(orjson.dumps(shown).decode() if as_json else _line(header, content))
    return 0


def _show_file(file: Path, as_json: bool) -> int:
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        try:
            parse_line(line)
        except EntryError as error:
            raise InputError(str(file), f"line {number}", f"an entry of the lineage was expected: {error}") from None
        entry = orjson.loads(line)
        click.echo(line.decode() if as_json else _line(entry["header"], entry["content"]))
    return 0


def _line(header: dict[str, Any], content: dict[str, Any]) -> str:
    actor = header["actor"]
    said = orjson.dumps({name: part["value"] for name, part in content.items()}).decode()
    shown = said if len(said) <= 120 else said[:119] + "…"
    return f"{header['seq']:>4}  {header['at']}  {header['kind']:<18} {actor['type']}:{actor['id']:<16} {shown}"


async def verify(case: str, db: str) -> int:
    """Verify, and say what was checked. 0 intact, 1 not."""
    if Path(case).is_file():
        verdicts = [verify_lines(case)]
        note = "a file alone cannot show that its end was cut off; verify against the store or a seal for that"
    else:
        verdicts = await _verify_store(case, db)
        note = "checked against the recorded head and seals"
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    entries = sum(verdict.entries for verdict in verdicts)
    for finding in findings:
        click.echo(f"{finding.place}: {finding.problem}")
    erased = sum(verdict.erased for verdict in verdicts)
    if not findings:
        click.echo(f"{case}: intact: {entries} entries{f', {erased} erased' if erased else ''}; {note}")
        return 0
    click.echo(f"{case}: NOT intact: {len(findings)} finding(s) in {entries} entries")
    return 1


async def _verify_store(case: str, db: str) -> list[Verdict]:
    """One verdict for each tenant that has a case of this name: an entry that was moved to another tenant shows."""
    from runtime.store.chain import head_of, rows_of, seals_of

    verdicts = []
    async with found_case(case, db) as (database, tenants):
        for tenant in tenants:
            rows = rows_of(database, tenant, case)
            head, seals = await head_of(database, tenant, case), await seals_of(database, tenant, case)
            verdicts.append(_scoped(await verify_stream(rows, head, seals), tenant, case))
    return verdicts


def _scoped(verdict: Verdict, tenant: str, case: str) -> Verdict:
    """The verdict, also about whether the chain is that of the tenant and the case that it is kept under."""
    if (verdict.tenant, verdict.case) in ((None, None), (tenant, case)):
        return verdict
    problem = f"the entries are those of {verdict.case} of {verdict.tenant}, kept under {case} of {tenant}"
    return replace(verdict, findings=(*verdict.findings, Finding("chain", problem)))


def only_tenant(case: str, tenants: list[str]) -> str:
    """The one tenant that has the case. Raises InputError where several have one of that name."""
    if len(tenants) > 1:
        raise InputError(case, "", f"a case of one tenant was expected; {case!r} is in {', '.join(tenants)}")
    return tenants[0]


@asynccontextmanager
async def found_case(case: str, db: str) -> AsyncIterator[tuple[Database, list[str]]]:
    """The database and the tenants that have the case. Raises InputError where there is none; nothing is made."""
    from runtime.settings import Settings
    from runtime.store.chain import tenants_of

    url = db or Settings().database_url()
    missing = f"a case was expected; {case!r} is not in this database, and is no lineage.jsonl file"
    if not Database.exists(url):
        raise InputError(case, "", f"{missing}: there is no database {url}")
    database = await Database.open(url)
    try:
        tenants = await tenants_of(database, case)
        if not tenants:
            raise InputError(case, "", missing)
        yield database, tenants
    finally:
        await database.close()
