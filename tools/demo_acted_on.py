"""The demo's systems to act on: the stubs of its packets as real servers on loopback, and the file that names them.

What was done on them outlives the demo's end, as the cases do; their secrets are made at each start.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from tools.demo_connected import write_secret
from tools.packet_folder import PacketFolder
from tools.stub_server import StubServer


@contextmanager
def acted_on(data: Path, packets: Iterable[PacketFolder]) -> Iterator[Path]:
    """The systems file, written anew, while every system answers. Of a shared one the first script counts."""
    folder = data / "demo-acted-on"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    tenants: dict[str, dict[str, Any]] = {}
    with ExitStack() as running:
        for packet in packets:
            for name, script in packet.scripts.items():
                systems = tenants.setdefault(packet.packet.tenant.id, {})
                if name in systems:
                    continue
                own, secret = f"{packet.packet.case}-{name}".replace("/", "_"), secrets.token_urlsafe(32)
                write_secret(folder / f"{own}.key", secret)
                server = StubServer(script, folder / f"{own}.jsonl", secret)
                server.start()
                running.callback(server.close)
                auth = {"kind": "bearer", "secret": f"file:{own}.key"}
                known = {"name": script.system, "known_as": script.base_url}
                systems[name] = {**known, "base": server.address, "auth": auth}
        file = folder / "systems.yaml"
        write_secret(file, yaml.safe_dump({"tenants": tenants}, sort_keys=False))
        yield file
