"""The service log: checkpoints that others can read, and a witness that notices whatever is taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from command import casegate
from packets import minimal_packet, read_packet, write_packet
from receipt_samples import CONTENT, ISSUED, ISSUER, TRUST, build, key, public
from running import run

from lineage import merkle
from lineage.canonical import canonical, digest_bytes
from lineage.entry import leaf as entry_leaf
from lineage.log import note, sealed
from lineage.log.witness import Seen, WitnessError, export_lines, follow
from lineage.rules import apart_item, broken, gate_item

ORIGIN = f"{ISSUER}/sealed-cases"
CASES = [build(f"CASE-{n}") for n in range(5)]


def test_a_checkpoint_has_the_form_of_c2sp() -> None:
    signed = note.sign(note.Checkpoint(ORIGIN, 3, b"\1" * 32), key("log"))
    lines = signed.split("\n")
    assert lines[:4] == [ORIGIN, "3", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", ""]
    assert lines[4].startswith(f"— {ORIGIN} ")
    assert note.signed_by(signed, public("log", "log", ISSUER))
    assert not note.signed_by(signed, public("u-duty", "log", ISSUER))


def test_the_example_of_the_signed_note_format_is_read() -> None:
    """The vector of golang.org/x/mod/sumdb/note: another implementation's key and signature."""
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    name, ident, encoded = vkey.split("+", 2)
    raw = note.from_base64(encoded)[1:]
    assert note.key_id(name, raw).hex() == ident
    assert note.verifier_key(name, raw) == vkey


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", "a\n01\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\n— a AAAA\n", "a\n1\nAQ==\n\n— a AAAA\n",
     "a\n-1\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\n— a AAAA\n",
     "a\n1\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\n- a AAAA\n"],
)  # fmt: skip
def test_another_form_is_no_checkpoint(text: str) -> None:
    with pytest.raises(note.NoteError):
        note.read(text)


def export(count: int, since: int = 0, change: Callable[[list[Any]], None] = lambda _seals: None) -> list[bytes]:
    """An export of the first cases; `change` is what an operator did to them before."""
    seals: list[Any] = []
    for case in CASES[:count]:
        root = merkle.root(entry_leaf(entry.hash) for entry in case.entries).hex()
        headers = [entry.header for entry in case.entries]
        seal = {
            "tenant": "tn-quill",
            "case": case.name,
            "size": len(headers),
            "root": root,
            "at": "2026-05-04T10:00:00Z",
        }
        seals.append((seal, headers))
    change(seals)
    leaves = [sealed.leaf(s["tenant"], s["case"], s["size"], s["root"], s["at"]) for s, _ in seals]
    checkpoint = note.Checkpoint(ORIGIN, len(leaves), merkle.root(leaves))
    signed = note.sign(checkpoint, key("log"))
    proof = merkle.consistency_proof(leaves, since) if 0 < since < len(leaves) else []
    return list(export_lines(since, key("log").kid, signed, proof, seals[since:]))


def test_a_witness_follows_from_checkpoint_to_checkpoint() -> None:
    seen = Seen()
    for since, count in ((0, 2), (2, 3), (3, 3), (3, 5)):
        findings, seen = follow(export(count, since), seen, TRUST, ISSUED)
        assert findings == []
        assert seen.tree.size == count
        assert Seen.read(seen.write()).write() == seen.write()


def _cut(seals: list[Any]) -> None:
    seals[0][1].pop()


def _cut_and_sealed_again(seals: list[Any]) -> None:
    seal, headers = seals[0]
    headers.pop()
    leaves = [entry_leaf(digest_bytes(header)) for header in headers]
    seal |= {"size": len(headers), "root": merkle.root(leaves).hex()}


def _moved(seals: list[Any]) -> None:
    seals[0][1][3], seals[0][1][4] = seals[0][1][4], seals[0][1][3]


