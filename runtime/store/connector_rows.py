"""Connected MCP servers in the store: the connector in force, the last look at it, and the tools that changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from casefile.connectors import Classed, Connector, Shape
from lineage.entry import Actor
from runtime.store import setting_rows
from runtime.store.admin_chain import Act, record
from runtime.store.connector_tables import connector_changes, connector_sightings
from runtime.store.database import Database

CHANGED = "connector_tool_changed"
_C, _S = connector_changes.c, connector_sightings.c


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a server told. `problem` says why it told nothing."""

    at: str
    problem: str = ""
    tools: Sequence[Shape] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What a tool was when it was found to be another one; `now` is None where it was gone."""

    tool: str
    look: str
    at: str
    now: Shape | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A connector as it stands for agents. `changes` are by tool and look."""

    name: str
    version: int = 0
    connector: Connector = field(default_factory=Connector)
    changes: Mapping[tuple[str, str], Change] = field(default_factory=dict)

    def change(self, tool: str) -> Change | None:
        """What is known against a tool since it was looked at."""
        classed = self.connector.classed(tool)
        return self.changes.get((tool, classed.look)) if classed is not None else None

    def readable(self, tool: str) -> Classed | None:
        """The tool where agents may be given it: classed as reading, and still what was looked at."""
        classed = self.connector.classed(tool)
        if self.connector.reach is None or classed is None or classed.kind != "read" or self.change(tool) is not None:
            return None
        return classed


async def standing(database: Database, tenant: str, name: str) -> Standing:
    """A connector as it stands now; one without a server where there is none of that name."""
    found = await setting_rows.in_force(database, tenant, "connector", name)
    changes = await changes_of(database, tenant, name)
    if found is None:
        return Standing(name, changes=changes)
    return Standing(name, found.version, Connector.model_validate_json(found.body), changes)


async def changes_of(database: Database, tenant: str, name: str) -> dict[tuple[str, str], Change]:
    """Every change that was seen, by tool and look."""
    query = select(_C.tool, _C.look, _C.at, _C.now).where(_C.tenant == tenant, _C.connector == name)
    return {
        (tool, look): Change(tool, look, at, Shape.model_validate(told) if (told := json.loads(now)) else None)
        for tool, look, at, now in await database.rows(query)
    }


async def changed(database: Database, tenant: str, name: str, one: Change, was: Classed, by: Actor) -> None:
    """Switch a tool off, and enter that in the chain of what admins did. Nothing happens where it is off already."""
    row = {"tenant": tenant, "connector": name, "tool": one.tool, "look": one.look, "at": one.at}
    row["now"] = _json(one.now.model_dump(mode="json") if one.now is not None else None)
    content = {"before": was.shape.fingerprint, "now": one.now.fingerprint if one.now else None, "kind": was.kind}

    async def work(connection: AsyncConnection) -> None:
        await record(connection, Act(tenant, by, CHANGED, f"connector {name} tool {one.tool}", one.at, content))
        await connection.execute(insert(connector_changes), row)

    try:
        await database.together(work)
    except IntegrityError:
        # Somebody else saw it first: then neither entry nor row was written again.
        if (one.tool, one.look) not in await changes_of(database, tenant, name):
            raise


async def put_sighting(database: Database, tenant: str, name: str, one: Sighting) -> None:
    """Keep what a server told, in place of what it told before."""
    row = {"tenant": tenant, "connector": name, "at": one.at, "problem": one.problem}
    row["tools"] = _json([tool.model_dump(mode="json") for tool in one.tools])

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(delete(connector_sightings).where(_S.tenant == tenant, _S.connector == name))
        await connection.execute(insert(connector_sightings), row)

    await database.together(work)


async def sighting(database: Database, tenant: str, name: str) -> Sighting | None:
    """The last look at a server, or None where nobody looked."""
    query = select(_S.at, _S.problem, _S.tools).where(_S.tenant == tenant, _S.connector == name)
    rows = await database.rows(query)
    if not rows:
        return None
    at, problem, tools = rows[0]
    return Sighting(at, problem, [Shape.model_validate(one) for one in json.loads(tools)])


def _json(value: object) -> str:
    """As ASCII: a server may tell any character, and PostgreSQL takes no NUL. Read back by the same library, because
    another one reads a long number as another number, and the fingerprint would differ."""
    return json.dumps(value)
