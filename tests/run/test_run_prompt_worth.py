"""What people make of what a prompt worded is counted for exactly that version: accepted, rejected, reworded after."""

from __future__ import annotations

import json
from itertools import count

from model_turns import honest, talk

from casefile.artifact import Edit
from casefile.packet import Edits
from runtime.model.port import ProposalRequest
from runtime.model.scripted import Line, Scripted
from runtime.store import use_rows

NUMBERS = count(1)


def respond(request: ProposalRequest, _fault: str | None) -> Line:
    """A well-meaning model whose proposals differ."""
    if request.prompt.name == "supervisor":
        return {"kind": "change"}
    answer: Line = json.loads("".join(honest(request.prompt.name, next(NUMBERS)).pieces))
    return answer


async def test_edits_are_counted_for_the_version_that_worded_them(sqlite_url: str) -> None:
    async with talk(Scripted(respond, name="honest"), sqlite_url) as case:
        store = case.run.store
        await case.run.drive()
        for _ in range(3):
            await case.arrives()
        worded = [one for one in await store.open_edits() if "may have shown" in one.after]
        assert len(worded) >= 2, "the model worded something"
        kept, thrown = worded[0], worded[1]
        await case.put(edits=Edits(by="u-lead", accept=[kept.id], reject=[thrown.id], reason="as seen"))
        await case.run.drive()
        ours = await use_rows.worth(store.database, store.tenant, "drafting")
        (one,) = ours.values()
        assert (one.accepted, one.rejected, one.changed) == (1, 1, 0)
        assert one.proposed == len(worded), "what rules propose is not the prompt's"

        await case.says(f'change {kept.target} to "The panel is refreshed each hour."')
        mine: Edit = next(e for e in await store.open_edits() if e.author == "person:u-lead")
        await case.put(edits=Edits(by="u-lead", accept=[mine.id], reject=[], reason="plainer"))
        await case.run.drive()
        (one,) = (await use_rows.worth(store.database, store.tenant, "drafting")).values()
        assert (one.accepted, one.changed) == (1, 1)
        used = await use_rows.uses(store.database, store.tenant, "prompt", "drafting")
        asked = next(e for e in await case.news() if e["kind"] == "model_asked" and e["agent"]["prompt"] == "drafting")
        assert (one.version, used[0].version) == (asked["agent"]["prompt_version"], one.version)
