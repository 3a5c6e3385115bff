"""Reconciliation: statements of many sources become fields with a status each, and disagreements become records.

The agent proposes which statements speak of the same thing; precedence and conflict are decided by code alone
(`casefile.precedence`), the same in every mode.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import getaddresses
from functools import cache
from typing import Any

from agents.documents import unread
from agents.field_rules import RULES
from agents.material import Findings, Material, Row, Signal
from agents.records import Record, label_of, records
from agents.statements import Statement
from casefile.evidence import Evidence, Reading
from casefile.registers import ExceptionItem
from casefile.scenario import FieldSpec, Rank, Scenario
from guardrails.schema_check import parse_schema


@dataclass(frozen=True, slots=True)
class ReconciliationTask:
    """What the agent is given: the scenario, the clock, the evidence with its readings, and the statements."""

    scenario: Scenario
    parameters: Mapping[str, Any]
    now: datetime
    tenant: str
    tenant_name: str
    tenants: frozenset[str]
    evidence: Sequence[Evidence]
    readings: Callable[[str], Reading]
    statements: Mapping[str, Sequence[Statement]]
    fields: Mapping[str, FieldSpec]
    quarantined: frozenset[str] = frozenset()
    signals: Sequence[Signal] = field(default=())


def reconcile(task: ReconciliationTask) -> Findings:
    """Weigh everything. The result depends on the task alone: same task, same findings, in the same order."""
    usable = usable_evidence(task.evidence, task.quarantined)
    findings = Findings(signals=list(task.signals))
    customers = _customer_domains(task, usable)
    own = _own_domains(task, usable) - customers
    kinds = {item.id: item for item in task.evidence}

    @cache
    def row_by(evidence: str, author: str) -> tuple[Rank | None, str]:
        item = kinds[evidence]
        kind = item.file.rpartition(".")[2].lower()
        source = task.scenario.source_of(item.system, kind, f"{item.id} {item.file}", _side(author, customers, own))
        return (source.rank, source.name) if source is not None else (None, "")

    def row_of(statement: Statement) -> tuple[Rank | None, str]:
        return row_by(statement.evidence, statement.author)

    by_field: dict[str, list[Statement]] = {}
    for item in usable:
        for statement in task.statements.get(item.id, ()):
            by_field.setdefault(statement.field, []).append(statement)
    material = Material(
        scenario=task.scenario,
        parameters=task.parameters,
        now=task.now,
        tenant=task.tenant,
        tenant_name=task.tenant_name,
        tenants=task.tenants,
        evidence=kinds,
        usable=usable,
        readings=task.readings,
        tables=_tables(task, usable, findings),
        statements=by_field,
        rank=lambda statement: row_of(statement)[0],
        source=lambda statement: row_of(statement)[1],
        quarantined=task.quarantined,
    )
    for name, spec in task.fields.items():
        RULES[spec.rule](name, spec, material, findings)
    findings.exceptions += _nothing_read(task, material, findings)
    return findings


_SENT_TO = ("/headers/to", "/headers/cc")
_IMAGES = ("png", "jpg", "jpeg")  # what was not read of them is said by their reader


def _nothing_read(task: ReconciliationTask, material: Material, findings: Findings) -> list[ExceptionItem]:
    """Items that were read and gave no statement and no row: said, and not passed over."""
    gave = {row.evidence for rows in material.tables.values() for row in rows}
    gave |= {one.about for one in findings.exceptions} | {one for one, said in task.statements.items() if said}
    found = []
    for item in material.usable:
        reading = task.readings(item.id)
        silent = reading.unusable or reading.problems or reading.kind in _IMAGES
        if item.id not in gave and not silent and parse_schema(reading.data) is None:
            found.append(unread(item, "nothing that this scenario looks for could be read from it"))
    return found


def usable_evidence(evidence: Iterable[Evidence], quarantined: frozenset[str]) -> list[Evidence]:
    """What fields may rest on: not withdrawn, replaced by a later item, quarantined, or a prior revision.

    What was replaced stays so when its replacement is withdrawn: it is known to be out of date.
    """
    items = [item for item in evidence if not item.prior]
    replaced = {item.replaces for item in items if item.replaces}
    return [i for i in items if not i.withdrawn and i.id not in replaced and i.id not in quarantined]


def _side(address: str, customers: frozenset[str], own: frozenset[str]) -> Any:
    """Whether an author belongs to the customer; None where nobody signed.

    Who writes from a domain that is neither's is on the customer's side, a subsidiary say: our own people have ours.
    """
    if not address:
        return None
    domain = _domain(address)
    return "customer" if domain in customers or (own and domain not in own) else "internal"


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip("<> ").casefold()


def _own_domains(task: ReconciliationTask, usable: Sequence[Evidence]) -> frozenset[str]:
    """Our mail domains: those to which every mail of the packet was sent. None where the mails do not say."""
    sent = [
        {_domain(address) for span in task.readings(item.id).spans if span.locator in _SENT_TO
         for _, address in getaddresses([span.text])}
        for item in usable if item.file.lower().endswith(".eml")
    ]  # fmt: skip
    return frozenset(set.intersection(*sent) - {""}) if sent else frozenset()


def _customer_domains(task: ReconciliationTask, usable: Sequence[Evidence]) -> frozenset[str]:
    """The mail domains of the tenant's own people, as the roster has them."""
    labels = task.scenario.data["tables"]["roster"]
    domains = set()
    for _, record in _role_records("roster", task, usable):
        tenant, email = record.first(labels["tenant"]), record.first(labels["email"])
        if email is not None and (tenant is None or tenant.text.strip() == task.tenant):
            domains.add(email.text.strip().rpartition("@")[2].casefold())
    return frozenset(domains)


