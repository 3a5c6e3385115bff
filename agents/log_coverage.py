"""What each log covers, what it lacks, and whether it was understood: a log that nobody read is not silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agents.axis import Record, is_comment, silence, windows
from casefile.evidence import Evidence

if TYPE_CHECKING:
    from agents.accounts import Account, Comparison, Loop


def cover(loop: Loop, found: Comparison, everyone: Mapping[str, Sequence[Record]]) -> None:
    """What each log says that it covers and lacks, and where it is silent about everybody."""
    account = found.account
    deactivated = account.deactivated if account else None
    for role in ("identity", "sessions", "attachments"):
        items = [item for item in loop.of(role) if not loop.readings(item.id).unusable]
        if not items:
            found.absent.append(role)
            continue
        read = {item.id: _readable(loop, item, everyone.get(item.id), account, found) for item in items}
        if role != "identity" and not any(read.values()):
            found.absent.append(role)
        for item in items:
            placed = sorted((r for r in everyone.get(item.id, ()) if r.at is not None), key=lambda r: r.at or loop.now)
            if placed:
                found.ends[item.id] = (placed[0], placed[-1])
            covered, lacking = windows(item.id, loop.readings(item.id))
            found.covered.setdefault(role, []).extend(covered)
            found.lacking += lacking
            if deactivated is not None and deactivated.at is not None and not lacking:
                quiet = silence(item.id, everyone.get(item.id, ()), deactivated.at)
                found.lacking += [quiet] if quiet else []


def _readable(
    loop: Loop, item: Evidence, placed: Sequence[Record] | None, account: Account | None, found: Comparison
) -> bool:
    """Whether a log was understood. One of which nothing was, or a line about the account, must not pass as silence."""
    if placed is None:
        return True
    reading = loop.readings(item.id)
    lines = {f"line={n}": line for n, line in enumerate(reading.lines, 1) if line.strip() and not is_comment(line)}
    known = {record.locator for record in placed}
    if account is not None:
        unread = [place for place, line in lines.items() if place not in known and account.id in line]
        found.unread.update({item.id: unread} if unread else {})
    content = lines or reading.tables or reading.data
    return bool(placed) or not content
