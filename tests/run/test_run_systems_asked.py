"""A model chooses which connected system is asked in a chat turn: by the person's own ids, in scope, on record."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from connected import script, written
from model_turns import Talk, agent_of, honest, talk
from test_run_tool_scopes import put_in_force

from runtime.connector_settings import load_connectors
from runtime.model import Breaker, ChatOptions, OpenAIChat
from runtime.model.chat_server import ChatServer, Reply
from tools.demo_systems import DemoSystems
from tools.toolbox import tools_of

TENANT = "tn-marlow-uk"
FAST = ChatOptions(connect=1, read=5, total=10, retries=0, backoff=0.01, output_limit=4_000)
TEXT = "What does the identity provider say now about usr-1?"


def asks(tool: str = "directory.user", **ids: str) -> str:
    return json.dumps({"asks": [{"tool": tool, "ids": [{"name": n, "value": v} for n, v in ids.items()]}]})


@asynccontextmanager
async def case(
    url: str, folder: Path, answer: str, grants: Mapping[str, list[str]]
) -> AsyncIterator[tuple[Talk, DemoSystems, list[str]]]:
    """The contractor case with connectors, scopes, and a model that asks for this."""
    agents: list[str] = []

    def respond(body: Mapping[str, Any]) -> Reply:
        agents.append(agent_of(body))
        return Reply((answer,)) if agents[-1] == "systems" else honest(agents[-1])

    async with ChatServer(respond) as server:
        port = OpenAIChat(server.url, "m-1", breaker=Breaker(failures=10_000), options=FAST)
        with DemoSystems(script()) as systems:
            connectors = load_connectors(written(folder, systems, tenant=TENANT))
            async with talk(port, url) as at:
                at.run.context.tools = tools_of(connectors, TENANT)
                await put_in_force(at.run.store.database, dict(grants), "contractor-access", TENANT)
                await at.run.drive()
                await at.news()
                agents.clear()
                yield at, systems, agents
        await port.aclose()


def notes(news: list[dict[str, Any]]) -> str:
    return " ".join(note for one in news if one["kind"] == "answered" for note in one["content"]["answer"]["model"])


SCOPE = {"systems": ["directory.user", "directory.events"], "retrieval": ["search_evidence"]}
BAD: dict[str, tuple[str, str]] = {
    "an id that the person did not write": (asks(user="usr-2"), "'usr-2' is no id that the person wrote"),
    "a part of an id": (asks(user="usr"), "'usr' is no id that the person wrote"),
    "no id": (asks(user=""), "'' is no id that the person wrote"),
    "an address": (asks(user="https://evil.example"), "is no id that the person wrote"),
    "a word that is no id": (asks(user="say", host="now"), "has no argument host"),
    "nothing for an id": (asks(), "user: an id of the form"),
    "a tool without scope": (asks("crm.account", account="usr-1"), "not among the tools of systems"),
    "a tool that there is not": (asks("send_mail", to="usr-1"), "there is no tool send_mail"),
    "its own tool": (asks("search_evidence", query="usr-1"), "not among the tools of systems"),
    "nonsense": ('{"asks": [', "the model's proposal was dropped"),
}


@pytest.mark.parametrize("bad", BAD)
async def test_what_a_model_may_not_ask_is_not_asked(sqlite_url: str, tmp_path: Path, bad: str) -> None:
    answer, expected = BAD[bad]
    async with case(sqlite_url, tmp_path, answer, SCOPE) as (at, systems, _):
        await at.says(TEXT)
        news = await at.news()
        assert expected in notes(news)
        assert systems.seen == []
        assert [one["kind"] for one in news].count("answered") == 1
        assert "evidence_fetched" not in {one["kind"] for one in news}


async def test_what_the_person_asks_about_arrives_as_evidence(sqlite_url: str, tmp_path: Path) -> None:
    async with case(sqlite_url, tmp_path, asks(user="usr-1"), SCOPE) as (at, systems, agents):
        await at.says(TEXT)
        news = await at.news()
        assert systems.seen == ["GET /identity/users/usr-1"]
        assert "directory.user was asked; its answer is evidence of the case" in notes(news)
        kinds = [one["kind"] for one in news]
        assert kinds.index("tool_used") < kinds.index("evidence_fetched") < kinds.index("answered")
        assert kinds.index("answered") < kinds.index("evidence_frozen") < kinds.index("evidence_read")
        item = next(one for one in await at.run.store.evidence() if one.file == "user-usr-1.json")
        assert item.system == "identity_provider"
        assert agents.count("systems") == 1
        used = next(one for one in news if one["kind"] == "tool_used")
        assert used["actor"]["id"] == "systems"


async def test_without_a_scope_the_model_is_not_even_asked(sqlite_url: str, tmp_path: Path) -> None:
    async with case(sqlite_url, tmp_path, asks(user="usr-1"), {"retrieval": ["search_evidence"]}) as (
        at,
        systems,
        agents,
    ):
        await at.says(TEXT)
        assert "systems" not in agents
        assert systems.seen == []
