"""What became of a delivery stands in the chain of its case, also after the case was sealed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from receivers import SECRET, free_port, queue, released

from lineage import merkle
from lineage.canonical import digest_bytes
from lineage.chain import verify_stream
from lineage.encoding import from_base64url
from lineage.entry import Actor
from lineage.entry import leaf as entry_leaf
from lineage.log import note, sealed
from lineage.log.witness import Seen, export_lines, follow
from runtime.installation import Installation
from runtime.lane_settings import load_lanes
from runtime.store import seal_rows
from runtime.store.afterwards import Log
from runtime.store.chain import head_of, rows_of, seal, seals_of
from runtime.store.database import Database
from runtime.store.deliveries import claim as claim_rows
from runtime.store.deliveries import delivered, revive
from tools.lanes.opening import opener
from tools.lanes.worker import DeliveryWorker

KEY, LANE = "run_1:review_queue:sha256:aa", "review_queue"
CONTENT = "sha256:" + "a" * 64
BODY = orjson.dumps({"artifact_sha256": CONTENT, "lane": LANE})
NOW = 1_790_000_000


async def _work(database: Database, home: Installation, folder: Path, url: str, rounds: int = 1) -> None:
    (folder / "hook.key").write_text(SECRET)
    settings = {"kind": "webhook", "url": url, "secret_file": "hook.key", "timeout_seconds": 0.5, "attempts": 2}
    (folder / "lanes.yaml").write_bytes(orjson.dumps({"default": settings}))
    lanes = load_lanes(folder / "lanes.yaml", folder)
    clock = [NOW]
    worker = DeliveryWorker(database, lanes, opener(lanes), home, lambda: clock[0])
    for _ in range(rounds):
        await worker.once()
        clock[0] += 600


async def _entries(database: Database) -> list[dict[str, Any]]:
    """Header and content of each entry of the case; the chain and its seals have to hold."""
    rows = [row async for row in rows_of(database, "tn-a", "CASE-1")]
    head, seals = await head_of(database, "tn-a", "CASE-1"), await seals_of(database, "tn-a", "CASE-1")
    verdict = await verify_stream(rows_of(database, "tn-a", "CASE-1"), head, seals)
    assert verdict.findings == ()
    said = [{name: orjson.loads(value or b"null") for name, (_, value) in row.contents.items()} for row in rows]
    return [{**orjson.loads(row.header), "said": one} for row, one in zip(rows, said, strict=True)]


async def test_a_delivery_is_an_entry_with_the_hash_of_what_went_out(database: Database, tmp_path: Path) -> None:
    await released(database, KEY, LANE, BODY)
    with queue() as receiver:
        await _work(database, Installation.open(tmp_path), tmp_path, receiver.url, rounds=3)
    opened, delivery = await _entries(database)
    assert (opened["kind"], delivery["kind"]) == ("run_opened", "delivered")
    assert delivery["base_revision"] == CONTENT
    assert delivery["citations"] == [digest_bytes(receiver.taken[KEY])]
    assert delivery["actor"] == {"type": "system", "id": "delivery", "role": None}
    assert delivery["said"]["delivery"] == {"attempts": 1, "key": KEY, "lane": LANE}
    # A case that was not sealed yet is sealed at its end, over the delivery too.
    assert await seals_of(database, "tn-a", "CASE-1") == []


async def test_a_dead_letter_and_who_had_it_tried_again_are_entries(database: Database, tmp_path: Path) -> None:
    await released(database, KEY, LANE, BODY)
    home = Installation.open(tmp_path)
    await _work(database, home, tmp_path, f"http://127.0.0.1:{free_port()}/x", rounds=4)
    assert await revive(database, "tn-a", KEY, Actor("person", "u-ops", "admin"), NOW, Log.of(home))
    with queue() as receiver:
        await _work(database, home, tmp_path, receiver.url)
    _, dead, revived, done = await _entries(database)
    assert [dead["kind"], revived["kind"], done["kind"]] == ["delivery_dead", "delivery_revived", "delivered"]
    assert "given up after 2 attempts" in dead["said"]["delivery"]["reason"]
    assert revived["actor"] == {"type": "person", "id": "u-ops", "role": "admin"}


async def test_two_workers_that_had_the_same_entry_write_one_delivery(database: Database, tmp_path: Path) -> None:
    await released(database, KEY, LANE, BODY)
    log = Log.of(Installation.open(tmp_path))
    [one] = await claim_rows(database, NOW, 5)
    [other] = await claim_rows(database, NOW + 1000, 5)
    await delivered(database, one, "first", NOW, log)
    await delivered(database, other, "second", NOW, log)
    assert [entry["kind"] for entry in await _entries(database)] == ["run_opened", "delivered"]


@pytest.mark.parametrize("ends", ["delivered", "delivery_dead"])
async def test_what_happens_after_the_seal_is_sealed_anew_and_a_witness_follows(
    ends: str, database: Database, tmp_path: Path
) -> None:
    await released(database, KEY, LANE, BODY)
    home = Installation.open(tmp_path)
    log = Log.of(home)

    await database.together(lambda connection: seal(connection, "tn-a", "CASE-1", "2026-05-04T10:00:00Z"))
    [first] = await seals_of(database, "tn-a", "CASE-1")

    signer = home.signer("log", _at())
    await database.together(
        lambda connection: seal_rows.enter(connection, home.log_origin, "tn-a", "CASE-1", first, signer)
    )
    trust = home.public
    findings, seen = follow(await _export(database, 0), Seen(), trust, NOW)
    assert findings == []
    with queue(*([] if ends == "delivered" else ["404"])) as receiver:
        await _work(database, home, tmp_path, receiver.url)
    assert (await _entries(database))[-1]["kind"] == ends
    before, after = await seals_of(database, "tn-a", "CASE-1")
    assert (before, after.size) == (first, 2)
    findings, seen = follow(await _export(database, 1), seen, trust, NOW)
    assert findings == []
    assert seen.cases["tn-a/CASE-1"] == (2, after.root)
    # The log proves the new seal, by the newest checkpoint.
    proof: Any = await database.together(
        lambda connection: seal_rows.enter(connection, log.origin, "tn-a", "CASE-1", after, log.signer(_at()))
    )
    leaf = sealed.leaf("tn-a", "CASE-1", 2, after.root, after.at)
    checkpoint = note.read(proof["checkpoint"])
    path = [from_base64url(one) for one in proof["proof"]]
    assert merkle.verify_inclusion(1, checkpoint.size, leaf, path, checkpoint.root)


async def test_a_witness_notices_a_dead_letter_that_was_taken_back(database: Database, tmp_path: Path) -> None:
    """The operator cuts the entry off and lets the case look as if nothing had failed."""
    await test_what_happens_after_the_seal_is_sealed_anew_and_a_witness_follows("delivery_dead", database, tmp_path)
    whole = await _export(database, 0)
    last = orjson.loads(whole[-1])
    last["headers"].pop()
    cut = [*whole[:-1], orjson.dumps(last, option=orjson.OPT_SORT_KEYS) + b"\n"]
    findings, _ = follow(cut, Seen(), Installation.open(tmp_path).public, NOW)
    assert findings == ["seal 1, case tn-a/CASE-1: 1 entries are here, 2 were sealed"]


def _at() -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(NOW, UTC)


async def _export(database: Database, since: int) -> list[bytes]:
    newest = await seal_rows.newest_checkpoint(database)
    assert newest is not None
    kid, signed = newest
    size = note.read(signed).size
    headers = [row.header async for row in rows_of(database, "tn-a", "CASE-1")]
    seals: list[Any] = [
        ({"tenant": one.tenant, "case": one.case, "size": one.seal.size, "root": one.seal.root, "at": one.seal.at},
         headers[: one.seal.size])
        for one in await seal_rows.rows_from(database, since, size)
    ]  # fmt: skip
    assert all(merkle.root(map(entry_leaf, map(digest_bytes, h))).hex() == s["root"] for s, h in seals)
    proof = await seal_rows.consistency(database, since, size) if 0 < since < size else []
    return list(export_lines(since, kid, signed, proof, seals))
