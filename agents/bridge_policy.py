"""What the severity policy wants of a bridge: the leadership delegate, and who has to be there at least.

A policy speaks of a severity by a key, a row, a list of severities or a sentence; of the ticket's own one it counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agents.case_view import CaseView
from agents.entries import Entry, entries
from agents.records import Cell, label_of
from agents.stated_values import spans_of
from casefile.claims import Citation
from casefile.evidence import Evidence

_LEVEL = re.compile(r"\b(?:severity|sev|s|p|prio|priority|level)[\s_:-]*(\d)\b", re.IGNORECASE)
_REACH = re.compile(r"^\W*(?:and|or|or anything|und)\s+(?:above|higher|worse|more severe|höher)\b", re.IGNORECASE)
_MORE = re.compile(r"^\s*(?:,|/|and|or|und|oder|&)\s*(\d)\b", re.IGNORECASE)
_TO = re.compile(r"^\s*(?:to|through|-|–|bis)\s*(?:severity|sev|s|p)?[\s_:-]*(\d)\b", re.IGNORECASE)
_YES = frozenset({"true", "yes", "y", "required", "mandatory", "must", "needed", "1", "ja"})
_NO = frozenset({"false", "no", "n", "not required", "optional", "none", "not needed", "0", "nein", "never"})
_NEEDS = re.compile(
    r"\b(?:requir\w+|needs?|needed|must|mandatory|has to|have to|joins|attends|always|braucht|muss)\b", re.I
)
_NOT = re.compile(r"\b(?:not|no|without|never|optional|unless|except|may|nicht|kein\w*|ohne)\b", re.IGNORECASE)
_CONTINUED = re.compile(r"\s*[a-zß-ÿ]")  # bullets, titles and sentences begin otherwise
_CLAUSE = re.compile(r"(?<=[.;])\s+|,\s+(?:but|while|whereas)\s+|\n")


@dataclass(slots=True)
class Wanted:
    """What the policy says for a severity. `delegate` is None where it says nothing; `cells` are where it says so."""

    delegate: bool | None = None
    cells: list[Citation] = field(default_factory=list)
    roles: list[tuple[str, Citation]] = field(default_factory=list)


def wanted_by_policy(view: CaseView, severity: str) -> Wanted:
    """What the policy among the calendars wants for the ticket's severity."""
    found = Wanted()
    if not levels(severity):
        return found
    ours = min(levels(severity))
    for item in view.of(*view.listed("calendars")):
        for entry in entries(view, item):
            _of_entry(view, item, entry, ours, found)
        if found.delegate is None and item.file.endswith((".md", ".txt", ".docx", ".pdf", ".html", ".eml")):
            _of_sentences(view, item, ours, found)
    return found


def levels(text: str) -> set[int]:
    """The severities that a text names, by their numbers: `SEV-0`, `Sev 0 and 1`, `P1-P2`, `SEV-1 and above`."""
    found: set[int] = set()
    for match in _LEVEL.finditer(text.replace("_", " ")):
        first, at = int(match[1]), match.end()
        rest = text[at:]
        found.add(first)
        if _REACH.match(rest):
            found |= set(range(first + 1))
        elif span := _TO.match(rest):
            found |= set(range(first, int(span[1]) + 1))
        while more := _MORE.match(rest):
            found.add(int(more[1]))
            rest = rest[more.end() :]
    return found


def _of_entry(view: CaseView, item: Evidence, entry: Entry, ours: int, found: Wanted) -> None:
    asked = [*_listing(view, entry)]
    for cell in asked:
        _says(view, item, cell, ours in levels(cell.text), found)
    if asked or ours not in _about(view, entry):
        return
    flags = [cell for cell in entry.all([*view.words("delegate"), *view.words("policy_delegate")]) if cell not in asked]
    for cell in flags:
        told = label_of(cell.text)
        if told in _YES or told in _NO:
            _says(view, item, cell, told in _YES, found)
    for cell in entry.all([*view.words("policy_coverage"), *view.words("required_roles")]):
        for part in re.split(r"[;,|]\s*|\band\b|\s\+\s", cell.text):
            found.roles.append((part.strip(), view.cite(item, cell)))


def _listing(view: CaseView, entry: Entry) -> Iterator[Cell]:
    """Cells about the delegate that list severities: `leadership_delegate_required_for: [SEV-0]`."""
    about = f" {label_of(entry.context)} "
    for label, cells in entry.cells.items():
        named = any(label.startswith(label_of(word)) for word in view.words("policy_delegate"))
        inside = any(f" {label_of(word)} " in about for word in view.words("policy_delegate"))
        if named or (inside and label in {label_of(word) for word in view.words("policy_for")}):
            yield from (cell for cell in cells if levels(cell.text))


def _about(view: CaseView, entry: Entry) -> set[int]:
    """The severities that an entry is about: a cell's, else those of the key right above it."""
    told = entry.first(view.words("severity"))
    if told is not None:
        return levels(told.text)
    place = next((cells[0].locator for cells in entry.cells.values() if cells), "")
    steps = [step for step in place.split("/") if step and not step.isdigit()] if place.startswith("/") else []
    return next((named for step in reversed(steps[:-1]) if (named := levels(step))), set())


def _of_sentences(view: CaseView, item: Evidence, ours: int, found: Wanted) -> None:
    words = "|".join(re.escape(word) for word in view.words("policy_delegate"))
    about = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    begun = ""
    for span in spans_of(view, item):
        if span.hidden or span.depth > 0:
            continue
        # A sentence that the line before began may name its severity there.
        begun = begun if _CONTINUED.match(span.text) else ""
        for said in _CLAUSE.split(span.text):
            whole, begun = f"{begun} {said}", ""
            if about.search(said) and ours in levels(whole) and (_NEEDS.search(said) or _NOT.search(said)):
                _says(view, item, Cell(said.strip(), span.locator), _NOT.search(said) is None, found)
        begun = "" if re.search(r"[.;:!?]\s*$", span.text) else whole


def _says(view: CaseView, item: Evidence, cell: Cell, wanted: bool, found: Wanted) -> None:
    """Of two places that disagree the one that wants the delegate counts: nobody is left out by a doubt."""
    if found.delegate is None or (wanted and not found.delegate):
        found.delegate, found.cells = wanted, []
    if found.delegate == wanted:
        found.cells.append(view.cite(item, cell))
