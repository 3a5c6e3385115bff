"""What the chat answers to an approval that somebody says there: it decides nothing, and where it can be decided."""

from __future__ import annotations

import orjson

from graphs.context import RunContext
from graphs.position import WAITING
from guardrails import approvals

NOTHING_DECIDED = "nothing was decided: an approval counts only at its gate, not in the chat"


async def at_the_gate(context: RunContext, text: str) -> str:
    """What to say where `text` approves or rejects something; empty where it does not."""
    if not approvals.said(text):
        return ""
    names = set(orjson.loads((await context.store.work(WAITING)).get(WAITING, "[]")))
    gates = [gate for gate in context.scenario.gates if gate.name in names]
    if not gates:
        return f"{NOTHING_DECIDED}; no gate is open now"
    where = ", ".join(f"{gate.name} ({' or '.join(gate.roles)})" if gate.roles else gate.name for gate in gates)
    return f"{NOTHING_DECIDED}; open now, on the page of this case: {where}"
