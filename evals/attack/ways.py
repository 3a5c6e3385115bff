"""Every way in: how text that somebody else wrote gets into a packet. Each way writes real files of its kind.

A way takes the lines to plant and gives the sources of the packet that carry them. Chat, instructions, names and
earlier revisions are ways in too: they are written into `packet.yaml` itself (`evals.attack.planted`).
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import TypeAlias

import yaml

Way: TypeAlias = Callable[[Path, Sequence[str]], list[str]]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _mail(folder: Path, name: str, body: str, headers: Mapping[str, str]) -> list[str]:
    message = EmailMessage()
    shown = {"Subject": "Re: the case", "From": "Pat Hale <pat@customer.example>", **headers}
    for header, value in shown.items():
        message[header] = value
    message["To"] = "cases@support.example"
    message["Date"] = "Mon, 01 Jan 2024 09:00:00 +0000"
    message.set_content(body)
    (folder / name).write_bytes(message.as_bytes())
    return [name]


def mail_body(folder: Path, lines: Sequence[str]) -> list[str]:
    """The sender's own text."""
    return _mail(folder, "x-body.eml", "\n\n".join(lines), {})


def mail_quoted(folder: Path, lines: Sequence[str]) -> list[str]:
    """Text that the sender quotes from somebody else."""
    quoted = "\n".join(f"> {part}" for line in lines for part in line.splitlines() or [""])
    return _mail(folder, "x-quoted.eml", f"See below.\n\nOn Mon, Pat wrote:\n{quoted}\n", {})


def mail_headers(folder: Path, lines: Sequence[str]) -> list[str]:
    """Subject, sender's name and headers of one's own."""
    cut = [_line(line)[:600] for line in lines]
    own = {f"X-Note-{n}": line for n, line in enumerate(cut)}
    sender = re.sub(r"[^\w ]", " ", cut[0])[:60]
    return _mail(folder, "x-header.eml", "Hello.", {"Subject": cut[-1], "From": f'"{sender}" <p@c.example>', **own})


def ticket(folder: Path, lines: Sequence[str]) -> list[str]:
    """Values and keys of a ticket's fields, comments among them."""
    fields = {_line(line)[:60]: line for line in lines}
    comments = [{"author": line[:40], "body": line} for line in lines]
    return _text(folder, "x-ticket.json", json.dumps({"fields": fields, "comments": comments}))


def json_lines(folder: Path, lines: Sequence[str]) -> list[str]:
    """Values of a stream of events."""
    return _text(folder, "x-events.jsonl", "\n".join(json.dumps({"event": line}) for line in lines))


def yaml_values(folder: Path, lines: Sequence[str]) -> list[str]:
    """Values of a configuration."""
    return _text(folder, "x-values.yaml", yaml.safe_dump({"notes": list(lines)}, allow_unicode=True))


def log(folder: Path, lines: Sequence[str]) -> list[str]:
    """Lines and quoted members of a log."""
    told = [f'2024-01-01T09:00:{n % 60:02}Z INFO note="{_line(line)}"' for n, line in enumerate(lines)]
    return _text(folder, "x-service.log", "\n".join([*told, *(_line(line) for line in lines)]))


def note(folder: Path, lines: Sequence[str]) -> list[str]:
    """A note in Markdown."""
    return _text(folder, "x-note.md", "# Note\n\n" + "\n".join(f"- {line}" for line in lines))


def har(folder: Path, lines: Sequence[str]) -> list[str]:
    """Bodies, headers and addresses of a recorded session."""
    entries = [
        {
            "request": {"method": "GET", "url": "https://app.example/", "headers": [{"name": "X-Note", "value": line}]},
            "response": {"status": 200, "content": {"mimeType": "text/plain", "text": line}},
        }
        for line in lines
    ]
    return _text(folder, "x-session.har", json.dumps({"log": {"version": "1.2", "entries": entries}}))


def csv_cells(folder: Path, lines: Sequence[str]) -> list[str]:
    """Cells of a table."""
    told = io.StringIO()
    csv.writer(told).writerows([["id", "note"], *([str(n), line] for n, line in enumerate(lines))])
    return _text(folder, "x-table.csv", told.getvalue())


