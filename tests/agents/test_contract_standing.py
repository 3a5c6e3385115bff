"""Generated sets of agreements with known supersession: every term in force is found, none that is not is stated.

The oracle knows the plan from which the documents were written and none of the code that reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from itertools import cycle, pairwise

from docx import Document
from fpdf import FPDF
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from agents.agreements import Agreement, agreement
from agents.contract_standing import standing
from agents.synthesis_words import Words, words_of
from casefile.claims import Citation
from casefile.evidence import Reading
from graphs import catalogue
from guardrails.citations import check_citation
from tools.readers import read

CADENCE, RESPONSE = "status_update_cadence", "initial_response_time"
SECTION = {RESPONSE: "3.1", CADENCE: "3.2"}
SAID = {
    RESPONSE: "the initial response to a Severity 1 incident is given within {value}",
    CADENCE: "while a Severity 1 incident is open, a status update is sent every {value}",
}
# The same promises as a bound: the value is quoted with the words that bound it, or its citation does not stand.
BOUNDS = (
    {},
    {
        RESPONSE: "the initial response to a Severity 1 incident is given in a time not exceeding {value}",
        CADENCE: "while a Severity 1 incident is open, status updates are sent at intervals not exceeding {value}",
    },
    {
        RESPONSE: "the initial response to a Severity 1 incident does not exceed {value}",
        CADENCE: "while a Severity 1 incident is open, the time between status updates is never over {value}",
    },
    {
        RESPONSE: "the initial response to a Severity 1 incident is given within {value} without exception",
        CADENCE: "while a Severity 1 incident is open, status updates are sent no later than {value} apart",
    },
)
COLUMN = {RESPONSE: "Initial response", CADENCE: "Status update cadence"}
AMENDING = ("Amends", "Varies", "Variation of", "Supplemental to", "Modifies")
START = date(2022, 1, 3)
SLOW = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Amends:
    """An amendment of the plan: which term it changes, or deletes, and what is wrong with it."""

    term: str
    minutes: int
    effective: date
    flaw: str
    wording: int
    until: date | None = None


@dataclass(frozen=True)
class Plan:
    """A base addendum with amendments, and the day of the outage."""

    base: dict[str, int]
    ends: date | None
    extended: date | None
    amendments: tuple[Amends, ...]
    day: date
    tables: bool
    style: int
    bound: int = 0


FLAWS = ("", "", "", "", "draft", "one signature", "no signature", "pending")


@st.composite
def _plan(draw: st.DrawFn) -> Plan:
    minutes = draw(st.lists(st.integers(5, 400), min_size=9, max_size=9, unique=True))
    days = draw(st.lists(st.integers(30, 1500), min_size=6, max_size=6, unique=True))
    made = [
        Amends(
            draw(st.sampled_from([CADENCE, CADENCE, RESPONSE])),
            draw(st.sampled_from([0, 1, 1, 1, 1])) and minutes[n + 2],
            START + timedelta(days=days[n]),
            draw(st.sampled_from(FLAWS)),
            draw(st.integers(0, 4)),
            draw(st.sampled_from([None, None, None, START + timedelta(days=days[n] + 90)])),
        )
        for n in range(draw(st.integers(0, 5)))
    ]
    ends = draw(st.sampled_from([None, START + timedelta(days=700)]))
    extended = START + timedelta(days=2000) if ends is not None and draw(st.booleans()) else None
    return Plan(
        {RESPONSE: minutes[0], CADENCE: minutes[1]}, ends, extended, tuple(made),
        START + timedelta(days=draw(st.integers(10, 1600))), draw(st.booleans()), draw(st.integers(0, 4)),
        draw(st.integers(0, len(BOUNDS) - 1)),
    )  # fmt: skip


def _expected(plan: Plan) -> dict[str, str]:
    """What is in force on the day, told from the plan alone."""
    ends = plan.extended or plan.ends
    if ends is not None and plan.day > ends:
        return {}
    values = {term: plan.base[term] for term in plan.base}
    for one in sorted(plan.amendments, key=lambda a: a.effective):
        over = one.until is not None and plan.day > one.until
        if not one.flaw and one.effective <= plan.day and not over:
            values[one.term] = one.minutes
    return {term: f"{value} minutes" for term, value in values.items() if value}


def _ordinal(day: int) -> str:
    return "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _day(day: date, style: int) -> str:
    months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"]
    months += ["November", "December"]
    forms = (
        day.isoformat(),
        f"{day.day} {months[day.month - 1]} {day.year}",
        f"{months[day.month - 1]} {day.day}, {day.year}",
        f"{day.day:02}.{day.month:02}.{day.year}",
        f"the {day.day}{_ordinal(day.day)} day of {months[day.month - 1]} {day.year}",
    )
    return forms[style]


def _signatures(flaw: str) -> list[str]:
    ours = ["Signed for Vendor Ltd", "Name: A. Brook", "Signature: /s/ A. Brook"]
    theirs = ["Signed for Client AG", "Name: C. Dahl", "Signature: /s/ C. Dahl"]
    if flaw == "one signature":
        return [*ours, "Signed for Client AG", "Name:", "Signature: ____________"]
    if flaw == "no signature":
        return [*ours]
    return [*ours, *theirs]


def _status(flaw: str) -> str:
    return {"draft": "draft", "pending": "awaiting countersignature"}.get(flaw, "executed")


def _table(term: str, minutes: int) -> list[list[str]]:
    return [["Severity", COLUMN[term]], ["Severity 1", f"{minutes} minutes"], ["Severity 2", "9 hours"]]


def _said(term: str, minutes: int, bound: int) -> str:
    return {**SAID, **BOUNDS[bound]}[term].format(value=f"{minutes} minutes")


Blocks = list[str | list[list[str]]]


def _base(plan: Plan) -> Blocks:
    blocks: Blocks = [
        "Support Addendum", "Document no.: SA-1", f"Effective date: {_day(START, plan.style)}", "Status: executed",
        *([f"Term: until {_day(plan.ends, plan.style)}"] if plan.ends else []), "3. Targets",
    ]  # fmt: skip
    for term, section in SECTION.items():
        if plan.tables:
            lead = "The initial response times are:" if term == RESPONSE else "Status updates follow this cadence:"
            blocks += [f"{section} {lead}", _table(term, plan.base[term])]
        else:
            blocks.append(f"{section} {_said(term, plan.base[term], plan.bound).capitalize()}.")
    return [*blocks, "4. General", "4.1 Section 3.1 may be changed only in writing.", *_signatures("")]


def _amendment(number: int, one: Amends, style: int, bound: int) -> Blocks:
    section, said = SECTION[one.term], _said(one.term, one.minutes, bound)
    clause: Blocks = [
        [f"1.1 Section {section} of the Addendum is replaced by: {said}."],
        [f"1.1 Section {section} of the Addendum is deleted and replaced by a table:", _table(one.term, one.minutes)],
        [f"1.1 Clause {section} of SA-1 shall read: {said}."],
        [f"1.1 Section {section} is amended as follows: {said}."],
        [f"1.1 Section {section} of SA-1 is superseded.", f"1.2 From then on, {said}."],
    ][one.wording]  # fmt: skip
    if not one.minutes:
        clause = [f"1.1 Section {section} of the Addendum is deleted."]
    until = [f"Expires: {_day(one.until, style)}"] if one.until else []
    return [
        f"Amendment No. {number}", f"Document no.: AM-{number}", f"{AMENDING[style]}: SA-1",
        f"Effective date: {_day(one.effective, style)}", f"Status: {_status(one.flaw)}", *until, "1. Change", *clause,
        "1.9 All other terms remain in force.", *_signatures(one.flaw),
    ]  # fmt: skip


def _documents(plan: Plan) -> list[Blocks]:
    made = [_base(plan), *(_amendment(n, one, plan.style, plan.bound) for n, one in enumerate(plan.amendments, 1))]
    if plan.extended:
        until = f"1.1 The term of the Addendum is extended until {_day(plan.extended, plan.style)}."
        made.append([
            "Renewal", "Document no.: RE-1", "Amends: SA-1", f"Effective date: {_day(START, plan.style)}",
            "Status: executed", "1. Term", until, *_signatures(""),
        ])  # fmt: skip
    return made


def _text(blocks: Blocks) -> bytes:
    lines: list[str] = []
    for block in blocks:
        lines += [block] if isinstance(block, str) else ["| " + " | ".join(row) + " |" for row in block]
    return "\n".join(lines).encode()


def _pdf(blocks: Blocks) -> bytes:
    page = FPDF(format="A4")
    page.add_page()
    page.set_font("Helvetica", size=11)
    for block in blocks:
        if isinstance(block, str):
            page.multi_cell(0, 6, block, new_x="LMARGIN", new_y="NEXT")
            continue
        with page.table(width=120, align="LEFT") as table:
            for row in block:
                drawn = table.row()
                for cell in row:
                    drawn.cell(cell)
    return bytes(page.output())


def _docx(blocks: Blocks) -> bytes:
    """As a word processor writes it: the title as a title, lines of the head as a list, signatures behind a break."""
    document = Document()
    for n, block in enumerate(blocks):
        if isinstance(block, str):
            style = "Title" if n == 0 else "List Bullet" if ":" in block and n < 5 else "Normal"
            paragraph = document.add_paragraph(style=style)
            half = len(block) // 2
            # Editing leaves a paragraph in several runs, cut anywhere.
            paragraph.add_run(block[:half]).bold = n == 0
            paragraph.add_run(block[half:])
            continue
        table = document.add_table(rows=0, cols=len(block[0]))
        for row in block:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    written = BytesIO()
    document.save(written)
    return written.getvalue()


MAKERS = {"txt": _text, "pdf": _pdf, "docx": _docx}


def _words() -> Words:
    return words_of(catalogue.scenario("obligations"))


def _stated(plan: Plan, kinds: Sequence[str]) -> dict[str, list[str]]:
    """What the agents state; the documents take the kinds of file in turn."""
    read_ones: list[Agreement] = []
    readings: dict[str, Reading] = {}
    for (n, blocks), kind in zip(enumerate(_documents(plan)), cycle(kinds), strict=False):
        readings[f"d{n}"] = read(MAKERS[kind](blocks), f"d{n}.{kind}")
        read_ones.append(agreement(f"d{n}", readings[f"d{n}"], _words()))
    found = standing(read_ones, _words(), plan.day, {})
    assert not found.disputes
    for one in found.terms:
        cited = Citation(evidence=one.document.item, locator=one.cell.locator, quote=one.raw, sha256="")
        assert not check_citation(cited, readings[one.document.item]), f"{one.place}: {one.raw}"
    return {term: [one.value for one in found.of(term, "in force")] for term in (RESPONSE, CADENCE)}


def _agrees(plan: Plan, *kinds: str) -> None:
    expected, stated = _expected(plan), _stated(plan, kinds)
    event(f"in force: {len(expected)}, amendments: {len(plan.amendments)}")
    for term in (RESPONSE, CADENCE):
        wanted = [expected[term]] if term in expected else []
        assert sorted(set(stated[term])) == wanted, f"{term}: {stated[term]} stated, {wanted} in force"


AN_OFFSHOOT = Amends(CADENCE, 50, date(2023, 1, 1), "", 4)  # its value stands in a clause that names no section
DELETED = Amends(CADENCE, 0, date(2024, 1, 1), "", 0)


@settings(SLOW, max_examples=300)
@given(_plan())
@example(Plan({RESPONSE: 15, CADENCE: 30}, None, None, (AN_OFFSHOOT, DELETED), date(2025, 1, 1), tables=True, style=0))
def test_only_what_is_in_force_is_stated(plan: Plan) -> None:
    _agrees(plan, "txt")


WRAPPED = Amends(RESPONSE, 9, date(2022, 2, 2), "", 0)  # its amount begins a line of the page


@settings(SLOW, max_examples=25)
@given(_plan())
@example(Plan({RESPONSE: 5, CADENCE: 6}, None, None, (WRAPPED,), date(2022, 2, 2), tables=False, style=0, bound=2))
def test_the_same_holds_for_real_pdf_files(plan: Plan) -> None:
    _agrees(plan, "pdf")


@settings(SLOW, max_examples=60)
@given(_plan())
def test_the_same_holds_for_real_docx_files(plan: Plan) -> None:
    _agrees(plan, "docx")


@settings(SLOW, max_examples=25)
@given(_plan())
def test_the_same_holds_for_a_repository_of_both(plan: Plan) -> None:
    _agrees(plan, "pdf", "docx", "docx", "pdf")


def test_the_oracle_can_fail() -> None:
    """A set whose answer differs by one day: the plan before and on the effective date."""
    change = Amends(CADENCE, 77, date(2023, 5, 2), "", 0)
    plans = [
        Plan({RESPONSE: 15, CADENCE: 30}, None, None, (change,), day, tables=True, style=1)
        for day in (date(2023, 5, 1), date(2023, 5, 2))
    ]
    values = [_stated(plan, ["pdf"])[CADENCE] for plan in plans]
    assert values == [["30 minutes"], ["77 minutes"]]
    assert all(one != other for one, other in pairwise(values))
