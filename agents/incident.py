"""The work object of an incident: what alert, ticket and roster say about it, and whether it is one incident at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from agents.case_view import CaseView
from agents.material import Findings, step
from agents.stated_values import Said, said, spans_of, weighable
from agents.times import mentions
from agents.weighing import Weighing, weigh
from casefile.claims import Citation, FieldValue, Normalization, Value
from casefile.precedence import Stated
from casefile.registers import BlockedRequest, ExceptionItem
from guardrails import secrets
from runtime.clock import instant

_SEVERITY = re.compile(r"\b(?:sev(?:erity)?|s|p|prio(?:rity)?)?[\s_#-]*(?P<n>[1-5])\b", re.IGNORECASE)
_TOP = re.compile(r"\bcritical\b|\bhighest\b|\bblocker\b", re.IGNORECASE)


def severity(text: str) -> str:
    """A severity in one form (`Sev-1`); what is none stays as it is."""
    match = _SEVERITY.search(text)
    if match is not None:
        return f"Sev-{match['n']}"
    return "Sev-1" if _TOP.search(text) else text.strip()


def _time(text: str) -> str:
    found = next((one.instant for one in mentions(text) if one.instant is not None), None)
    return instant(found) if found is not None else text.strip()


def _plain(text: str) -> str:
    return " ".join(text.split())


RULES: Mapping[str, Callable[[str], str]] = {"severity": severity, "time": _time, "text": _plain, "list": _plain}


def incident_fields(view: CaseView, words: Mapping[str, Any], findings: Findings) -> None:
    """Weigh every field of the work object that sources state."""
    for name, spec in words["fields"].items():
        rule = RULES[spec["rule"]]
        stated = [
            weighable(view, one, _value(spec["rule"], rule, one))
            for one in said(view, view.of(*spec["systems"]), spec["labels"])
        ]
        if not stated and not spec.get("required"):
            continue
        listed = spec["rule"] == "list"
        weigh(
            name,
            Weighing(spec["title"], spec.get("owner", "incident_owner")),
            findings,
            stated,
            same=_one_names_all if listed else _alike,
            value=_listed if listed else _alone,
            steps=partial(_steps, spec["rule"]),
        )
    _owner_by_roster(view, findings)


def _value(kind: str, rule: Callable[[str], str], one: Said) -> str:
    return ", ".join(rule(text) for text in one.parts) if kind == "list" else rule(one.texts[0])


def _alike(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _one_names_all(one: str, other: str) -> bool:
    """Whether two lists do not contradict: one of them names everything that the other names."""
    names, others = set(one.casefold().split(", ")), set(other.casefold().split(", "))
    return names <= others or others <= names


def _listed(value: str) -> Value:
    return value.split(", ")


def _alone(value: str) -> Value:
    return value


def _steps(rule: str, one: Stated[str]) -> list[Normalization]:
    """How the value came from what the source says, where it is not the same text."""
    return [step(rule, one.raw, one.value)] if one.raw != one.value and rule in ("severity", "time") else []


def _owner_by_roster(view: CaseView, findings: Findings) -> None:
    """An owner who is named by id has the roster's name beside it."""
    owner = findings.fields.get("incident_owner")
    if owner is None or owner.value is None:
        return
    person = view.packet.person(str(owner.value))
    if person is not None and person.name:
        findings.fields["incident_owner"] = owner.model_copy(update={"note": person.name})


