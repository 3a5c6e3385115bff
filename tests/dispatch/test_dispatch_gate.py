"""The dispatch gate's parts: who is named, what a decision binds, what is embedded, how packets follow each other."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packets import read_packet, write_packet
from running import CASES, run
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.governed_packet import order_of
from agents.governed_packet import read_packet as read_governed
from agents.labelled import named
from casefile.conditions import Facts
from casefile.decisions import Decision
from casefile.evidence import Evidence
from casefile.mandates import Mandate, named_for
from casefile.packet import Decides, Step
from casefile.rest import Position, restated
from graphs.catalogue import scenario
from graphs.result import outcome
from graphs.runner import admit, checkpointer
from graphs.views import shown
from runtime.model.offline import Offline
from runtime.store import tables
from runtime.store.database import Database
from tools.packet_folder import load
from tools.readers import read

GATE = "dispatch_manifest_signature"
AT = datetime(2026, 3, 9, 10, tzinfo=UTC)
SHA = "sha256:" + "a" * 64
CASE = CASES / "packet-dispatch" / "cases" / "approver-declines"


def _decision(**changes: Any) -> Decision:
    given_: dict[str, Any] = {
        "id": "d1", "slot": "s", "gate": GATE, "by": "u-odd", "decision": "approve", "subject_sha256": SHA,
        "artifact_sha256": SHA, "revision": "r1", "evidence_digest": SHA, "policy_version": "p/1", "lane": "l",
        "audience": [], "at": AT, "expires_at": AT + timedelta(hours=1), "state": "valid",
        "bound": {"queue_id": "q-1", "holds": "none open"},
    }  # fmt: skip
    return Decision.model_validate({**given_, **changes})


def _position(**changes: Any) -> Position:
    base: dict[str, Any] = {
        "facts": Facts(registers={}, fields={}, consequential=frozenset(), thresholds={}),
        "decisions": [_decision()],
        "subjects": {"revision": SHA},
        "people": [],
        "now": AT + timedelta(minutes=5),
        "requested_by": "u-mila",
        "policy_version": "p/1",
        "bound": {GATE: {"queue_id": "q-1", "holds": "none open"}},
    }
    return Position(**{**base, **changes})


def test_a_decision_stands_while_all_that_it_names_is_so() -> None:
    assert restated(scenario("packet-dispatch"), _position()) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"subjects": {"revision": SHA.replace("a", "b")}}, "what it binds changed"),
        ({"policy_version": "p/2"}, "the policy changed"),
        ({"bound": {GATE: {"queue_id": "q-2", "holds": "none open"}}}, "queue id changed"),
        ({"bound": {GATE: {"queue_id": "q-1", "holds": "h1"}}}, "holds changed"),
        ({"bound": {}}, "queue id changed"),
        ({"named": {GATE: [Mandate(person="u-sol")]}}, "no longer named"),
    ],
)
def test_a_decision_is_void_when_something_that_it_names_changed(changes: dict[str, Any], says: str) -> None:
    (changed,) = restated(scenario("packet-dispatch"), _position(**changes))
    assert changed.state == "void"
    assert says in (changed.reason or "")


def test_a_decision_expires_at_its_own_time() -> None:
    (changed,) = restated(scenario("packet-dispatch"), _position(now=AT + timedelta(hours=1)))
    assert changed.state == "expired"


def test_a_name_counts_inside_its_time_and_no_names_leave_it_to_the_role() -> None:
    named = {GATE: [Mandate(person="u-a"), Mandate(person="u-b", valid_from=AT, valid_until=AT + timedelta(days=1))]}
    assert named_for(named, GATE, AT - timedelta(seconds=1)) == {"u-a"}
    assert named_for(named, GATE, AT) == {"u-a", "u-b"}
    assert named_for(named, GATE, AT + timedelta(days=1)) == {"u-a"}
    assert named_for(named, "other", AT) is None
    assert named_for({GATE: []}, GATE, AT) == frozenset()


@given(st.integers(0, 500), st.integers(0, 500), st.sampled_from(["r", "rev ", "v", "", "r1."]))
def test_revisions_are_ordered_by_their_numbers(one: int, other: int, before: str) -> None:
    assert (order_of(f"{before}{one}") < order_of(f"{before}{other}")) == (one < other)


def _item(file: str) -> Evidence:
    row = {"id": "x", "file": file, "system": "severe_support_triage", "sha256": SHA, "size": 1, "arrived_at": AT}
    return Evidence.model_validate(row)


@pytest.mark.parametrize(
    "text",
    [
        "Packet ID: TP-1\nRevision: r2\n",
        "Revision: r2\nDestination queue: q-1\n",
        "Packet ID: TP-1\nDestination queue: q-1\n",
        "nothing of the kind\n",
    ],
)
def test_a_document_without_id_revision_and_lane_is_no_packet(text: str) -> None:
    assert read_governed(_item("p.txt"), read(text.encode(), "p.txt"), scenario("packet-dispatch").data) is None


def test_an_order_in_a_list_does_not_rename_the_packet() -> None:
    text = b'{"packet_id":"TP-1","revision":"r2","queue_id":"q-1","notes":[{"packet_id":"TP-9","revision":"r9"}]}'
    found = read_governed(_item("p.json"), read(text, "p.json"), scenario("packet-dispatch").data)
    assert found is not None
    assert found.name == "TP-1 r2"


def _played(folder: Path, **changes: Any) -> dict[str, Any]:
    packet = folder / "packet"
    shutil.copytree(CASE, packet)
    write_packet(packet, {**read_packet(packet), **changes})
    return run(packet, folder / "out")


def test_the_lane_entry_embeds_the_packet_letter_for_letter(tmp_path: Path) -> None:
    signs = {"gate": GATE, "by": "u-odd", "decision": "approve"}
    found = _played(tmp_path, timeline=[{"at": "2026-03-09T10:06:00Z", "decides": signs}])
    assert found["outcome"] == "dispatched"
    (file,) = (tmp_path / "out" / "lanes").iterdir()
    (line,) = file.read_text(encoding="utf-8").splitlines()
    entry = json.loads(line)
    original = (CASE / "triage_packet.json").read_bytes()
    (packet,) = entry["packets"]
    assert packet["text"].encode() == original
    assert packet["sha256"] == "sha256:" + hashlib.sha256(original).hexdigest()
    assert entry["attached"] == [{"id": "packet", "name": "triage_packet.json", "sha256": packet["sha256"]}]
    assert entry["content"]["fields"]["packet_sha256"]["value"] == packet["sha256"]
    assert entry["decisions"][0]["bound"]["queue_id"] == "psr-misuse-restricted"
    assert entry["decisions"][0]["bound"]["holds"] == "none open"


@pytest.mark.parametrize("lost", ["policy", "roster", "scope", "idp", "packet"])
def test_a_source_that_becomes_unreadable_holds_the_dispatch(lost: str, tmp_path: Path) -> None:
    signs = {"gate": GATE, "by": "u-odd", "decision": "approve"}
    timeline = [
        {"at": "2026-03-09T10:03:00Z", "withdraws": {"id": lost}},
        {"at": "2026-03-09T10:06:00Z", "decides": signs},
    ]
    found = _played(tmp_path, timeline=timeline)
    assert found["outcome"] == "held"
    assert found["releases"] == []
    assert [one["state"] for one in found["approvals"]] == ["refused"]


def test_a_request_that_nobody_answers_in_time_approves_nothing(tmp_path: Path) -> None:
    found = _played(tmp_path, timeline=[{"at": "2026-03-09T11:01:00Z", "passes": {}}])
    assert (found["status"], found["outcome"], found["releases"]) == ("finished", "held", [])


async def test_the_queue_view_of_a_run_hides_the_names_of_its_case(tmp_path: Path) -> None:
    folder = load(CASES / "packet-dispatch" / "cases" / "packet-names-another-queue-and-scope")
    url = f"sqlite:///{tmp_path / 'store.db'}"
    database = await Database.open(url)
    async with checkpointer(url) as saver:
        admitted = await admit(database, saver, folder, Offline())
        assert await shown(admitted.context, "queue") is None
        await admitted.open(folder)
        await admitted.drive()
        queue, main = await shown(admitted.context, "queue"), await shown(admitted.context, "main")
    await database.close()
    assert queue is not None
    assert main is not None
    assert "tn-brightmoor" in json.dumps(main.content())
    assert "brightmoor" not in json.dumps(queue.content()).casefold()
    assert [section.id for section in queue.sections] == ["manifest", "holds"]


async def test_a_packet_whose_stored_bytes_are_not_its_hash_never_leaves(tmp_path: Path) -> None:
    folder = load(CASE)
    signs = Decides(gate=GATE, by="u-odd", decision="approve")
    url = f"sqlite:///{tmp_path / 'store.db'}"
    database = await Database.open(url)
    async with checkpointer(url) as saver:
        admitted = await admit(database, saver, folder, Offline())
        await admitted.open(folder)
        await admitted.drive()
        packet = folder.files["packet"].sha256

        async def work(connection: AsyncConnection) -> None:
            row = tables.blobs.c.sha256 == packet
            await connection.execute(update(tables.blobs).where(row).values(data=b'{"packet_id": "TP-512"}'))

        await database.together(work)
        await admitted.submit("sign", Step(at=AT + timedelta(minutes=6), decides=signs))
        await admitted.drive()
        result = await outcome(admitted.context)
    await database.close()
    assert (result["outcome"], result["releases"]) == ("held", [])


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("psr-01, and no other", "psr-01"),
        ("psr-01 (the only one)", "psr-01"),
        ("SCP-61 only", "SCP-61"),
        ("SCP-61 alone.", "SCP-61"),
        ("psr-02 – nowhere else", "psr-02"),
        ("psr-01", "psr-01"),
        ("Only", "Only"),
        ("psr-read-only-queue", "psr-read-only-queue"),
    ],
)
def test_that_it_is_the_only_one_is_no_part_of_a_name(written: str, name: str) -> None:
    assert named(written) == name
