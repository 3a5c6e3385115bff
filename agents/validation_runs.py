"""Validation outputs: whether probes passed after the last change, as often in a row as the plan asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agents.case_view import CaseView
from agents.records import Record
from agents.row_times import clock_of, record_of
from agents.times import mentions
from casefile.claims import Citation
from casefile.evidence import Evidence

_NUMBERS = {
    w: n for n, w in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}
_IN_A_ROW = re.compile(
    r"\b(?P<n>\d{1,3}|" + "|".join(_NUMBERS) + r")\b(?:\s+\w+){0,3}?\s+(?:in a row|consecutive|in succession|running)"
    r"|\b(?:last|consecutive)\s+(?P<n2>\d{1,3}|" + "|".join(_NUMBERS) + r")\b"
    r"|\b(?P<n3>\d{1,3}|" + "|".join(_NUMBERS) + r")\s+consecutive",
    re.IGNORECASE,
)
_CITED = 4


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one probe."""

    probe: str
    at: datetime
    passed: bool
    citation: Citation


@dataclass(frozen=True, slots=True)
class Validation:
    """What validation came to: `passed` only where every probe that is asked for passed often enough since `after`."""

    passed: bool
    detail: str
    citations: list[Citation]
    probes: tuple[str, ...] = ()
    in_a_row: int = 1


def validation(view: CaseView, words: Mapping[str, Any], asked: str, after: datetime | None) -> Validation:
    """Judge the runs since `after` (the last change; None: whenever). `asked` is how the plan words what must pass."""
    runs = [run for item in view.of(*words["systems"]) for run in _runs(view, item, words)]
    names = list(dict.fromkeys(run.probe for run in runs))
    probes = [
        name for name in names if name and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", asked, re.IGNORECASE)
    ]
    probes = probes or names
    times = in_a_row(asked)
    if not probes:
        return Validation(False, "no validation output is among the evidence", [], (), times)
    cited: list[Citation] = []
    missing: list[str] = []
    for probe in probes:
        since = sorted((r for r in runs if r.probe == probe and (after is None or r.at > after)), key=lambda r: r.at)
        last = since[-times:]
        if len(last) < times:
            missing.append(f"{probe or 'validation'}: {len(last)} of {times} runs since the last change")
        elif not all(run.passed for run in last):
            missing.append(f"{probe or 'validation'}: failed in the last {times} run(s)")
        cited += [run.citation for run in last[-_CITED:]]
    told = ", ".join(probe or "validation" for probe in probes)
    if missing:
        return Validation(False, "; ".join(missing), cited, tuple(probes), times)
    return Validation(
        True, f"{told}: passed {times} time(s) in a row since the last change", cited, tuple(probes), times
    )


def in_a_row(text: str) -> int:
    """How often in a row something must pass; once where nothing is said."""
    match = _IN_A_ROW.search(text)
    if match is None:
        return 1
    word = next(group for group in match.groups() if group is not None).casefold()
    return max(1, int(word) if word.isdigit() else _NUMBERS[word])


def _runs(view: CaseView, item: Evidence, words: Mapping[str, Any]) -> list[Run]:
    labels = words["labels"]
    found = []
    file = clock_of(view.readings(item.id), item.captured_at)
    for record in view.records(item):
        result, at = record.first(labels["result"]), record.first(labels["time"])
        passed = _passed(result.text, words) if result is not None else None
        when = (record_of(item.id, record, at, file, "").at or _when(at.text)) if at is not None else None
        if result is None or passed is None or when is None:
            continue
        found.append(Run(_name(record, labels["probe"]), when, passed, view.cite(item, result)))
    return found


def _name(record: Record, labels: list[str]) -> str:
    cell = record.first(labels)
    return cell.text.strip() if cell is not None else ""


def _passed(text: str, words: Mapping[str, Any]) -> bool | None:
    word = text.strip().casefold()
    if word in words["pass_words"]:
        return True
    return False if word in words["fail_words"] else None


def _when(text: str) -> datetime | None:
    """A time with its zone; one without a zone has no place before or after a change."""
    try:
        value = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return next((one.instant for one in mentions(text) if one.instant is not None), None)
    return value.astimezone(UTC) if value.tzinfo is not None else None
