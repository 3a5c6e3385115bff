"""Stores for trials: a migrated template that is copied, on SQLite or on a PostgreSQL server of the suite's own.

The server is made with `initdb` in a folder that goes with the suite, and never runs as root: no other database of the
machine is touched, and this one may be stopped in the middle of a transaction.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg

from graphs.runner import checkpointer
from runtime.errors import InputError
from runtime.store.database import Database

BACKENDS = ("sqlite", "postgresql")


class Stores(Protocol):
    """Makes empty stores with the schema in them."""

    def fresh(self, name: str) -> str:
        """The URL of a new one."""
        ...

    def drop(self, name: str) -> None:
        """Remove it."""
        ...


class SqliteStores:
    """Files, copied from a template."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        asyncio.run(_prepare(f"sqlite:///{folder / 'template.db'}"))

    def fresh(self, name: str) -> str:
        for suffix in ("", ".checkpoints"):
            shutil.copyfile(self._folder / f"template.db{suffix}", self._folder / f"{name}.db{suffix}")
        return f"sqlite:///{self._folder / f'{name}.db'}"

    def drop(self, name: str) -> None:
        for path in self._folder.glob(f"{name}.db*"):
            path.unlink()


class Cluster:
    """A PostgreSQL server in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self._bin = _binaries()
        self._user = _plain_user()
        self._port = _free_port()
        folder.chmod(0o755)
        self.data.mkdir()
        if self._user:
            shutil.chown(self.data, self._user)
        self._run("initdb", "-D", str(self.data), "-U", "casegate", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()
        # A template is only copied while nobody is connected to it.
        with self._admin() as admin:
            admin.execute("CREATE DATABASE template_casegate")
        asyncio.run(_prepare(self.url("template_casegate")))

    def fresh(self, name: str) -> str:
        with self._admin() as admin:
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template_casegate')
        return self.url(name)

    def drop(self, name: str) -> None:
        with self._admin() as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=60"
        self._run(
            "pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-o", options, "-l", str(self.data / "log"), "start"
        )

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: `immediate` leaves everything as a crash would."""
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.url("postgres"), autocommit=True)

    def url(self, name: str) -> str:
        """The URL of a database of it."""
        return f"postgresql://casegate@127.0.0.1:{self._port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603  PostgreSQL's own programs
            [self._bin / program, *arguments],
            user=self._user,
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a server that is started keeps it open
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            text=True,
        )
        if done.returncode:
            raise InputError("evals.faults", "postgresql", f"{program} failed: {(done.stderr or '')[-300:]}")


def _binaries() -> Path:
    """Where `initdb` and `pg_ctl` are. Raises InputError where there are none."""
    found = shutil.which("pg_ctl")
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: path.parts[-3].zfill(4))
    if versions:
        return versions[-1].parent
    if found is None:
        raise InputError("evals.faults", "postgresql", "initdb and pg_ctl were expected (Debian: postgresql)")
    return Path(found).parent


def has_postgresql() -> bool:
    """Whether a server can be made here."""
    try:
        _binaries()
    except InputError:
        return False
    return True


def _plain_user() -> str | None:
    """Whom the server runs as where we are root; it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _prepare(url: str) -> None:
    database = await Database.open(url)
    await database.close()
    async with checkpointer(url) as saver:
        await saver.setup()


@contextmanager
def stores(backend: str) -> Iterator[SqliteStores | Cluster]:
    """Stores of a kind, gone at the end. Raises InputError where PostgreSQL is wanted and is not installed."""
    with tempfile.TemporaryDirectory(prefix="casegate-faults-") as scratch:
        if backend == "sqlite":
            yield SqliteStores(Path(scratch))
            return
        cluster = Cluster(Path(scratch))
        try:
            yield cluster
        finally:
            cluster.stop()