def alerts(view: CaseView, words: Mapping[str, Any], findings: Findings) -> None:
    """Every delivery of one alert is one alert; another alert is listed, and opens no second work object."""
    deliveries: dict[str, list[tuple[str, Citation]]] = {}
    for item in view.of(*words["alert_systems"]):
        for record in view.records(item):
            cell = record.first(words["alert_keys"])
            if cell is not None:
                deliveries.setdefault(cell.text, []).append((item.id, view.cite(item, cell)))
    if not deliveries:
        return
    key, first = next(iter(deliveries.items()))
    count = len(first)
    findings.fields["alert_deliveries"] = FieldValue(
        title="Deliveries of the alert",
        value=count,
        raw=key,
        status="confirmed",
        confidence=97,
        citations=[citation for _, citation in first][:8],
        note=f"one work object for {key}"
        + (f"; {count - 1} of {count} deliveries are repetitions" if count > 1 else ""),
    )
    for other, places in list(deliveries.items())[1:]:
        reason = f"another alert ({other}); this run is about {key}, and it opens no second work object here"
        findings.exceptions.append(
            ExceptionItem(key=f"alert:{other}", kind="other_alert", about=places[0][0], reason=reason, state="noted")
        )


def boundary(view: CaseView, words: Mapping[str, Any], findings: Findings) -> None:
    """Whether the incident is inside the agreed boundary: what alert and ticket name must be a tenant of the case."""
    allowed = {
        one.casefold() for tenant in (view.packet.tenant, *view.packet.tenants) for one in (tenant.id, tenant.name)
    }
    for one in said(view, view.of(*words["boundary_systems"]), words["boundary"]):
        outside = [text for text in one.texts if text.casefold() not in allowed]
        if outside:
            detail = f"{one.item.id} speaks of {', '.join(outside)}, which is not a tenant of this case"
            findings.signal("outside_boundary", one.item.id, detail, one.citations[:1])


def claims_of_approval(view: CaseView, words: Mapping[str, Any], findings: Findings) -> None:
    """Text that says that something is approved: no approval, whoever wrote it (R8)."""
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in words["approval_claims"]]
    for item in view.evidence:
        if item.withdrawn or item.system not in words["text_systems"]:
            continue
        for span in spans_of(view, item):
            if span.hidden or not any(pattern.search(span.text) for pattern in patterns):
                continue
            findings.requests.append(
                BlockedRequest(
                    key=f"{item.id}:{span.locator}:approval",
                    evidence=item.id,
                    locator=span.locator,
                    quote=secrets.mask(span.text)[:300],
                    asks_for="to be taken for an approval",
                    effect="no approval: only signed-in people approve, in the approval channel",
                )
            )


def roster(view: CaseView, words: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """What roster documents say about the validity of the people of the case: it narrows the packet's roster."""
    labels = words["labels"]
    found: dict[str, tuple[str, str]] = {}
    ids = {name.casefold(): p.id for p in view.packet.people for name in (p.id, p.name) if name}
    for item in view.of(*words["systems"]):
        for record in view.records(item):
            named = record.first(labels["person"]) or record.first(labels["name"])
            person = ids.get(named.text.strip().casefold()) if named is not None else None
            if person is None:
                continue
            since, until = record.first(labels["from"]), record.first(labels["until"])
            found[person] = (_zoned(since.text) if since else "", _zoned(until.text) if until else "")
    return found


def responders(view: CaseView, words: Mapping[str, Any], findings: Findings) -> None:
    """The responders of the roster documents, by name."""
    labels = words["labels"]
    found: dict[str, Citation] = {}
    for item in view.of(*words["systems"]):
        for record in view.records(item):
            role, name = record.first(labels["role"]), record.first(labels["name"]) or record.first(labels["person"])
            if role is not None and name is not None and words["responder"] in role.text.casefold():
                found.setdefault(name.text.strip(), view.cite(item, name))
    if found:
        findings.fields["responders"] = FieldValue(
            title="Responders",
            value=list(found),
            raw=", ".join(found),
            status="confirmed",
            confidence=97,
            citations=list(found.values())[:8],
        )


def _zoned(text: str) -> str:
    """A validity in UTC; a date alone is that day's end in no zone, and so its beginning in UTC: the stricter."""
    value = _time(text)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return f"{value}T00:00:00Z"
    return value if value.endswith("Z") else ""
