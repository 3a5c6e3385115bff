"""The pages on security name tests and lines that are there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "security"
_SHOWN = re.compile(r"`([\w./-]+(?:/[\w./-]*|\.(?:txt|toml)))`(?: \(`([^`]+)`\))?")
_ROW = re.compile(r"^\| (V\d+\.\d+\.\d+) \| ([12]) \|", re.MULTILINE)
# The standard, 5.0.0: each section, and the level of each of its requirements in order.
LEVELS = {
    "V1.1": "22", "V1.2": "1111122223", "V1.3": "112222222223", "V1.4": "222", "V1.5": "123", "V2.1": "122",
    "V2.2": "112", "V2.3": "12223", "V2.4": "23", "V3.1": "3", "V3.2": "113", "V3.3": "12223", "V3.4": "11222233",
    "V3.5": "11122333", "V3.6": "3", "V3.7": "22333", "V4.1": "12233", "V4.2": "23333", "V4.3": "22", "V4.4": "1222",
    "V5.1": "2", "V5.2": "112333", "V5.3": "113", "V5.4": "222", "V6.1": "122", "V6.2": "111111112222",
    "V6.3": "11223333", "V6.4": "112233", "V6.5": "22222333", "V6.6": "2223", "V6.7": "33", "V6.8": "2222",
    "V7.1": "222", "V7.2": "1111", "V7.3": "22", "V7.4": "11222", "V7.5": "223", "V7.6": "22", "V8.1": "1233",
    "V8.2": "1123", "V8.3": "133", "V8.4": "23", "V9.1": "111", "V9.2": "1222", "V10.1": "22", "V10.2": "223",
    "V10.3": "22223", "V10.4": "1111122222233333", "V10.5": "22222", "V10.6": "22", "V10.7": "222", "V11.1": "2233",
    "V11.2": "22233", "V11.3": "11233", "V11.4": "1222", "V11.5": "23", "V11.6": "23", "V11.7": "33",
    "V12.1": "12233", "V12.2": "11", "V12.3": "22223", "V13.1": "2333", "V13.2": "222223", "V13.3": "2233",
    "V13.4": "1222233", "V14.1": "22", "V14.2": "12223333", "V14.3": "122", "V15.1": "12233", "V15.2": "12233",
    "V15.3": "1222222", "V15.4": "3333", "V16.1": "2", "V16.2": "22222", "V16.3": "2222", "V16.4": "222",
    "V16.5": "2223", "V17.1": "23", "V17.2": "22223333", "V17.3": "22",
}  # fmt: skip


def test_every_row_of_the_asvs_table_names_something_that_stands_there() -> None:
    text = (PAGES / "asvs.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if _ROW.match(line)]
    counts: Counter[str] = Counter()
    for row in rows:
        _, _, _, short, answer, why, _ = (cell.strip() for cell in re.split(r"(?<!\\)\|", row, maxsplit=6))
        counts[answer] += 1
        assert short, row
        if answer == "not applicable":
            assert why.startswith("because "), row
        elif answer == "not met":
            assert len(why.split()) >= 3, row
        else:
            assert answer == "met", row
            assert _SHOWN.search(why), row
        for path, words in _SHOWN.findall(why) if answer == "met" else ():
            assert words, row
            assert words in (ROOT / path).read_text(encoding="utf-8"), (path, words)
            if words.startswith("test_"):
                assert f"def {words}(" in (ROOT / path).read_text(encoding="utf-8"), (path, words)
    told = f"**{counts['met']} met, {counts['not applicable']} not applicable, {counts['not met']} not met.**"
    assert told in text


def test_the_table_has_every_requirement_up_to_level_two_once() -> None:
    wanted = [
        (f"{section}.{number}", level)
        for section, levels in LEVELS.items()
        for number, level in enumerate(levels, 1)
        if level in "12"
    ]
    assert len(wanted) == 253
    assert _ROW.findall((PAGES / "asvs.md").read_text(encoding="utf-8")) == wanted


def test_the_threat_model_names_files_that_are_there() -> None:
    for path, _ in _SHOWN.findall((PAGES / "threat-model.md").read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path
