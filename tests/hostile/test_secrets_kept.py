"""A secret that somebody writes, in the chat, as a goal or as a reason, stands in frozen evidence or nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hostile_case import BASE, play
from packets import read_packet, write_packet

from agents.foreign import foreign_places, of_others
from agents.retrieval import indexed_spans
from casefile.evidence import Evidence
from guardrails.secrets import mask_all
from runtime.model.scripted import Scripted
from tools.readers import read

SECRET = "ghp_Ab3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA3bC6"
AT = "2026-06-03T08:40:00Z"
STEPS = {
    "chat": {"says": {"by": "u-lead", "text": f"Compare the sessions again; the token was {SECRET}."}},
    "goal": {"says": {"by": "u-lead", "text": f"From now on look only at sessions opened with {SECRET}."}},
    "objection": {"objects": {"by": "u-lead", "to": "summary", "text": f"it does not say that {SECRET} was used"}},
    "reason": {
        "decides": {
            "gate": "internal_handoff_approval",
            "by": "u-lead",
            "decision": "return",
            "reason": f"say that {SECRET} leaked",
        }
    },
}


def _played(folder: Path, **changes: object) -> tuple[dict[str, str], Scripted]:
    import shutil

    packet = folder / "packet"
    shutil.copytree(BASE, packet)
    write_packet(packet, {**read_packet(packet), "timeline": [], **changes})
    model = Scripted(lambda _request, _fault: "{}")
    play(packet, folder / "out", model)
    files = (path for path in (folder / "out").rglob("*") if path.is_file() and "store" not in path.parts)
    return {path.name: path.read_text(encoding="utf-8", errors="replace") for path in files}, model


@pytest.mark.parametrize("kind", STEPS)
def test_what_a_person_writes_is_masked_before_it_is_stored(kind: str, tmp_path: Path) -> None:
    written, model = _played(tmp_path, timeline=[{"at": AT, **STEPS[kind]}])
    assert not [name for name, text in written.items() if SECRET in text]
    assert SECRET not in "".join(request.model_dump_json() for request in model.requests)
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "out" / "store").iterdir())


def test_the_instructions_of_a_packet_are_masked(tmp_path: Path) -> None:
    written, model = _played(tmp_path, instructions=f"Compare the records for usr-c-3318; log in with {SECRET}.")
    assert not [name for name, text in written.items() if SECRET in text]
    assert SECRET not in "".join(request.model_dump_json() for request in model.requests)
    assert "usr-c-3318" in written["artifact.json"]


def test_every_prompt_is_masked_wherever_its_text_came_from(tmp_path: Path) -> None:
    """A JSON key is no value that any reader masks, and stands in the name of the place."""
    import shutil

    packet = tmp_path / "packet"
    shutil.copytree(BASE, packet)
    description = read_packet(packet)
    (packet / "keys.json").write_text(json.dumps({f"panel sessions {SECRET}": "the panel of usr-c-3318"}))
    description["sources"].append({"id": "keys", "file": "keys.json", "system": "case_workspace"})
    says = {"says": {"by": "u-lead", "text": "What does the panel of usr-c-3318 show?"}}
    write_packet(packet, {**description, "timeline": [{"at": AT, **says}]})
    model = Scripted(lambda _request, _fault: "{}")
    outcome = play(packet, tmp_path / "out", model)
    assert outcome["model"]["calls"] > 0
    assert SECRET not in "".join(request.model_dump_json() for request in model.requests)
    assert SECRET not in (tmp_path / "out" / "lineage.jsonl").read_text()


def test_masking_reaches_every_depth_and_changes_nothing_else() -> None:
    given = {"a": [{"b": f"x {SECRET} y", "n": 3}], "c": None, "d": True, "sha": "sha256:" + "0a" * 32}
    masked = mask_all(given)
    assert masked == {**given, "a": [{"b": "x ▓▓▓▓ y", "n": 3}]}


ROWS = b"tenant_id,user,note\ntn-ours,u1,mine\ntn-rival-us,u2,theirs\n,u3,nobody's\n"


def test_rows_of_another_tenant_are_never_findable() -> None:
    reading = read(ROWS, "rows.csv")
    assert {place.partition(",")[0] for place in foreign_places(reading, {"tn-ours"})} == {"row=3"}
    item = Evidence.model_validate(
        {"id": "e", "file": "rows.csv", "system": "s", "sha256": "sha256:" + "0" * 64, "size": 1, "arrived_at": AT}
    )
    found = {span.text for span in indexed_spans(item, reading, {"tn-ours"})}
    assert {"mine", "nobody's"} <= found
    assert not {"theirs", "u2", "tn-rival-us"} & found


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("VIEW tenant=tn-rival-us note=x", True),
        ("moved from tn-rival-us to tn-ours", False),
        ("nothing of a tenant", False),
        ("captn-ours is no id", False),
    ],
)
def test_a_line_is_another_tenants_where_it_names_only_that_one(text: str, others: bool) -> None:
    assert of_others(text, {"tn-ours"}) is others
