"""`casegate demo`: until there is a server, the demo packet on the terminal."""

from __future__ import annotations

from pathlib import Path

from graphs.catalogue import SCENARIOS
from runtime.model.offline import Offline
from server.run_command import execute
from server.terminal import show_result
from tools.packet_folder import load

DEMO = SCENARIOS / "outage-intake" / "cases" / "one-screenshot-from-the-test-host"


async def play_demo() -> int:
    """Run the demo packet into `.casegate/demo` and show the result."""
    target = Path(".casegate") / "demo"
    folder = load(DEMO)
    url = f"sqlite:///{target / '.casegate' / 'casegate.db'}"
    result = await execute(folder, target, url, Offline(), quiet=False)
    show_result(result, target)
    return 0
