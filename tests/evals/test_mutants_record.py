"""The record of the hunt: every planted fault was caught, by the patch as it stands."""

from __future__ import annotations

from pathlib import Path

from evals.mutants.patches import mutants
from evals.mutants.record import Record, patch_hash, read_records, write_records


def test_every_fault_was_caught_by_a_suite() -> None:
    records, known = read_records(), mutants()
    assert len(known) >= 40
    lost = [one.name for one in known if one.name not in records or not records[one.name].by]
    stale = [one.name for one in known if one.name in records and not records[one.name].of(one)]
    assert (lost, stale) == ([], [])


def test_a_record_is_replaced_by_name_and_leaves_the_others(tmp_path: Path) -> None:
    one, other = mutants()[:2]
    path = tmp_path / "results.jsonl"
    first = [Record(fault=each.name, by="eval duties", patch=patch_hash(each)) for each in (one, other)]
    write_records(first, [one, other], path)
    write_records([Record(fault=one.name, by="", problem="no suite caught it", patch="0")], [one, other], path)
    records = read_records(path)
    assert (records[one.name].by, records[other.name].by) == ("", "eval duties")
    assert not records[one.name].of(one)
    assert records[other.name].of(other)
    write_records([], [other], path)
    assert list(read_records(path)) == [other.name]
