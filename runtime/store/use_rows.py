"""Where the lineage names a prompt or a tool, and what became of the edits that a prompt gave.

Derived: written in the transaction of the entry that it points to, so that a question across cases reads no lineage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import and_, case, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.entry import EntryDraft
from runtime.store.database import Database
from runtime.store.setting_tables import agent_uses, edit_origins
from runtime.store.tables import edit_verdicts, edits
from runtime.store.turn import Turn

TOOL_REFUSED = "tool_refused"
_U, _O, _V, _E = agent_uses.c, edit_origins.c, edit_verdicts.c, edits.c


@dataclass(frozen=True, slots=True)
class Use:
    """An entry that names a prompt or a tool. `version` is the prompt's, or the scope record that decided."""

    case: str
    seq: int
    run: str
    agent: str
    name: str
    version: str
    sha256: str
    refused: bool
    at: str


@dataclass(frozen=True, slots=True)
class Worth:
    """What became of the edits of one prompt version. `changed`: accepted, and reworded by a person afterwards."""

    version: str
    proposed: int
    accepted: int
    rejected: int
    changed: int


async def write(connection: AsyncConnection, tenant: str, entries: Sequence[EntryDraft], first: int) -> None:
    """The rows of the entries that were appended from place `first` on."""
    rows = [row for n, one in enumerate(entries) if (row := _row(tenant, one, first + n)) is not None]
    if rows:
        await connection.execute(insert(agent_uses), rows)


async def write_origins(connection: AsyncConnection, tenant: str, run: str, turn: Turn) -> None:
    """Which prompt each edit of the turn came from, where a model worded it."""
    rows = [
        {"tenant": tenant, "run": run, "edit": edit, "name": o.name, "version": o.version, "sha256": o.sha256}
        for edit, o in turn.origins.items()
    ]
    if rows:
        await connection.execute(insert(edit_origins), rows)


def _row(tenant: str, one: EntryDraft, seq: int) -> dict[str, Any] | None:
    row = {"tenant": tenant, "case_id": one.case, "seq": seq, "run": one.run, "at": one.at}
    if one.tool_calls:
        told = one.content.get("tool")
        scope = str(told.get("scope", "")) if isinstance(told, dict) else ""
        row |= {"kind": "tool", "agent": one.actor.id, "name": one.tool_calls[0].tool, "version": scope}
        return {**row, "sha256": "", "refused": one.kind == TOOL_REFUSED}
    if one.agent is not None and one.agent.prompt is not None:
        row |= {"kind": "prompt", "agent": one.agent.name, "name": one.agent.prompt}
        return {**row, "version": one.agent.prompt_version, "sha256": one.agent.prompt_hash, "refused": False}
    return None


async def uses(database: Database, tenant: str, kind: str, name: str | None = None, most: int = 100) -> list[Use]:
    """The newest entries that name a prompt or tool."""
    query = select(_U.case_id, _U.seq, _U.run, _U.agent, _U.name, _U.version, _U.sha256, _U.refused, _U.at)
    query = query.where(_U.tenant == tenant, _U.kind == kind)
    if name is not None:
        query = query.where(_U.name == name)
    query = query.order_by(_U.at.desc(), _U.case_id, _U.seq.desc()).limit(most)
    return [Use(*row) for row in await database.rows(query)]


async def counts(database: Database, tenant: str, kind: str) -> dict[tuple[str, str, str, bool], int]:
    """How many entries there are by (scope or prompt version, agent, name, refused)."""
    query = select(_U.version, _U.agent, _U.name, _U.refused, func.count())
    query = query.where(_U.tenant == tenant, _U.kind == kind).group_by(_U.version, _U.agent, _U.name, _U.refused)
    return {(v, a, n, bool(r)): int(count) for v, a, n, r, count in await database.rows(query)}


async def used_versions(database: Database, tenant: str, name: str) -> dict[str, int]:
    """How many entries name each version of a prompt."""
    query = select(_U.version, func.count()).where(_U.tenant == tenant, _U.kind == "prompt", _U.name == name)
    return {version: int(count) for version, count in await database.rows(query.group_by(_U.version))}


async def worth(database: Database, tenant: str, name: str) -> dict[str, Worth]:
    """What became of the edits of each version of a prompt."""
    same = and_(_V.tenant == _O.tenant, _V.run == _O.run, _V.edit == _O.edit)
    query = select(
        _O.version,
        func.count(),
        func.sum(case((_V.state == "accepted", 1), else_=0)),
        func.sum(case((_V.state == "rejected", 1), else_=0)),
    )
    query = query.select_from(edit_origins.outerjoin(edit_verdicts, same))
    query = query.where(_O.tenant == tenant, _O.name == name).group_by(_O.version)
    found = await database.rows(query)
    changed = await _changed(database, tenant, name) if found else {}
    return {one: Worth(one, int(n), int(a or 0), int(r or 0), changed.get(one, 0)) for one, n, a, r in found}


async def _changed(database: Database, tenant: str, name: str) -> dict[str, int]:
    """Accepted edits whose statement a person's own accepted edit rewrote later, by the version of the prompt."""
    query = select(_O.version, _O.run, _O.edit).where(_O.tenant == tenant, _O.name == name)
    origins = {(run, edit): sha for sha, run, edit in await database.rows(query)}
    runs = sorted({run for run, _ in origins})
    same = and_(_V.tenant == _E.tenant, _V.run == _E.run, _V.edit == _E.id)
    joined = select(_E.run, _E.id, _E.body).select_from(edits.join(edit_verdicts, same))
    joined = joined.where(_E.tenant == tenant, _E.run.in_(runs), _V.state == "accepted").order_by(_E.run, _E.seq)
    last: dict[tuple[str, str], str] = {}
    found: dict[str, int] = {}
    for run, edit, body in await database.rows(joined):
        plain = orjson.loads(body)
        place = (run, plain["target"])
        if str(plain["author"]).startswith("person:") and (sha := origins.get((run, last.pop(place, "")))):
            found[sha] = found.get(sha, 0) + 1
        elif (run, edit) in origins:
            last[place] = edit
    return found
