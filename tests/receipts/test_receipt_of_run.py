"""What a run writes at its end: a receipt that stands alone, at every final outcome, the same bytes ever after."""

from __future__ import annotations

import base64
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from command import casegate
from packets import minimal_packet, read_packet, without_timeline, write_packet
from running import killed_at, run, run_apart

from lineage.keys import KeySet
from lineage.receipt.verify import verify


@pytest.fixture(scope="module")
def packet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exception that a duty manager approves; somebody without the role tries before."""
    return minimal_packet(tmp_path_factory.mktemp("packet"), exception=True)


@pytest.fixture(scope="module")
def out(packet: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out")
    assert run(packet, folder)["outcome"] == "exception_resolved_and_staged"
    return folder


def disclosed(out: Path) -> dict[str, Any]:
    value: dict[str, Any] = orjson.loads((out / "receipt.json").read_bytes())["disclosed"]
    return value


def trusted(out: Path) -> KeySet:
    return KeySet.read((out / "keys.json").read_bytes())


def store_of(out: Path) -> Path:
    return out / ".casegate" / "casegate.db"


def test_the_receipt_of_a_run_answers_all_six_questions(out: Path) -> None:
    report = verify((out / "receipt.json").read_bytes(), trusted(out))
    assert report.problems == ()
    assert {one.standing for one in report.answers} == {"shown"}


def test_it_says_what_the_outcome_says(out: Path) -> None:
    said, outcome = disclosed(out), orjson.loads((out / "outcome.json").read_bytes())
    assert said["result"]["outcome"] == outcome["outcome"]
    assert said["result"]["artifact"]["sha256"] == outcome["artifact"]["sha256"]
    assert [(one["gate"], one["by"], one["state"]) for one in said["approvals"]] == [
        ("exception_release", "u-intake", "refused"),
        ("exception_release", "u-duty", "valid"),
    ]
    [release] = said["actions"]
    assert release["manifest_sha256"] == outcome["releases"][0]["manifest_sha256"]
    assert {one["id"] for one in said["evidence"]} >= {"ticket", "late", "registry"}
    open_now = {item["id"] for items in outcome["registers"].values() for item in items if item["state"] == "open"}
    assert {one["id"] for one in said["open_items"]} == open_now


def test_it_quotes_nothing(out: Path, packet: Path) -> None:
    receipt = (out / "receipt.json").read_text(encoding="utf-8")
    assert "bram.aalders@" not in receipt
    assert "Hello" not in receipt
    assert "osprey" not in receipt.casefold()
    assert read_packet(packet)["timeline"][0]["says"]["text"] not in receipt


def test_the_same_run_again_gives_the_same_bytes(out: Path, packet: Path) -> None:
    before = (out / "receipt.json").read_bytes()
    run(packet, out)
    assert (out / "receipt.json").read_bytes() == before


def test_signatures_are_no_content(out: Path, packet: Path, tmp_path: Path) -> None:
    again = run(packet, tmp_path)
    assert again["artifact"]["sha256"] == orjson.loads((out / "outcome.json").read_bytes())["artifact"]["sha256"]
    assert (tmp_path / "receipt.json").read_bytes() != (out / "receipt.json").read_bytes()


def test_a_run_that_waits_has_no_receipt_and_leaves_no_old_one(out: Path, packet: Path, tmp_path: Path) -> None:
    waiting = without_timeline(packet, tmp_path / "waiting")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "receipt.json").write_bytes((out / "receipt.json").read_bytes())
    assert run(waiting, tmp_path / "out")["status"] == "waiting"
    assert not (tmp_path / "out" / "receipt.json").exists()
    assert not (tmp_path / "out" / "keys.json").exists()


def test_a_bad_end_has_a_receipt_that_says_so(packet: Path, tmp_path: Path) -> None:
    rejected = without_timeline(packet, tmp_path / "rejected")
    said = read_packet(packet)
    for step in said["timeline"]:
        if "decides" in step:
            step["decides"]["decision"] = "reject"
    write_packet(rejected, said)
    outcome = run(rejected, tmp_path / "out")
    report = verify((tmp_path / "out" / "receipt.json").read_bytes(), trusted(tmp_path / "out"))
    assert report.intact
    receipt = disclosed(tmp_path / "out")
    assert receipt["result"]["outcome"] == outcome["outcome"]
    assert receipt["actions"] == []
    assert [one["state"] for one in receipt["approvals"]] == ["refused", "rejected"]
    assert {"register": "approvals", "gate": "exception_release", "by": "u-duty", "state": "rejected"}.items() <= next(
        one for one in receipt["open_items"] if one["register"] == "approvals"
    ).items()


def test_a_release_under_a_standing_approval_names_it(tmp_path: Path) -> None:
    run(minimal_packet(tmp_path / "packet"), tmp_path / "out")
    report = verify((tmp_path / "out" / "receipt.json").read_bytes(), trusted(tmp_path / "out"))
    assert report.problems == ()
    [release] = disclosed(tmp_path / "out")["actions"]
    assert release["under"].startswith("schema_and_mapping@")
    assert release["approvals"] == []
    standing = {one.question: one.standing for one in report.answers}
    assert (standing["approved"], standing["actions"]) == ("absent", "shown")


@pytest.mark.parametrize("point", ["receipt.before", "receipt.written"])
def test_killed_while_the_receipt_is_made(point: str, packet: Path, tmp_path: Path) -> None:
    assert killed_at(f"{point}:1", packet, tmp_path)
    run_apart(packet, tmp_path)
    assert verify((tmp_path / "receipt.json").read_bytes(), trusted(tmp_path)).intact
    with sqlite3.connect(store_of(tmp_path)) as store:
        assert store.execute("SELECT count(*) FROM seal_log").fetchone() == (1,)
        assert store.execute("SELECT count(*) FROM receipts").fetchone() == (1,)


def test_each_decision_has_its_envelope_in_the_store_and_its_hash_in_the_header(out: Path) -> None:
    with sqlite3.connect(store_of(out)) as store:
        envelopes = {row[0] for row in store.execute("SELECT sha256 FROM envelopes")}
        decisions = store.execute("SELECT count(*) FROM decisions").fetchone()[0]
    headers = [orjson.loads(line)["header"] for line in (out / "lineage.jsonl").read_bytes().splitlines()]
    named = {h["envelope"] for h in headers if h["kind"] in ("decided", "decision_refused")}
    assert named == envelopes
    assert len(envelopes) == decisions == 2


def test_private_keys_are_sealed_and_files_are_closed_to_others(out: Path) -> None:
    keys = Path(os.environ["CASEGATE_DATA"]) / "keys"
    assert (keys / "installation.key").stat().st_mode & 0o777 == 0o600
    private = list((keys / "private").iterdir())
    assert private
    assert {one.stat().st_mode & 0o777 for one in private} == {0o600}
    assert {one.stat().st_size for one in private} == {12 + 32 + 16}
    with sqlite3.connect(store_of(out)) as store:
        assert {len(row[0]) for row in store.execute("SELECT sealed FROM person_keys")} == {12 + 32 + 16}


def test_the_command_trusts_the_local_installation_and_nobody_else(out: Path, tmp_path: Path) -> None:
    receipt = out / "receipt.json"
    answer = casegate("receipt", "verify", receipt)
    assert answer.code == 0, answer.out
    assert answer.out.startswith(f"{receipt}: intact\n")
    assert "none missing" in answer.out
    here = {**os.environ, "CASEGATE_DATA": str(tmp_path / "elsewhere")}
    command = [sys.executable, "-m", "server.cli", "receipt", "verify", str(receipt)]
    stranger = subprocess.run(command, env=here, capture_output=True, text=True, check=False)
    assert stranger.returncode == 1
    assert "not among the trusted keys" in stranger.stdout
    assert "--trust" in stranger.stderr
    named = subprocess.run([*command, "--trust", str(out / "keys.json")], env=here, capture_output=True, check=False)
    assert named.returncode == 0


def test_the_command_makes_a_copy(out: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.json"
    answer = casegate("receipt", "disclose", out / "receipt.json", "--only", "approvals,intent", "--out", copy)
    assert answer.code == 0, answer.err
    shown = casegate("receipt", "verify", copy, "--trust", out / "keys.json", "--json")
    assert shown.code == 0
    standing = {one["question"]: one["standing"] for one in orjson.loads(shown.out)["answers"]}
    assert standing == {
        "approved": "shown", "policy": "sealed", "actions": "sealed", "evidence": "sealed", "integrity": "shown",
        "open": "sealed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("verify", "nothing.json"), 2),
        (("verify", "keys.json"), 1),
        (("verify", "receipt.json", "--trust", "nothing.json"), 2),
        (("verify", "receipt.json", "--trust", "outcome.json"), 2),
        (("disclose", "receipt.json", "--only", "nothing", "--out", "x.json"), 2),
        (("disclose", "outcome.json", "--only", "intent", "--out", "x.json"), 2),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], code: int, out: Path) -> None:
    named = [str(out / one) if one.endswith(".json") else one for one in arguments]
    answer = casegate("receipt", *named)
    assert (answer.code, answer.fault) == (code, None)
    assert len(answer.err.strip().splitlines()) == 1


def test_verifying_loads_nothing_but_the_lineage(out: Path) -> None:
    code = (
        "import sys; from server.cli import main\n"
        f"try: main(['receipt', 'verify', {str(out / 'receipt.json')!r}, '--trust', {str(out / 'keys.json')!r}])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "rooms = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(rooms & set('agents casefile evals graphs guardrails runtime tools pydantic sqlalchemy alembic "
        "langgraph langchain_core chromadb fastapi httpx yaml rich openai'.split())))\n"
        "print(sorted(name for name in sys.modules if name.startswith('runtime')))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rooms, runtime = ran.stdout.splitlines()[-2:]
    assert rooms == "['runtime']"
    # The errors of the command line, which stand alone.
    assert runtime == "['runtime', 'runtime.errors']"


def test_erasing_a_person_leaves_chain_and_receipt_verifying(packet: Path, tmp_path: Path) -> None:
    said = read_packet(packet)
    for step in said["timeline"]:
        if "decides" in step:
            step["decides"]["reason"] = "my words are mine"
    copy = without_timeline(packet, tmp_path / "packet")
    write_packet(copy, said)
    out = tmp_path / "out"
    run(copy, out)
    url = f"sqlite:///{store_of(out)}"
    before = (out / "receipt.json").read_bytes()
    assert b"my words are mine" in before
    erase = ("lineage", "erase", "CASE-90001", "--by", "u-privacy", "--reason", "asked for", "--db", url)
    answer = casegate(*erase, "--person", "u-duty")
    assert answer.code == 0, answer.err
    assert casegate("lineage", "verify", "CASE-90001", "--db", url).out.count("1 erased") == 1
    run(copy, out)
    report = verify((out / "receipt.json").read_bytes(), trusted(out))
    assert report.problems == ()
    [approved] = [one for one in report.answers if one.question == "approved"]
    assert (approved.shown, approved.erased) == (1, 1)
    assert verify(before, trusted(out)).intact, "a receipt that somebody has goes on verifying"
    # u-intake's own words, the same ones, are still in the store; once they are erased too, nothing has them.
    assert _texts_with(out, b"my words are mine") > 0
    assert casegate(*erase, "--person", "u-intake").code == 0
    assert _texts_with(out, b"my words are mine") == 0


def _texts_with(out: Path, words: bytes) -> int:
    """How many cells of what a decision leaves in the store have these words, also inside an envelope."""
    count = 0
    with sqlite3.connect(store_of(out)) as store:
        for table in ("decisions", "envelopes", "inbox", "lineage_content", "refusals", "receipts"):
            for row in store.execute(f"SELECT * FROM {table}").fetchall():
                for cell in row:
                    data = cell if isinstance(cell, bytes) else str(cell).encode()
                    count += words in data
                    if table == "envelopes" and data.startswith(b"{"):
                        count += words in base64.b64decode(orjson.loads(data)["payload"])
    return count


def test_only_what_is_there_and_has_ended_is_erased(packet: Path, tmp_path: Path) -> None:
    waiting = without_timeline(packet, tmp_path / "packet")
    run(waiting, tmp_path / "out")
    where = ("--by", "u-privacy", "--reason", "asked for", "--db", f"sqlite:///{store_of(tmp_path / 'out')}")
    for given in (("--entries", "1"), ("--entries", "900"), ("--person", "nobody"), ("--entries", "x"), ()):
        answer = casegate("lineage", "erase", "CASE-90001", *given, *where)
        assert (answer.code, answer.fault) == (2, None)
        assert len(answer.err.strip().splitlines()) == 1