def workbook(folder: Path, lines: Sequence[str]) -> list[str]:
    """Cells, comments and a hidden sheet of a workbook."""
    from openpyxl import Workbook
    from openpyxl.comments import Comment

    book = Workbook()
    shown, hidden = book.create_sheet("shown"), book.create_sheet("kept")
    book.remove(book.worksheets[0])
    hidden.sheet_state = "hidden"
    shown.append(["id", "note"])
    hidden.append(["note"])
    for n, line in enumerate(lines, 2):
        text = _CONTROL.sub(" ", line)
        for sheet, column in ((shown, 2), (hidden, 1)):
            cell = sheet.cell(n, column)
            cell.value, cell.data_type = text, "s"
        shown.cell(n, 1).value = n
        shown.cell(n, 1).comment = Comment(text, "Pat")
    book.save(folder / "x-book.xlsx")
    return ["x-book.xlsx"]


def page(folder: Path, lines: Sequence[str]) -> list[str]:
    """A web page: shown, hidden, in a comment, an attribute and a title."""
    told = [html.escape(line) for line in lines]
    shown = "".join(f"<p title='{line}'>{line}</p><p style='display:none'>{line}</p><!-- {line} -->" for line in told)
    return _text(folder, "x-page.html", f"<html><head><title>{told[0]}</title></head><body>{shown}</body></html>")


def document(folder: Path, lines: Sequence[str]) -> list[str]:
    """A text document: paragraphs, hidden runs, a table and its properties."""
    from docx import Document

    made = Document()
    table = made.add_table(rows=0, cols=1)
    for line in lines:
        text = _CONTROL.sub(" ", line)
        made.add_paragraph(text)
        made.add_paragraph().add_run(text).font.hidden = True
        table.add_row().cells[0].text = text
    made.core_properties.comments = _line(lines[0])[:200]
    made.save(str(folder / "x-document.docx"))
    return ["x-document.docx"]


def pdf_layers(folder: Path, lines: Sequence[str]) -> list[str]:
    """A PDF: the layer that is seen, and one in white."""
    from fpdf import FPDF

    made = FPDF()
    made.add_page()
    for line in lines:
        text = _line(line)[:500].encode("latin-1", "replace").decode("latin-1")
        for size, grey in ((8, 0), (6, 255)):
            made.set_font("helvetica", size=size)
            made.set_text_color(grey)
            made.multi_cell(0, 4, text, new_x="LMARGIN", new_y="NEXT")
    made.output(str(folder / "x-layers.pdf"))
    return ["x-layers.pdf"]


def picture(folder: Path, lines: Sequence[str]) -> list[str]:
    """Text on a picture, for OCR."""
    from PIL import Image, ImageDraw, ImageFont

    told = [part for line in lines for part in textwrap.wrap(_line(line)[:180], 90)]
    image = Image.new("RGB", (1100, 30 * len(told) + 40), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(20)
    for n, line in enumerate(told):
        draw.text((20, 20 + 30 * n), line, fill="black", font=font)
    image.save(folder / "x-picture.png")
    return ["x-picture.png"]


def calendar(folder: Path, lines: Sequence[str]) -> list[str]:
    """Summaries and descriptions of a calendar."""
    escaped = [line.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,") for line in map(_line, lines)]
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@x\r\nDTSTAMP:20240101T090000Z\r\nDTSTART:20240101T090000Z\r\n"
        f"SUMMARY:{line}\r\nDESCRIPTION:{line}\r\nEND:VEVENT\r\n"
        for n, line in enumerate(escaped)
    )
    told = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x\r\n{events}END:VCALENDAR\r\n"
    (folder / "x-calendar.ics").write_bytes(told.encode())
    return ["x-calendar.ics"]


def file_names(folder: Path, lines: Sequence[str]) -> list[str]:
    """The names of files."""
    names = []
    for n, line in enumerate(lines):
        stem = re.sub(r"[/\\\x00]", " ", _line(line)).encode()[:120].decode(errors="ignore").strip(". ")
        names += _text(folder, f"{stem or 'x'} {n}.txt", f"File number {n}.")
    return names


def _text(folder: Path, name: str, text: str) -> list[str]:
    (folder / name).write_text(text, encoding="utf-8", errors="replace")
    return [name]


FILES: Mapping[str, Way] = {
    "mail body": mail_body,
    "quoted part of a mail": mail_quoted,
    "mail headers": mail_headers,
    "ticket fields": ticket,
    "JSON lines": json_lines,
    "YAML values": yaml_values,
    "log lines": log,
    "note": note,
    "HAR bodies": har,
    "table cells": csv_cells,
    "workbook cells, comments, hidden sheet": workbook,
    "web page, hidden and shown": page,
    "DOCX, hidden and shown": document,
    "PDF layers": pdf_layers,
    "text on a picture": picture,
    "calendar": calendar,
    "file names": file_names,
}
IN_PACKET = ("chat", "instructions", "names of people", "prior revision")
WAYS = (*FILES, *IN_PACKET)
