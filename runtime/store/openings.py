"""Which items a turn opens and closes, for the headers of its entries: taken from the registers, not from the nodes.

So the headers alone say what is open at the end, whichever node changed a register.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lineage.entry import Actor, EntryDraft
from lineage.rules import GATE
from runtime.clock import instant
from runtime.store.prepared import Prepared
from runtime.store.tables import items
from runtime.store.turn import Turn

_I = items.c
_STATES = Prepared(
    select(_I.register, _I.seq, _I.state).where(_I.tenant == bindparam("tenant"), _I.run == bindparam("run"))
)


async def stated(connection: AsyncConnection, tenant: str, case: str, run: str, turn: Turn) -> list[EntryDraft]:
    """The turn's entries, saying exactly which items open and close. Asked before the registers are written.

    What no entry names goes to the last one; a turn without entries gets one.
    """
    if not turn.registers:
        return [_only(entry, set(), set()) for entry in turn.entries]
    rows = await _STATES.found(connection, {"tenant": tenant, "run": run})
    before = {(register, seq): state == "open" for register, seq, state in rows}
    opened: list[str] = []
    closed: list[str] = []
    for register, now in turn.registers.items():
        for seq, item in enumerate(now):
            was, is_open = before.get((register, seq), False), item.state == "open"
            if was != is_open:
                (opened if is_open else closed).append(item.id)
    entries = [_only(entry, set(opened), set(closed)) for entry in turn.entries]
    named = {one for entry in entries for one in (*entry.opens, *entry.closes)}
    opens, closes = (tuple(one for one in ids if one not in named) for ids in (opened, closed))
    if not opens and not closes:
        return entries
    last = entries.pop() if entries else _empty(tenant, case, run, turn)
    return [*entries, replace(last, opens=(*last.opens, *opens), closes=(*last.closes, *closes))]


def _only(entry: EntryDraft, opened: set[str], closed: set[str]) -> EntryDraft:
    """The entry without items whose state does not change."""
    opens = tuple(one for one in entry.opens if one in opened or one.startswith(GATE))
    closes = tuple(one for one in entry.closes if one in closed or one.startswith(GATE))
    return entry if (opens, closes) == (entry.opens, entry.closes) else replace(entry, opens=opens, closes=closes)


def _empty(tenant: str, case: str, run: str, turn: Turn) -> EntryDraft:
    return EntryDraft(
        tenant=tenant,
        case=case,
        run=run,
        kind="registers_changed",
        at=instant(turn.at),
        actor=Actor("system", "casegate"),
    )
