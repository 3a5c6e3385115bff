"""Fields that come from the evidence ledger itself: diagnostics, privacy flags, links to every source."""

from __future__ import annotations

from itertools import islice

from agents.foreign import foreign_places, of_others
from agents.material import Findings, Material
from casefile.claims import Citation, FieldValue, Scalar
from casefile.evidence import Evidence
from casefile.scenario import FieldSpec
from guardrails.personal_data import mask_personal
from tools.readers import line_spans

_QUOTE = 160
_LOOKED_AT = 40


def artifacts(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """The attached diagnostics, each with its hash and whether it may be used."""
    systems: list[str] = material.scenario.data["diagnostic_systems"]
    listed = [item for item in material.evidence.values() if item.system in systems and not _gone(item, material)]
    entries: list[dict[str, Scalar]] = []
    citations: list[Citation] = []
    for item in listed:
        use = "quarantined" if item.id in material.quarantined else "usable"
        entries.append({"evidence": item.id, "file": item.file, "sha256": item.sha256, "use": use})
        citations += _anchor(item, material)
    _write(name, spec, findings, entries, citations, "no diagnostics are attached")


def evidence_links(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """Every item of the packet with its hash, and one place at which it opens."""
    entries: list[dict[str, Scalar]] = []
    citations: list[Citation] = []
    for item in material.evidence.values():
        entries.append({"evidence": item.id, "file": item.file, "sha256": item.sha256})
        if not _gone(item, material):
            citations += _anchor(item, material)
    _write(name, spec, findings, entries, citations, "the packet has no items")


def privacy(name: str, spec: FieldSpec, material: Material, findings: Findings) -> None:
    """What the privacy checks found. Nothing found is not proof that nothing is there (R9), and says so."""
    flags = [s for s in findings.signals if s.name in ("secret_found", "personal_data_found")]
    if flags:
        value: list[str] = [f"{flag.about}: {flag.detail}" for flag in flags]
        findings.fields[name] = FieldValue(title=spec.title, value=value, status="held", origin="extracted")
        return
    count = len(material.usable)
    note = f"checked {count} items for secrets and personal data; nothing was found, which is no proof of absence"
    findings.fields[name] = FieldValue(
        title=spec.title, value=["none found"], status="unverified", origin="defaulted", note=note
    )


def _gone(item: Evidence, material: Material) -> bool:
    return item.withdrawn or any(other.replaces == item.id for other in material.evidence.values())


def _anchor(item: Evidence, material: Material) -> list[Citation]:
    """One readable place of an item, so that it opens somewhere. None for what nobody may quote."""
    if item.id in material.quarantined:
        return []
    reading = material.readings(item.id)
    if reading.tables:
        cells = [cell for record in islice(material.own_rows(item.id), _LOOKED_AT) for cell in record.cells.values()]
        first = next((cell for cell in cells if not _personal(cell.text)), cells[0] if cells else None)
        return [material.cite_place(item.id, first.locator, first.text.strip())] if first else []
    left_out = foreign_places(reading, material.tenants)
    shown = (span for span in reading.spans if not span.hidden and span.locator not in left_out)
    spans = list(islice((span for span in shown if _quotable(span.text, material)), _LOOKED_AT))
    if not spans and reading.lines:
        line = next((n for n, text in enumerate(reading.lines, 1) if _quotable(text, material)), None)
        spans = list(line_spans(reading, [line])) if line else []
    best = max(
        spans, key=lambda span: (not _personal(span.text), span.confidence, min(len(span.text), 40)), default=None
    )
    if best is None:
        return []
    quote = best.text.splitlines()[0].strip()[:_QUOTE]
    return [material.cite_place(item.id, best.locator, quote)]


def _personal(text: str) -> bool:
    """Whether a place speaks of a person: a link needs any place of its source, and leaves people out where it can."""
    return mask_personal(text) != text


def _quotable(text: str, material: Material) -> bool:
    return bool(text.strip()) and not of_others(text, material.tenants)


def _write(
    name: str,
    spec: FieldSpec,
    findings: Findings,
    entries: list[dict[str, Scalar]],
    citations: list[Citation],
    nothing: str,
) -> None:
    findings.fields[name] = FieldValue(
        title=spec.title,
        value=entries,
        status="confirmed" if citations else "unverified",
        confidence=100 if citations else 0,
        citations=citations,
        note=None if entries else nothing,
    )
