"""Connected MCP servers in the store, on both databases: any text of a stranger, and a change that many see at once."""

from __future__ import annotations

import asyncio

from casefile.connectors import Classed, Connector, Shape, StdioReach
from lineage.entry import Actor
from runtime.store import connector_rows
from runtime.store.admin_chain import CHAIN
from runtime.store.chain import rows_of
from runtime.store.connector_rows import Change, Sighting, Standing
from runtime.store.database import Database

AT = "2026-05-04T09:00:00Z"
SHAPE = Shape(
    name="look_up",
    description="a\x00b\u202e\U000e0041",
    input_schema={"type": "object", "maximum": 2**70, "multipleOf": 0.1},
)
WAS = Classed(kind="read", look="look_1", shape=SHAPE)
BY = Actor("system", "casegate")


async def test_what_a_server_told_is_read_back_as_it_was(database: Database) -> None:
    await connector_rows.put_sighting(database, "tn-a", "desk", Sighting(AT, "", [SHAPE]))
    await connector_rows.put_sighting(database, "tn-a", "desk", Sighting(AT, "it hangs", [SHAPE]))
    seen = await connector_rows.sighting(database, "tn-a", "desk")
    assert seen == Sighting(AT, "it hangs", [SHAPE])
    assert seen.tools[0].fingerprint == SHAPE.fingerprint
    assert await connector_rows.sighting(database, "tn-b", "desk") is None


async def test_a_change_that_many_see_at_once_is_one_row_and_one_entry(database: Database) -> None:
    one = Change("look_up", "look_1", AT, None)
    calls = [connector_rows.changed(database, "tn-a", "desk", one, WAS, BY) for _ in range(5)]
    await asyncio.gather(*calls)
    assert await connector_rows.changes_of(database, "tn-a", "desk") == {("look_up", "look_1"): one}
    assert await connector_rows.changes_of(database, "tn-b", "desk") == {}
    assert len([row async for row in rows_of(database, "tn-a", CHAIN)]) == 1


def test_a_tool_is_readable_only_as_it_was_looked_at() -> None:
    connector = Connector(reach=StdioReach(command="x"), tools={"look_up": WAS})
    assert Standing("desk", 1, connector).readable("look_up") == WAS
    assert Standing("desk", 1, connector).readable("other") is None
    change = Change("look_up", "look_1", AT, None)
    assert Standing("desk", 1, connector, {("look_up", "look_1"): change}).readable("look_up") is None
    old = Change("look_up", "look_0", AT, None)
    assert Standing("desk", 1, connector, {("look_up", "look_0"): old}).readable("look_up") == WAS
    removed = connector.model_copy(update={"reach": None})
    assert Standing("desk", 1, removed).readable("look_up") is None


def test_narrower_never_lets_agents_read_more() -> None:
    here = StdioReach(command="x")
    none, bare = Connector(), Connector(reach=here)
    reads = Connector(reach=here, tools={"look_up": WAS})
    again = Connector(reach=here, tools={"look_up": WAS.model_copy(update={"look": "look_2"})})
    effect = Connector(reach=here, tools={"look_up": WAS.model_copy(update={"kind": "effect"})})
    elsewhere = Connector(reach=StdioReach(command="y"), tools={"look_up": WAS})
    assert none.narrower(reads)
    assert bare.narrower(reads)
    assert effect.narrower(reads)
    assert reads.narrower(reads)
    assert not reads.narrower(bare)
    assert not reads.narrower(effect)
    assert not again.narrower(reads)
    assert not elsewhere.narrower(reads)
    assert not bare.narrower(none)
