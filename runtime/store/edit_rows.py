"""Edits and verdicts in the store. What a turn needs is found by an index, however long the case is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casefile.artifact import Edit
from casefile.edits import Decided, Verdict, fingerprint
from runtime.store.tables import edit_verdicts, edits
from runtime.store.turn import Turn

_E, _V = edits.c, edit_verdicts.c


async def write(connection: AsyncConnection, tenant: str, run: str, turn: Turn) -> None:
    """Append a turn's proposals and verdicts. A second verdict on one edit raises IntegrityError: one winner."""
    scope = {"tenant": tenant, "run": run}
    if turn.edits:
        first = await count(connection, tenant, run)
        rows = [
            {**scope, "seq": first + n, "id": edit.id, "fingerprint": fingerprint(edit), "open": True,
             "body": edit.model_dump_json()}
            for n, edit in enumerate(turn.edits)
        ]  # fmt: skip
        await connection.execute(insert(edits), rows)
    for verdict in turn.verdicts:
        row = {**scope, "edit": verdict.edit, "state": verdict.state, "body": verdict.model_dump_json()}
        await connection.execute(insert(edit_verdicts), row)
        mine = and_(_E.tenant == tenant, _E.run == run, _E.id == verdict.edit)
        await connection.execute(update(edits).where(mine).values(open=False))


async def count(connection: AsyncConnection, tenant: str, run: str) -> int:
    """How many there are: the highest place plus one, from the index and not by counting."""
    query = select(func.max(_E.seq)).where(_E.tenant == tenant, _E.run == run)
    highest = (await connection.execute(query)).scalar()
    return 0 if highest is None else int(highest) + 1


async def every(connection: AsyncConnection, tenant: str, run: str) -> list[Edit]:
    """All of them, with their verdicts."""
    query = _joined(tenant, run).order_by(_E.seq)
    return [_edit(body, verdict) for _, body, verdict in (await connection.execute(query)).all()]


async def undecided(connection: AsyncConnection, tenant: str, run: str) -> list[Edit]:
    """Those without a verdict."""
    query = select(_E.body).where(_E.tenant == tenant, _E.run == run, _E.open.is_(True)).order_by(_E.seq)
    return [Edit.model_validate_json(body) for (body,) in (await connection.execute(query)).all()]


async def last_rejected(connection: AsyncConnection, tenant: str, run: str, most: int) -> list[Edit]:
    """The `most` edits with the highest numbers among those that were rejected."""
    query = _joined(tenant, run).where(_E.open.is_(False), _V.state == "rejected").order_by(_E.seq.desc()).limit(most)
    return [_edit(body, verdict) for _, body, verdict in (await connection.execute(query)).all()][::-1]


async def known(
    connection: AsyncConnection, tenant: str, run: str, fingerprints: Sequence[str]
) -> tuple[dict[str, Decided], set[str]]:
    """The last word on each fingerprint: rejected, with the verdict, or open.

    A word on it in another section takes no rejection back.
    """
    query = _joined(tenant, run).where(_E.fingerprint.in_(list(fingerprints))).order_by(_E.seq)
    rejected: dict[tuple[str, str], Decided] = {}
    standing: set[str] = set()
    for print_, body, verdict in (await connection.execute(query)).all():
        edit = Edit.model_validate_json(body)
        place = print_, edit.target.partition("/")[0]
        rejected.pop(place, None)
        if verdict is None:
            standing.add(print_)
        elif (decided := Verdict.model_validate_json(verdict)).state == "rejected":
            rejected[place] = Decided(edit=edit, verdict=decided)
    return {print_: decided for (print_, _), decided in rejected.items()}, standing


def _joined(tenant: str, run: str) -> Any:
    same = and_(_V.tenant == _E.tenant, _V.run == _E.run, _V.edit == _E.id)
    query = select(_E.fingerprint, _E.body, _V.body).select_from(edits.outerjoin(edit_verdicts, same))
    return query.where(_E.tenant == tenant, _E.run == run)


def _edit(body: str, verdict: str | None) -> Edit:
    edit = Edit.model_validate_json(body)
    if verdict is None:
        return edit
    given = Verdict.model_validate_json(verdict)
    return edit.model_copy(update={"state": given.state, "decided_by": given.by, "decision_reason": given.reason})
