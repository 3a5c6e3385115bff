"""Account state: what identity, session and attachment records say about one account, on one time axis in UTC.

Only observations: a deactivation is not a proof of no access, and a later event is not a proof of misuse (card rules).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from agents.accounts_meant import meant
from agents.axis import Record, log_records, parsed
from agents.compared import Account, Comparison, Loop, Session
from agents.labelled import form, sheets
from agents.log_coverage import cover
from agents.nested import joined
from agents.records import Cell, label_of
from agents.records import Record as Row
from agents.row_times import Clock, cell_of, clock_of, ends, key_of, record_of, times_of
from casefile.evidence import Evidence, Reading

_NOTHING = frozenset(["null", "none", "n/a", "-", "–"])


def compare(loop: Loop) -> Comparison:
    """Find the accounts in question and gather their records. Same evidence, same result."""
    left_out: dict[str, int] = {}
    everyone: dict[str, list[Record]] = {}
    found = Comparison(_accounts(loop, left_out), left_out=left_out)
    ids = {account.id: account for account in found.accounts}
    for item in loop.of("sessions"):
        rows = list(_sessions(loop, item, left_out, ids))
        everyone[item.id] = [s.start for _, s in rows if s.start] + [s.seen for _, s in rows if s.seen]
        for user, session in rows:
            if user in ids:
                ids[user].sessions.append(session)
    tokens = {s.token: a for a in found.accounts for s in a.sessions if s.token}
    held = {s.id: a for a in found.accounts for s in a.sessions if s.id}
    for item in loop.of("attachments"):
        events = list(_attachment_events(loop, item, left_out, ids))
        everyone[item.id] = events
        for event in events:
            owner = _owner(loop, event, ids, tokens, held)
            if owner is not None:
                owner.attachments.append(event)
    for account in found.accounts:
        account.attachments.sort(key=lambda r: r.at or datetime.max.replace(tzinfo=UTC))
        account.sessions.sort(key=lambda s: s.start.at if s.start and s.start.at else loop.now)
    cover(loop, found, everyone)
    return found


def _owner(
    loop: Loop, event: Record, ids: Mapping[str, Account], tokens: Mapping[str, Account], held: Mapping[str, Account]
) -> Account | None:
    labels = {key: [label_of(name) for name in names] for key, names in loop.labels("attachments").items()}
    actor = event.first(labels["user"])
    if actor in ids:
        return ids[actor]
    if named := next((ids[value] for value in event.values.values() if value in ids), None):
        return named
    via = event.first(labels["via"]).rpartition(":")[2]
    return (
        tokens.get(via)
        or tokens.get(event.first(labels["token"]))
        or held.get(event.first(labels["session"]))
        or held.get(via)
    )


# --- identity --------------------------------------------------------------------------------------------------------


def _accounts(loop: Loop, left_out: dict[str, int]) -> list[Account]:
    accounts: dict[str, Account] = {}
    for item in loop.of("identity"):
        for account in _identity(loop, item, left_out):
            known = accounts.setdefault(account.id, account)
            if known is not account:
                known.identity += account.identity
                known.deactivations += account.deactivations
                known.status = account.status or known.status
    chosen = meant(loop, list(accounts.values()))
    for account in chosen:
        account.identity.sort(key=lambda r: r.at or loop.now)
    return chosen


def _identity(loop: Loop, item: Evidence, left_out: dict[str, int]) -> Iterator[Account]:
    """The accounts of an identity export. Events without a user belong to the only account of their file."""
    labels = loop.labels("identity")
    reading = loop.readings(item.id)
    clock = clock_of(reading, item.captured_at)
    rows = [
        row
        for row in _rows(reading, labels, "user", "name", "tenant")
        if _own(loop, row, labels["tenant"], item.id, left_out)
    ]
    lines = list(log_records(item.id, reading, _shown(loop)))
    accounts: dict[str, Account] = {}
    for row in rows:
        user = row.first(labels["user"])
        if user is None:
            continue
        account = accounts.setdefault(user.text, Account(user.text))
        if row.first(labels["event"]) and row.first(labels["time"]) and _gone(loop, row) is None:
            named = row.first(labels["name"])
            account.name = account.name or (named.text if named else "")
            continue
        name, status, at = row.first(labels["name"]), row.first(labels["status"]), _gone(loop, row)
        account.name = name.text if name else account.name
        if status is not None:
            account.status = record_of(item.id, row, status, Clock(), "status", {"value": status.text})
        if at is not None:
            account.deactivations.append(record_of(item.id, row, at, clock, "deactivated"))
    for line in lines:
        user_id = line.first([label_of(name) for name in labels["user"]] + ["actor", "user"])
        if user_id:
            accounts.setdefault(user_id, Account(user_id))
    for record in [*_events(loop, item, rows, clock), *lines]:
        user_id = record.first(["user", *(label_of(name) for name in labels["user"])])
        owners = [accounts[user_id]] if user_id in accounts else list(accounts.values()) if len(accounts) == 1 else []
        for account in owners:
            account.identity.append(record)
            if _deactivates(loop, record.what):
                account.deactivations.append(record)
    yield from accounts.values()


def _gone(loop: Loop, row: Row) -> Cell | None:
    """When the account ended, by its column: one of the known names, or a time under a name that speaks of it."""
    known = row.first(loop.labels("identity")["deactivated"])
    told = (c for label, c in row.cells.items() if _deactivates(loop, label) and parsed(c.text, UTC)[0] is not None)
    return known or next(told, None)


def _events(loop: Loop, item: Evidence, rows: Sequence[Row], clock: Clock) -> Iterator[Record]:
    labels = loop.labels("identity")
    for row in rows:
        at, what = row.first(labels["time"]), row.first(labels["event"])
        if at is None or what is None:
            continue
        user = row.first(labels["user"])
        values = {label: cell.text for label, cell in row.cells.items()}
        record = record_of(item.id, row, at, clock, what.text, {**values, "user": user.text if user else ""})
        yield replace(record, beside=((what.locator, what.text),))


def _deactivates(loop: Loop, what: str) -> bool:
    words: list[str] = loop.scenario.data["accounts"]["identity"]["deactivation_events"]
    return any(re.search(word, what, re.IGNORECASE) for word in words)


# --- sessions and attachments ----------------------------------------------------------------------------------------


def _sessions(
    loop: Loop, item: Evidence, left_out: dict[str, int], ids: Collection[str]
) -> Iterator[tuple[str, Session]]:
    labels = loop.labels("sessions")
    reading = loop.readings(item.id)
    clock = clock_of(reading, item.captured_at)
    for row in _rows(reading, labels, "user", "tenant", "token"):
        user = row.first(labels["user"]) or cell_of(row, ids)
        who = user.text if user is not None else key_of(row, ids)
        if not who or not _own(loop, row, labels["tenant"], item.id, left_out):
            continue
        found: dict[str, Record | None] = {}
        cells = {name: row.first(labels[name]) for name in ("start", "seen", "expires")}
        if cells["start"] is None and cells["seen"] is None:
            cells |= ends(row, cells["expires"], clock)
        for name, cell in cells.items():
            beside = [c for label in ("id", "token") if (c := row.first(labels[label])) is not None]
            record = record_of(item.id, row, cell, clock, name) if cell else None
            found[name] = replace(record, beside=tuple((c.locator, c.text) for c in beside)) if record else None
        if found["start"] is None and found["seen"] is None:
            continue
        text = {name: _told(row.first(labels[name])) for name in ("id", "token", "method", "state")}
        revoked = (
            parsed(text["state"], UTC)[0] if re.search(r"revok|ended|closed|terminat", text["state"], re.I) else None
        )
        yield (
            who,
            Session(
                text["id"],
                found["start"],
                found["seen"],
                text["token"],
                text["method"],
                text["state"],
                found["expires"],
                revoked,
            ),
        )
    for line in log_records(item.id, reading, _shown(loop)):
        keys = {key: [label_of(name) for name in names] + names for key, names in labels.items()}
        user_id = line.first([*keys["user"], "actor"])
        if user_id and _own_values(loop, line, item.id, left_out):
            yield (
                user_id,
                Session(line.first(keys["id"]), line, line, line.first(keys["token"]), line.first(keys["method"])),
            )


def _attachment_events(loop: Loop, item: Evidence, left_out: dict[str, int], ids: Collection[str]) -> Iterator[Record]:
    reading = loop.readings(item.id)
    labels = loop.labels("attachments")
    for record in log_records(item.id, reading, _shown(loop)):
        if _own_values(loop, record, item.id, left_out):
            yield record
    clock = clock_of(reading, item.captured_at)
    for row in _rows(reading, labels, "user", "attachment", "class", "session", "token", "tenant"):
        who = row.first(labels["user"]) or cell_of(row, ids)
        key = key_of(row, ids) if who is None else ""
        at, what = row.first(labels["time"]), row.first(labels["event"])
        if (who is not None or key) and at is None:
            at = next(iter(times_of(row, clock)), None)
        if (
            at is None
            or (what is None and who is None and not key)
            or not _own(loop, row, labels["tenant"], item.id, left_out)
        ):
            continue
        values = {label: cell.text for label, cell in row.cells.items()} | ({"user": key} if key else {})
        record = record_of(item.id, row, at, clock, what.text if what else "event", values)
        cells = [c for c in (what, row.first(labels["attachment"]), who) if c is not None]
        yield replace(record, beside=tuple((c.locator, c.text) for c in cells))


# --- parts -----------------------------------------------------------------------------------------------------------


def _told(cell: Cell | None) -> str:
    """The text of a cell; what an export writes for nothing is nothing."""
    return "" if cell is None or cell.text.strip().casefold() in _NOTHING else cell.text


def _rows(reading: Reading, labels: Mapping[str, Sequence[str]], *joins: str) -> Iterable[Row]:
    """The rows of an export. `joins` are the roles that may stand in an object beside the row's own cells.

    A page that prints one account as labels and values is one row, and so is a sheet that does.
    """
    if reading.unusable:
        return ()
    printed = form(reading)
    return [printed] if printed is not None else [*sheets(reading), *joined(reading, labels, joins)]


def _own(loop: Loop, row: Row, labels: Sequence[str], evidence: str, left_out: dict[str, int]) -> bool:
    """Whether a row speaks of a tenant of the case, or of none. Others are counted and not read on (R12)."""
    cell = row.first(labels)
    if cell is None or cell.text.strip() in loop.tenants:
        return True
    left_out[evidence] = left_out.get(evidence, 0) + 1
    return False


def _own_values(loop: Loop, record: Record, evidence: str, left_out: dict[str, int]) -> bool:
    tenant = record.first(["tenant", "tenant_id", "tn"])
    if not tenant or tenant in loop.tenants:
        return True
    left_out[evidence] = left_out.get(evidence, 0) + 1
    return False


def _shown(loop: Loop) -> frozenset[str]:
    return frozenset(loop.scenario.data["accounts"]["shown_members"])
