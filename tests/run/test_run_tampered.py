"""Any byte of any lineage row changed, a row removed, two swapped, the tail cut: `verify` exits 1 and names the place."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from command import Answer, casegate
from packets import minimal_packet
from running import run

CASE = "CASE-90001"
ENTRY = ("tenant", "case_id", "seq", "prev", "hash", "header")
CONTENT = ("tenant", "case_id", "seq", "name", "salt", "value")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a run that reached its end, so that its case is sealed."""
    out = tmp_path_factory.mktemp("finished")
    outcome = run(minimal_packet(out / "packet", exception=True), out / "out")
    assert outcome["outcome"] == "exception_resolved_and_staged"
    with sqlite3.connect(_file(out / "out")) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return out / "out"


@pytest.fixture
def store(finished: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A copy of that store, to be damaged."""
    shutil.copy(_file(finished), tmp_path / "casegate.db")
    connection = sqlite3.connect(tmp_path / "casegate.db", isolation_level=None)
    yield connection
    connection.close()


def _file(out: Path) -> Path:
    return out / ".casegate" / "casegate.db"


def _verified(store: sqlite3.Connection) -> Answer:
    file = store.execute("PRAGMA database_list").fetchone()[2]
    return casegate("lineage", "verify", CASE, "--db", f"sqlite:///{file}")


def _size(store: sqlite3.Connection) -> int:
    return int(store.execute("SELECT count(*) FROM lineage").fetchone()[0])


def _names(answer: Answer, entry: int) -> bool:
    """Whether it says that it is not intact, and at which entry."""
    assert answer.fault is None, answer.fault
    assert answer.err == ""
    assert answer.code == 1, answer.out
    assert "NOT intact" in answer.out
    return re.search(rf"^entry {entry}: ", answer.out, re.MULTILINE) is not None


def _other(value: Any, at: int = -1) -> Any:
    """The value with one byte changed, of the same type; a number with one bit changed."""
    if isinstance(value, int):
        return value ^ 1024
    data = bytearray(value.encode() if isinstance(value, str) else value)
    data[at % len(data)] ^= 1
    return data.decode() if isinstance(value, str) else bytes(data)


def test_untouched_it_is_intact(store: sqlite3.Connection, finished: Path) -> None:
    answer = _verified(store)
    assert (answer.code, answer.err, answer.fault) == (0, "", None)
    assert f"intact: {_size(store)} entries" in answer.out
    assert casegate("lineage", "verify", finished / "lineage.jsonl").code == 0


@pytest.mark.parametrize("column", ENTRY)
def test_a_byte_of_an_entry_is_changed(column: str, store: sqlite3.Connection) -> None:
    last = _size(store) - 1
    for seq in sorted({*range(0, last, 7), 1, last - 1, last}):
        (value,) = store.execute(f"SELECT {column} FROM lineage WHERE seq = ?", (seq,)).fetchone()
        store.execute(f"UPDATE lineage SET {column} = ? WHERE seq = ?", (_other(value, seq * 31), seq))
        assert _names(_verified(store), seq), (seq, column)
        store.execute(f"UPDATE lineage SET {column} = ? WHERE hash = (SELECT hash FROM lineage WHERE {column} = ?)", (value, _other(value, seq * 31)))
    assert _verified(store).code == 0
