"""The artifact for people: `artifact.md`, and the marks that say a status without colour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from casefile.artifact import Revision
from casefile.claims import Citation, FieldValue
from casefile.scenario import Scenario

MARKS: Mapping[str, str] = {
    "confirmed": "✓",
    "conflicting": "⚡",
    "unverified": "◌",
    "missing": "∅",
    "held": "⏸",
}


def markdown(scenario: Scenario, revision: Revision, result: Mapping[str, Any]) -> str:
    """The current revision as a page: fields with numbered citations, sections, registers, where it stands."""
    notes = _Notes()
    lines = [
        f"# {revision.artifact.name}",
        "",
        f"{scenario.title} · {result['case']} · revision {revision.revision}",
        "",
    ]
    lines += [f"Content `{revision.sha256}`", "", f"**{standing(result)}**", ""]
    lines += ["| field | value | status | confidence | evidence |", "| --- | --- | --- | --- | --- |"]
    for name, value in revision.artifact.fields.items():
        lines.append(_row(name, value, notes))
    for section in revision.artifact.sections:
        if section.claims:
            lines += ["", f"## {section.title}", ""]
            lines += [f"- {_text(claim.text)} {notes.refer(claim.citations)}".rstrip() for claim in section.claims]
    lines += _registers(result["registers"])
    lines += ["", "## Citations", "", *notes.lines()]
    mode = result["model"]["mode"]
    if mode == "offline":
        lines += ["", "Made offline: by rules, extractive and cited; no language model took part."]
    return "\n".join(lines) + "\n"


def standing(result: Mapping[str, Any]) -> str:
    """One line: where the run is and whom it waits for."""
    if result["status"] == "waiting" and result["waiting_on"]:
        gate = result["waiting_on"][0]
        return f"waiting: {gate['gate']} ({', '.join(gate['approver_roles'])}) on {gate['revision']}"
    return f"{result['status']}: {result['outcome'] or 'no outcome yet'}"


def shown(value: Any) -> str:
    """A field's value on one line."""
    if value is None:
        return "—"
    if isinstance(value, list):
        return "; ".join(_entry(one) for one in value) or "—"
    return str(value)


def _entry(one: Any) -> str:
    if isinstance(one, dict):
        return " ".join(str(v) for k, v in one.items() if v and k in ("name", "email", "evidence", "file", "use"))
    return str(one)


def _row(name: str, value: FieldValue, notes: _Notes) -> str:
    mark = f"{MARKS[value.status]} {value.status}" + (" ≈ lossy" if value.lossy else "")
    confidence = f"{value.confidence / 100:.2f}" if value.confidence else ""
    title = f"{value.title or name} (`{name}`)"
    text = _text(shown(value.value) if value.value is not None else (value.note or "—"))
    return f"| {title} | {text} | {mark} | {confidence} | {notes.refer(value.citations)} |"


def _registers(registers: Mapping[str, list[dict[str, Any]]]) -> Iterable[str]:
    for name, items in registers.items():
        if not items:
            continue
        yield from ("", f"## {name.replace('_', ' ').capitalize()} ({len(items)})", "")
        for item in items:
            facts = [
                item.get(k)
                for k in (
                    "kind",
                    "about",
                    "to",
                    "trigger",
                    "question",
                    "reason",
                    "asks_for",
                    "quote",
                    "text",
                    "rule",
                    "detail",
                )
            ]
            sides = " / ".join(shown(side["value"]) for side in item.get("sides", []))
            said = " · ".join(_text(str(fact)) for fact in [*facts, sides] if fact)
            yield f"- {item['id']} [{item['state']}] {said}"


class _Notes:
    """Citations by number: the same place has the same number everywhere."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, str], int] = {}

    def refer(self, citations: Iterable[Citation]) -> str:
        found = []
        for c in citations:
            found.append(self._numbers.setdefault((c.evidence, c.locator, c.quote), len(self._numbers) + 1))
        return " ".join(_runs(list(dict.fromkeys(found))))

    def lines(self) -> list[str]:
        return [
            f"{number}. {evidence} `{locator}`" + (f": “{_text(quote)}”" if quote else ", not shown here")
            for (evidence, locator, quote), number in self._numbers.items()
        ]


def _runs(numbers: list[int]) -> Iterable[str]:
    """Numbers as references; three or more in a row as one: `[4–9]`."""
    start = 0
    for n, number in enumerate(numbers):
        if n + 1 < len(numbers) and numbers[n + 1] == number + 1:
            continue
        run = numbers[start : n + 1]
        yield f"[{run[0]}–{run[-1]}]" if len(run) > 2 else " ".join(f"[{one}]" for one in run)
        start = n + 1


def _text(text: str) -> str:
    """Text of evidence as text: nothing of it is markup, a link or an image (R8)."""
    flat = " ".join(text.split())
    for character in "\\`*_{}[]<>|!#":
        flat = flat.replace(character, f"\\{character}")
    return flat
