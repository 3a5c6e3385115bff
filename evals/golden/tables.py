"""Reference tables in the kinds and headings that systems give them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import Any

from evals.golden.draw import Draw
from evals.golden.forms import csv_bytes, json_bytes, jsonl_bytes, xlsx_bytes, yaml_bytes

CASES = ["snake", "title", "camel", "upper", "kebab", "plain"]
KINDS = ["csv", "csv", "semicolon", "tab", "quoted", "xlsx", "json", "json_rows", "jsonl", "yaml"]


def heading(name: str, case: str) -> str:
    """A column's name in the manner of a system."""
    words = name.split("_")
    match case:
        case "title":
            return " ".join(word.capitalize() for word in words)
        case "camel":
            return words[0] + "".join(word.capitalize() for word in words[1:])
        case "upper":
            return name.upper()
        case "kebab":
            return "-".join(words)
        case "plain":
            return " ".join(words)
        case _:
            return name


def table(
    draw: Draw,
    stem: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    kinds: Sequence[str] = KINDS,
    case: str | None = None,
    shuffle: bool = True,
) -> tuple[str, bytes]:
    """A file name and its bytes. All rows have the same keys; the columns stand in an order of chance."""
    kind = draw.one(kinds)
    columns = draw.shuffled(list(rows[0])) if shuffle else list(rows[0])
    case = case or draw.one(CASES)
    heads = [heading(name, case) for name in columns]
    cells = [[row[name] for name in columns] for row in rows]
    told = [dict(zip(heads, line, strict=True)) for line in cells]
    match kind:
        case "semicolon":
            return f"{stem}.csv", csv_bytes([heads, *cells], ";")
        case "tab":
            return f"{stem}.csv", csv_bytes([heads, *cells], "\t")
        case "quoted":
            return f"{stem}.csv", csv_bytes([heads, *cells], quoting=csv.QUOTE_ALL, encoding="utf-8-sig")
        case "xlsx":
            return f"{stem}.xlsx", xlsx_bytes({draw.one(["Sheet1", "Export", stem[:20]]): [heads, *cells]})
        case "json":
            return f"{stem}.json", json_bytes({draw.one(["data", "items", "records", "results"]): told})
        case "json_rows":
            return f"{stem}.json", json_bytes(told)
        case "jsonl":
            return f"{stem}.jsonl", jsonl_bytes(told)
        case "yaml":
            return f"{stem}.yaml", yaml_bytes({stem: told})
        case _:
            return f"{stem}.csv", csv_bytes([heads, *cells])
