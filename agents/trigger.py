"""The security trigger: what on the time axis lies after the deactivation, and what may or cannot be placed there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from agents.axis import Record, Window, parsed
from agents.compared import Account, Comparison, Loop, Session
from agents.records import label_of

ANY_EVENT_OR_SESSION = "any_event_or_unexplained_session"
REVOKED = re.compile(r"revok|terminat|invalidat|widerrufen|révoqu|revocad|ingetrokken", re.IGNORECASE)
# A revocation this soon after the deactivation is part of it; what ends with a later one was in use meanwhile.
_AT_ONCE = timedelta(minutes=1)
# A record whose zone is unknown may lie this far from the time that is written.
_UNPLACED = timedelta(hours=14)


@dataclass(slots=True)
class Later:
    """Records after the deactivation. `uncertain` ones cannot be ordered: zone unknown, or within the clock error.

    `closed` are sessions whose last record is the revocation that followed the deactivation, with its identity record.
    """

    events: list[Record] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    closed: list[tuple[Session, Record]] = field(default_factory=list)
    live_tokens: list[Session] = field(default_factory=list)
    uncertain: list[Record] = field(default_factory=list)
    gaps: list[Window] = field(default_factory=list)
    whose: dict[tuple[str, str], Account] = field(default_factory=dict)
    """Whose each of these records is, by its place: with two accounts in question each has its own deactivation."""

    def account_of(self, record: Record | None) -> Account | None:
        """Whose record it is."""
        return self.whose.get((record.evidence, record.locator)) if record is not None else None

    def concerned(self) -> list[str]:
        """The ids of the accounts that have something after their deactivation, in order."""
        found = [self.account_of(r) for r in [*self.events, *(s.last for s in self.sessions)]]
        return list(dict.fromkeys(account.id for account in found if account is not None))

    def due(self, trigger: str) -> bool:
        """Whether the formal security process is due, as the parameter defines it."""
        return bool(self.events) or (trigger == ANY_EVENT_OR_SESSION and bool(self.sessions))


def later(loop: Loop, comparison: Comparison) -> Later:
    """Look at everything that the accounts did after they were deactivated.

    Of several accounts in question those with something after it come first: they are what the case turns on.
    """
    found = Later()
    for account in comparison.accounts:
        records = [*account.attachments, *(s.last for s in account.sessions if s.last is not None)]
        found.whose |= {(record.evidence, record.locator): account for record in records}
        start = account.deactivated.at if account.deactivated else None
        if start is not None:
            seen = Later() if account.left else found
            _events(loop, account, start, seen)
            _sessions(account, start, _revocation(loop, account, start), seen)
            if account.left:  # of what the lead left behind only that counts which forces the formal process
                found.events += seen.events
                found.sessions += seen.sessions
    concerned = found.concerned()
    comparison.accounts.sort(key=lambda account: bool(concerned) and account.id not in concerned)
    first = comparison.account.deactivated if comparison.account else None
    if first is not None and first.at is not None:
        found.gaps = _key_gaps(loop, comparison, first.at)
    return found


def _events(loop: Loop, account: Account, start: datetime, found: Later) -> None:
    ignored = {verb.casefold() for verb in loop.scenario.data["accounts"]["attachments"]["not_by_people"]}
    for event in account.attachments:
        if event.what.casefold() in ignored:
            continue
        if event.at is None:
            if _may_be_later(event, start):
                found.uncertain.append(event)
        elif abs(event.at - start) <= timedelta(seconds=event.skew) and event.skew:
            found.uncertain.append(event)
        elif event.at > start:
            found.events.append(event)


def _may_be_later(event: Record, start: datetime) -> bool:
    """What cannot be read as a time at all may be later, too: nothing of the account passes as silence."""
    read, _, _ = parsed(event.raw, UTC)
    return read is None or read + _UNPLACED > start


def _revocation(loop: Loop, account: Account, start: datetime) -> Record | None:
    """The identity record that the account's sessions were ended with its deactivation."""
    words: list[str] = loop.scenario.data["accounts"]["identity"]["revocation_events"]
    near = [r for r in account.identity if r.at is not None and start <= r.at <= start + _AT_ONCE]
    return next((r for r in near if any(re.search(word, r.what, re.IGNORECASE) for word in words)), None)


def _sessions(account: Account, start: datetime, revoked: Record | None, found: Later) -> None:
    for session in account.sessions:
        last = session.last
        if revoked is not None and _ended_by(session, revoked, start):
            found.closed.append((session, revoked))
        elif last is not None and last.at is not None and last.at > start:
            found.sessions.append(session)
        elif last is not None and last.at is None:
            found.uncertain.append(last)
        ended = session.revoked_at is not None and session.revoked_at <= start
        if session.token and not ended:
            found.live_tokens.append(session)


def _ended_by(session: Session, revoked: Record, start: datetime) -> bool:
    """Whether a session began before the deactivation, and its last record is that it was revoked, at that moment."""
    begun, last = session.start, session.last
    if session.token or begun is None or begun.at is None or last is None or last.at is None or revoked.at is None:
        return False
    return begun.at < start < last.at <= revoked.at and REVOKED.search(session.state) is not None


def _key_gaps(loop: Loop, comparison: Comparison, start: datetime) -> list[Window]:
    """What the logs lack of the time that matters: from shortly before the deactivation on."""
    key = start - timedelta(hours=1)
    gaps = [window for window in comparison.lacking if window.end >= key]
    for role, windows in comparison.covered.items():
        for window in windows:
            if role in ("sessions", "attachments") and window.end < start:
                rest = Window(
                    window.evidence,
                    window.end,
                    loop.now,
                    window.locator,
                    window.quote,
                    "the log ends before the deactivation",
                )
                gaps.append(rest)
            elif role in ("sessions", "attachments") and window.start > start:
                gaps.append(
                    Window(
                        window.evidence,
                        start,
                        window.start,
                        window.locator,
                        window.quote,
                        "the log begins after the deactivation",
                    )
                )
    return sorted(dict.fromkeys(gaps), key=lambda w: (w.start, w.evidence))


def attachment_of(loop: Loop, event: Record) -> str:
    """The id of the attachment; never its name."""
    return event.first(
        [label_of(label) for label in loop.labels("attachments")["attachment"]]
        + loop.labels("attachments")["attachment"]
    )


def describe(loop: Loop, event: Record) -> str:
    """An event in words that say no more than the record: verb, attachment id and class, by what, with which answer."""
    labels = loop.labels("attachments")

    def value(name: str) -> str:
        return event.first([label_of(label) for label in labels[name]] + labels[name])

    parts = [f"{event.what} of {attachment_of(loop, event) or 'an attachment'}"]
    parts += [f"({value('class')})"] if value("class") else []
    via = value("via") or value("token")
    parts += [f"by {via}"] if via else []
    parts += [f"with status {value('status')}"] if value("status") else []
    return " ".join(parts)


def timeline(account: Account) -> Sequence[Record]:
    """Every placed record of the account, in the order of the axis."""
    records = [*account.identity, *account.attachments]
    records += [r for s in account.sessions for r in (s.start, s.seen) if r is not None]
    unique = {(r.evidence, r.locator, r.what): r for r in [*account.deactivations, *records] if r.at is not None}
    return sorted(unique.values(), key=lambda r: (r.at, r.evidence, r.locator))
