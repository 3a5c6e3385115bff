"""`casegate run` reaches what the server reaches: the same files, the same scopes, denied by default."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from command import casegate
from model_turns import BASE, agent_of, honest
from strange import SCRIPT, TOKEN
from test_connected_runs import TOOLS, classed, shapes_of
from test_run_tool_scopes import put_in_force

from runtime.model.chat_server import ChatServer, Reply
from runtime.store.database import Database
from server.run_command import run_packet
from tools.demo_systems import DemoSystems

sys.path.insert(0, str(Path(__file__).parent.parent / "connectors"))
from connected import script, written

TENANT, SCENARIO = "tn-marlow-uk", "contractor-access"
TEXT = "What do the desk and the identity provider say of T-1 and usr-1 now?"
ASKED = {"desk/look_up": {"subject": "T-1"}, "directory.user": {"user": "usr-1"}}
GRANTED = {"systems": [*TOOLS, "directory.user"], "retrieval": ["search_evidence"]}

Seen = list[dict[str, Any]]


@pytest.fixture
def mood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real MCP server that a file offers, by the environment, as for every command."""
    file = tmp_path / "mood"
    file.write_text("fine")
    command = {
        "command": [sys.executable, str(SCRIPT), str(file)],
        "folder": str(tmp_path),
        "secrets": {"DESK_TOKEN": "env:DESK_TOKEN"},
        "tenants": [TENANT],
    }
    settings = tmp_path / "mcp.yaml"
    settings.write_text(yaml.safe_dump({"commands": {"ticket_desk": command}}))
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    monkeypatch.setenv("CASEGATE_MCP", str(settings))
    return file


@pytest.fixture
def packet(tmp_path: Path) -> Path:
    """The contractor case, in which the lead asks about a ticket and an account."""
    folder = Path(shutil.copytree(BASE, tmp_path / "packet"))
    file = folder / "packet.yaml"
    given = yaml.safe_load(file.read_text())
    given["timeline"] = [{"at": given["timeline"][0]["at"], "says": {"by": "u-lead", "text": TEXT}}]
    file.write_text(yaml.safe_dump(given, sort_keys=False))
    return folder


def asking(agents: list[str]) -> Callable[[Mapping[str, Any]], Reply]:
    """A model whose agent of systems asks all that there is, granted or not."""
    asks = [
        {"tool": tool, "ids": [{"name": n, "value": v} for n, v in ids.items()]}
        for tool, ids in {**ASKED, "desk/history": {"subject": "T-1"}}.items()
    ]

    def answer(body: Mapping[str, Any]) -> Reply:
        agents.append(agent_of(body))
        return Reply((json.dumps({"asks": asks}),)) if agents[-1] == "systems" else honest(agents[-1])

    return answer


async def played(
    packet: Path, out: Path, monkeypatch: pytest.MonkeyPatch, model: str = "auto", url: str = ""
) -> tuple[Seen, list[str]]:
    """`casegate run` of the packet: its lineage, and which agents asked the model."""
    agents: list[str] = []
    async with ChatServer(asking(agents)) as server:
        monkeypatch.setenv("CASEGATE_MODEL_URL", server.url)
        monkeypatch.setenv("CASEGATE_MODEL", "m-1")
        assert await run_packet(packet, out, True, model, url) == 0
    return [orjson.loads(line) for line in (out / "lineage.jsonl").read_bytes().splitlines()], agents


async def granted(url: str, mood: Path, grants: Mapping[str, list[str]]) -> None:
    """What the admins of the store put in force: the classes of the server's tools, and who may use which."""
    database = await Database.open(url)
    await classed(database, await shapes_of(mood, TENANT), tenant=TENANT)
    await put_in_force(database, dict(grants), SCENARIO, TENANT)
    await database.close()


