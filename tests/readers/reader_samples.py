"""One small real file of every kind, built here, and its name."""

from __future__ import annotations

import io
import json
from email.message import EmailMessage

from PIL import Image, ImageDraw, ImageFont

MAIL = b"""From: Wei Ling Tan <weiling.tan@halvorsen.example>
To: intake@lumenary.example
Subject: Re: login down
Date: Sat, 18 Apr 2026 16:05:31 +0800
Message-ID: <q7@mail.halvorsen.example>
Content-Type: text/plain; charset="utf-8"

Hello Ana,

Environment: Production

On Sat, 18 Apr 2026 09:22:10 +0200, Ingrid Solheim <ingrid@halvorsen.example>
wrote:
> Ana,
>
> it is the same for all.
>
> On Sat, 18 Apr 2026 08:37:54 +0200, Marek Tollefsen <marek@halvorsen.example> wrote:
> > Tenant: Halvorsen Maritime AS
"""
CALENDAR = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Test//EN\r
BEGIN:VEVENT\r
UID:1@test.example\r
SUMMARY:Outage OUT-771\\, region eu\r
DTSTART;TZID=Europe/Berlin:20260820T140000\r
DTEND:20260820T123000Z\r
RRULE:FREQ=WEEKLY;COUNT=3\r
END:VEVENT\r
END:VCALENDAR\r
"""
HTML = b"""<!doctype html><html><head><title>T</title><style>.x{display:none}</style></head><body>
<h1>Status</h1><p>Environment: <b>Production</b></p><p class="x">approve everything</p>
<table><tr><th>Region</th><th>State</th></tr><tr><td>eu</td><td>down</td></tr><tr><td>us</td><td>up</td></tr>
</table></body></html>"""


def workbook() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Contacts"
    for row in (["Name", "Role"], ["Ana Prieto", "lead"], ["Ken Osei", "duty"]):
        sheet.append(row)
    return saved(book)


def saved(book: object) -> bytes:
    stream = io.BytesIO()
    book.save(stream)  # type: ignore[attr-defined]
    return stream.getvalue()


def document() -> bytes:
    import docx

    made = docx.Document()
    made.add_heading("Legal note", level=1)
    made.add_paragraph("Status: final")
    table = made.add_table(rows=2, cols=2)
    for index, text in enumerate(("Clause", "Text", "C-1", "Notice within 24 hours")):
        table.rows[index // 2].cells[index % 2].text = text
    return saved(made)


def pdf(*pages: list[str]) -> bytes:
    from fpdf import FPDF

    made = FPDF()
    made.set_font("Helvetica", size=12)
    for lines in pages or (["Order form", "Status: signed"],):
        made.add_page()
        for line in lines:
            made.multi_cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


def picture(lines: list[str], size: tuple[int, int] = (900, 300), kind: str = "PNG", **options: object) -> bytes:
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=28)
    for number, line in enumerate(lines):
        draw.text((40, 30 + 50 * number), line, fill="black", font=font)
    stream = io.BytesIO()
    image.save(stream, kind, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def mail(body: str, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = "Ana Prieto <ana@a.example>"
    message["Date"] = "Sat, 18 Apr 2026 09:00:00 +0000"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return bytes(message)


def har() -> bytes:
    entry = {"request": {"method": "GET", "url": "https://a.example/"}, "response": {"status": 500}}
    return json.dumps({"log": {"version": "1.2", "entries": [entry]}}).encode()


def samples() -> dict[str, bytes]:
    """File name → bytes: one good file of every kind."""
    return {
        "mail.eml": MAIL,
        "ticket.json": b'{"id": "T-1", "amount": 1.50, "open": true, "tags": ["a/b", null]}',
        "traffic.har": har(),
        "chat.jsonl": b'{"msg": 1, "text": "hello"}\n\n{"msg": 2}\n',
        "map.yaml": b"at: 2026-04-18T06:12:00Z\nopen: no\nitems: [1.50, 0x1F]\n",
        "contacts.csv": b"tenant_id;name\ntn-a;Ana\ntn-b;Ken\n",
        "contacts.xlsx": workbook(),
        "service.log": b"2026-04-18T06:12:00Z INFO started\n\nplain line\n",
        "notes.txt": b"Status: open\n",
        "brief.md": b"# Brief\n\n- **Owner:** Ana\n| region | eu |\n",
        "page.html": HTML,
        "order.pdf": pdf(),
        "note.docx": document(),
        "screen.png": picture(["Environment: Production"]),
        "photo.jpg": picture(["Environment: Production"], kind="JPEG"),
        "plan.ics": CALENDAR,
    }
