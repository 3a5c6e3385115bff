"""Verification: what reconciliation found is checked against the evidence once more; every doubt becomes a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from agents.material import Findings, Signal
from casefile.claims import Claim, Section
from casefile.evidence import Evidence, Reading
from casefile.registers import BlockedRequest, ExceptionItem
from casefile.scenario import Scenario
from guardrails.citations import check_citation
from guardrails.places import Places


def check_signals(work: Mapping[str, str], evidence: Sequence[Evidence]) -> list[Signal]:
    """Secrets and personal data found in items that are still in the packet."""
    gone = {item.replaces for item in evidence if item.replaces} | {i.id for i in evidence if i.withdrawn}
    signals = []
    for name, body in work.items():
        item = name.removeprefix("checked:")
        if not name.startswith("checked:") or item in gone:
            continue
        findings = orjson.loads(body)
        for kind, signal in (("secrets", "secret_found"), ("personal", "personal_data_found")):
            places = [finding["place"] for finding in findings.get(kind, ())]
            if places:
                shown = ", ".join(places[:5]) + (f" and {len(places) - 5} more" if len(places) > 5 else "")
                detail = f"{len(places)} finding(s), masked: {shown}"
                signals.append(Signal(name=signal, about=item, detail=detail))
    return signals


def settle_by_people(findings: Findings, work: Mapping[str, str]) -> None:
    """A value that a person chose among the sides of a contradiction (R5: the record names the person)."""
    for name, body in work.items():
        if not name.startswith("settled:"):
            continue
        settled = orjson.loads(body)
        field = name.removeprefix("settled:")
        value = findings.fields.get(field)
        sides = [
            (n, item, side)
            for n, item in enumerate(findings.contradictions)
            if item.about == field
            for side in item.sides
            if str(side.value) == settled["value"]
        ]
        if value is None or value.status != "conflicting" or not sides:
            continue
        n, item, side = sides[0]
        update = {
            "state": "settled_by_person",
            "settled_by": settled["by"],
            "rule": f"chosen by {settled['by']}",
        }
        findings.contradictions[n] = item.model_copy(update=update)
        findings.fields[field] = value.model_copy(
            update={
                "value": side.value,
                "status": "confirmed",
                "citations": side.citations,
                "note": f"chosen by {settled['by']}",
            }
        )
        findings.signals[:] = [s for s in findings.signals if s.about != field]
        findings.questions[:] = [q for q in findings.questions if q.about != field]


def verify_citations(findings: Findings, readings: Mapping[str, Reading]) -> None:
    """R3: a confirmed field whose quote does not stand at its place is unverified, and looks so. So is one whose
    formula counts with such a place: the numbers in a formula are those of the citations."""
    places = {one: Places(readings[one]) for one in {c.evidence for v in findings.fields.values() for c in v.citations}}
    for name, value in findings.fields.items():
        standing = [c for c in value.citations if not check_citation(c, places[c.evidence])]
        steps = [step for step in value.normalization if step.rule != "formula"]
        if value.status == "confirmed" and not standing:
            note = "no citation stands at its place"
            changed = {"status": "unverified", "citations": [], "note": note, "normalization": steps}
            findings.fields[name] = value.model_copy(update=changed)
        elif len(standing) != len(value.citations) and len(steps) != len(value.normalization):
            note = "not every place that it is computed from stands"
            status = "unverified" if value.status == "confirmed" else value.status
            changed = {"status": status, "citations": standing, "note": note, "normalization": steps}
            findings.fields[name] = value.model_copy(update=changed)
        elif len(standing) != len(value.citations):
            findings.fields[name] = value.model_copy(update={"citations": standing})


def standing_sections(sections: Sequence[Section], readings: Mapping[str, Reading]) -> list[Section]:
    """R3: the same for the statements of the sections. What is not confirmed keeps its places, also without words."""
    claims = [claim for section in sections for claim in section.claims if claim.status == "confirmed"]
    names = {cited.evidence for claim in claims for cited in claim.citations}
    places = {name: Places(readings[name]) for name in names & readings.keys()}
    return [
        section.model_copy(update={"claims": [_standing(claim, places) for claim in section.claims]})
        for section in sections
    ]


def _standing(claim: Claim, places: Mapping[str, Places]) -> Claim:
    if claim.status != "confirmed":
        return claim
    kept = [c for c in claim.citations if c.evidence in places and not check_citation(c, places[c.evidence])]
    if len(kept) == len(claim.citations) and kept:
        return claim
    return claim.model_copy(update={"citations": kept, "status": "confirmed" if kept else "unverified"})


def missing_provenance(scenario: Scenario, findings: Findings, mandatory: frozenset[str]) -> None:
    """Card: provenance for each consequential field. A lossless-looking change of value without a step is a loss."""
    for name, value in findings.fields.items():
        if name in mandatory and value.status == "missing":
            findings.signal("provenance_missing", name, f"{value.title or name} is mandatory, and no source states it")
        spec = scenario.fields.get(name)
        if spec is None or not spec.consequential:
            continue
        if value.status == "unverified" and not value.citations:
            findings.signal("provenance_missing", name, f"{spec.title} rests on no source")
        changed = isinstance(value.value, str) and value.raw is not None and value.value != value.raw
        if (
            changed
            and value.status == "confirmed"
            and not value.normalization
            and "chosen by" not in (value.note or "")
        ):
            findings.signal("trace_omits_loss", name, f"{spec.title}: the step from the source is not in the trace")


def unused(work: Mapping[str, str], evidence: Sequence[Evidence]) -> list[ExceptionItem]:
    """Input that could not be used, or only in part; of what a newer version replaced nothing is open any more."""
    found = []
    replaced = {item.replaces for item in evidence}
    for name, reason in sorted(work.items()):
        kind, _, item = name.partition(":")
        if item in replaced:
            continue
        if kind == "absent":
            found.append(ExceptionItem(key=name, kind="absent", about=item, reason=reason, state="open"))
        elif kind == "checked":
            findings = orjson.loads(reason)
            found += [
                ExceptionItem(
                    key=f"problem:{item}:{p['text']}",
                    kind="not_fully_read",
                    about=item,
                    reason=p["text"],
                    state="open",
                )
                for p in findings.get("problems", ())
            ]
            if findings.get("secrets") or findings.get("personal"):
                reason = "quarantined: secrets or personal data; no field rests on it"
                found.append(ExceptionItem(key=f"quarantine:{item}", kind="quarantined", about=item, reason=reason))
    found += [
        ExceptionItem(
            key=f"system:{item.id}",
            kind="no_system",
            about=item.id,
            reason=f"{item.file} names no system; its rank is that of its kind of file",
            state="noted",
        )
        for item in evidence
        if not item.system
    ]
    return found


def blocked_requests(work: Mapping[str, str]) -> list[BlockedRequest]:
    """Instructions inside evidence: listed with their place, and without effect (R8)."""
    found = []
    for name, body in sorted(work.items()):
        if not name.startswith("checked:"):
            continue
        item = name.removeprefix("checked:")
        for finding in orjson.loads(body).get("instructions", ()):
            locator = finding["place"].removeprefix(item).strip()
            found.append(
                BlockedRequest(
                    key=f"{item}:{locator}:{finding['rule']}",
                    evidence=item,
                    locator=locator,
                    quote=finding["text"],
                    asks_for=finding.get("asks_for", finding["rule"]),
                )
            )
    return found
