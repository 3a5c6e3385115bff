"""Values that a model reads from words: what does not stand in its quote is dropped, whatever it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile_case import play
from packets import minimal_packet

from agents.model_checks import Numbered
from agents.model_fields import Wanted, take
from agents.model_proposals import Value
from casefile.evidence import Evidence
from runtime.model.port import ProposalRequest
from runtime.model.scripted import Scripted
from tools.readers import read

TEXT = "Since Monday, 4 May, 08:10 Paris time, Bergen and Hamburg cannot sign in.\nAbout 57 people are locked out.\n"
SHA = "sha256:" + "0" * 64
ASKED = {"seen_at": Wanted("Seen", "when"), "people": Wanted("People", "how many"), "regions": Wanted("Regions", "x")}


@pytest.fixture
def spans() -> Numbered:
    """Two lines of a note."""
    item = Evidence.model_validate(
        {
            "id": "note",
            "file": "note.txt",
            "system": "x",
            "sha256": SHA,
            "size": 1,
            "arrived_at": "2026-05-04T00:00:00Z",
        }
    )
    lines = TEXT.splitlines()
    numbered = {n: ("note", f"line={n}", line) for n, line in enumerate(lines, 1)}
    return Numbered(numbered, {"note": item}, {"note": read(TEXT.encode(), "note.txt")})


@pytest.mark.parametrize(
    ("field", "value", "span", "quote"),
    [
        ("seen_at", "2026-05-04T06:10:00Z", 1, "Monday, 4 May, 08:10 Paris time"),
        ("people", "57 people", 2, "About 57 people are locked out"),
        ("regions", "Bergen, Hamburg", 1, "Bergen and Hamburg cannot sign in"),
    ],
)
def test_a_value_that_its_quote_carries_is_kept_as_unverified(
    spans: Numbered, field: str, value: str, span: int, quote: str
) -> None:
    taken = take(Value(field=field, value=value, span=span, quote=quote), ASKED, spans)
    assert isinstance(taken, tuple)
    assert (taken[0], taken[1].value, taken[1].status) == (field, value, "unverified")


@pytest.mark.parametrize(
    ("field", "value", "span", "quote"),
    [
        ("seen_at", "2026-05-05T06:10:00Z", 1, "Monday, 4 May, 08:10 Paris time"),
        ("people", "75 people", 2, "About 57 people are locked out"),
        ("people", "57", 2, "About 57 people are locked in"),
        ("people", "57", 1, "About 57 people are locked out"),
        ("people", "57", 9, "About 57 people are locked out"),
        ("severity", "1", 1, "Bergen"),
        ("regions", "Bergen, Singapore", 1, "Bergen and Hamburg cannot sign in"),
        ("regions", "", 1, "Bergen"),
    ],
)
def test_what_its_quote_does_not_carry_is_dropped(
    spans: Numbered, field: str, value: str, span: int, quote: str
) -> None:
    assert isinstance(take(Value(field=field, value=value, span=span, quote=quote), ASKED, spans), str)


def test_a_pass_keeps_what_stands_and_shows_what_it_dropped(tmp_path: Path) -> None:
    packet = minimal_packet(tmp_path / "packet")
    dropped = {"field": "affected_regions", "value": "Atlantis", "span": 1, "quote": "Atlantis"}
    outcome = play(packet, tmp_path / "out", Scripted(lambda _request, _fault: {"values": [dropped]}))
    assert "Atlantis" not in str(outcome["artifact"])
    lines = (tmp_path / "out" / "lineage.jsonl").read_text()
    assert "extraction: dropped" in lines
    assert outcome["model"]["calls"] >= 1


def test_a_model_sees_the_task_with_its_fields_and_no_field_that_rules_have_filled(tmp_path: Path) -> None:
    seen: list[ProposalRequest] = []

    def respond(request: ProposalRequest, _fault: str | None) -> dict[str, object]:
        seen.append(request)
        return {"values": []}

    outcome = play(minimal_packet(tmp_path / "packet"), tmp_path / "out", Scripted(respond))
    filled = [name for name, one in outcome["artifact"]["fields"].items() if one["status"] == "confirmed"]
    assert seen
    assert filled
    assert all(f"`{name}`" not in seen[0].task for name in filled)
