"""Contracts, memos and policies as documents of several kinds: numbered clauses, tables and signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from evals.golden import forms
from evals.golden.draw import Draw

Clause = tuple[str, str]
Rows = Sequence[Sequence[str]]


@dataclass(slots=True)
class Paper:
    """One document. A clause whose text is empty is a heading; `tables` stand behind the clause of their number."""

    title: str
    head: list[tuple[str, str]]
    clauses: list[Clause]
    tables: Mapping[str, Rows] = field(default_factory=dict)
    signed: list[tuple[str, str, date]] = field(default_factory=list)
    """Party, name and day of each signature that is there."""


def day(draw: Draw, value: date) -> str:
    """A date as contracts write it."""
    return draw.one([f"{value.day} {value:%B %Y}", f"{value:%B} {value.day}, {value.year}", value.isoformat()])


def written(
    draw: Draw, paper: Paper, stem: str, kinds: Sequence[str] = ("pdf", "pdf", "docx", "md", "txt")
) -> tuple[str, bytes]:
    """A file name and its bytes."""
    kind = draw.one(kinds)
    head = [f"{label}: {value}" for label, value in paper.head]
    mark = draw.one(["{}", "{}", "Section {}", "§ {}"]) if kind in ("md", "txt") else "{}"
    end = [_signature(party, name, when, draw) for party, name, when in paper.signed]
    if kind == "pdf":
        return f"{stem}.pdf", _pdf(paper, head, end)
    if kind == "docx":
        return f"{stem}.docx", _docx(paper, head, end)
    body: list[str] = []
    for number, text in paper.clauses:
        heading = "." not in number
        body.append(
            (f"## {number}. {text}" if kind == "md" else f"{number}. {text}")
            if heading
            else f"{mark.format(number)} {text}"
        )
        if number in paper.tables:
            body.append("\n".join("| " + " | ".join(row) + " |" for row in _ruled(paper.tables[number])))
    title = f"# {paper.title}" if kind == "md" else paper.title
    parts = [title, "\n".join(head), *body, *end]
    return f"{stem}.{kind}", ("\n\n".join(parts) + "\n").encode()


def _ruled(rows: Rows) -> list[Sequence[str]]:
    return [rows[0], ["---"] * len(rows[0]), *rows[1:]]


def _signature(party: str, name: str, when: date, draw: Draw) -> str:
    return f"Signed for {party}\nName: {name}\nTitle: Director\nDate: {when.day} {when:%B %Y}\nSignature: /s/ {name}"


def _pdf(paper: Paper, head: Sequence[str], end: Sequence[str]) -> bytes:
    from fpdf import FPDF

    page = FPDF()
    page.set_creation_date(forms.EPOCH)
    page.add_page()
    page.set_font("Helvetica", "B", 15)
    page.multi_cell(0, 9, forms.latin(paper.title), new_x="LMARGIN", new_y="NEXT")
    page.set_font("Helvetica", size=10)
    for line in head:
        page.multi_cell(0, 5, forms.latin(line), new_x="LMARGIN", new_y="NEXT")
    for number, text in paper.clauses:
        page.ln(2)
        heading = "." not in number
        page.set_font("Helvetica", "B" if heading else "", 10)
        page.multi_cell(
            0, 5, forms.latin(f"{number}. {text}" if heading else f"{number} {text}"), new_x="LMARGIN", new_y="NEXT"
        )
        page.set_font("Helvetica", size=10)
        if number in paper.tables:
            with page.table() as grid:
                for row in paper.tables[number]:
                    grid.row([forms.latin(one) for one in row])
    for block in end:
        page.ln(4)
        for line in block.splitlines():
            page.multi_cell(0, 5, forms.latin(line), new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def _docx(paper: Paper, head: Sequence[str], end: Sequence[str]) -> bytes:
    import io

    from docx import Document

    document = Document()
    document.add_heading(paper.title, 1)
    for line in head:
        document.add_paragraph(line)
    for number, text in paper.clauses:
        if "." not in number:
            document.add_heading(f"{number}. {text}", 2)
        else:
            document.add_paragraph(f"{number} {text}")
        if number in paper.tables:
            grid = document.add_table(rows=0, cols=len(paper.tables[number][0]))
            for row in paper.tables[number]:
                for cell, value in zip(grid.add_row().cells, row, strict=True):
                    cell.text = value
    for block in end:
        for line in block.splitlines():
            document.add_paragraph(line)
    told = io.BytesIO()
    document.save(told)
    return forms.repacked(told.getvalue())
