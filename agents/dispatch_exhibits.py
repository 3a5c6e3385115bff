"""The dispatch as its signer reads it: the manifest, what a signature binds, how fresh each reference is, the holds."""

from __future__ import annotations

from collections.abc import Sequence

from agents.case_view import CaseView
from agents.dispatch_checks import Watched
from agents.dispatch_manifest import MANIFEST, reference_text
from agents.material import Findings
from casefile.checks import holds_of
from casefile.claims import Section
from casefile.exhibits import Column, Drawn, Shown, Table, TableRow
from runtime.clock import instant

_MANIFEST = [
    Column(id="what", title="Manifest"),
    Column(id="value", title="As it would leave"),
    Column(id="bound", title="Signature"),
]
_HOLDS = [
    Column(id="trigger", title="Hold"),
    Column(id="detail", title="Why"),
    Column(id="effect", title="What it stops"),
]
_REFERENCES = [
    Column(id="reference", title="Reference"),
    Column(id="verified", title="Last verified"),
    Column(id="until", title="Fresh until"),
]


def exhibits(view: CaseView, seen: Watched, findings: Findings, sections: Sequence[Section]) -> dict[str, Drawn]:
    """Manifest, freshness and hold register, over the fields and statements that they draw."""
    stated = {f"{s.id}/{c.id}" for s in sections for c in s.claims}
    return {
        "manifest": Table(columns=_MANIFEST, rows=_manifest(view, findings)),
        "references": Table(columns=_REFERENCES, rows=_references(seen, stated)),
        "holds": Table(columns=_HOLDS, rows=_holds(view, findings, stated)),
    }


def _manifest(view: CaseView, findings: Findings) -> list[TableRow]:
    bound = {name for gate in view.scenario.gates for name in gate.bound_fields}
    rows = []
    for name in MANIFEST:
        value = findings.fields.get(name)
        if value is None:
            continue
        text = ", ".join(map(str, value.value)) if isinstance(value.value, list) else str(value.value or "missing")
        cells = {
            "what": Shown(text=value.title),
            "value": Shown(text=text, status=value.status, citations=value.citations, of=name),
            "bound": Shown(text="binds it: a change voids it" if name in bound else "with the whole"),
        }
        rows.append(
            TableRow(id=f"manifest-{name}", cells=cells, open=value.status in ("held", "missing", "conflicting"))
        )
    return rows


def _references(seen: Watched, stated: set[str]) -> list[TableRow]:
    rows = []
    for n, one in enumerate(seen.ages, 1):
        of = f"references/ref-{n}"
        said = Shown(
            text=reference_text(one),
            status="held" if one.stale else "confirmed",
            citations=[*one.citations, *one.found[:2]],
            of=of if of in stated else "",
        )
        cells = {
            "reference": said,
            "verified": Shown(text=instant(one.verified) if one.verified is not None else "not stated"),
            "until": Shown(text=instant(one.until) if one.until is not None else "not timed"),
        }
        rows.append(TableRow(id=f"reference-{n}", cells=cells, open=bool(one.stale)))
    return rows


def _holds(view: CaseView, findings: Findings, stated: set[str]) -> list[TableRow]:
    rows = []
    for n, hold in enumerate(holds_of(view.scenario, findings.signals), 1):
        of = f"holds/hold-{n}"
        cells = {
            "trigger": Shown(text=hold.trigger, status="held", citations=hold.citations, of=of if of in stated else ""),
            "detail": Shown(text=hold.detail),
            "effect": Shown(text=f"{hold.effect}{'; may be waived' if hold.waivable else ''}"),
        }
        rows.append(TableRow(id=f"hold-{n}", cells=cells, open=True))
    return rows
