"""Snapshots for the window: support roles, whom each tenant allows, which restricted cases were active."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.case_view import CaseView
from agents.signal_matrix import CaseState, ChainState, Snapshots, TenantState
from agents.signal_rows import Row, rows, tenant_of
from agents.signal_window import Window
from casefile.claims import Citation
from casefile.evidence import Evidence

_YES = re.compile(r"^(?:yes|true|y|1|regulated|sovereign)\b", re.IGNORECASE)
_NO = re.compile(r"^(?:no|false|n|0|none|not|un)", re.IGNORECASE)
_CLOSED = re.compile(r"clos|resolv|done|cancel|inactive|ended|archiv|finish", re.IGNORECASE)
_UNIT = {"minute": 1, "hour": 60, "day": 1440}


@dataclass(slots=True)
class Captured:
    """The snapshots as read, with when each was captured. `late` says what is too old to be of this window."""

    tenants: dict[str, TenantState] = field(default_factory=dict)
    cases: dict[str, CaseState] = field(default_factory=dict)
    chains: dict[str, ChainState] = field(default_factory=dict)
    operators: dict[str, list[Citation]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    captured: dict[str, tuple[datetime, Citation | None]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    other_day: list[str] = field(default_factory=list)

    @property
    def snapshots(self) -> Snapshots:
        """What corroboration looks at."""
        return Snapshots(self.tenants, self.cases, self.chains)


def longest_age(view: CaseView) -> timedelta:
    """How old an entitlement snapshot may be at the start of the window."""
    told = view.parameters["entitlement_snapshot_max_age"]
    unit = str(told.get("unit", "minutes")).lower().rstrip("s")
    return timedelta(minutes=float(told["amount"]) * _UNIT[unit])


def capture(view: CaseView, within: Window | None) -> Captured:
    """Read every snapshot of the case."""
    found = Captured(names={t.name.casefold(): t.id for t in [view.packet.tenant, *view.packet.tenants] if t.name})
    for kind, read in _READERS.items():
        count = 0
        for item in view.of(*view.scenario.data["systems"][kind]):
            if view.rank(item) == "excluded" or view.readings(item.id).unusable:
                continue
            for row in rows(view, item):
                count += read(view, item, row, found, within)
        if not count:
            found.missing.append(kind)
    _of_another_day(view, found, within)
    return found


def _of_another_day(view: CaseView, found: Captured, within: Window | None) -> None:
    """Rosters that were captured long before the window are not of that window."""
    limit = timedelta(hours=float(view.scenario.data["roster_longest_hours"]))
    for kind in ("roles", "cases"):
        told = found.captured.get(kind)
        if told is not None and within is not None and told[0] < within.start - limit:
            found.other_day.append(kind)


def captured_at(view: CaseView, item: Evidence, row: Row) -> tuple[datetime | None, Citation | None]:
    """When a row was captured: as it says itself, as its file says, else when the file was taken."""
    words: Mapping[str, list[str]] = view.scenario.data["words"]
    at = row.time(words["captured"], words["zone"], around=True)
    cell = row.first(words["captured"], around=True)
    if at is not None and cell is not None:
        return at, view.cite(item, cell)
    return view.readings(item.id).made_at or item.captured_at, None


def _note(view: CaseView, item: Evidence, row: Row, found: Captured, kind: str) -> None:
    at, cited = captured_at(view, item, row)
    if at is not None and (kind not in found.captured or at < found.captured[kind][0]):
        found.captured[kind] = at, cited


def _role(view: CaseView, item: Evidence, row: Row, found: Captured, _within: Window | None) -> int:
    words: Mapping[str, list[str]] = view.scenario.data["words"]
    cell = row.first([*words["operator"], *words["person_id"]])
    if cell is None or " " in cell.text.strip():
        return 0
    name = cell.text.strip()
    found.operators[name] = [view.cite(item, cell)]
    for alias, _ in row.all(words["alias"]):
        found.aliases[alias] = name
    _note(view, item, row, found, "roles")
    return 1


def _entitlement(view: CaseView, item: Evidence, row: Row, found: Captured, within: Window | None) -> int:
    words: Mapping[str, list[str]] = view.scenario.data["words"]
    tenant, cell = tenant_of(view, row, found.names)
    if not tenant or cell is None:
        return 0
    name = row.text_of(words["tenant_name"])
    if name:
        found.names[name.casefold()] = tenant
    at, cited = captured_at(view, item, row)
    told = row.text_of(words["regulated"])
    kind = row.text_of(words["classification"])
    regulated: bool | None = None
    if told:
        regulated = bool(_YES.match(told)) or (not _NO.match(told) and "regulated" in told.casefold())
    elif kind:
        regulated = re.search(view.scenario.data["regulated_kinds"], kind, re.IGNORECASE) is not None
    sovereign = bool(_YES.match(row.text_of(words["sovereign"]))) or "sovereign" in kind.casefold()
    listed = row.all(words["authorised"]) or row.all(words["operator"])  # a list, or a row for each of them
    allowed = frozenset(value for value, _ in listed)
    stale = within is not None and (at is None or at < within.start - longest_age(view))
    cells = [cell, *(c for _, c in listed[:2])]
    state = TenantState(
        regulated=regulated, sovereign=sovereign, operators=allowed, captured_at=at, stale=stale,
        citations=(*([cited] if cited else []), *(view.cite(item, c) for c in cells)),
    )  # fmt: skip
    before = found.tenants.get(tenant)
    if before is None or before.captured_at is None or (at is not None and at >= before.captured_at):
        merged = allowed | (before.operators if before is not None and before.captured_at == at else frozenset())
        known = regulated if regulated is not None else before.regulated if before is not None else None
        found.tenants[tenant] = TenantState(known, sovereign, merged, at, stale, state.citations)
    _note(view, item, row, found, "entitlements")
    return 1


def _case(view: CaseView, item: Evidence, row: Row, found: Captured, _within: Window | None) -> int:
    words: Mapping[str, list[str]] = view.scenario.data["words"]
    cell = row.first([*words["case"], *words["row_id"]])
    name = cell.text.strip() if cell is not None else row.key
    if not re.search(r"\d", name) or not row.first([*words["state"], *words["opened_at"], *words["authorised"]]):
        return 0
    state = row.first(words["state"])
    tenant, _ = tenant_of(view, row, found.names)
    ended = row.first(words["closed_at"])
    cited = [view.cite(item, c) for c in (cell, state, ended, row.first(words["authorised"])) if c is not None]
    found.cases[name] = CaseState(
        tenant=tenant,
        opened_at=row.time(words["opened_at"], words["zone"]),
        closed_at=row.time(words["closed_at"], words["zone"]),
        closed=state is not None and _CLOSED.search(state.text) is not None,
        engineers=frozenset(value for value, _ in row.all(words["authorised"])),
        citations=tuple(cited),
    )
    _note(view, item, row, found, "cases")
    return 1


def _chain(view: CaseView, item: Evidence, row: Row, found: Captured, _within: Window | None) -> int:
    words: Mapping[str, list[str]] = view.scenario.data["words"]
    session, subject = row.first(words["session"]), row.first([*words["subject"], *words["operator"]])
    if session is None or subject is None:
        return 0
    told = row.text_of(words["continuity"])
    posture = row.text_of(words["posture"])
    who = subject.text.strip()
    found.chains[session.text.strip()] = ChainState(
        subject=found.aliases.get(who, who),
        continuous=not re.search(r"broken|gap|interrupt|discontinu|reset|lost|false|no\b", told, re.IGNORECASE),
        trusted_device=not re.search(
            r"non.?compliant|not compliant|unknown|unmanaged|fail|jailbr|false", posture, re.I
        ),
        citations=(view.cite(item, subject), view.cite(item, session)),
    )
    return 1


_READERS: Mapping[str, Callable[[CaseView, Evidence, Row, Captured, Window | None], int]] = {
    "roles": _role,
    "entitlements": _entitlement,
    "cases": _case,
    "chain": _chain,
}
