"""Opening the database: SQLite (WAL, `synchronous=FULL`) or PostgreSQL by a URL, migrated to head.

Reading goes through connections in autocommit; writing takes the write lock at its begin: on SQLite by BEGIN
IMMEDIATE, on PostgreSQL by locking the run's row (`RunStore.commit`). What belongs together goes to a thread together:
`rows` for a query, `together` for a transaction. Whoever waits for one may be cancelled; the transaction is not, so it
is committed whole or not at all, and it holds its lock for nothing but its own statements.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, Executable, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import ConnectionPoolEntry

from runtime.errors import StoreError
from runtime.faults import fault_point
from runtime.store.connector_tables import metadata
from runtime.store.lanes import Lane
from runtime.store.prepared import Direct, told

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30
# At once, of one process: as many as the pools below keep connections for.
READERS, WRITERS = 4, 5

T = TypeVar("T")
# Alembic's operations are bound to names of its modules: one migration at a time in a process.
_MIGRATING = threading.Lock()


class Database:
    """An open, migrated database."""

    def __init__(self, url: URL) -> None:
        self._writes, self._reads = _synchronous(url), _synchronous(url, reads=True)
        self._brief = _synchronous(url, sync="NORMAL")
        self.url = url
        self.sqlite = url.get_backend_name() == "sqlite"
        self._reading = Lane("reading", READERS)
        self._writing = Lane("writing", 1 if self.sqlite else WRITERS)

    @classmethod
    async def open(cls, url: str) -> Database:
        """Open and migrate. Raises StoreError with what to fix."""
        target = _driver(url)
        try:
            if target.database and target.get_backend_name() == "sqlite":
                Path(target.database).parent.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(migrate, url)
        except (OSError, DBAPIError) as error:
            raise StoreError(f"the database {_shown(url)} cannot be opened: {_first_line(error)}") from error
        return cls(target)

    @staticmethod
    def exists(url: str) -> bool:
        """Whether there is something to open: a SQLite file is made by opening it, so that is asked before."""
        target = _driver(url)
        return target.get_backend_name() != "sqlite" or Path(target.database or "").is_file()

    async def rows(self, query: Executable) -> list[Any]:
        """What a query finds among what is committed."""

        def read() -> list[Any]:
            with self._reads.connect() as connection:
                return list(connection.execute(query).all())

        return await self._reading.do(read)

    async def row(self, query: Executable) -> Any:
        """The first row that a query finds, or None."""

        def read() -> Any:
            with self._reads.connect() as connection:
                return connection.execute(query).first()

        return await self._reading.do(read)

    async def looked(self, work: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
        """Several queries on one connection and in one thread; holds no lock. `work` waits for nothing else."""

        def look() -> T:
            with self._reads.connect() as connection:
                return _straight(connection, work)

        return await self._reading.do(look)

    async def together(self, work: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
        """A transaction whose `work` waits for nothing but its own statements. Committed at the end, or not at all.

        Raises RuntimeError where the work waits for something else: it would hold the lock for as long.
        """

        def write() -> T:
            with self._writes.begin() as connection:
                done = _straight(connection, work)
                fault_point("transaction.written")
                return done

        fault_point("transaction.before")
        result = await self._writing.do(write)
        fault_point("transaction.after")
        return result

    async def briefly(self, work: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
        """The same for what may be lost with the machine, because it says only what its processes do: it is not waited
        for until it is on the disk. What is committed otherwise is, and everything before it."""

        def write() -> T:
            with self._brief.begin() as connection:
                if not self.sqlite:
                    connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
                done = _straight(connection, work)
                fault_point("transaction.written")
                return done

        fault_point("transaction.before")
        result = await self._writing.do(write)
        fault_point("transaction.after")
        return result

    async def close(self) -> None:
        """Give every connection back."""
        await asyncio.to_thread(self._dispose)

    def _dispose(self) -> None:
        self._reading.close()
        self._writing.close()
        self._writes.dispose()
        self._brief.dispose()
        self._reads.dispose()


def _straight(connection: Connection, work: Callable[[AsyncConnection], Coroutine[Any, Any, T]]) -> T:
    """Run what waits for nothing but its own statements, here and now."""
    going = work(cast(AsyncConnection, Direct(connection)))
    try:
        going.send(None)
    except StopIteration as done:
        return cast(T, done.value)
    going.close()
    raise RuntimeError("a transaction waited for something other than its statements")


def migrate(url: str) -> None:
    """Bring the schema to head, one process at a time. Raises StoreError for a store of a later version."""
    engine = _synchronous(_driver(url))
    try:
        with _MIGRATING:
            with engine.connect() as connection:
                if _at_head(connection, url):
                    return
            with engine.begin() as connection:
                # On SQLite the begin of the transaction has taken the lock already.
                if engine.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(718231)"))
                if not _at_head(connection, url):
                    _upgrade(connection, url)
    finally:
        engine.dispose()


def _upgrade(connection: Connection, url: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", _driver(url).render_as_string(hide_password=False).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _at_head(connection: Connection, url: str) -> bool:
    """A cheap look before Alembic's machinery is loaded into a transaction: the revision named last here."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    known = [path.stem.split("_")[0] for path in sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))]
    now = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if now is not None and now not in known:
        raise StoreError(
            f"the database {_shown(url)} has schema {now}, this version knows {known[-1]}: upgrade casegate"
        )
    return bool(now == known[-1])


