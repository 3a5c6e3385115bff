"""What each agent did for a revision, in a line each, out of the lineage: the same when it is read a year later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

import orjson

from graphs.context import RunContext
from lineage.chain import Row
from runtime.store.chain import rows_after
from server.api.access import OnRun
from server.models.runs import Work, WorkLine
from server.problems import Unknown
from server.views.chat import KINDS
from server.views.lineage import did
from server.views.mask import mask_for
from server.views.words import actor_name

PAGE = 500
AFTER = 12
# What comes behind the composed document in the same pass.
_FOLLOWS = frozenset({"challenged", "checked"})
_ENDS = frozenset({"checked", "outcome"})
_BESIDE = frozenset({"run_opened", "gate_opened"})


async def work_view(on: OnRun, seq: int) -> Work:
    """The work that led to the revision of an entry. Raises Unknown where the entry made none of this run."""
    context, groups = on.opened.context, dict[tuple[str, str], list[tuple[Row, dict[str, Any]]]]()
    for row, header in await _entries(context, seq):
        if header["actor"]["type"] != "person" and header["kind"] not in _BESIDE:
            groups.setdefault((header["actor"]["id"], header["kind"]), []).append((row, header))
    shown = (await mask_for(context, on.standing.view)).quotes
    return Work(
        lines=[
            WorkLine(
                agent=actor_name(context.packet, entries[0][1]["actor"]["type"], agent),
                did=did(kind),
                found=_found(kind, [_contents(row) for row, _ in entries]) if shown else "",
                opens=[item for _, header in entries for item in header["opens"]] if shown else [],
            )
            for (agent, kind), entries in groups.items()
        ]
    )


async def _entries(context: RunContext, seq: int) -> list[tuple[Row, dict[str, Any]]]:
    """The run's entries from what began the work up to its last check."""
    mine = await _page(context, seq - 1, 1 + AFTER)
    if not mine or mine[0][0].seq != seq or not mine[0][1]["new_revision"]:
        raise Unknown(f"entry {seq} made no revision of this run")
    found = mine[:1] + list(takewhile(lambda one: one[1]["kind"] in _FOLLOWS, mine[1:]))
    while seq > 0:
        start = max(0, seq - PAGE)
        page = await _page(context, start - 1, seq - start)
        before = list(takewhile(lambda one: not _ends(one[1]), reversed(page)))
        found = [*reversed(before), *found]
        if len(before) < len(page):
            break
        seq = start
    return found


async def _page(context: RunContext, after: int, count: int) -> list[tuple[Row, dict[str, Any]]]:
    store = context.store
    rows = await rows_after(store.database, store.tenant, store.case, after, count)
    return [(row, header) for row in rows if (header := orjson.loads(row.header))["run"] == store.run]


def _ends(header: dict[str, Any]) -> bool:
    """Whether the work for a revision began after this entry: something was said, or the pass before was over."""
    kind = header["kind"]
    return kind in _ENDS or (kind in KINDS and kind != "edit_proposed")


def _contents(row: Row) -> dict[str, Any]:
    return {name: orjson.loads(value) for name, (_, value) in row.contents.items() if value is not None}


def _found(kind: str, contents: Sequence[dict[str, Any]]) -> str:
    """Counts alone: no word of the evidence."""
    return ", ".join(f"{count} {name}" for count, name in _counts(kind, contents) if count)


def _counts(kind: str, contents: Sequence[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    match kind:
        case "evidence_read":
            yield _of(len(contents), "item", "items")
            yield _of(sum(int(one.get("read", {}).get("spans", 0)) for one in contents), "place", "places")
        case "evidence_frozen" | "extracted":
            yield _of(len(contents), "item", "items")
        case "edit_proposed":
            yield _of(len(contents), "edit", "edits")
        case "evidence_indexed":
            yield _of(sum(int(one.get("spans", 0)) for one in contents), "place", "places")
        case "reconciled":
            summary = contents[-1].get("summary", {})
            statuses = Counter(summary.get("fields", {}).values())
            yield from ((count, str(status)) for status, count in statuses.most_common())
            yield _of(int(summary.get("contradictions", 0)), "contradiction", "contradictions")
        case "challenged":
            yield _of(sum(int(one.get("objections", 0)) for one in contents), "objection", "objections")
        case "checked":
            for name, count in contents[-1].get("found", {}).items():
                plural = name.replace("_", " ")
                yield _of(int(count), plural.removesuffix("s"), plural)
        case "revision_composed":
            return
        case _:
            yield _of(len(contents), "time", "times") if len(contents) > 1 else (0, "")


def _of(count: int, one: str, many: str) -> tuple[int, str]:
    return count, one if count == 1 else many
