"""What nodes are given: the store, the scenario, the readings. Graph state holds ids only (DESIGN.md §6)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from casefile.evidence import Evidence, Reading
from casefile.packet import Packet
from casefile.scenario import Scenario
from guardrails.secrets import mask_all
from lineage.canonical import Json, digest
from lineage.entry import Actor, Agent, EntryDraft
from runtime import prompts
from runtime.clock import from_instant, instant
from runtime.installation import Installation
from runtime.mcp_settings import McpSettings
from runtime.model.port import ModelPort, Prompt
from runtime.settings import Settings
from runtime.store.run_store import RunStore
from runtime.store.turn import Origin, Turn

if TYPE_CHECKING:
    from pathlib import Path

    from runtime.search import CaseIndex
    from tools.agent_tool import AgentTool
    from tools.systems import System


def _own_tools() -> Mapping[str, AgentTool]:
    from tools.toolbox import own_tools

    return own_tools()


class State(TypedDict, total=False):
    """The graph's state: which event is being worked on, and where to go next."""

    run: str
    event: int
    at: str
    next: str


@dataclass(slots=True)
class RunContext:
    """One run's dependencies.

    `readings` is a cache by content hash; `scratch` is the pattern's own. Both can be lost at any time. `systems` are
    the systems that the case declares, by id: no other is ever called. `tools` are what there is to use, by name; what
    an agent may use of them is asked at each call (`graphs.tool_calls`). `mcp` are the servers of the installation that
    admins may have connected: their tools are looked up at each call (`graphs.connected_tools`).
    `trial` are prompts under evaluation: they stand in for those in force.
    """

    store: RunStore
    scenario: Scenario
    packet: Packet
    parameters: Mapping[str, Any]
    model: ModelPort
    mode: str = "offline"
    model_name: str = "rules"
    index_directory: Path | None = None
    readings: dict[str, Reading] = field(default_factory=dict)
    index: CaseIndex | None = None
    scratch: object = None
    systems: Mapping[str, System] = field(default_factory=dict)
    tools: Mapping[str, AgentTool] = field(default_factory=_own_tools)
    mcp: McpSettings = field(default_factory=McpSettings)
    trial: Mapping[str, Prompt] = field(default_factory=dict)
    installation: Installation = field(default_factory=lambda: Installation.open(Settings().data))
    _policy_version: str = ""

    @property
    def policy_version(self) -> str:
        """Which rules are in force: the scenario's version and the parameters, by hash."""
        if not self._policy_version:
            plain: dict[str, Json] = {name: str(value) for name, value in self.parameters.items()}
            self._policy_version = f"{self.scenario.version}+{digest(plain)[7:19]}"
        return self._policy_version

    async def prompt(self, name: str) -> Prompt:
        """The prompt that an agent is given now, with the scenario's parts. Raises ScenarioError."""
        base = self.trial.get(name) or await prompts.in_force(self.store.database, self.store.tenant, name)
        return prompts.filled(base, self.scenario.short)

    def turn(self, state: State, node: str) -> Turn:
        """The turn of a node for the event at hand."""
        return Turn(key=f"{state['event']}:{node}", at=self.now(state))

    def now(self, state: State) -> datetime:
        """The run's clock."""
        return from_instant(state["at"])

    def entry(self, kind: str, turn: Turn, content: Mapping[str, Json] | None = None, **given: Any) -> EntryDraft:
        """A lineage entry of this run. `given` are members of EntryDraft; the actor is the system by default.

        Secrets in `content` are masked here, because what is entered is never changed again (R6, R7).
        """
        given.setdefault("actor", Actor("system", "casegate"))
        return EntryDraft(
            tenant=self.store.tenant,
            case=self.store.case,
            run=self.store.run,
            kind=kind,
            at=instant(turn.at),
            policy_version=self.policy_version,
            content=mask_all(content or {}),
            **given,
        )

    def by_agent(self, kind: str, name: str, turn: Turn, words: Origin | None = None, **given: Any) -> EntryDraft:
        """An entry of an agent's turn. `words` is the prompt that a model worded it by; without it rules did."""
        return self.entry(kind, turn, actor=Actor("agent", name), agent=self.agent(name, words), **given)

    def agent(self, name: str, words: Origin | None) -> Agent:
        """An agent with the prompt and the model whose words it goes by; with neither where it goes by rules."""
        if words is None:
            return Agent(name)
        return Agent(name, words.name, words.version, words.sha256, self.model_name[:200])

    def person(self, person_id: str) -> Actor:
        """A person of the roster as actor; somebody else is one without a role."""
        person = self.packet.person(person_id)
        return Actor("person", person_id, ", ".join(person.roles)[:200] if person and person.roles else None)

    async def read_all(self, evidence: Sequence[Evidence]) -> dict[str, Reading]:
        """The readings of evidence by id; those that this process has not read yet are read now."""
        from tools.readers import read

        for item in evidence:
            if item.sha256 not in self.readings and not item.withdrawn:
                data = await self.store.blob(item.sha256)
                self.readings[item.sha256] = await asyncio.to_thread(read, data, item.file)
        return {item.id: self.readings.get(item.sha256, Reading(kind="withdrawn", unusable=True)) for item in evidence}


def evidence_digest(evidence: Sequence[Evidence]) -> str:
    """One hash over the ledger as it stands: ids, contents, and what is withdrawn or replaced."""
    lines = [f"{item.id} {item.sha256} {item.replaces or '-'} {item.withdrawn}" for item in evidence]
    return "sha256:" + hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
