"""Papers of governance that touch the cohort map: which of them freeze a tuning cycle, in whatever words and file."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from docx import Document

from agents.case_view import CaseView, Happening
from agents.sampling_map import MapChange, is_ours, map_changes
from agents.sampling_policy import active, bounds, policies
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs.catalogue import scenario
from guardrails.citations import check_citation
from tools.readers import read

NOW = datetime(2026, 10, 5, 8, tzinfo=UTC)
CARD = scenario("sampling-tuning")
POLICY = """\
version: Q-12
status: active
cohort_map: {ours}
cohorts:
- {{cohort: mail-help, rate_percent: 20}}
- {{cohort: joint-incidents, rate_percent: 20}}
- {{cohort: account-recovery, rate_percent: 25}}
"""
BOUNDS = """\
bounds_version: B-3
status: approved
approved_by: Ines Rua
approved_at: {approved}
cohort_map: {ours}
freeze_rules: [cohort definitions changed and not confirmed]
"""


def changes(
    notice: bytes | str, file: str = "notice.md", ours: str = "CM-7", approved: str = "2026-07-20T10:00:00Z",
    more: str = "",
) -> list[MapChange]:  # fmt: skip
    """What the notice (and a second one, `more`) means for the policy."""
    files = {
        "policy": ("qa_configuration_store", "policy.yaml", POLICY.format(ours=ours)),
        "bounds": ("governance_workspace", "bounds.yaml", BOUNDS.format(ours=ours, approved=approved)),
        "notice": ("governance_workspace", file, notice),
        **({"more": ("governance_workspace", "more.md", more)} if more else {}),
    }
    items, readings = [], {}
    for name, (system, path, told) in files.items():
        data = told if isinstance(told, bytes) else told.encode()
        made = {"sha256": "sha256:" + "0" * 64, "size": len(data), "arrived_at": NOW, "captured_at": NOW}
        items.append(Evidence(id=name, file=path, system=system, **made))  # type: ignore[arg-type]
        readings[name] = read(data, path)
    packet = Packet(scenario="x", case="c", tenant={"id": "tn"}, as_of=NOW, requested_by="o")  # type: ignore[arg-type]
    view = CaseView(
        CARD, {}, "v", packet, NOW, Happening("open", "{}"), items, items, frozenset(), readings.__getitem__, [], [], {}
    )
    known = policies(view)
    policy = active(view, known)
    assert policy is not None
    found = map_changes(view, policy, bounds(view, policy.cohorts), known)
    for one in found:
        for cited in one.cells:
            assert check_citation(cited, readings[cited.evidence]) == [], cited
    return found


FREEZING = [
    "The cohorts mail-help and joint-incidents are merged as of 1 October 2026.",
    "With effect from 1 October 2026 account-recovery is split in two: phone and mail.",
    "Map CM-8 is in force since 1 October 2026.",
    "The cohort definitions were revised by the privacy office. Nobody has confirmed them for sampling yet.",
    "Please note: the cohort map has been replaced.",
    "Account recovery now counts as part of joint incidents; the cohort definition follows.",
    "CM-7 is withdrawn, and CM-8 takes its place.",
    "The confirmation of the cohort map CM-7 is outstanding.",
    "Die Kohorten mail-help und joint-incidents werden zum 1. Oktober 2026 zusammengelegt.",
    "Die Kohortenkarte CM-8 ist noch nicht bestätigt.",
    "Les cohortes mail-help et joint-incidents ont été fusionnées.",
    "| map | state |\n| --- | --- |\n| CM-7 | replaced |\n| CM-8 | published |",
    "The new\nmap has not\nbeen confirmed.",
    "Mail-help and joint-incidents are merged. Tuning waits until the map is confirmed.",
    "The cohort definitions changed. They count once Ines Rua has approved them.",
    "# Changes of the rules\n\nThe cohort map was replaced.",
    "We merged mail-help and joint-incidents into one cohort, help-and-incidents.",
]
HARMLESS = [
    "The cohort map CM-7 was confirmed by Ines Rua on 2 May 2026; it merged two cohorts of CM-6.",
    "The cohorts mail-help and joint-incidents are not merged.",
    "If two cohorts are merged, tuning freezes until a person confirms the map.",
    "A change of the cohort map would freeze the cycle.",
    "Should mail-help be merged with joint-incidents? Nobody asked us.",
    "The proposal to merge mail-help and joint-incidents was rejected.",
    "The map CM-8 was withdrawn.",
    "This update changes retention only; the cohort map is unchanged.",
    "The rate of the cohort mail-help was lowered from 25 to 20 percent.",
    "The freeze FRZ-3 was lifted. The cause is closed. Approval of the training budget is pending.",
    "CM-6 was replaced by CM-7, which governance confirmed.",
    "# Freeze rules\n\n- cohort definitions changed and not confirmed\n- a move would cross a floor",
    "Any merged cohort stays frozen until a person confirms the map.",
    "A regional team was merged into another.",
]


@pytest.mark.parametrize("told", FREEZING)
def test_a_change_that_nobody_confirmed_freezes(told: str) -> None:
    found = changes(told)
    assert [one.since for one in found] == [None]
    assert found[0].cells


@pytest.mark.parametrize("told", HARMLESS)
def test_what_changes_nothing_freezes_nothing(told: str) -> None:
    assert changes(told) == []


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("u.json", '{"document": "GPU-1", "from_map": "CM-7", "to_map": "CM-8", "merged": ["mail-help"], "confirmed": false}'),  # noqa: E501
        ("u.yaml", "maps:\n- {map: CM-7, state: retired}\n- {map: CM-8, state: published}\n"),
        ("u.csv", "map,status,from\nCM-7,replaced,2026-10-01\nCM-8,confirmation pending,2026-10-01\n"),
        ("u.txt", "The cohort map is now CM-8.\n"),
        ("u.eml", "From: Gov <g@v.example>\nTo: q@v.example\nSubject: map\nDate: Thu, 01 Oct 2026 09:00:00 +0000\n\nThe map CM-8 replaces CM-7 from today.\n"),  # noqa: E501
        ("u.html", "<html><body><p>Cohort map <b>CM-8</b> replaces CM-7.</p></body></html>"),
    ],
)  # fmt: skip
def test_every_kind_of_file_is_read(file: str, told: str) -> None:
    found = changes(told, file)
    assert len(found) == 1
    assert "CM-8" in found[0].detail


def test_a_word_document_with_a_table() -> None:
    document = Document()
    document.add_paragraph("Effective from: 1 October 2026")
    document.add_paragraph("1.2 The definitions follow the register of processing.")
    table = document.add_table(rows=0, cols=2)
    for row in (("Map", "Status"), ("CM-7", "replaced"), ("CM-8", "sampling confirmation pending")):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    data = BytesIO()
    document.save(data)
    (found,) = changes(data.getvalue(), "u.docx")
    assert "CM-8" in found.detail
    assert "not confirmed" in found.detail


def test_a_map_may_be_named_otherwise() -> None:
    assert changes("The definitions map/2026-4 apply now.", ours="map/2026-3")
    assert changes("The cohort map v4 applies now.", ours="v3")
    assert changes("Form v4 applies now.", ours="v3") == []
    assert changes("The definitions map/2026-2 applied before.", ours="map/2026-3") == []


def test_what_starts_later_is_said_and_freezes_nothing_yet() -> None:
    (found,) = changes("Effective from: 1 January 2027\n\nThe cohorts mail-help and joint-incidents are merged (CM-8).")
    assert found.since is not None
    assert found.since.year == 2027


def test_a_later_word_for_our_map_counts_and_one_for_a_new_map_does_not() -> None:
    told = "Date: 2026-10-01\n\nThe cohort map CM-8 replaces CM-7."
    assert (
        changes(told, more="Date: 2026-10-02\n\nCM-8 is withdrawn. CM-7 remains in force, confirmed by Ines Rua.") == []
    )
    assert changes(told, more="Date: 2026-10-02\n\nThe new map is confirmed.")


def test_bounds_approved_after_the_change_for_our_map_confirm_it() -> None:
    told = "Effective from: 1 August 2026\n\nThe cohorts mail-help and chat-help are merged."
    assert changes(told)
    assert changes(told, approved="2026-08-03T10:00:00Z") == []


@pytest.mark.parametrize(
    ("told", "same"),
    [
        ("CM-7", True),
        ("CM-7, unchanged", True),
        ("CM-7 (no change)", True),
        ("CM-7, confirmed by Ines Rua", True),
        ("unverändert CM-7", True),
        ("CM-8", False),
        ("CM-7, not yet confirmed", False),
        ("CM-7 merged, confirmed", False),
        ("CM-7 withdrawn", False),
        ("CM-7 unchanged until CM-8", False),
        ("CM-70, unchanged", False),
        ("unchanged", False),
    ],
)
def test_a_cell_may_say_more_than_the_name_of_the_map(told: str, same: bool) -> None:
    item = Evidence(
        id="policy", file="policy.yaml", system="qa_configuration_store", sha256="sha256:" + "0" * 64, size=1,
        arrived_at=NOW, captured_at=NOW,
    )  # fmt: skip
    packet = Packet(scenario="x", case="c", tenant={"id": "tn"}, as_of=NOW, requested_by="o")  # type: ignore[arg-type]
    reading = read(POLICY.format(ours="CM-7").encode(), "policy.yaml")
    view = CaseView(
        CARD, {}, "v", packet, NOW, Happening("open", "{}"), [item], [item], frozenset(), lambda _: reading, [], [], {}
    )
    policy = active(view, policies(view))
    assert policy is not None
    assert is_ours(view, policy, told) is same