def _changed(seals: list[Any]) -> None:
    header = orjson.loads(seals[0][1][-1])
    seals[0][1][-1] = canonical({**header, "at": "2026-05-04T11:00:00Z"})


def _of_another_case(seals: list[Any]) -> None:
    seals[0] = (seals[0][0], seals[1][1])


@pytest.mark.parametrize("change", [_cut, _moved, _changed, _of_another_case])
def test_a_witness_notices_what_does_not_fit_its_seal(change: Callable[[list[Any]], None]) -> None:
    findings, _ = follow(export(2, change=change), Seen(), TRUST, ISSUED)
    assert any("CASE-0" in one for one in findings)


def test_a_witness_notices_a_log_that_was_rewritten() -> None:
    _, seen = follow(export(3), Seen(), TRUST, ISSUED)
    findings, _ = follow(export(5, 3, _cut_and_sealed_again), seen, TRUST, ISSUED)
    assert any("does not continue the log" in one for one in findings)


def test_a_witness_notices_a_case_that_was_forked_after_its_seal() -> None:
    def forked(seals: list[Any]) -> None:
        other = build("CASE-0")  # other salts, so another chain under the same name
        other.add("refused")
        headers = [entry.header for entry in other.entries]
        root = merkle.root(entry_leaf(entry.hash) for entry in other.entries).hex()
        seals.append(({**seals[0][0], "size": len(headers), "root": root}, headers))

    findings, _ = follow(export(1, change=forked), Seen(), TRUST, ISSUED)
    assert any("rewritten or forked" in one for one in findings)


def test_a_witness_notices_a_release_without_an_approval() -> None:
    def none(case: Any) -> None:
        case.lists["approvals"], case.approvals = [], []
        del case.entries[-2:]

    bare = build("CASE-9", none)

    def added(seals: list[Any]) -> None:
        root = merkle.root(entry_leaf(entry.hash) for entry in bare.entries).hex()
        headers = [entry.header for entry in bare.entries]
        seals.append(({**seals[0][0], "case": "CASE-9", "size": len(headers), "root": root}, headers))

    findings, _ = follow(export(1, change=added), Seen(), TRUST, ISSUED)
    assert any("no earlier approval" in one for one in findings)


ENVELOPE, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def _headers(*entries: dict[str, Any]) -> list[dict[str, Any]]:
    common = {"run": "run_1", "base_revision": CONTENT, "envelope": None, "citations": [], "opens": [], "closes": [],
              "actor": DUTY}  # fmt: skip
    return [{**common, **entry} for entry in entries]


DUTY = {"type": "person", "id": "u-duty", "role": None}
DECIDED = {"kind": "decided", "envelope": ENVELOPE}
SENT = {"kind": "effect_sent", "citations": [ENVELOPE]}


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ([{"kind": "effect_sent"}], "no earlier approval in its run stands, and none is named"),
        ([SENT, DECIDED], "decided: only after an act that names it"),
        ([DECIDED, SENT], ""),
        ([{"kind": "effect_sent", "citations": [OTHER]}], ""),  # no decision's hash: a standing approval's
        ([DECIDED, {"kind": "decision_void", "envelope": ENVELOPE}, SENT], "an approval that it names stood no more"),
        ([{**DECIDED, "run": "run_2"}, SENT], "an approval that it names was given in another run"),
        ([{**DECIDED, "run": "run_2"}, {"kind": "effect_sent"}], "no earlier approval in its run stands"),
    ],
)
def test_a_witness_notices_an_act_in_a_system_that_no_decision_allows(
    entries: list[dict[str, Any]], problem: str
) -> None:
    found = [one.problem for one in broken(_headers(*entries))]
    assert bool(found) == bool(problem)
    assert all(problem in one for one in found)


ASKED, LONG = gate_item("sign"), gate_item("sign", "a" * 190)
APART = {"kind": "duties_separated", "envelope": None, "opens": [apart_item(ASKED, "u-duty")]}
ANSWERED = {**DECIDED, "closes": [ASKED]}


