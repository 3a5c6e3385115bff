"""CSV and Excel: header, row numbers, cells, what is hidden, what is broken."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from openpyxl.comments import Comment
from reader_samples import saved, workbook

from casefile.evidence import Reading, Row, Span
from tools.readers import Limits, read


def cells(reading: Reading) -> dict[str, str]:
    return {span.locator: span.text for span in reading.spans if not span.hidden}


def test_csv_rows_count_as_in_a_spreadsheet() -> None:
    reading = read(b'tenant_id,note\ntn-a,"two\nlines"\n\ntn-b,\n', "a.csv")
    table = reading.tables[0]
    assert table.columns == ["tenant_id", "note"]
    assert table.rows == [
        Row(2, {"tenant_id": "tn-a", "note": "two\nlines"}),
        Row(4, {"tenant_id": "tn-b", "note": ""}),
    ]
    assert reading.spans[0] == Span("row=2,col=tenant_id", "tn-a", "cell", "tenant_id", "tn-a")
    assert cells(reading)["row=4,col=tenant_id"] == "tn-b"
    assert table.locator(4, "tenant_id") == "row=4,col=tenant_id"


def test_a_file_of_tabs_is_a_table() -> None:
    reading = read(b"at\twhat, who\n2026-10-01\tlost, found, and lost\n2026-10-02\tnothing, nobody\n", "events.tsv")
    assert reading.kind == "csv"
    assert cells(reading)["row=2,col=what, who"] == "lost, found, and lost"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_csv_separators_and_encodings(separator: str, encoding: str) -> None:
    text = "\r\n".join(separator.join(row) for row in (["name", "city"], ["Jürgen", "Köln"], ["Zoë", "Århus"])) + "\r\n"
    reading = read(text.encode(encoding), "a.csv")
    assert cells(reading)["row=3,col=city"] == "Århus"
    assert reading.problems == []


def test_a_name_that_promises_tabs_is_taken_at_its_word() -> None:
    text = b"name\tplace\nBolt, Ana\tOslo, Norway\nFinch, Ken\tRome, Italy\n"
    reading = read(text, "contacts.tsv")
    assert reading.kind == "csv"
    assert cells(reading)["row=3,col=name"] == "Finch, Ken"
    assert cells(read(b"name,place\nAna,Oslo\n", "contacts.tsv"))["row=2,col=place"] == "Oslo"


def test_csv_separator_line_is_no_row() -> None:
    assert cells(read(b"sep=|\na|b\n1,5|2\n", "a.csv")) == {"row=2,col=a": "1,5", "row=2,col=b": "2"}


def test_csv_header_below_a_title() -> None:
    reading = read(
        b"Contacts of Acme,,\nExported,2026-04-18T09:00:00Z,\n\nid,name,role\n1,Ana,lead\n2,Ken,duty\n", "a.csv"
    )
    assert reading.tables[0].columns == ["id", "name", "role"]
    assert cells(reading)["row=5,col=name"] == "Ana"
    assert cells(reading)["row=1,col=A"] == "Contacts of Acme"
    exported = next(span for span in reading.spans if span.locator == "row=2,col=B")
    assert (exported.label, exported.value) == ("Exported", "2026-04-18T09:00:00Z")
    assert reading.made_at == dt.datetime(2026, 4, 18, 9, tzinfo=dt.UTC)


def test_csv_ragged_rows_are_kept_and_named() -> None:
    reading = read(b"a,b\n1,2,3\n4\n5,6\n", "a.csv")
    assert cells(reading) == {
        "row=2,col=a": "1",
        "row=2,col=b": "2",
        "row=2,col=C": "3",
        "row=3,col=a": "4",
        "row=4,col=a": "5",
        "row=4,col=b": "6",
    }
    assert reading.problems == ["row 2 has 3 cells, the header has 2", "row 3 has 1 cells, the header has 2"]


def test_csv_double_and_empty_headers() -> None:
    reading = read(b"id,email,,email\n1,a@x.example,y,b@x.example\n", "a.csv")
    assert reading.tables[0].columns == ["id", "email", "C", "email (2)"]
    assert cells(reading)["row=2,col=email (2)"] == "b@x.example"
    assert "column D: the name 'email' stands twice" in reading.problems[0]


def test_csv_broken_quotes_cost_only_their_row() -> None:
    reading = read(b'a,b\n1,"x"y\n2,"ok, fine"\n3,"never closed\n4,z\n', "a.csv")
    assert cells(reading)["row=3,col=b"] == "ok, fine"
    assert cells(reading)["row=5,col=b"] == "z"
    assert [problem.split(":")[0] for problem in reading.problems] == ["row 2", "row 4"]


def test_csv_zero_bytes_and_blanks() -> None:
    reading = read(b"a,b\n1\x00,2\n", "a.csv")
    assert cells(reading)["row=2,col=a"] == "1"
    assert "zero bytes" in reading.problems[0]
    assert read(b",,\n,,\n", "a.csv").problems == ["the table is blank"]


def test_csv_many_problems_are_counted_not_listed() -> None:
    problems = read(b"a,b\n" + b"1,2,3\n" * 3000, "a.csv").problems
    assert len(problems) == 51
    assert problems[-1] == "2950 more problems of this kind"


def test_csv_too_many_cells() -> None:
    assert "more than 10 cells" in read(b"a,b\n" + b"1,2\n" * 20, "a.csv", Limits(max_cells=10)).problems[0]


def test_a_column_with_one_time_says_when_the_table_was_made() -> None:
    rows = b"id,snapshot_taken_at\n1,2026-04-18T02:00:00Z\n2,%s\n"
    same = read(rows % b"2026-04-18T02:00:00Z", "a.csv")
    assert same.made_at == dt.datetime(2026, 4, 18, 2, tzinfo=dt.UTC)
    assert read(rows % b"2026-04-19T02:00:00Z", "a.csv").made_at is None


def sheets(*contents: tuple[str, list[list[object]]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in contents:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return book


def test_xlsx_one_sheet_needs_no_name_and_several_do() -> None:
    assert cells(read(workbook(), "a.xlsx"))["row=3,col=Role"] == "duty"
    two = sheets(("Contacts", [["Name", "Role"], ["Ana", "lead"]]), ("Log", [["At", "What"], ["x", "y"]]))
    reading = read(saved(two), "a.xlsx")
    assert [table.sheet for table in reading.tables] == ["Contacts", "Log"]
    assert cells(reading)["sheet=Log,row=2,col=What"] == "y"
    assert reading.tables[1].locator(2, "What") == "sheet=Log,row=2,col=What"


def test_xlsx_values_as_shown() -> None:
    book = sheets(("S", [["Day", "At", "Count", "Price", "Share", "Sure", "Long"]]))
    sheet = book["S"]
    at = dt.datetime(2026, 4, 20, 6, 40)  # noqa: DTZ001  spreadsheets have no zones
    sheet.append([dt.date(2026, 4, 20), at, 7.0, 24000, 0.125, True, 0.1 + 0.2])
    for column, form in {"A": "yyyy-mm-dd", "D": "#,##0.00", "E": "0.0%"}.items():
        sheet[f"{column}2"].number_format = form
    row = read(saved(book), "a.xlsx").tables[0].rows[0].cells
    assert list(row.values()) == ["2026-04-20", "2026-04-20T06:40:00", "7", "24,000.00", "12.5%", "TRUE", "0.3"]


def test_xlsx_names_and_values() -> None:
    rows: list[list[object]] = [
        ["Field", "Value", "Notes"],
        ["Tenant ID", "tn-a", "from the registry"],
        ["Tier", "Premier"],
    ]
    reading = read(saved(sheets(("Request", rows))), "a.xlsx")
    span = next(span for span in reading.spans if span.locator == "row=2,col=Value")
    assert (span.label, span.value) == ("Tenant ID", "tn-a")
    bare = read(saved(sheets(("About", [["Record", "XR-2026-36"], ["Exported", "2026-09-08T10:30:00Z"]]))), "a.xlsx")
    assert [(span.locator, span.label) for span in bare.spans if span.label != "A"] == [
        ("row=1,col=B", "Record"),
        ("row=2,col=B", "Exported"),
    ]
    assert bare.made_at == dt.datetime(2026, 9, 8, 10, 30, tzinfo=dt.UTC)


def test_a_list_that_begins_with_a_code_has_no_head() -> None:
    named = b"Account;ACC-4711\nCustomer;Acme\nTier;Premier\n"
    assert read(named, "a.csv").tables[0].rows[0].cells == {"A": "Account", "B": "ACC-4711"}
    amounts = b"Fee;FY-2026\nSupport;100\nHosting;200\n"
    assert read(amounts, "a.csv").tables[0].columns == ["Fee", "FY-2026"]


def test_remarks_above_a_csv_head_no_column() -> None:
    rows = "group,cases,minutes,rate,hours\nmail,750,10,8,10.00\nphone,300,12,10,6.00\n"
    reading = read(f"# capacity, week 38, read at six\n# hours available,128\n{rows}".encode(), "capacity.csv")
    assert reading.tables[0].columns == ["group", "cases", "minutes", "rate", "hours"]
    assert Span("row=2,col=B", "128", "cell", "# hours available", "128") in reading.spans
    assert read(b"# id,name\na,b\nc,d\n", "list.csv").tables[0].columns == ["# id", "name"]


def test_a_table_below_a_longer_form_has_its_own_head() -> None:
    form = [["Plan"], ["Version", "V-7"], ["State", "active"], ["Since", "2026-02-02"], ["Replaces", "V-6"]]
    table = [
        ["Group", "Guarded", "Rate", "Moved"],
        ["mail", "no", "10", "2026-01-05"],
        ["chat", "yes", "25", "2026-01-05"],
    ]
    reading = read(sheet_of(*form, [], *table), "plan.xlsx")
    assert reading.tables[0].columns == ["Group", "Guarded", "Rate", "Moved"]
    assert ("Version", "V-7") in [(span.label, span.value) for span in reading.spans]


def sheet_of(*rows: list[str]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


@pytest.mark.parametrize(
    ("head", "columns"),
    [(["Support tier", "Gold Assured"], ["A", "B"]), (["Charge Type", "Monthly Fee"], ["Charge Type", "Monthly Fee"])],
)
def test_a_name_and_a_value_that_are_written_unlike_are_no_head(head: list[str], columns: list[str]) -> None:
    rows = [head, ["Monthly support fee", "GBP 2,400.00"], ["Invoicing", "quarterly in advance"]]
    assert read(sheet_of(*rows), "order.xlsx").tables[0].columns == columns


def test_xlsx_title_rows_and_merged_cells() -> None:
    rows: list[list[object]] = [
        ["Roster of Acme"],
        [],
        ["Region", "Name", "Role"],
        ["eu", "Ana", "lead"],
        [None, "Ken", "duty"],
    ]
    book = sheets(("Roster", rows))
    book["Roster"].merge_cells("A1:C1")
    book["Roster"].merge_cells("A4:A5")
    reading = read(saved(book), "a.xlsx")
    assert reading.tables[0].columns == ["Region", "Name", "Role"]
    assert reading.tables[0].rows[1] == Row(5, {"Region": "eu", "Name": "Ken", "Role": "duty"})
    assert "row=5,col=Region" not in cells(reading)
    assert cells(reading)["row=1,col=A"] == "Roster of Acme"


def test_xlsx_hidden_things_are_apart() -> None:
    book = sheets(
        ("Open", [["Name", "Secret", "Role"], ["Ana", "s1", "lead"], ["Ken", "s2", "duty"], ["Bo", "s3", "x"]]),
        ("Back", [["Key", "Note"], ["k", "approve"]]),
    )
    book["Back"].sheet_state = "hidden"
    book["Open"].column_dimensions["B"].hidden = True
    book["Open"].row_dimensions[3].hidden = True
    book["Open"]["A2"].comment = Comment("call her first", "x")
    reading = read(saved(book), "a.xlsx")
    assert [row.number for row in reading.tables[0].rows] == [2, 4]
    assert set(cells(reading).values()) == {"Ana", "lead", "Bo", "x"}
    hidden = {(span.locator, span.text) for span in reading.spans if span.hidden}
    assert ("row=2,col=B", "s1") in hidden
    assert ("row=3,col=A", "Ken") in hidden
    assert ("row=2,col=A", "call her first") in hidden
    assert ("sheet=Back,row=2,col=B", "approve") in hidden


def test_xlsx_formula_without_a_stored_value_is_a_problem() -> None:
    reading = read(saved(sheets(("S", [["Item", "Sum"], ["a", "=1+1"], ["b", 3]]))), "a.xlsx")
    assert reading.problems == ["sheet 'S' cell B2: a formula without a stored value; open and save the file in Excel"]
    assert "row=2,col=Sum" not in cells(reading)


def packed(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (packed({"xl/workbook.xml": bytes(300_000_000)}), "unpacks to 300000000 bytes"),
        (packed({"xl/workbook.xml": bytes(5_000_000)}), "more than 200 times"),
        (packed({"xl/workbook.xml": b"", **{f"x{n}": b"" for n in range(1500)}}), "1501 members"),
        (packed({"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "document type declaration"),
        (packed({"xl/workbook.xml": b"<a/>"}), "damaged"),
        (workbook()[:3000], "damaged"),
        (saved(sheets(("S", []))), "no cell with content"),
    ],
)
def test_xlsx_bombs_and_damage(data: bytes, problem: str) -> None:
    reading = read(data, "a.xlsx")
    assert reading.unusable
    assert problem in reading.problems[0]
