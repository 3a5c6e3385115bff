"""Agreements by what their first lines say, amendments of one term, and registers of exceptions in other words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from agents.agreements import Agreement, agreement
from agents.case_view import CaseView, Happening
from agents.contract_standing import standing
from agents.synthesis_scope import scope
from agents.synthesis_sources import Granted, sources
from agents.synthesis_words import words_of
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs import catalogue
from tools.readers import read

CARD = catalogue.scenario("obligations")
WORDS = words_of(CARD)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
SIGNED = "Signed for Provider: /s/ A. Berg, 2 March 2025\nSigned for Customer: /s/ B. Cole, 3 March 2025\n"
BASE = f"""Premium Support Addendum
Document number SA-7 to MA-1
Effective date: 1 April 2025
Status: fully executed
3 Levels
3.1 The initial response to a Severity 1 incident is given within 30 minutes. While a Severity 1 incident is open, a
status update is sent every 45 minutes.
{SIGNED}"""


def _read(name: str, text: str) -> Agreement:
    return agreement(name, read(text.encode(), f"{name}.txt"), WORDS)


def _amendment(clause: str, head: str = "Document number AM-1") -> str:
    dated = "Effective date: 1 February 2026\nStatus: fully executed"
    return f"Amendment No. 1 to SA-7\n{head}\n{dated}\n1. {clause}\n{SIGNED}"


@pytest.mark.parametrize("head", ["Document number AM-1", "Document no. AM-1", "Amendment ID: AM-1"])
def test_an_amendment_is_named_by_its_own_number_and_amends_the_one_in_its_title(head: str) -> None:
    one = _read("a", _amendment("Nothing.", head))
    assert (one.number, one.amends) == ("AM-1", ["SA-7"])


def test_the_document_in_the_title_of_an_amendment_is_not_its_number() -> None:
    one = _read("a", _amendment("Nothing.", "Prepared by the sales desk"))
    assert (one.number, one.name, one.amends) == ("", "Amendment No. 1 to SA-7", ["SA-7"])


def test_a_number_beside_its_label_names_the_agreement_above_too() -> None:
    one = _read("b", BASE)
    assert (one.number, one.parent) == ("SA-7", "MA-1")


@pytest.mark.parametrize(
    ("clause", "response", "cadence"),
    [
        ("In Section 3.1 of SA-7 the initial response for Severity 1 is replaced by 20 minutes.", "20", "45"),
        ("The initial response in Section 3.1 of SA-7 is replaced by 20 minutes for Severity 1.", "20", "45"),
        ("Section 3.1 of SA-7 is replaced by: the initial response for Severity 1 is 20 minutes.", "20", ""),
        (
            "The text of Section 3.1 of SA-7 is replaced by: the initial response for Severity 1 is 20 minutes.",
            "20",
            "",
        ),
        ("Section 3.1 of SA-7 is deleted.", "", ""),
    ],
)
def test_a_sentence_that_replaces_one_term_leaves_the_others(clause: str, response: str, cadence: str) -> None:
    found = standing([_read("b", BASE), _read("a", _amendment(clause))], WORDS, date(2026, 7, 1), {})
    assert not found.disputes
    for term, minutes in (("initial_response_time", response), ("status_update_cadence", cadence)):
        assert [one.value for one in found.of(term, "in force")] == ([f"{minutes} minutes"] if minutes else [])


def test_a_figure_in_a_column_of_severities_is_a_severity() -> None:
    table = (
        "3 Levels\n| Severity | Initial response | Status updates |\n|---|---|---|\n| 1 | 30 minutes | 45 minutes |\n"
    )
    text = BASE[: BASE.index("3 Levels")] + table + "| 2 | 4 hours | 8 hours |\n\n" + SIGNED
    found = standing([agreement("b", read(text.encode(), "b.md"), WORDS)], WORDS, date(2026, 7, 1), {})
    assert [one.value for one in found.of("initial_response_time", "in force")] == ["30 minutes"]


def _granted(table: str, file: str = "register.csv") -> list[Granted]:
    item = Evidence(
        id="register", file=file, system="exception_register", sha256="sha256:" + "0" * 64, size=len(table),
        arrived_at=NOW, captured_at=NOW,
    )  # fmt: skip
    reading = read(table.encode(), file)
    packet = Packet(
        scenario="x", case="c", tenant={"id": "tn-own", "name": "Own Works Ltd"}, as_of=NOW, requested_by="o",
    )  # type: ignore[arg-type]  # fmt: skip
    values = {"entitlement_snapshot_max_age": 24}
    view = CaseView(
        CARD, values, "v", packet, NOW, Happening("open", "{}"), [item], [item], frozenset(), lambda _: reading,
        [], [], {},
    )  # fmt: skip
    return sources(view, WORDS, scope(view, WORDS), opened=False).granted


@pytest.mark.parametrize(
    "head",
    [
        "Ref,Customer,Subject,Deviation,State,Approval date,Valid from,Valid to,Approved by",
        "No.,Account,Topic,What was granted,Status,Approved on,Effective from,Effective to,Approved by",
        "Nummer,Company,Area,Sonderregelung,State,Beschluss,From,To,Approver",
    ],
)
def test_a_register_is_read_by_what_stands_in_it(head: str) -> None:
    rows = [
        "DV-1,Own Works Ltd,reports,Report within 5 business days,Approved,2026-01-02,2026-01-10,2028-01-10,Deal Desk",
        "DV-2,Own Works Ltd,credits,Credit of 10 percent for each Severity 1 incident,Draft,,,,",
        "DV-3,Other Foods plc,reports,Quarterly review at the site,Approved,2026-01-02,2026-01-10,2028-01-10,Deal Desk",
    ]
    granted = _granted("\n".join([head, *rows]) + "\n")
    assert [(one.number, one.commitment.text, bool(one.why)) for one in granted] == [
        ("DV-1", "Report within 5 business days", False),
        ("DV-2", "Credit of 10 percent for each Severity 1 incident", True),
    ]


def test_a_row_that_says_nowhere_whose_it_is_grants_nothing() -> None:
    head = "Nummer,Sonderregelung,State,From,To\n"
    rows = "DV-1,Credit of 10 percent for each incident,Approved,2026-01-10,2028-01-10\n"
    assert _granted(head + rows) == []


@pytest.mark.parametrize(("account", "granted"), [("Own Works Ltd", ["CX-1"]), ("Other Foods plc", [])])
def test_whose_a_register_is_may_stand_above_its_records(account: str, granted: list[str]) -> None:
    said = '"no": "CX-1", "text": "A report within 5 business days", "state": "approved", "from": "2026-03-01"'
    found = _granted(f'{{"account": "{account}", "records": [{{{said}}}]}}', "register.json")
    assert [one.number for one in found] == granted


BLOCK = "SIGNATURES\nProvider Inc. By: /s/ A. Berg Title: Counsel Date: 14 August 2025\n"


@pytest.mark.parametrize(
    ("status", "signed", "executed"),
    [
        ("fully executed", "Customer SA By: /s/ B. Cole Title: CIO Date: 18 August 2025", True),
        ("fully executed", "Customer SA By: ________________ Title: ____________ Date: ____________", False),
        ("fully executed", "Customer SA By: ________________ Name: B. Cole Title: CIO Date: ____________", False),
        ("Sent to Customer for countersignature, not returned", "Customer SA", False),
        ("countersignature requested in May and not yet returned", "Customer SA By: /s/ B. Cole Title: CIO", False),
        ("never countersigned", "Customer SA By: /s/ B. Cole Title: CIO", False),
    ],
)
def test_what_one_party_has_not_signed_binds_nobody(status: str, signed: str, *, executed: bool) -> None:
    text = _amendment("Nothing.").replace("Status: fully executed", f"Status: {status}").replace(SIGNED, BLOCK + signed)
    assert (_read("a", text).unsigned == "") is executed