@pytest.mark.parametrize(
    ("entries", "apart"),
    [
        ([APART, ANSWERED], True),
        ([APART, {**ANSWERED, "closes": [gate_item("sign", "action-1", "target-1")]}], True),
        ([{**APART, "opens": [apart_item(gate_item("sign", "action-1"), "u-duty")]}, ANSWERED], False),
        ([{**APART, "opens": [apart_item(LONG, "u-duty")]}, {**ANSWERED, "closes": [LONG]}], True),
        ([{**APART, "opens": [apart_item(ASKED, "u-other")]}, ANSWERED], False),
        ([{**APART, "opens": [apart_item(gate_item("sign2"), "u-duty")]}, ANSWERED], False),
        ([{**APART, "run": "run_2"}, ANSWERED], False),
        ([APART, {**APART, "opens": [], "closes": APART["opens"]}, ANSWERED], False),
        ([APART, None, ANSWERED], False),
        ([ANSWERED, APART], False),
    ],
)
def test_a_witness_notices_that_somebody_approved_what_he_was_kept_apart_from(
    entries: list[dict[str, Any] | None], apart: bool
) -> None:
    found = broken([None if one is None else _headers(one)[0] for one in entries])
    assert [one.problem for one in found if "(R11)" in one.problem] == [one.problem for one in found]
    assert bool(found) is apart


def test_a_witness_trusts_only_the_key_of_the_log() -> None:
    lines = export(1)
    first = orjson.loads(lines[0])
    for kid in (key("receipt").kid, key("nobody").kid, "x"):
        findings, _ = follow([canonical({**first, "kid": kid}) + b"\n", *lines[1:]], Seen(), TRUST, ISSUED)
        assert any("checkpoint" in one for one in findings)


def test_a_witness_refuses_what_is_no_export() -> None:
    for lines in ([], [b"{}\n"], [b"x"], export(2, 1), [*export(1), b"{}\n"]):
        with pytest.raises(WitnessError):
            follow(lines, Seen(), TRUST, ISSUED)
    with pytest.raises(WitnessError):
        Seen.read(b"{}\n")


def test_the_log_of_two_cases_by_command(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    where, state = ("--db", url), tmp_path / "witness.json"
    assert casegate("log", "checkpoint", *where).code == 1
    for n in range(2):
        packet = minimal_packet(tmp_path / f"packet{n}")
        write_packet(packet, {**read_packet(packet), "case": f"CASE-{n}"})
        run(packet, tmp_path / f"out{n}", url)
        exported = casegate("log", "export", "--since", n, "--out", tmp_path / "log.jsonl", *where)
        assert exported.code == 0, exported.err
        answer = casegate("log", "witness", tmp_path / "log.jsonl", "--state", state)
        assert answer.code == 0, answer.out
    assert orjson.loads(state.read_bytes())["size"] == 2
    checkpoint = casegate("log", "checkpoint", *where)
    assert note.read(checkpoint.out).size == 2
    with sqlite3.connect(tmp_path / "store.db") as store:
        [(header,)] = store.execute("SELECT header FROM lineage WHERE case_id = 'CASE-1' AND seq = 3").fetchall()
        changed = canonical({**orjson.loads(header), "at": "2020-01-01T00:00:00Z"})
        store.execute("UPDATE lineage SET header = ? WHERE case_id = 'CASE-1' AND seq = 3", (changed,))
    state.unlink()
    casegate("log", "export", "--out", tmp_path / "log.jsonl", *where)
    answer = casegate("log", "witness", tmp_path / "log.jsonl", "--state", state)
    assert answer.code == 1
    assert "CASE-1" in answer.out
    assert not state.exists()
    assert casegate("log", "export", "--since", 9, "--out", tmp_path / "x", *where).code == 2
