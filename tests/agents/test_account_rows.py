"""Rows of account logs as other systems write them: zones in brackets, days first, sheets of values, and holes."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

from agents.axis import Record, silence
from agents.labelled import sheets
from agents.nested import joined
from agents.row_times import Clock, ends
from tools.readers.csv_table import read_csv
from tools.readers.limits import Limits
from tools.readers.xlsx import read_xlsx

LABELS = {"user": ["user"], "start": ["started", "beginn"], "seen": ["last seen", "zuletzt aktiv"]}


@pytest.mark.parametrize(
    "head",
    [
        "Session,User,Started (America/Santiago, UTC-3),Last seen (America/Santiago, UTC-3)",
        "Session,User,Started [local time],Last seen [local time]",
        "Sitzung,User,Beginn (Ortszeit Wien),Zuletzt aktiv (Ortszeit Wien)",
    ],
)
def test_what_stands_in_brackets_behind_a_name_does_not_hide_the_column(head: str) -> None:
    names = head.replace("America/Santiago, UTC-3", "America/Santiago; UTC-3")
    row = next(iter(joined(read_csv(f"{names}\ns-1,u-1,A,B\n".encode(), "csv", Limits()), LABELS, ["user"])))
    found = [row.first(LABELS[name]) for name in ("start", "seen")]
    assert [cell.text for cell in found if cell] == ["A", "B"]


@pytest.mark.parametrize("days_first", [True, None])
def test_unnamed_columns_of_times_with_the_day_first_are_put_in_order(days_first: bool | None) -> None:
    text = b"id,user,one,other\ns-1,u-1,04-11-2026 00:40:02,03-11-2026 23:12:44\n"
    row = next(iter(joined(read_csv(text, "csv", Limits()), LABELS, ["user"])))
    found = ends(row, None, Clock(UTC, days_first))
    assert [cell.text for cell in found.values() if cell] == ["03-11-2026 23:12:44", "04-11-2026 00:40:02"]


@pytest.mark.parametrize(("title", "column"), [("Verzeichnisexport", "B"), ("Export vom 5.3.2026, 09:00 UTC", "Wert")])
def test_a_sheet_of_names_and_values_is_one_record_beside_a_sheet_of_events(title: str, column: str) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "Konto"
    for row in ([title, None], [None, None], ["Merkmal", "Wert"], ["User", "u-7"], ["Status", "OFF"]):
        first.append(row)
    events = book.create_sheet("Ereignisse")
    for line in (["at", "type", "result"], ["2026-03-03T23:10:02Z", "user.login", "success"]):
        events.append(line)
    out = io.BytesIO()
    book.save(out)
    found = sheets(read_xlsx(out.getvalue(), "xlsx", Limits()))
    assert len(found) == 1
    user = found[0].first(["user"])
    assert user is not None
    assert (user.text, user.locator) == ("u-7", f"sheet=Konto,row=4,col={column}")


def _log(hole: timedelta) -> list[Record]:
    """A hundred records, by turns 5 and 55 minutes apart, with a hole in their middle."""
    at, found = datetime(2026, 3, 3, 6, tzinfo=UTC), []
    for number in range(100):
        at += hole if number == 50 else timedelta(minutes=5 if number % 2 else 55)
        found.append(Record("log", f"line={number}", "x", "", at, "", "login"))
    return found


@pytest.mark.parametrize(("hours", "told"), [(2, False), (4, False), (9, True)])
def test_a_pause_that_comes_by_chance_is_no_hole(hours: int, told: bool) -> None:
    records = _log(timedelta(hours=hours))
    around = records[50].at
    assert around is not None
    assert (silence("log", records, around - timedelta(minutes=30)) is not None) is told
