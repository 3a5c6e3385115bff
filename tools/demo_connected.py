"""The demo's connected systems: a real server on loopback while the demo runs, and the file that names them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.demo_systems import DemoSystems, load_script

SETTINGS = Path(__file__).with_name("demo_connectors.yaml")


@contextmanager
def connected(data: Path) -> Iterator[Path]:
    """The connectors file, written anew with fresh secrets in files beside it, while the systems answer."""
    folder = data / "demo-systems"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with DemoSystems(load_script()) as systems:
        for name, secret in systems.secrets.items():
            write_secret(folder / f"{name}.key", secret)
        file = folder / "connectors.yaml"
        write_secret(file, SETTINGS.read_text(encoding="utf-8").replace("BASE", systems.base))
        yield file


def write_secret(file: Path, text: str) -> None:
    """Write a file anew that only its owner reads."""
    file.unlink(missing_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as lines:
        lines.write(text)
