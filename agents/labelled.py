"""Labelled values: what any reading says under a name, whatever its layout (a key, a column, a line before a colon)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agents.records import Cell, Record, label_of
from casefile.evidence import Reading, Span
from tools.readers import line_spans

_INDEX = re.compile(r"\d+")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_LABELLED = re.compile(
    r"^\s*(?:[-*•]\s+)?[*_]{0,2}(?P<label>[^:|]{2,60}?)[*_]{0,2}\s*(?:(?:\.{4,}|…{2,}|·{3,})\s*:?|[:|])\s*[*_]{0,2}(?P<value>.+?)\s*$"
)
_ASIDE = re.compile(r"\s*\([^()]*\)\s*$")
_NO_OTHER = re.compile(
    r"[\s,;–—-]+(?:(?:and|but)\s+)?(?:only|alone|exclusively|nothing else|no[ -]?(?:others?|one else|where else))\W*$",
    re.IGNORECASE,
)
MAX_LINES = 5_000
_HEAD = 12  # lines within which a document has its title


@dataclass(frozen=True, slots=True)
class Labelled:
    """A value with its place. `names` are the labels by which it may be asked for; `path` the names above it."""

    names: frozenset[str]
    path: tuple[str, ...]
    cell: Cell


def labelled(reading: Reading) -> list[Labelled]:
    """Every value that has a name, in the order of the reading."""
    found = [_of_span(span) for span in reading.spans if not span.hidden and span.text.strip()]
    found += [
        Labelled(frozenset({label_of(m["label"])}), (), Cell(bare(m["value"]), span.locator))
        for span in line_spans(reading, range(1, min(len(reading.lines), MAX_LINES) + 1))
        if (m := _LABELLED.match(span.text)) is not None
    ]
    found += _pairs(reading)
    return [one for one in found if one.names and one.cell.text]


def _pairs(reading: Reading) -> Iterator[Labelled]:
    """Tables of two columns, a name and its value in each row."""
    for table in [*reading.tables, *reading.drawn]:
        if len(table.columns) != len(("name", "value")):
            continue
        first_column, second = table.columns
        for row in table.rows:
            name, value = row.cells.get(first_column, ""), row.cells.get(second, "")
            if name.strip() and value.strip():
                cell = Cell(bare(value), table.locator(row.number, second))
                yield Labelled(frozenset({label_of(name)}), (), cell)


def _of_span(span: Span) -> Labelled:
    text = (span.value or span.text).strip()
    if span.kind != "leaf":
        label = label_of(span.label) if span.label else ""
        return Labelled(frozenset({label} - {""}), (), Cell(bare(text) if span.value else text, span.locator))
    parts = [_key(part) for part in span.locator.split("/")[1:]]
    named = [part for part in parts if not _INDEX.fullmatch(part)]
    last = named[-1] if named else ""
    names = {label_of(last)}
    if len(named) > 1:
        names.add(label_of(f"{named[-2]} {last}"))
    return Labelled(frozenset(names - {""}), tuple(label_of(part) for part in parts), Cell(text, span.locator))


def _key(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def bare(text: str) -> str:
    """The value without what stands after it in brackets: an aside is no part of an id or a name."""
    return _ASIDE.sub("", text.strip().strip("`*_\"'")).strip() or text.strip()


def named(text: str) -> str:
    """The id or name alone, where a paper adds that it is the only one: `psr-01, and no other`, `SCP-61 only`."""
    return _NO_OTHER.sub("", bare(text)) or bare(text)


def values(found: Iterable[Labelled], labels: Iterable[str]) -> list[Cell]:
    """The values under any of the labels: those of the first label that has some come first."""
    wanted = [label_of(label) for label in labels]
    at = list(found)
    ordered = [one for label in wanted for one in at if label in one.names]
    return list(dict.fromkeys(one.cell for one in ordered))


def first(found: Iterable[Labelled], labels: Iterable[str]) -> Cell | None:
    """The value under the first label that has one."""
    return next(iter(values(found, labels)), None)


def under(found: Iterable[Labelled], word: str) -> list[Labelled]:
    """What stands under a name that has the word in it, or has it as its own name."""
    word = label_of(word)
    return [one for one in found if any(word in part for part in (*one.path, *one.names))]


def split(cell: Cell) -> list[str]:
    """The parts of a list that is written as one text."""
    return [part.strip() for part in re.split(r"[,;\n]|\band\b|\bund\b|\bet\b", cell.text) if part.strip()]


def form(reading: Reading) -> Record | None:
    """What a printed form says, as one record: each label with its first value. None for tables and trees of values."""
    if any(span.kind == "leaf" for span in reading.spans) or any(
        len(one.columns) > 2 for one in [*reading.tables, *reading.drawn]
    ):
        return None
    cells: dict[str, Cell] = {}
    for one in labelled(reading):
        for name in one.names:
            cells.setdefault(name, one.cell)
    return Record(cells) if len(cells) > 1 else None


def sheets(reading: Reading) -> list[Record]:
    """The tables of names and values in a reading, each as one record: a sheet `Attribute | Value` beside others.

    Which tables these are, the reader has said: it labels a value with the name beside it.
    """
    labels = {span.locator: span.label.strip() for span in reading.spans if span.kind == "cell"}
    found = []
    for table in reading.tables:
        cells: dict[str, Cell] = {}
        for row in table.rows if len(table.columns) > 1 else ():
            name, place = row.cells.get(table.columns[0], "").strip(), table.locator(row.number, table.columns[1])
            if name and name != table.columns[1] and labels.get(place) == name:
                cells.setdefault(label_of(name), Cell(bare(row.cells[table.columns[1]]), place, name))
        found += [Record(cells)] if len(cells) > 1 else []
    return found


def headings(reading: Reading) -> list[str]:
    """The headings of a text, in order."""
    return [text.lstrip("# ").strip() for _, text in headed(reading)]


def headed(reading: Reading) -> list[tuple[int, str]]:
    """Line and text of each heading: a document marks them itself, a plain text with `#`."""
    marked = {span.locator for span in reading.spans if span.kind == "header"}
    return [
        (number, line)
        for number, line in enumerate(reading.lines[:MAX_LINES], 1)
        if line.lstrip().startswith("#") or f"line={number}" in marked
    ]


def title(reading: Reading) -> Cell | None:
    """The first heading of a text, where it stands at its head."""
    number, text = next(iter(headed(reading)), (MAX_LINES, ""))
    return Cell(text.lstrip("# ").strip(), f"line={number}") if number <= _HEAD else None


def bullets(reading: Reading, heading: str) -> Iterator[Cell]:
    """The lines of a text that stand in the part under a heading, without their bullets."""
    heads = dict(headed(reading))
    inside = False
    for span in line_spans(reading, range(1, min(len(reading.lines), MAX_LINES) + 1)):
        head = heads.get(int(span.locator.removeprefix("line=")))
        if head is not None:
            inside = label_of(heading) in label_of(head)
        elif inside:
            text = _BULLET.sub("", span.text).strip()
            if text:
                yield Cell(text, span.locator)


def heading_over(reading: Reading, locator: str) -> str:
    """The heading under which the table of that cell stands in its document; empty where it has none."""
    sheet = locator.partition("row=")[0].removeprefix("sheet=").rstrip(",")
    drawn = locator if locator.startswith("line=") else ""
    after = drawn or next((table.after for table in reading.tables if table.sheet == sheet), "")
    number = after.removeprefix("line=")
    if not after.startswith("line=") or not number.isdigit():
        return ""
    return next((text for line, text in reversed(headed(reading)) if line <= int(number)), "")
