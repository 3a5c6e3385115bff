"""`casegate doctor`: checks what this installation needs, and says what to fix."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from runtime.errors import CasegateError
from runtime.settings import Settings

Examination = Callable[[Settings, str], Awaitable[tuple[bool, str]]]


async def examine(db: str) -> int:
    """Run every examination; 0 where all that is needed is there."""
    settings = Settings()
    failed = 0
    for name, look in EXAMINATIONS.items():
        try:
            good, said = await look(settings, db)
        except (CasegateError, OSError, ImportError) as error:
            good, said = False, str(error)
        failed += not good
        click.echo(f"{'ok ' if good else 'FIX'}  {name:<10} {said}")
    return 1 if failed else 0


async def _model(settings: Settings, _db: str) -> tuple[bool, str]:
    if not settings.model_url:
        return (
            True,
            "offline: rules only; set CASEGATE_MODEL_URL, CASEGATE_MODEL and CASEGATE_MODEL_KEY for a model",
        )
    if not settings.model:
        return False, "CASEGATE_MODEL_URL is set, and CASEGATE_MODEL is not: name the model that the endpoint serves"
    return True, f"{settings.model} at {settings.model_url}"


async def _database(settings: Settings, db: str) -> tuple[bool, str]:
    from runtime.store.database import Database

    database = await Database.open(db or settings.database_url())
    await database.close()
    return True, database.url.render_as_string(hide_password=True)


async def _search(_settings: Settings, _db: str) -> tuple[bool, str]:
    from runtime.search import CaseIndex, HashingEmbedder, IndexedSpan

    with tempfile.TemporaryDirectory() as folder:
        index = CaseIndex.open(Path(folder), "tn-doctor", "doctor", HashingEmbedder())
        index.add([IndexedSpan("d1", "doctor", "line=1", "the pump is dry", None)])
        found = index.query("dry pump", 1)
        index.close()
    return bool(found), "one span indexed and found" if found else "an indexed span was not found again"


async def _readers(_settings: Settings, _db: str) -> tuple[bool, str]:
    if shutil.which("tesseract") is None:
        return False, "Tesseract is not installed: images stay unread (Debian: apt-get install tesseract-ocr)"
    return True, "Tesseract is there; images are read"


async def _scenarios(_settings: Settings, _db: str) -> tuple[bool, str]:
    from graphs import catalogue

    return True, f"{len(catalogue.all_scenarios())} in the catalogue, each consistent"


async def _connectors(settings: Settings, _db: str) -> tuple[bool, str]:
    from tools.connectors.http_tools import opened

    systems = [name for tenant in opened(settings.connectors).tenants.values() for name in tenant]
    return True, f"{len(systems)} connected systems, each with its credential" if systems else "no system is connected"


async def _systems(settings: Settings, _db: str) -> tuple[bool, str]:
    from tools.live_systems import opened

    count = sum(len(systems) for systems in opened(settings.systems).tenants.values())
    return True, f"{count} systems to act on, each with its credential" if count else "no system to act on is connected"


async def _mcp(settings: Settings, _db: str) -> tuple[bool, str]:
    from runtime.mcp_settings import load_mcp
    from tools.connectors.mcp_stdio import PATH

    offered = load_mcp(settings.mcp)
    for name, one in offered.commands.items():
        program = one.command[0]
        if shutil.which(program, path=PATH) is None and not (one.folder / program).is_file():
            return False, f"{settings.mcp}: commands.{name}.command: there is no program {program}"
        for variable, reference in one.secrets.items():
            offered.secret(reference, f"commands.{name}.secrets.{variable}")
    for host in offered.hosts:
        if host.authorization is not None:
            offered.secret(host.authorization, f"hosts.{host.origin}.authorization")
    count = len(offered.commands) + len(offered.hosts)
    return True, f"{count} MCP servers to choose from, each with its secrets" if count else "no MCP server is offered"


async def _keys(settings: Settings, _db: str) -> tuple[bool, str]:
    from runtime.clock import instant
    from runtime.installation import Installation, wall_time

    home = Installation.open(settings.data)
    secrets = [home.folder / "installation.key", *(home.folder / "private").iterdir()]
    readable = [str(path) for path in secrets if path.stat().st_mode & 0o077]
    if readable:
        return False, f"others can read {', '.join(readable)}: chmod 600"
    now = wall_time()
    home.signer("receipt", now)
    home.signer("log", now)
    valid = [key for key in (*home.keys("receipt"), *home.keys("log")) if key.fault_at(instant(now)) is None]
    return (
        True,
        f"{home.id}: {len(valid)} keys of the service are valid, the first until {min(k.valid_until for k in valid)}",
    )


EXAMINATIONS: dict[str, Examination] = {
    "model": _model,
    "database": _database,
    "search": _search,
    "readers": _readers,
    "keys": _keys,
    "scenarios": _scenarios,
    "connectors": _connectors,
    "systems": _systems,
    "mcp": _mcp,
}
