"""What stands in a store, read by the driver's own calls. Nothing here uses our store: it would check itself."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg


@dataclass(slots=True)
class Seen:
    """One run as the tables have it. `entries` are sequence, previous hash, hash and kind of its case's lineage."""

    case: str
    tenant: str
    status: str
    outcome: str | None
    final: bool
    turns: set[str] = field(default_factory=set)
    events: dict[str, bool] = field(default_factory=dict)
    """Keys of the inbox, and whether each is handled."""
    decided: int = 0
    refused: int = 0
    revisions: list[str] = field(default_factory=list)
    outbox: list[str] = field(default_factory=list)
    delivered: dict[str, str] = field(default_factory=dict)
    effects: dict[str, str] = field(default_factory=dict)
    """Idempotency keys and states."""
    asked: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Of each effect what it asks for: system, method, path."""
    repeatable: set[str] = field(default_factory=set)
    """Effects whose system takes the same key again without doing it twice."""
    entries: list[tuple[int, str, str, str]] = field(default_factory=list)
    interrupted: bool = False
    """Whether the answer to some effect was lost with the process that waited for it."""
    receipts: int = 0

    @property
    def kinds(self) -> list[str]:
        """What happened, in order."""
        return [kind for _, _, _, kind in self.entries]


def look(url: str) -> dict[str, Seen]:
    """Every run of a store, by its name."""
    if url.startswith("sqlite"):
        with sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True, timeout=30) as plain:
            found = _look(plain.execute)
        plain.close()
        return found
    with psycopg.connect(url) as connection:
        return _look(connection.execute)


def turns(url: str) -> int:
    """How many turns are committed. Asked often, while somebody else works on the store."""
    count = "SELECT count(*) FROM turns"
    if url.startswith("sqlite"):
        plain = sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True, timeout=30)
        try:
            return int(plain.execute(count).fetchone()[0])
        finally:
            plain.close()
    with psycopg.connect(url) as connection:
        return int((connection.execute(count).fetchone() or (0,))[0])


def _look(execute: Any) -> dict[str, Seen]:
    def rows(query: str) -> Sequence[Sequence[Any]]:
        return list(execute(query).fetchall())

    runs = {
        run: Seen(case, tenant, status, outcome, bool(final))
        for tenant, case, run, status, outcome, final in rows(
            "SELECT tenant, case_id, run, status, outcome, final FROM runs"
        )
    }
    for run, key in rows("SELECT run, key FROM turns"):
        runs[run].turns.add(key)
    for run, key, handled in rows("SELECT run, key, handled FROM inbox"):
        runs[run].events[key] = bool(handled)
    for run, sha256 in rows("SELECT run, sha256 FROM revisions ORDER BY seq"):
        runs[run].revisions.append(sha256)
    for run, key in rows("SELECT run, idempotency_key FROM outbox ORDER BY seq"):
        runs[run].outbox.append(key)
    for run, key, state in rows("SELECT run, idempotency_key, state FROM deliveries"):
        runs[run].delivered[key] = state
    for run, key, state, body in rows("SELECT run, idempotency_key, state, body FROM effects"):
        effect = orjson.loads(body)
        action = effect["due"]["action"]
        runs[run].effects[key] = state
        runs[run].asked[key] = (action["system"], action["method"], action["path"])
        if action["idempotent"]:
            runs[run].repeatable.add(key)
        runs[run].interrupted |= "lost" in effect["answers"]
    for run, count in rows("SELECT run, count(*) FROM decisions GROUP BY run"):
        runs[run].decided = count
    for run, count in rows("SELECT run, count(*) FROM refusals GROUP BY run"):
        runs[run].refused = count
    for run, count in rows("SELECT run, count(*) FROM receipts GROUP BY run"):
        runs[run].receipts = count
    cases = {(one.tenant, one.case): one for one in runs.values()}
    for tenant, case, seq, prev, digest, header in rows(
        "SELECT tenant, case_id, seq, prev, hash, header FROM lineage ORDER BY seq"
    ):
        kind = orjson.loads(bytes(header))["kind"]
        if digest != "sha256:" + hashlib.sha256(bytes(header)).hexdigest():
            kind += " (its hash is not its header's)"
        cases[tenant, case].entries.append((seq, prev, digest, kind))
    return runs
