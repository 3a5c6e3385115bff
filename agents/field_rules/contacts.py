"""Approved contacts: the people whom the bridge request names, checked against the named-contact roster."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dateutil import parser as dates

from agents.material import Findings, Material, Row, hundredths
from agents.records import Cell, label_of
from agents.statements import LABELLED
from agents.weighing import MAX_CITATIONS
from casefile.claims import Citation, FieldValue, Scalar
from casefile.evidence import Evidence, Reading
from casefile.scenario import FieldSpec
from tools.readers import line_spans

_PRESENT = 2
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_APART = re.compile(r"\s*(?:;|\n|\band\b)\s*")
# A name: two to four words, each with a capital or a particle between them.
_NAME = re.compile(r"[^\W\d_][\w'’-]+\.?(?:,? (?:[A-Z]\.|[\w'’-]+)){1,4}")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom a request names: a name, an address, or both."""

    name: str
    email: str
    citation: Citation


def weigh(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """Those of the named people whom the roster approves now; every other one is a mismatch on the record."""
    asked = _asked(material)
    if not asked:
        findings.fields[name] = FieldValue(title=spec.title, status="missing", origin="none")
        findings.ask(name, f"{spec.title}: no source names responders of the customer.", spec.owner, "missing")
        findings.signal("contacts_mismatch", name, "no source names responders of the customer")
        return
    approved: list[dict[str, Scalar]] = []
    citations: list[Citation] = []
    trouble: list[str] = []
    for person in asked:
        entry, cited, problem = _on_roster(person, material)
        citations += [person.citation, *cited]
        if entry is not None and entry not in approved:
            approved.append(entry)
        elif entry is None:
            trouble.append(f"{person.name or person.email}: {problem}")
            detail = trouble[-1]
            findings.signal("contacts_mismatch", f"{name}: {person.email or person.name}", detail, [person.citation])
            findings.ask(name, f"{spec.title}: {detail}. Who may be contacted?", spec.owner, detail)
    findings.fields[name] = FieldValue(
        title=spec.title,
        value=approved,
        raw="; ".join(person.name or person.email for person in asked),
        status="unverified" if trouble else "confirmed",
        confidence=hundredths(LABELLED),
        origin="enriched",
        citations=list({(c.evidence, c.locator): c for c in citations}.values())[: MAX_CITATIONS * 2],
        note="; ".join(trouble) or None,
    )


def _asked(material: Material) -> list[Named]:
    labels = material.scenario.data["tables"]["responders"]
    found: dict[str, Named] = {}
    for row in material.tables.get("responders", ()):
        side = row.record.first(labels["side"])
        if side is not None and side.text.strip().casefold() not in material.scenario.data["customer_words"]:
            continue
        name, email = row.record.first(labels["name"]), row.record.first(labels["email"])
        cell = email or name
        if cell is None:
            continue
        citation = material.cite_place(row.evidence, cell.locator, cell.text.strip())
        key = (email.text if email else _ordered(name)).strip().casefold()
        found.setdefault(key, Named(_ordered(name), email.text.strip() if email else "", citation))
    tabled = {row.evidence for row in material.tables.get("responders", ())}
    for item in () if tabled else _requests(material):
        for person in _in_lines(item, material):
            found.setdefault((person.email or person.name).casefold(), person)
    return list(found.values())


def _requests(material: Material) -> Iterator[Evidence]:
    """The documents that request responders, by their names."""
    role: Mapping[str, Any] = material.scenario.data["table_roles"]["responders"]
    for item in material.usable:
        if item.system in role["systems"] and re.search(role["matches"], f"{item.id} {item.file}", re.IGNORECASE):
            yield item


def _in_lines(item: Evidence, material: Material) -> Iterator[Named]:
    """Who stands beside a label of a form that asks for responders: `Responder 1 (customer)`, a name and an address.

    Who is of another side by his label is none of the customer's.
    """
    words: Mapping[str, str] = material.scenario.data["responder_labels"]
    for label, cell in _labelled(material.readings(item.id)):
        said = label_of(label)
        if not re.search(words["named"], said) or re.search(words["other"], said):
            continue
        addresses = list(_ADDRESS.finditer(cell.text))
        starts = [0, *(match.end() for match in addresses)]
        for start, match in zip(starts, addresses, strict=False):
            before = _APART.split(cell.text[start : match.start()].rstrip(" (<[,:;–-"))[-1].strip(" ,;)>]")
            name = before if _NAME.fullmatch(before) else ""
            yield Named(name, match[0], material.cite_place(item.id, cell.locator, match[0]))
        for name in () if addresses else _APART.split(cell.text):
            if _NAME.fullmatch(name) and name.istitle():
                yield Named(name, "", material.cite_place(item.id, cell.locator, name))


def _labelled(reading: Reading) -> Iterator[tuple[str, Cell]]:
    """Labels with what stands beside them: in lines, in members, and in tables of two columns."""
    lines = line_spans(reading) if reading.lines and not reading.spans else []
    for span in [*reading.spans, *lines]:
        if span.label and not span.hidden:
            yield span.label, Cell((span.value or span.text).strip(), span.locator)
    for table in [*reading.tables, *reading.drawn]:
        for row in table.rows if len(table.columns) == _PRESENT else ():
            label, value = (row.cells.get(column, "").strip() for column in table.columns)
            yield label, Cell(value, table.locator(row.number, table.columns[1]))


def _ordered(cell: Cell | None) -> str:
    """`Solheim, Ingrid` as `Ingrid Solheim`."""
    if cell is None:
        return ""
    family, comma, given = cell.text.strip().partition(",")
    return f"{given.strip()} {family.strip()}" if comma else family


def _on_roster(person: Named, material: Material) -> tuple[dict[str, Scalar] | None, list[Citation], str]:
    labels = material.scenario.data["tables"]["roster"]
    row = _find(person, material, labels)
    if row is None:
        return None, [], "is not on the named-contact roster of this tenant"
    cells = {key: row.record.first(names) for key, names in labels.items()}
    cited = [
        material.cite_place(row.evidence, cell.locator, cell.text.strip())
        for key in ("email", "approved")
        if (cell := cells[key]) is not None
    ]
    email = cells["email"]
    if person.email and email is not None and email.text.strip().casefold() != person.email.casefold():
        return None, cited, f"the roster has another address, {email.text.strip()}"
    approved, until = cells["approved"], cells["until"]
    if approved is not None and approved.text.strip().casefold() not in material.scenario.data["yes_words"]:
        return None, cited, "is on the roster, but not approved for escalation"
    if until is not None and _ended(until.text, material):
        return None, cited, f"the roster entry ended on {until.text.strip()}"
    entry: dict[str, Scalar] = {
        "name": cells["name"].text.strip() if cells["name"] else person.name,
        "email": email.text.strip() if email else person.email,
        "contact_role": cells["role"].text.strip() if cells["role"] else "",
        "valid_until": until.text.strip() if until else None,
        "roster_version": cells["version"].text.strip() if cells["version"] else None,
    }
    return entry, cited, ""


def _find(person: Named, material: Material, labels: dict[str, list[str]]) -> Row | None:
    """By address, else by the words of the name in any order."""
    rows = [row for row in material.tables.get("roster", ()) if _same_tenant(row, material, labels)]
    for row in rows:
        email = row.record.first(labels["email"])
        if person.email and email is not None and email.text.strip().casefold() == person.email.casefold():
            return row
    wanted = _words(person.name)
    for row in rows:
        name = row.record.first(labels["name"])
        if len(wanted) >= _PRESENT and name is not None and _words(name.text) == wanted:
            return row
    return None


def _same_tenant(row: Row, material: Material, labels: dict[str, list[str]]) -> bool:
    tenant = row.record.first(labels["tenant"])
    return tenant is None or tenant.text.strip() == material.tenant


def _words(name: str) -> frozenset[str]:
    return frozenset(name.casefold().replace(",", " ").split())


def _ended(text: str, material: Material) -> bool:
    try:
        return dates.parse(text).date() < material.now.date()
    except (ValueError, OverflowError):
        # A validity that nobody can read does not extend anything (R9).
        return True