def _synchronous(url: URL, *, reads: bool = False, sync: str = "FULL") -> Engine:
    # `begin` alone is used of a writer: its connection goes back committed or rolled back already.
    engine = create_engine(url, **{**_options(url, reads=reads), "pool_reset_on_return": None})
    return _prepared(engine, url, reads=reads, sync=sync)


def _options(url: URL, *, reads: bool) -> dict[str, Any]:
    # A reader's connections are in autocommit for good: nothing is begun, and nothing has to be rolled back.
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None} if reads else {}
    # An error of a statement reaches the log: never with the values that it was given.
    options["hide_parameters"] = True
    if url.get_backend_name() == "sqlite":
        return {"pool_size": 3, "max_overflow": 3, **options}
    return {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 5, **options}


def _prepared(engine: Engine, url: URL, *, reads: bool, sync: str) -> Engine:
    if url.get_backend_name() != "sqlite":
        return engine

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions by itself: `_begin` below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={BUSY_SECONDS * 1000}", "journal_mode=WAL", f"synchronous={sync}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    if not reads:

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            begin = "BEGIN IMMEDIATE"
            try:
                connection.connection.cursor().execute(begin)
            except Exception as error:
                raise told(connection.dialect, begin, None, error) from error

    return engine


def _driver(url: str) -> URL:
    expected = f"{_shown(url)}: sqlite:///FILE or postgresql://… was expected"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(expected) from None
    drivers = {
        "sqlite": "sqlite",
        "postgresql": "postgresql+psycopg",
        "postgres": "postgresql+psycopg",
    }
    backend = parsed.drivername.partition("+")[0]
    if backend not in drivers:
        raise StoreError(expected)
    return parsed.set(drivername=drivers[backend])


def checkpoint_url(url: str) -> str:
    """Where LangGraph's own checkpoints go: beside the SQLite file, in the same PostgreSQL database."""
    target = _driver(url)
    if target.get_backend_name() == "sqlite":
        return f"{target.database}.checkpoints"
    return target.set(drivername="postgresql").render_as_string(hide_password=False)


def _shown(url: str) -> str:
    return re.sub(r"//[^@/]*@", "//", url)


def _first_line(error: BaseException) -> str:
    origin = error.orig if isinstance(error, OperationalError) and error.orig is not None else error
    return str(origin).strip().splitlines()[0] if str(origin).strip() else type(error).__name__


__all__ = ["Database", "checkpoint_url", "metadata", "migrate"]
