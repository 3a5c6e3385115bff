"""Every case of every scenario gives what its expect.yaml says, on the store of the default and on PostgreSQL."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from postgres import own_database
from recompute import faults, formulas
from reopen import stands
from running import CASES, DEMO, run

from casefile.parameters import resolve
from evals.cases import PacketCase, of_scenario
from evals.expectations import load
from evals.running import judge, play
from graphs import catalogue
from lineage.keys import KeySet
from lineage.receipt.disclose import disclose
from lineage.receipt.verify import verify

SCENARIOS = [scenario.short for scenario in catalogue.all_scenarios()]
ALL = [case for short in SCENARIOS for case in of_scenario(short)]


def test_no_case_is_left_out() -> None:
    assert len(ALL) == len([*CASES.glob("*/cases/*/packet.yaml")])


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.suite}/{case.name}")
def test_a_case_gives_what_it_expects(case: PacketCase, tmp_path: Path) -> None:
    out = tmp_path / "out"
    outcome = _as_expected(case.path, out)
    _every_confirmed_quote_stands(outcome, case.path)
    _released_bytes_were_approved(outcome)
    _receipt_says_how_it_ended(outcome, out)
    _every_number_can_be_computed_again(outcome, case.path, out)


def _as_expected(packet: Path, out: Path) -> Mapping[str, Any]:
    played = play(packet, out, f"sqlite:///{out.with_name('store.db')}")
    found, unsafe = judge(load(packet / "expect.yaml"), played)
    assert not found, "\n".join(map(str, found))
    assert not unsafe, "\n".join(unsafe)
    return played.outcome


def _every_confirmed_quote_stands(outcome: Mapping[str, Any], case: Path) -> None:
    """R3, by other code than the readers."""
    from tools.packet_folder import load as load_packet

    folder = load_packet(case)
    files = {file.source.id: file.source.file for file in [*folder.files.values(), *folder.prior]}
    for name, field in outcome["artifact"]["fields"].items():
        if field["status"] == "confirmed":
            assert field["citations"], f"{name} is confirmed and cites nothing"
        for citation in field["citations"]:
            place = f"{name}: {citation['evidence']} {citation['locator']}: {citation['quote']!r}"
            assert stands(case / files[citation["evidence"]], citation["locator"], citation["quote"]), place


def _every_number_can_be_computed_again(outcome: Mapping[str, Any], case: Path, out: Path) -> None:
    """Other code opens the cells again and evaluates every formula; a number in a sentence is one of them, or quoted.

    The files are those that were frozen, as the store has them: also what the run itself read from systems.
    """
    from tools.packet_folder import load as load_packet

    if not outcome["artifact"]:
        return
    packet, files = load_packet(case).packet, {}
    with sqlite3.connect(out.with_name("store.db")) as store:
        query = (
            "SELECT e.id, e.body, b.data FROM evidence e JOIN blobs b ON b.tenant = e.tenant AND b.sha256 = e.sha256"
        )
        for name, body, data in store.execute(query).fetchall():
            files[name] = out / "frozen" / name / Path(orjson.loads(body)["file"]).name
            files[name].parent.mkdir(parents=True, exist_ok=True)
            files[name].write_bytes(data)
    parameters = resolve(catalogue.find(packet.scenario, ""), packet.parameters)
    assert faults(outcome["artifact"], files, parameters) == []


def test_the_scenarios_that_compute_say_how() -> None:
    """Where a number is more than what one cell says, the artifact has its formula: an empty check would pass too."""
    for short, least in {"credit-options": 8, "telemetry-options": 1, "sampling-tuning": 10}.items():
        case = min(one.path for one in of_scenario(short) if not one.name.startswith("the-"))
        with tempfile.TemporaryDirectory() as scratch:
            artifact = play(case, Path(scratch) / "out").outcome["artifact"]
        assert len(formulas(artifact)) >= least, short


def _released_bytes_were_approved(outcome: Mapping[str, Any]) -> None:
    approved = {one["artifact_sha256"] for one in outcome["approvals"] if one["state"] == "valid"}
    for release in outcome["releases"]:
        assert release["artifact_sha256"] in approved or release["under"], release


def _receipt_says_how_it_ended(outcome: Mapping[str, Any], out: Path) -> None:
    """At every final outcome, and only then, there is a receipt; it verifies with the published keys, and disclosed."""
    with sqlite3.connect(out.with_name("store.db")) as store:
        [(final,)] = store.execute("SELECT final FROM runs").fetchall()
    assert (out / "receipt.json").exists() == (out / "keys.json").exists() == bool(final)
    if not final:
        return
    data, trust = (out / "receipt.json").read_bytes(), KeySet.read((out / "keys.json").read_bytes())
    report = verify(data, trust)
    assert report.problems == ()
    said = orjson.loads(data)["disclosed"]
    assert said["result"]["outcome"] == outcome["outcome"]
    assert len(said["actions"]) == len(outcome["releases"]) + len(outcome["effects"])
    for part in ("result", "evidence", *(["approvals"] if said["approvals"] else [])):
        assert verify(disclose(data, [part]), trust).problems == ()


@pytest.mark.parametrize("short", SCENARIOS)
def test_the_example_packet_of_others_gives_what_it_expects(short: str, shared: Path, tmp_path: Path) -> None:
    example = shared / "examples" / short
    if not (example / "packet.yaml").is_file():
        pytest.skip(f"{example} is not here: there is no example of others for this scenario")
    outcome = _as_expected(example, tmp_path / "out")
    _every_confirmed_quote_stands(outcome, example)
    _every_number_can_be_computed_again(outcome, example, tmp_path / "out")


def test_a_second_run_and_postgresql_give_the_same_artifact(tmp_path: Path) -> None:
    first, second = run(DEMO, tmp_path / "a"), run(DEMO, tmp_path / "b")
    with own_database() as url:
        third = run(DEMO, tmp_path / "c", url)
    assert first["outcome"] == second["outcome"] == third["outcome"] == "exception_resolved_and_staged"
    assert first["artifact"]["sha256"] == second["artifact"]["sha256"] == third["artifact"]["sha256"]
    assert len({len(one["releases"]) for one in (first, second, third)}) == 1
    assert first["lineage"]["entries"] == third["lineage"]["entries"]


def test_the_same_packet_into_the_same_store_changes_nothing(tmp_path: Path) -> None:
    first = run(DEMO, tmp_path)
    assert run(DEMO, tmp_path) == first
