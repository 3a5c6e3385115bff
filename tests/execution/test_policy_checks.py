"""What a policy set says about a planned step, by table: the verdict, the gates, and what it names as missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from agents.case_view import CaseView, Happening
from agents.change_windows import Window, window_for
from agents.plans import Plan, plan_of
from agents.policy_set import applies, evaluate, in_force, policies_of, required_evidence
from casefile.evidence import Evidence
from casefile.packet import Packet
from graphs.catalogue import scenario
from tools.readers import read
from tools.systems import System

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
CARD = scenario("sev1-receipt")
SYSTEMS = {"flags": System("flags", "flags", "https://flags.example", "http://127.0.0.1:1")}
STEP = {
    "id": "a1",
    "title": "Turn it on",
    "system": "flags",
    "object": "f/7",
    "risk": "low",
    "rollback": "off",
    "request": {"method": "POST", "path": "/f/7/on"},
    "confirm": {"path": "/f/7", "expect": {"state": "on"}},
}
WINDOW_CONTROL = {"id": "W", "version": 1, "name": "change window"}
SEPARATION = {"id": "S", "version": 2, "name": "separation of duties", "second_approval_for": ["risk high"]}
SECURITY = {"id": "X", "version": 3, "name": "security approval", "security_relevant_systems": ["vault", "f/7"]}


def view_of(**documents: Any) -> CaseView:
    """A view of documents, each named by its system."""
    items, readings = [], {}
    for system, content in documents.items():
        data = orjson.dumps(content)
        item = Evidence(
            id=system, file=f"{system}.json", system=system, sha256="sha256:" + "0" * 64, size=len(data), arrived_at=NOW
        )
        items.append(item)
        readings[system] = read(data, item.file)
    packet = Packet(scenario="x", case="c", tenant={"id": "tn"}, as_of=NOW, requested_by="o")  # type: ignore[arg-type]
    return CaseView(
        CARD, {}, "v", packet, NOW, Happening("open", "{}"), items, items, frozenset(), readings.__getitem__, [], [], {},  # noqa: E501
        systems=SYSTEMS,
    )  # fmt: skip


def window(opens: int, closes: int, firm: bool = True, scope: tuple[str, ...] = ()) -> Window:
    """A window, in minutes from now."""
    times = [NOW + timedelta(minutes=one) for one in (opens, closes)]
    return Window("CW-1", "w", *times, scope, firm, "" if firm else "tentative", "", "", [], [], [], "CW-1")


def plan(step: dict[str, Any], view: CaseView | None = None) -> Plan:
    """The plan with one step."""
    found = plan_of(view or view_of(incident_plan={"plan": "P", "actions": [step]}), CARD.data["plan"], SYSTEMS)
    assert found is not None
    return found


# step, controls, window: verdict, gates, a word of what is missing or of the next step
TABLE = [
    ({}, [SEPARATION], None, "needs approval", ["action_approval"], "change approver"),
    ({"risk": "high"}, [SEPARATION], None, "needs approval", ["action_approval", "second_approval"], "second approver"),
    ({"risk": None}, [SEPARATION], None, "needs approval", ["action_approval", "second_approval"], "not stated"),
    ({"risk": "high"}, [{"id": "S", "name": "four eyes"}], None, "needs approval", ["action_approval", "second_approval"], ""),  # noqa: E501
    ({"risk": "medium"}, [{**SEPARATION, "second_approval_for": ["at least medium"]}], None, "needs approval", ["action_approval", "second_approval"], ""),  # noqa: E501
    ({}, [], None, "needs approval", ["action_approval"], "every change is approved"),
    ({}, [SECURITY], None, "needs approval", ["action_approval", "security_approval"], "security approver"),
    ({"object": "g/1", "security_relevant": True}, [SECURITY], None, "needs approval", ["action_approval", "security_approval"], ""),  # noqa: E501
    ({"production": False}, [SECURITY], None, "needs approval", ["action_approval"], ""),
    ({}, [WINDOW_CONTROL], None, "blocked", ["action_approval"], "book a window"),
    ({}, [WINDOW_CONTROL], (-5, 5), "needs approval", ["action_approval"], "inside the window"),
    ({}, [WINDOW_CONTROL], (0, 5), "needs approval", ["action_approval"], "inside the window"),
    ({}, [WINDOW_CONTROL], (5, 9), "blocked", ["action_approval"], "wait for 2026-03-03T10:05:00Z"),
    ({}, [WINDOW_CONTROL], (-9, 0), "blocked", ["action_approval"], "closed at 2026-03-03T10:00:00Z"),
    ({"production": "staging"}, [WINDOW_CONTROL], None, "needs approval", ["action_approval"], ""),
    ({}, [{**WINDOW_CONTROL, "emergency_path": {"approvers": ["ciso"]}}], (5, 9), "blocked", ["action_approval"], "emergency path, approved by ciso"),  # noqa: E501
    ({"system": "unknown"}, [SEPARATION], None, "blocked", [], "not declared"),
    ({"request": {"path": "https://flags.example.evil/f"}}, [SEPARATION], None, "blocked", [], "no path of flags"),
    ({"request": {"path": "/f/../../admin"}}, [SEPARATION], None, "blocked", [], "no path of flags"),
    ({"request": {"method": "GET", "path": "/f"}}, [SEPARATION], None, "blocked", [], "the method GET"),
    ({"confirm": None}, [SEPARATION], None, "blocked", [], "its result is confirmed"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "controls", "opens", "verdict", "gates", "says"), TABLE)
def test_a_step_under_a_policy(
    changes: dict[str, Any],
    controls: list[Any],
    opens: tuple[int, int] | None,
    verdict: str,
    gates: list[str],
    says: str,
) -> None:
    view = view_of(policy_set={"policy_set": "p", "version": "7", "controls": [*controls, {"id": "n", "name": "note"}]})
    policy = in_force(policies_of(view, CARD.data["policy"]), NOW)
    assert policy is not None
    found = evaluate(policy, plan(STEP | changes).steps[0], window(*opens) if opens else None, NOW, CARD.data["policy"])
    told = " ".join(f"{check.control} {check.detail} {check.missing} {check.next_step}" for check in found.checks)
    assert (found.verdict, list(found.gates), found.version) == (verdict, gates, "7"), told
    assert says in told


def test_the_policy_in_force_is_the_last_one_in_effect() -> None:
    def at(version: str, since: str | None) -> dict[str, Any]:
        return {"policy_set": "p", "version": version, "effective_from": since, "controls": [SEPARATION]}

    later = {"later": at("3", "2026-03-04T00:00:00Z")}
    view = view_of(policy_set=at("2", "2026-03-01T00:00:00Z"))
    other = view_of(policy_set=at("1", "2026-02-01"))
    future = view_of(policy_set=later["later"])
    words = CARD.data["policy"]
    sets = [*policies_of(other, words), *policies_of(future, words), *policies_of(view, words)]
    found = in_force(sets, NOW)
    assert found is not None
    assert found.version == "2"
    assert in_force(policies_of(future, words), NOW) is None


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        ({"sev1": ["a", "b"], "sev2": ["c"]}, ["a", "b"]),
        ({"required": {"Sev-1": ["a"]}}, ["a"]),
        ({"required_evidence": ["a", "b"]}, ["a", "b"]),
        ({"sev2": ["c"]}, []),
    ],
)
def test_evidence_is_required_by_class(control: dict[str, Any], expected: list[str]) -> None:
    content = {"policy_set": "p", "version": "7", "controls": [{"id": "E", "name": "required evidence", **control}]}
    policy = in_force(policies_of(view_of(policy_set=content), CARD.data["policy"]), NOW)
    assert required_evidence(policy, "Sev-1", CARD.data["policy"]["labels"])[0] == expected


@pytest.mark.parametrize(
    ("clause", "risk", "expected"),
    [
        ("risk high", "high", True),
        ("risk high", "medium", False),
        ("medium or higher", "high", True),
        ("medium or higher", "low", False),
        ("all", "low", True),
        ("production", "low", True),
        ("security-relevant systems", "low", False),
        ("flags", "low", True),
        ("other-system", "low", False),
    ],
)
def test_a_clause_speaks_of_a_step(clause: str, risk: str, expected: bool) -> None:
    assert applies(clause, plan(STEP | {"risk": risk}).steps[0]) is expected


def test_the_window_that_a_plan_means() -> None:
    early, late = window(-60, -30, scope=("flags",)), window(30, 60, scope=("flags",))
    assert window_for([early, late], "", ["flags"], NOW) is late
    assert window_for([early], "", ["flags"], NOW) is early
    assert window_for([early, late], "", ["other"], NOW) is None
    assert window_for([late], "CW-1", [], NOW) is late
    assert window_for([late], "CW-11", [], NOW) is None


def test_the_example_card_is_complete(shared: Path) -> None:
    """Every line of the card's holds, gates and preconditions has a signal that some agent raises."""
    code = "".join(p.read_text() for p in Path("graphs").glob("governed_execution*.py"))
    code += "".join(p.read_text() for p in Path("agents").glob("*.py"))
    for line in [*CARD.holds, *CARD.preconditions]:
        assert all(f'"{signal}"' in code for signal in line.signals), line.id
