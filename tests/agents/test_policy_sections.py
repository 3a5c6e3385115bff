"""Policy sets in sections of prose: what they ask for is read strictly, what they leave open counts as asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agents.case_view import CaseView, Happening
from agents.policy_set import PolicySet, policies_of, required_evidence
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs.catalogue import scenario
from tools.readers import read

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
CARD = scenario("sev1-receipt")
WORDS = CARD.data["policy"]


def policies(body: str) -> list[PolicySet]:
    """The sets in one document."""
    item = Evidence(id="p", file="p.md", system="policy_set", sha256="sha256:" + "0" * 64, size=1, arrived_at=NOW)
    reading = read(body.encode(), item.file)
    packet = Packet(scenario="x", case="c", tenant={"id": "tn-a"}, as_of=NOW, requested_by="o")  # type: ignore[arg-type]
    view = CaseView(
        CARD, {}, "v", packet, NOW, Happening("open", "{}"), [item], [item], frozenset(), lambda _: reading, [], [], {},
    )  # fmt: skip
    return policies_of(view, WORDS)


HEAD = "# Production changes\n\nVersion: 3.1\nIn force from: 2026-02-01\n\n"


def member(kind: str, labels: str, section: str) -> Any:
    """What a section says under the labels, beside another section."""
    other = "## Security approval\n\nNeeded for: vault\n" if kind != "security" else "## Change window\n\nIn windows.\n"
    control = policies(f"{HEAD}{section}\n\n{other}")[0].first(kind)
    found = control.node.get(WORDS["labels"][labels]) if control is not None else None
    return found.value if found is not None else None


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("## C1 (revision 9) Change window", ("C1", "9", "Change window")),
        ("## 4.2 Change window, v3", ("4.2", "3", "Change window")),
        ("### Change window", ("Change window", "", "Change window")),
    ],
)
def test_a_section_with_the_name_of_a_control_is_one(title: str, told: tuple[str, str, str]) -> None:
    found = policies(f"{HEAD}{title}\n\nOnly inside an open window.\n\n## Security approval\n\nNeeded for: vault\n")
    assert [(one.version, one.effective_from) for one in found] == [("3.1", datetime(2026, 2, 1, tzinfo=UTC))]
    control = found[0].first("window")
    assert control is not None
    assert (control.id, control.version, control.name) == told


def test_a_document_without_the_name_of_a_control_is_no_set() -> None:
    assert policies("# Handbook\n\n## Greetings\n\nBe kind.\n\n## Opening hours\n\nNine to five.\n") == []


def test_a_table_inside_a_section_takes_nothing_from_the_others() -> None:
    table = "| risk | first | second |\n|-|-|-|\n| low | change approver | - |\n| high | the same | second approver |"
    found = policies(
        f"{HEAD}## Change window\n\nInside.\n\n## Separation of duties\n\n{table}\n\n## Security\n\nNeeded for: x\n"
    )
    assert [one.kind for one in found[0].controls] == ["window", "separation", "security"]


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ("Emergency path: none. Nobody may waive this.", None),
        ("Emergency path: change approver and security approver", ["change_approver", "security_approver"]),
        ("Emergency path: with the approval of the change approver and the chief of security", None),
        ("Ask the director.", None),
    ],
)
def test_an_emergency_path_is_one_whose_people_are_all_known(said: str, people: list[str] | None) -> None:
    assert member("window", "emergency", f"## Change window\n\nInside only.\n\n{said}") == people


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (
            "| risk | who |\n|---|---|\n| medium | change approver |\n| high | and a second approver |",
            ["high or above"],
        ),
        ("High-risk changes need a second approver.", ["high or above"]),
        ("Medium and high need a second approver. Low needs no second approver.", ["medium or above"]),
        ("Low risk needs no second approver.", ["all"]),
        ("A second approver signs changes of the ledger.", ["all"]),
        ("The proposer approves nothing.", None),
    ],
)
def test_a_second_approver_is_asked_for_wherever_it_may_be_meant(said: str, asked: list[str] | None) -> None:
    assert member("separation", "second_for", f"## Separation of duties\n\n{said}") == asked


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Needed for: vault, staff-sso. Not needed for edge systems.", ["vault", "staff-sso"]),
        ("Needed for: whatever holds card data", ["production"]),
        ("Whatever holds card data.", ["production"]),
    ],
)
def test_what_needs_the_security_approval_is_everything_where_that_is_not_clear(said: str, asked: list[str]) -> None:
    assert member("security", "security_for", f"## Security approval\n\n{said}") == asked


@pytest.mark.parametrize(
    ("section", "severity", "asked"),
    [
        (
            "## Evidence for a Sev-1\n\nticket state; approvals. Missing evidence blocks.",
            "Sev-1",
            ["ticket state", "approvals"],
        ),
        ("## Evidence\n\n- Sev-1: approvals, logs\n- Sev-2: ticket state", "Sev-2", ["ticket state"]),
        ("## Evidence\n\n- ticket state\n- approvals", "Sev-3", ["ticket state", "approvals"]),
        ("## Evidence for Sev-1\n\nlogs\n\n## Evidence for Sev-2\n\nnotes", "Sev-2", ["notes"]),
    ],
)
def test_required_evidence_is_that_of_the_class(section: str, severity: str, asked: list[str]) -> None:
    found = policies(f"{HEAD}{section}\n")[0]
    assert required_evidence(found, severity, WORDS["labels"])[0] == asked
