"""A real CalDAV server (Radicale) on loopback, in a process of its own, with calendars made by requests."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import yaml

USER, PASSWORD = "casegate", "a-password-of-this-test"
_MADE = """<?xml version="1.0"?><C:mkcalendar xmlns:C="urn:ietf:params:xml:ns:caldav"/>"""


@dataclass(frozen=True, slots=True)
class Radicale:
    """A running server. `holds` is the collection that takes holds; everything is reached with USER and PASSWORD."""

    address: str
    folder: Path
    command: list[str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.processes.append(subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        _wait(self, self.processes[-1])

    def stop(self) -> None:
        """End it; what it keeps stays on its disk."""
        while self.processes:
            process = self.processes.pop()
            process.kill()
            process.wait()

    @property
    def holds(self) -> str:
        """The collection of holds."""
        return f"{self.address}/{USER}/bridges/"

    def calendar_of(self, address: str) -> str:
        """Where the calendar of a person is."""
        return f"{self.address}/{USER}/{address.partition('@')[0]}/"

    def make(self, url: str) -> None:
        """Make a collection."""
        assert self._ask("MKCALENDAR", url, _MADE.encode()).status_code == 201

    def put(self, url: str, name: str, text: str) -> None:
        """Put a calendar object, as the person's own program would."""
        assert self._ask("PUT", f"{url}{name}", text.encode()).status_code in (201, 204)

    def delete(self, url: str) -> None:
        """Remove an object or a collection."""
        assert self._ask("DELETE", url).status_code == 200

    def entries(self, url: str) -> list[str]:
        """The objects of a collection, as text, from the server's own disk."""
        inside = self.folder / "collection-root" / url.removeprefix(self.address).strip("/")
        return [path.read_text() for path in sorted(inside.glob("*.ics"))]

    def settings(self, folder: Path, people: list[str], *, default: bool = True) -> Path:
        """A calendars file of an installation, with the password in a file beside it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "calendar.key").write_text(PASSWORD)
        one = {
            "url": self.holds,
            "username": USER,
            "password_file": "calendar.key",
            "people": {who: self.calendar_of(who) for who in people},
        }
        file = folder / "calendars.yaml"
        file.write_text(yaml.safe_dump({"calendars": {"bridges": one}, **({"default": "bridges"} if default else {})}))
        return file

    def _ask(self, method: str, url: str, body: bytes = b"") -> httpx.Response:
        with httpx.Client(auth=(USER, PASSWORD), trust_env=False, timeout=20) as client:
            return client.request(method, url, content=body)


@contextmanager
def radicale(folder: Path) -> Iterator[Radicale]:
    """Start a server that keeps its collections in a folder; ended at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    users, storage = folder / "users", folder / "storage"
    users.write_text(f"{USER}:{PASSWORD}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "radicale", "--config", "", "--server-hosts", f"127.0.0.1:{port}",
        "--storage-filesystem-folder", str(storage), "--auth-type", "htpasswd",
        "--auth-htpasswd-filename", str(users), "--auth-htpasswd-encryption", "plain", "--auth-delay", "0",
        "--rights-type", "authenticated", "--logging-level", "error",
    ]  # fmt: skip
    server = Radicale(f"http://127.0.0.1:{port}", storage, command)
    try:
        server.start()
        server._ask("MKCOL", f"{server.address}/{USER}/")
        server.make(server.holds)
        yield server
    finally:
        server.stop()


def _wait(server: Radicale, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the calendar server ended"
        try:
            if server._ask("GET", f"{server.address}/.web/").status_code < 500:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the calendar server does not answer")