def connected(folder: Path, systems: DemoSystems, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEGATE_CONNECTORS", str(written(folder / "connected", systems, tenant=TENANT)))


def kinds(seen: Seen) -> list[str]:
    return [one["header"]["kind"] for one in seen]


def fetched(seen: Seen) -> list[str]:
    return [
        one["content"]["fetched"]["value"]["connector"] for one in seen if one["header"]["kind"] == "evidence_fetched"
    ]


async def test_what_admins_granted_is_asked_and_arrives_as_evidence(
    packet: Path, mood: Path, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await granted(sqlite_url, mood, GRANTED)
    with DemoSystems(script()) as systems:
        connected(tmp_path, systems, monkeypatch)
        seen, agents = await played(packet, tmp_path / "out", monkeypatch, url=sqlite_url)
        assert systems.seen == ["GET /identity/users/usr-1"]
    assert sorted(fetched(seen)) == ["desk", "desk", "directory"]
    used = [one["header"]["tool_calls"][0]["tool"] for one in seen if one["header"]["kind"] == "tool_used"]
    assert {"desk/look_up", "desk/history", "directory.user"} <= set(used)
    assert "systems" in agents
    assert TOKEN not in json.dumps(seen)
    assert b"desk-look_up.json" in (tmp_path / "out" / "lineage.jsonl").read_bytes()


async def test_a_tool_beyond_the_scope_is_refused_on_record(
    packet: Path, mood: Path, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await granted(sqlite_url, mood, {"systems": ["desk/history"], "retrieval": ["search_evidence"]})
    with DemoSystems(script()) as systems:
        connected(tmp_path, systems, monkeypatch)
        seen, _ = await played(packet, tmp_path / "out", monkeypatch, url=sqlite_url)
        assert systems.seen == []
    assert fetched(seen) == ["desk"]
    said = json.dumps(seen)
    for tool in ASKED:
        assert f"{tool} is not among the tools of systems" in said


async def test_without_a_grant_nothing_is_asked(
    packet: Path, mood: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store of the run's own has the scopes as shipped: everything connected, nothing granted."""
    with DemoSystems(script()) as systems:
        connected(tmp_path, systems, monkeypatch)
        seen, agents = await played(packet, tmp_path / "out", monkeypatch)
        assert systems.seen == []
    assert "supervisor" in agents
    assert "systems" not in agents
    assert fetched(seen) == []


async def test_offline_no_agent_asks_and_the_result_is_that_of_the_packet(
    packet: Path, mood: Path, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await granted(sqlite_url, mood, GRANTED)
    with DemoSystems(script()) as systems:
        connected(tmp_path, systems, monkeypatch)
        seen, agents = await played(packet, tmp_path / "out", monkeypatch, "offline", sqlite_url)
        assert systems.seen == []
    assert agents == []
    assert "evidence_fetched" not in kinds(seen)
    monkeypatch.delenv("CASEGATE_MCP")
    monkeypatch.delenv("CASEGATE_CONNECTORS")
    await played(packet, tmp_path / "alone", monkeypatch, "offline")
    one, other = (orjson.loads((tmp_path / name / "outcome.json").read_bytes()) for name in ("out", "alone"))
    assert one["artifact"]["sha256"] == other["artifact"]["sha256"]


@pytest.mark.parametrize("variable", ["CASEGATE_MCP", "CASEGATE_CONNECTORS"])
def test_a_file_that_cannot_be_used_stops_the_run_with_one_line(
    variable: str, packet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("servers: {}")
    monkeypatch.setenv(variable, str(file))
    answer = casegate("run", packet, "--out", tmp_path / "out")
    assert (answer.code, answer.fault) == (2, None)
    assert str(file) in answer.err
    assert not (tmp_path / "out").exists()


def doctor(tmp_path: Path) -> str:
    answer = casegate("doctor", "--db", f"sqlite:///{tmp_path / 'doctor.db'}")
    return next(line for line in answer.out.splitlines() if " mcp " in line)


def test_the_doctor_says_what_is_offered_and_what_is_missing(
    mood: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEGATE_DATA", str(tmp_path / "data"))
    assert "1 MCP servers to choose from" in doctor(tmp_path)
    monkeypatch.delenv("DESK_TOKEN")
    line = doctor(tmp_path)
    assert line.startswith("FIX")
    assert "commands.ticket_desk.secrets.DESK_TOKEN" in line
    settings = tmp_path / "mcp.yaml"
    command = {"command": ["no-such-program"], "folder": str(tmp_path), "tenants": ["*"]}
    settings.write_text(yaml.safe_dump({"commands": {"gone": command}}))
    assert "there is no program no-such-program" in doctor(tmp_path)
    monkeypatch.delenv("CASEGATE_MCP")
    assert "no MCP server is offered" in doctor(tmp_path)
