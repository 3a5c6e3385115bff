"""Pages of the conversation."""

from __future__ import annotations

from runtime.store.chain import head_of, rows_after
from server.api.access import OnRun
from server.models.runs import Chat, ChatTurn
from server.views.chat import chat_turn
from server.views.lineage import names_of
from server.views.mask import mask_for

PAGE = 500


async def chat_view(on: OnRun, before: int | None, after: int | None, limit: int) -> Chat:
    """The last `limit` turns before a place, or the first ones after a place."""
    context = on.opened.context
    store, mask = context.store, await mask_for(context, on.standing.view)
    names = await names_of(context)
    hashes = {item.id: item.sha256 for item in await store.evidence()}
    head = await head_of(store.database, store.tenant, store.case)
    end = min(before, head.size if head else 0) if before is not None else (head.size if head else 0)
    turns: list[ChatTurn] = []
    # Forwards from a place, or backwards in pages until there are enough.
    position, low = (after, after) if after is not None else (max(-1, end - PAGE - 1), -1)
    while True:
        rows = await rows_after(store.database, store.tenant, store.case, position, PAGE)
        rows = [row for row in rows if row.seq < end]
        found = [t for row in rows if (t := chat_turn(context, row, names, hashes, mask)) is not None]
        if after is not None:
            turns += found
            if len(rows) < PAGE or len(turns) >= limit:
                return Chat(turns=turns[:limit], before=None)
            position = rows[-1].seq
            continue
        turns = found + turns
        if len(turns) >= limit or position <= low:
            kept = turns[-limit:]
            more = position > low or len(turns) > limit
            return Chat(turns=kept, before=kept[0].seq if kept and more else None)
        end = position + 1
        position = max(-1, end - PAGE - 1)
