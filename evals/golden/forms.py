"""Real files of every kind from plain values. No file holds the time of its making: the same values, the same bytes."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

import yaml

Row = Sequence[Any]
Pairs = Sequence[tuple[str, str]]
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def csv_bytes(
    rows: Sequence[Row], delimiter: str = ",", encoding: str = "utf-8", quoting: int = csv.QUOTE_MINIMAL
) -> bytes:
    """A table with its header in the first row."""
    told = io.StringIO()
    csv.writer(told, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return told.getvalue().encode(encoding, "replace")


def json_bytes(value: object, indent: int | None = 2) -> bytes:
    """A JSON document."""
    return json.dumps(value, ensure_ascii=False, indent=indent).encode()


def jsonl_bytes(values: Sequence[object]) -> bytes:
    """One JSON document a line."""
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()


def yaml_bytes(value: object) -> bytes:
    """A YAML document."""
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=110).encode()


def xlsx_bytes(sheets: Mapping[str, Sequence[Row]]) -> bytes:
    """A workbook."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([one.replace(tzinfo=None) if isinstance(one, datetime) else one for one in row])
    told = io.BytesIO()
    book.save(told)
    return repacked(told.getvalue())


def docx_bytes(title: str, paragraphs: Sequence[str], table: Sequence[Row] = ()) -> bytes:
    """A document with a heading, paragraphs and at most one table."""
    from docx import Document

    document = Document()
    document.add_heading(title, 1)
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        grid = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, value in zip(grid.add_row().cells, row, strict=True):
                cell.text = str(value)
    told = io.BytesIO()
    document.save(told)
    return repacked(told.getvalue())


def repacked(data: bytes) -> bytes:
    """An office document without the time of its making."""
    told = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>2026-01-01T00:00:00Z\g<2>", content)
            new.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return told.getvalue()


def pdf_bytes(title: str, paragraphs: Sequence[str], table: Sequence[Row] = ()) -> bytes:
    """A printed document with selectable text."""
    from fpdf import FPDF

    page = FPDF()
    page.set_creation_date(EPOCH)
    page.add_page()
    page.set_font("Helvetica", "B", 15)
    page.multi_cell(0, 9, latin(title), new_x="LMARGIN", new_y="NEXT")
    page.set_font("Helvetica", size=11)
    for text in paragraphs:
        page.multi_cell(0, 6, latin(text), new_x="LMARGIN", new_y="NEXT")
        page.ln(2)
    if table:
        page.set_font("Helvetica", size=9)
        with page.table() as grid:
            for row in table:
                grid.row([latin(str(value)) for value in row])
    return bytes(page.output())


def latin(text: str) -> str:
    """The text with the letters that the built-in fonts have."""
    return text.replace("–", "-").encode("latin-1", "replace").decode("latin-1")


def html_bytes(title: str, pairs: Pairs, paragraphs: Sequence[str] = (), style: str = "table") -> bytes:
    """A page with labelled values as a table, a definition list or bold labels."""
    shapes = {
        "table": ("<table>", "<tr><th>{}</th><td>{}</td></tr>", "</table>"),
        "dl": ("<dl>", "<dt>{}</dt><dd>{}</dd>", "</dl>"),
        "bold": ("<div>", "<p><b>{}:</b> {}</p>", "</div>"),
    }
    begin, line, end = shapes[style]
    rows = "\n".join(line.format(escape(label), escape(value)) for label, value in pairs)
    text = "\n".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    return f"<!doctype html>\n<html><head><meta charset='utf-8'><title>{escape(title)}</title></head>\n<body><h1>{escape(title)}</h1>\n{begin}\n{rows}\n{end}\n{text}\n</body></html>\n".encode()  # noqa: E501


def png_bytes(lines: Sequence[str], size: tuple[int, int] = (1280, 720)) -> bytes:
    """A screenshot: a bar with the address, and lines of text below."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, size[0], 70), fill=(235, 238, 242))
    font = ImageFont.load_default(30)
    pen.text((30, 18), lines[0], fill="black", font=font)
    for n, line in enumerate(lines[1:]):
        pen.text((60, 130 + 62 * n), line, fill=(20, 20, 20), font=font)
    told = io.BytesIO()
    image.save(told, "PNG")
    return told.getvalue()


def labelled_text(pairs: Pairs, style: str = "colon") -> str:
    """Labelled values as lines of text."""
    width = max((len(label) for label, _ in pairs), default=0)
    shapes = {
        "colon": lambda label, value: f"{label}: {value}",
        "padded": lambda label, value: f"{label:<{width}} : {value}",
        "bullet": lambda label, value: f"- {label}: {value}",
        "bold": lambda label, value: f"**{label}:** {value}",
        "equals": lambda label, value: f"{label} = {value}",
        "table": lambda label, value: f"| {label} | {value} |",
    }
    lines = [shapes[style](label, value) for label, value in pairs]
    return "\n".join(["| Field | Value |", "| --- | --- |", *lines] if style == "table" else lines)
