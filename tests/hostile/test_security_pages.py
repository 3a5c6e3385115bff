"""The pages on security name tests and lines that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "security"
_SHOWN = re.compile(r"`([\w./]+/[\w./]*)`(?: \(`([^`]+)`\))?")
_ROW = re.compile(r"^\| (V\d+\.\d+\.\d+)(?: \(level 3\))? \|", re.MULTILINE)


def test_every_row_of_the_asvs_table_names_something_that_stands_there() -> None:
    text = (PAGES / "asvs.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if _ROW.match(line)]
    assert len(rows) >= 20
    for row in rows:
        shown = _SHOWN.findall(row)
        assert shown, row
        for path, words in shown:
            assert words, row
            assert words in (ROOT / path).read_text(encoding="utf-8"), (path, words)


def test_no_requirement_stands_twice() -> None:
    ids = _ROW.findall((PAGES / "asvs.md").read_text(encoding="utf-8"))
    assert len(ids) == len(set(ids))


def test_the_threat_model_names_files_that_are_there() -> None:
    for path, _ in _SHOWN.findall((PAGES / "threat-model.md").read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path
