"""A lineage row changed, removed or moved, the tail cut: `verify` exits 1 and names the place."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from command import Answer, casegate
from packets import minimal_packet
from running import run

CASE = "CASE-90001"
Damage = Callable[[str, str, int, Any], Answer]
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


@pytest.fixture
def damaged(store: sqlite3.Connection) -> Damage:
    """Change one value, say what `verify` answers, and put it back."""

    def change(table: str, column: str, row: int, value: Any) -> Answer:
        old = store.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row,)).fetchone()[0]
        store.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row))
        answer = _verified(store)
        store.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (old, row))
        return answer

    return change


def _rows(store: sqlite3.Connection, table: str, column: str, step: int) -> list[tuple[int, int, Any]]:
    """Row id, entry and value of every `step`-th row of a table, the first two and the last two among them."""
    found = store.execute(f"SELECT rowid, seq, {column} FROM {table} ORDER BY seq").fetchall()
    return [row for n, row in enumerate(found) if n % step == 0 or n in (1, len(found) - 2, len(found) - 1)]


@pytest.mark.parametrize("column", ENTRY)
def test_a_changed_byte_of_an_entry_is_named(column: str, store: sqlite3.Connection, damaged: Damage) -> None:
    for row, seq, value in _rows(store, "lineage", column, 7):
        assert _names(damaged("lineage", column, row, _other(value, seq * 31)), seq), (seq, column)
    assert _verified(store).code == 0


@pytest.mark.parametrize("column", CONTENT)
def test_a_changed_byte_of_content_is_named(column: str, store: sqlite3.Connection, damaged: Damage) -> None:
    for row, seq, value in _rows(store, "lineage_content", column, 9):
        assert _names(damaged("lineage_content", column, row, _other(value, seq * 31)), seq), (seq, column)
    assert _verified(store).code == 0


def test_every_byte_of_one_header_counts(store: sqlite3.Connection, finished: Path) -> None:
    """Byte by byte over the rows as `verify` reads them; the command itself is tried above."""
    from lineage.chain import Row, verify

    rows = [
        Row(*entry, dict(_contents(store, entry[0])))
        for entry in store.execute("SELECT seq, prev, hash, header FROM lineage ORDER BY seq")
    ]
    size = len(rows[9].header)
    assert size > 400
    for at in range(size):
        changed = Row(9, rows[9].prev, rows[9].hash, _other(rows[9].header, at), rows[9].contents)
        places = [finding.place for finding in verify([*rows[:9], changed, *rows[10:]], None).findings]
        assert "entry 9" in places, at


def _contents(store: sqlite3.Connection, seq: int) -> Iterator[tuple[str, tuple[str, bytes]]]:
    for name, salt, value in store.execute("SELECT name, salt, value FROM lineage_content WHERE seq = ?", (seq,)):
        yield name, (salt, value)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("lineage", "header", "text"),
        ("lineage", "header", b""),
        ("lineage", "header", b"\xff\xfe"),
        ("lineage", "hash", b"sha256:00"),
        ("lineage", "prev", ""),
        ("lineage_content", "salt", None),
        ("lineage_content", "value", None),
        ("lineage_content", "value", "text"),
        ("lineage_content", "salt", b"0"),
    ],
)
def test_a_value_of_another_type_is_named(
    table: str, column: str, value: Any, store: sqlite3.Connection, damaged: Damage
) -> None:
    row = store.execute(f"SELECT rowid FROM {table} WHERE seq = 5").fetchone()[0]
    assert _names(damaged(table, column, row, value), 5)


def test_a_removed_entry_is_named(store: sqlite3.Connection) -> None:
    for seq in (0, 1, 20, _size(store) - 2):
        store.execute("BEGIN")
        kept = store.execute("SELECT * FROM lineage WHERE seq = ?", (seq,)).fetchone()
        store.execute("DELETE FROM lineage WHERE seq = ?", (seq,))
        store.execute("COMMIT")
        assert _names(_verified(store), seq), seq
        store.execute("INSERT INTO lineage VALUES (?, ?, ?, ?, ?, ?)", kept)
    assert _verified(store).code == 0


def test_removed_content_is_named(store: sqlite3.Connection) -> None:
    for seq in (0, 20):
        kept = store.execute("SELECT * FROM lineage_content WHERE seq = ?", (seq,)).fetchone()
        store.execute("DELETE FROM lineage_content WHERE seq = ? AND name = ?", (seq, kept[3]))
        assert _names(_verified(store), seq), seq
        store.execute("INSERT INTO lineage_content VALUES (?, ?, ?, ?, ?, ?)", kept)
    assert _verified(store).code == 0


def test_two_swapped_entries_are_named(store: sqlite3.Connection) -> None:
    for first, second in ((0, 1), (5, 6), (3, 30)):
        _swap(store, first, second)
        answer = _verified(store)
        assert _names(answer, first)
        assert _names(answer, second)
        _swap(store, first, second)
    assert _verified(store).code == 0


def _swap(store: sqlite3.Connection, first: int, second: int) -> None:
    for table in ("lineage", "lineage_content"):
        for old, new in ((first, -1), (second, first), (-1, second)):
            store.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (new, old))


def _cut(store: sqlite3.Connection, left: int) -> None:
    for table in ("lineage", "lineage_content"):
        store.execute(f"DELETE FROM {table} WHERE seq >= ?", (left,))


@pytest.mark.parametrize("gone", [1, 2, 30])
def test_a_cut_tail_is_named(gone: int, store: sqlite3.Connection) -> None:
    left = _size(store) - gone
    _cut(store, left)
    assert _names(_verified(store), left)


def test_a_tail_cut_together_with_its_head_shows_by_the_seal(store: sqlite3.Connection) -> None:
    from lineage import merkle
    from lineage.entry import leaf

    _cut(store, 20)
    hashes = [row[0] for row in store.execute("SELECT hash FROM lineage ORDER BY seq")]
    root = merkle.root(leaf(one) for one in hashes).hex()
    store.execute("UPDATE lineage_heads SET size = 20, hash = ?, root = ?", (hashes[-1], root))
    assert _names(_verified(store), 20)


def test_a_case_whose_head_was_removed_is_not_intact(store: sqlite3.Connection) -> None:
    """Else a tail is cut in silence: together with head and seals, or behind the last seal."""
    _cut(store, 20)
    store.execute("DELETE FROM lineage_heads")
    store.execute("DELETE FROM lineage_seals")
    answer = _verified(store)
    assert answer.code == 1, answer.out


def test_a_case_all_of_whose_entries_were_removed_is_not_intact(store: sqlite3.Connection) -> None:
    _cut(store, 0)
    assert _names(_verified(store), 0)


@pytest.mark.parametrize("column", ["size", "hash", "root"])
def test_a_changed_head_is_named(column: str, store: sqlite3.Connection, damaged: Damage) -> None:
    (value,) = store.execute(f"SELECT {column} FROM lineage_heads").fetchone()
    answer = damaged("lineage_heads", column, 1, _other(value))
    assert answer.code == 1, answer.out
    assert "head" in answer.out


def test_the_frontier_beside_the_head_is_checked_too(store: sqlite3.Connection, damaged: Damage) -> None:
    """The next entry is appended to it: a wrong one makes a wrong root later, and blames the wrong writer."""
    (value,) = store.execute("SELECT peaks FROM lineage_heads").fetchone()
    assert damaged("lineage_heads", "peaks", 1, value.replace(value[2], "0" if value[2] != "0" else "1", 1)).code == 1


@pytest.mark.parametrize("column", ["size", "root"])
def test_a_changed_seal_is_named(column: str, store: sqlite3.Connection, damaged: Damage) -> None:
    (value,) = store.execute(f"SELECT {column} FROM lineage_seals").fetchone()
    answer = damaged("lineage_seals", column, 1, _other(value))
    assert answer.code == 1, answer.out
    assert "seal" in answer.out


# --- the file -------------------------------------------------------------------------------------------------


@pytest.fixture
def lines(finished: Path) -> list[bytes]:
    """The lines of lineage.jsonl."""
    return (finished / "lineage.jsonl").read_bytes().splitlines(keepends=True)


def _verified_file(lines: list[bytes], folder: Path) -> Answer:
    (folder / "lineage.jsonl").write_bytes(b"".join(lines))
    return casegate("lineage", "verify", folder / "lineage.jsonl")


def test_a_changed_byte_of_a_line_is_named(lines: list[bytes], tmp_path: Path) -> None:
    for seq in sorted({*range(0, len(lines), 4), len(lines) - 1}):
        for at in range(seq % 40, len(lines[seq]) - 1, 97):
            changed = [*lines[:seq], _other(lines[seq], at), *lines[seq + 1 :]]
            assert _names(_verified_file(changed, tmp_path), seq), (seq, at)


def test_a_removed_or_doubled_or_moved_line_is_named(lines: list[bytes], tmp_path: Path) -> None:
    assert _names(_verified_file([*lines[:7], *lines[8:]], tmp_path), 7)
    assert _names(_verified_file([*lines[:7], lines[6], *lines[7:]], tmp_path), 6)
    swapped = _verified_file([*lines[:7], lines[8], lines[7], *lines[9:]], tmp_path)
    assert _names(swapped, 7)
    assert "entry 8 stands in its place" in swapped.out


def test_a_line_cut_in_its_middle_is_named(lines: list[bytes], tmp_path: Path) -> None:
    assert _names(_verified_file([*lines[:-1], lines[-1][:200]], tmp_path), len(lines) - 1)


def test_a_file_says_that_it_cannot_show_its_end(lines: list[bytes], tmp_path: Path) -> None:
    answer = _verified_file(lines[:-3], tmp_path)
    assert answer.code == 0
    assert "cannot show that its end was cut off" in answer.out


# --- what cannot be read ------------------------------------------------------------------------------------


def _one_line(answer: Answer, code: int) -> str:
    assert answer.fault is None, repr(answer.fault)
    assert answer.code == code, answer
    assert answer.err.count("\n") == 1, answer.err
    return answer.err


def test_an_unknown_case_is_one_line(store: sqlite3.Connection) -> None:
    file = store.execute("PRAGMA database_list").fetchone()[2]
    for command in ("show", "verify"):
        assert "CASE-NONE" in _one_line(casegate("lineage", command, "CASE-NONE", "--db", f"sqlite:///{file}"), 2)


def test_a_broken_file_is_shown_with_one_line(tmp_path: Path) -> None:
    for content in (b"not json\n", b"\xff\n", b"[]\n", b'{"header": {}}\n'):
        (tmp_path / "lineage.jsonl").write_bytes(content)
        assert "lineage.jsonl" in _one_line(casegate("lineage", "show", tmp_path / "lineage.jsonl"), 2)


def test_looking_into_a_store_that_is_not_there_makes_none(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'typo' / 'casegate.db'}"
    assert casegate("lineage", "verify", CASE, "--db", url).code == 2
    assert not (tmp_path / "typo").exists()


def test_every_entry_is_shown(store: sqlite3.Connection, finished: Path) -> None:
    file = store.execute("PRAGMA database_list").fetchone()[2]
    from_store = casegate("lineage", "show", CASE, "--db", f"sqlite:///{file}")
    from_file = casegate("lineage", "show", finished / "lineage.jsonl")
    assert (from_store.code, from_file.code) == (0, 0)
    assert from_store.out == from_file.out
    assert len(from_store.out.splitlines()) == _size(store)
    shown = casegate("lineage", "show", CASE, "--json", "--db", f"sqlite:///{file}").out.splitlines()
    assert [orjson.loads(line)["header"]["seq"] for line in shown] == list(range(_size(store)))
