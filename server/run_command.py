"""`casegate run`: a packet folder in, the results out. Progress goes to stderr."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runtime.calendar_settings import load_calendars
from runtime.errors import InputError
from runtime.mcp_settings import load_mcp
from runtime.model.budget import Budget
from runtime.model.offline import Offline
from runtime.model.openai_chat import OpenAIChat
from runtime.model.port import ModelPort
from runtime.settings import Settings

if TYPE_CHECKING:
    from graphs.playing import Connected


async def run_packet(packet: Path, out: Path | None, as_json: bool, model: str, db: str) -> int:
    """Run, write, show. Exit code 0 for every result that the contract calls one, 1 for a fault of ours."""
    from graphs.runner import check_packet
    from tools.packet_folder import load

    folder = load(packet)
    check_packet(folder)
    settings = Settings()
    connected = connected_to(settings)
    port = model_port(model, settings)
    target = out or Path(f"casegate-{folder.packet.case}")
    _writable(target)
    url = db or f"sqlite:///{target / '.casegate' / 'casegate.db'}"
    try:
        result = await execute(folder, target, url, port, quiet=False, connected=connected)
    finally:
        if isinstance(port, OpenAIChat):
            await port.aclose()
    if as_json:
        click.echo((target / "outcome.json").read_text(encoding="utf-8"), nl=False)
    else:
        from server.terminal import show_result

        show_result(result, target)
    return 1 if result["status"] == "failed" else 0


def connected_to(settings: Settings) -> Connected:
    """What this installation is connected to, by the files that its settings name. Raises InputError."""
    from graphs.playing import Connected
    from tools.connectors.http_tools import opened

    return Connected(load_calendars(settings.calendars), opened(settings.connectors), load_mcp(settings.mcp))


def model_port(model: str, settings: Settings) -> ModelPort:
    """The model that this installation has; offline where none is configured, or where it is asked for."""
    if model == "offline" or not settings.model_url:
        return Offline()
    budget = Budget(settings.model_run_tokens, settings.model_turn_tokens)
    return OpenAIChat(settings.model_url, settings.model, settings.model_key.get_secret_value(), budget=budget)


async def execute(
    folder: Any, target: Path, url: str, port: ModelPort, *, quiet: bool, connected: Connected | None = None
) -> dict[str, Any]:
    """Run one packet against a store and write its results."""
    from graphs.playing import play_packet

    if quiet:
        return await play_packet(folder, target, url, port, connected=connected)
    with _progress() as step:
        return await play_packet(folder, target, url, port, progress=step, connected=connected)


def _progress() -> Any:
    """A live line on a terminal, plain lines where it is piped."""
    from contextlib import contextmanager

    @contextmanager
    def live() -> Any:
        if not sys.stderr.isatty():
            yield lambda node: click.echo(f"casegate: {node}", err=True)
            return
        from rich.console import Console

        console = Console(stderr=True)
        with console.status("opening the packet") as status:
            yield lambda node: status.update(f"{node} …")

    return live()


def _writable(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise InputError(str(target), "--out", "a folder was expected; this is a file")
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(str(target), "--out", f"a writable folder was expected: {error.strerror}") from error
