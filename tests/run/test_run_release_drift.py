"""Whatever happens between the signature and the release: an approved manifest leaves unchanged, or not at all (R2).

The oracle is in the table: each event says whether it leaves alone what was signed. One that does not keeps the packet
in, also where a later event takes it back: what was signed is then no longer what is on the table.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packets import read_packet, write_packet
from running import CASES, run

BASE = CASES / "packet-dispatch" / "cases" / "approver-declines"
SIGNED = {"gate": "dispatch_manifest_signature", "by": "u-odd", "decision": "approve", "revision": "current"}


@dataclass(frozen=True)
class Drift:
    """Something that happens; `file` is written beside the packet where evidence arrives."""

    name: str
    step: dict[str, Any]
    harmless: bool = False
    minutes: float = 0
    file: tuple[str, str] | None = None


def _arrives(name: str, system: str, file: str, text: str, **more: str) -> Drift:
    step = {"arrives": {"id": f"new-{name}", "file": f"{name}-{file}", "system": system, **more}}
    harmless = name in ("noise", "same-roster")
    return Drift(name, step, harmless, file=(f"{name}-{file}", text))


def _drifts() -> list[Drift]:
    text = {path.name: path.read_text(encoding="utf-8") for path in BASE.iterdir() if path.suffix != ".xlsx"}
    packet = json.loads(text["triage_packet.json"])
    newer, edited, leaky = (json.loads(text["triage_packet.json"]) for _ in range(3))
    newer |= {"revision": "r3", "supersedes": ["r1", "r2"]}
    edited["caveats"] = ["a caveat that nobody signed"]
    leaky["annexes"][0]["content"] += " token: bgt_9Qf2LxT7vM0aZ4kW81uRcE"
    other = packet | {"packet_id": "TP-900", "revision": "r1", "supersedes": []}
    triage, roster = "severe_support_triage", text["roster.csv"]
    wider = roster + "cx-1,Ugo Pell,contractor,PSR-General,2027-01-01\n"
    fewer = "\n".join(roster.splitlines()[:2]) + "\n"
    moved = text["policy.md"].replace("psr-misuse-restricted", "psr-other-queue")
    signer = text["policy.md"].replace("Oddny Falk (u-odd)", "Mila Trent (u-mila)")
    scope = text["tenant_scope.yaml"].replace("TS-88", "TS-99")
    old = text["idp.csv"].replace("2026-03-09T09:10:00Z", "2026-03-08T09:10:00Z")
    fresh = text["idp.csv"].replace("2026-03-09T09:10:00Z", "2026-03-09T10:05:00Z")
    chat = {"says": {"by": "u-mila", "text": "What is still open?"}}
    return [
        _arrives("newer", triage, "p.json", json.dumps(newer)),
        _arrives("newer-replacing", triage, "p.json", json.dumps(newer), replaces="packet"),
        _arrives("edited", triage, "p.json", json.dumps(edited), replaces="packet"),
        _arrives("leaky", triage, "p.json", json.dumps(leaky), replaces="packet"),
        _arrives("split", triage, "p.json", json.dumps(other)),
        _arrives("merge", triage, "m.csv", "packet_id,merged_into\nTP-512,TP-498\n"),
        _arrives("wider", "psr_queue_roster", "r.csv", wider, replaces="roster"),
        _arrives("fewer", "psr_queue_roster", "r.csv", fewer, replaces="roster"),
        _arrives("moved", "approval_routing", "p.md", moved, replaces="policy"),
        _arrives("signer", "approval_routing", "p.md", signer, replaces="policy"),
        _arrives("scope", "tenant_registry", "s.yaml", scope, replaces="scope"),
        _arrives("old", "identity_provider_audit", "i.csv", old, replaces="idp"),
        _arrives("fresh", "identity_provider_audit", "i.csv", fresh, replaces="idp"),
        _arrives("noise", "raw_signals", "n.log", "2026-03-09T10:00:00Z another alert about sess-60112\n"),
        *(Drift(f"withdrawn-{one}", {"withdraws": {"id": one}}) for one in ("packet", "roster", "idp", "scope")),
        Drift("expired", {"passes": {}}, minutes=60),
        Drift("stale", {"passes": {}}, minutes=300),
        Drift("a-moment", {"passes": {}}, harmless=True, minutes=2),
        Drift("chat", chat, harmless=True),
    ]


DRIFTS = _drifts()


def _play(drifts: list[Drift], folder: Path) -> dict[str, Any]:
    packet = folder / "packet"
    shutil.copytree(BASE, packet)
    at = 10 * 60 + 6.0
    timeline: list[dict[str, Any]] = [{"at": _at(at), "decides": SIGNED}]
    for drift in drifts:
        at += drift.minutes or 0.5
        timeline.append({"at": _at(at), "before_effect": True, **drift.step})
        if drift.file is not None:
            (packet / drift.file[0]).write_text(drift.file[1], encoding="utf-8")
    write_packet(packet, {**read_packet(packet), "timeline": timeline})
    return run(packet, folder / "out")


def _at(minutes: float) -> str:
    seconds = round(minutes * 60)
    return f"2026-03-09T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"


def _judge(drifts: list[Drift], outcome: dict[str, Any], out: Path) -> None:
    named = [drift.name for drift in drifts]
    if all(drift.harmless for drift in drifts):
        assert outcome["outcome"] == "dispatched", named
        assert len(outcome["releases"]) == 1, named
        return
    assert outcome["releases"] == [], named
    assert not (out / "lanes").exists(), named
    assert outcome["outcome"] != "dispatched", named
    assert {one["state"] for one in outcome["approvals"]} <= {"void", "expired", "refused"}, (
        named,
        outcome["approvals"],
    )
    assert "bgt_9Qf2" not in json.dumps(outcome), named


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: drift.name)
def test_one_event_between_signature_and_release(drift: Drift, tmp_path: Path) -> None:
    _judge([drift], _play([drift], tmp_path), tmp_path / "out")


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(DRIFTS), min_size=2, max_size=4, unique_by=lambda drift: drift.name))
def test_events_in_any_order_between_signature_and_release(drifts: list[Drift]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        _judge(drifts, _play(drifts, Path(scratch)), Path(scratch) / "out")