def _tables(task: ReconciliationTask, usable: Sequence[Evidence], findings: Findings) -> dict[str, list[Row]]:
    """The reference tables by role. Rows about tenants that the case does not list are left out and counted.

    The registry stays whole: it is what tells which tenant a name belongs to, and nothing else of it is used.
    """
    tables: dict[str, list[Row]] = {}
    left_out: dict[str, int] = {}
    for role, labels in task.scenario.data["tables"].items():
        rows = []
        for evidence, record in _role_records(role, task, usable):
            tenant = record.first(labels["tenant"]) if "tenant" in labels else None
            if tenant is not None and tenant.text.strip() not in task.tenants:
                left_out[evidence] = left_out.get(evidence, 0) + 1
                if role != "tenant_registry":
                    continue
            rows.append(Row(evidence, record))
        tables[role] = rows
    for evidence, count in sorted(left_out.items()):
        findings.exceptions.append(
            ExceptionItem(
                key=f"foreign-rows:{evidence}",
                kind="other_tenants",
                about=evidence,
                reason=f"{evidence}: {count} rows about tenants that the case does not list were left out",
                count=count,
                state="noted",
            )
        )
    return tables


# What a document says once of all that stands inside it.
_OF_DOCUMENT = ("tenant", "taken", "version")


def _role_records(role: str, task: ReconciliationTask, usable: Sequence[Evidence]) -> Iterable[tuple[str, Record]]:
    """The records that have the columns which make a table of that role, from the systems that give it."""
    needed: list[str] = task.scenario.data["table_roles"][role]["columns"]
    systems: list[str] = task.scenario.data["table_roles"][role]["systems"]
    matches: str = task.scenario.data["table_roles"][role].get("matches", "")
    labels = task.scenario.data["tables"][role]
    headers = frozenset(label_of(label) for names in labels.values() for label in names)
    given = [item for item in usable if item.system in systems]
    if matches:
        named = [item for item in given if re.search(matches, f"{item.id} {item.file}", re.IGNORECASE)]
        given = named or [item for item in given if task.readings(item.id).tables]
    whose = frozenset(label_of(label) for column in _OF_DOCUMENT for label in labels.get(column, ()))
    for item in given:
        for record in records(task.readings(item.id), headers, whose):
            if all(record.first(labels[column]) is not None for column in needed):
                yield item.id, record
