"""A packet from its folder to its result files, against one store: what the command line and the evals both do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casefile.evidence import Reading
from graphs.result import write
from graphs.runner import admit, check_packet, checkpointer, play
from runtime.calendar_settings import Calendars
from runtime.connector_settings import Connectors
from runtime.errors import InputError
from runtime.mcp_settings import McpSettings
from runtime.model.offline import Offline
from runtime.model.port import ModelPort, Prompt
from runtime.store.database import Database
from runtime.system_settings import ActedOn
from tools.calendars.opening import calendars_of
from tools.live_systems import systems_of
from tools.packet_folder import PacketFolder
from tools.stub_server import serving
from tools.toolbox import tools_of


@dataclass(frozen=True, slots=True)
class Connected:
    """What an installation lets its cases reach: calendar servers, systems that are read over HTTP, MCP servers.

    That something is connected lets nobody use it: each call is asked of the scopes in force (`graphs.tool_calls`).
    """

    calendars: Calendars = field(default_factory=Calendars)
    connectors: Connectors = field(default_factory=Connectors)
    mcp: McpSettings = field(default_factory=McpSettings)


async def play_packet(
    folder: PacketFolder,
    target: Path,
    url: str,
    port: ModelPort,
    *,
    progress: Callable[[str], None] = lambda _node: None,
    readings: dict[str, Reading] | None = None,
    connected: Connected | None = None,
    prompts: Mapping[str, Prompt] | None = None,
) -> dict[str, Any]:
    """Run one packet and write its results to `target`. A fault of ours is a result: the run is `failed`.

    `connected` is what the installation is connected to; without it nothing. `readings` is filled with what was read
    of each evidence item, by id. `prompts` stand in for those in force. Raises InputError for what cannot be used.
    """
    database = await Database.open(url)
    try:
        journals = target / ".casegate" / "systems"
        async with checkpointer(url) as saver, serving(folder.scripts, journals) as systems:
            mode, name = described(port)
            reach = connected or Connected()
            # None of the installation's: the approvals of a packet are played.
            systems = {**systems_of(ActedOn(), folder.packet), **systems}
            systems |= calendars_of(reach.calendars, check_packet(folder)[0], folder.packet)
            run = await admit(
                database, saver, folder, port, mode=mode, model_name=name, progress=progress, systems=systems
            )
            run.context.trial = prompts or {}
            run.context.tools, run.context.mcp = tools_of(reach.connectors, folder.packet.tenant.id), reach.mcp
            try:
                await play(run, folder)
            except Exception as error:
                await run.fail(error)
                if isinstance(error, InputError):
                    raise
            finally:
                # A process that plays many packets would keep the spans of all of them.
                if run.context.index is not None:
                    run.context.index.close()
                    run.context.index = None
            if readings is not None:
                readings |= await run.context.read_all(await run.store.evidence())
            return await write(run.context, target)
    finally:
        await database.close()


def described(port: ModelPort) -> tuple[str, str]:
    """Mode and name of a model, as results and lineage have them."""
    return ("offline", "rules") if isinstance(port, Offline) else (port.mode, port.name)
