"""What each log covers, what it lacks, and whether it was understood: a log that nobody read is not silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.axis import Record, is_comment, silence, windows
from agents.compared import Comparison, Loop
from agents.records import records
from casefile.evidence import Evidence, Reading


def cover(loop: Loop, found: Comparison, everyone: Mapping[str, Sequence[Record]]) -> None:
    """What each log says that it covers and lacks, and where it is silent about everybody."""
    account = found.account
    deactivated = account.deactivated if account else None
    for role in ("identity", "sessions", "attachments"):
        items = [item for item in loop.of(role) if not loop.readings(item.id).unusable]
        if not items:
            found.absent.append(role)
            continue
        read = {item.id: _readable(loop, item, everyone.get(item.id), found) for item in items}
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


def _readable(loop: Loop, item: Evidence, placed: Sequence[Record] | None, found: Comparison) -> bool:
    """Whether a log was understood. One of which nothing was, or a line about an account in question, must not pass as
    silence."""
    if placed is None:
        return True
    reading = loop.readings(item.id)
    lines = {f"line={n}": line for n, line in enumerate(reading.lines, 1) if line.strip() and not is_comment(line)}
    known = {record.locator for record in placed}
    for account in found.accounts:
        drawn = {f"line={row.number}" for table in reading.drawn for row in table.rows}
        unread = [place for place, line in lines.items() if place not in known | drawn and account.id in line]
        unread += _unread_rows(reading, account.id, placed)
        if unread:
            found.unread[item.id] = list(dict.fromkeys([*found.unread.get(item.id, ()), *unread]))
    content = lines or reading.tables or reading.data
    return bool(placed) or not content


def _unread_rows(reading: Reading, account: str, placed: Sequence[Record]) -> list[str]:
    """Rows and objects that name the account in a cell of their own, and gave no record."""
    known = {_row_of(place) for record in placed for place in (record.locator, *(one for one, _ in record.beside))}
    named = [cell.locator for row in records(reading) for cell in row.cells.values() if cell.text.strip() == account]
    return [place for place in dict.fromkeys(named) if not any(_within(_row_of(place), one) for one in known)]


def _row_of(locator: str) -> str:
    return locator.rpartition("/")[0] if locator.startswith("/") else locator.partition(",col=")[0]


def _within(one: str, other: str) -> bool:
    """Whether two rows are one, or one object stands in the other."""
    return one == other or (other + "/").startswith(one + "/") or (one + "/").startswith(other + "/")
