"""What an option-ranking case may rest on: no item of another tenant, no paper out of force beside a current one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agents.case_view import CaseView
from agents.foreign import TENANT_LABELS, of_others
from agents.labelled_places import lines_of, path_label
from agents.material import Findings
from agents.matrix_head import out_of_force
from agents.option_spec import RankingSpec
from agents.records import label_of
from casefile.evidence import Evidence
from casefile.registers import ExceptionItem


def others(view: CaseView) -> frozenset[str]:
    """The items that say of themselves whose they are, and name only tenants that the case does not list."""
    tenants = frozenset(view.packet.tenant_ids())
    found = set()
    for item in view.usable:
        named = list(_tenants(view, item))
        if named and all(of_others(one, tenants) for one in named):
            found.add(item.id)
    return frozenset(found)


def _tenants(view: CaseView, item: Evidence) -> Iterator[str]:
    """What stands beside the label of a tenant, outside of tables and nested objects."""
    for span in lines_of(view.readings(item.id)):
        if span.kind == "leaf" and path_label(span.pointer) in TENANT_LABELS and span.pointer.count("/") == 1:
            yield span.text
        elif span.kind not in ("leaf", "cell") and span.value and label_of(span.label) in TENANT_LABELS:
            yield span.value


def own_view(view: CaseView, spec: RankingSpec, findings: Findings) -> CaseView:
    """The view without them; each that was left out is on record."""
    foreign = others(view)
    left = {one.about for one in view.left_out()}
    for item in view.usable:
        if item.id in foreign and item.id not in left:
            _leave_out(findings, item, "other_tenants", "it speaks of a tenant that the case does not list")
    own = replace(view, usable=[item for item in view.usable if item.id not in foreign])
    old = dict(_out_of_force(own, spec))
    for item in own.usable:
        if item.id in old:
            _leave_out(findings, item, "out_of_force", old[item.id])
    return replace(own, usable=[item for item in own.usable if item.id not in old])


def _out_of_force(view: CaseView, spec: RankingSpec) -> Iterator[tuple[str, str]]:
    """Papers that are not in force, where another of the same system is: without one they are judged as they stand."""
    for systems in (spec.matrix.systems, spec.matrix.governed):
        items = view.of(*systems)
        why = {item.id: out_of_force(view, spec, [item]) for item in items}
        if not all(why.values()):
            yield from ((item, reason) for item, reason in why.items() if reason)


def _leave_out(findings: Findings, item: Evidence, kind: str, reason: str) -> None:
    findings.exceptions.append(
        ExceptionItem(
            key=f"{kind}:{item.id}", kind=kind, about=item.id, reason=f"{item.id}: left out, {reason}", state="noted"
        )
    )
