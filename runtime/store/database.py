"""Opening the database: SQLite (WAL, `synchronous=FULL`) or PostgreSQL by a URL, migrated to head.

Reading goes through connections in autocommit; writing through `writing`, which takes the write lock at its
begin: on SQLite by BEGIN IMMEDIATE, on PostgreSQL by locking the run's row (`RunStore.commit`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from runtime.errors import StoreError
from runtime.store.account_tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30


class Database:
    """An open, migrated database."""

    def __init__(self, engine: AsyncEngine, reader: AsyncEngine, url: URL) -> None:
        self._engine, self._reader = engine, reader
        self.url = url
        self.sqlite = url.get_backend_name() == "sqlite"

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
        return cls(_engine(target), _engine(target, reads=True), target)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees what is committed, and holds no lock."""
        async with self._reader.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction. It is committed at the end, or not at all."""
        async with self._engine.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()
        await self._reader.dispose()


def migrate(url: str) -> None:
    """Bring the schema to head. A fresh SQLite file gets its tables in one go and is stamped."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", _sync_url(url).replace("%", "%%"))
    engine = create_engine(_sync_url(url))
    try:
        with engine.connect() as connection:
            if _at_head(connection):
                return
        with engine.begin() as connection:
            _lock_migration(engine, connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _at_head(connection: Connection) -> bool:
    """A cheap look before Alembic's machinery is loaded into a transaction: the revision named last here."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    heads = sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    now = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return now == heads[-1].split("_")[0]


def _lock_migration(engine: Engine, connection: Connection) -> None:
    if engine.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(718231)"))


def _engine(url: URL, *, reads: bool = False) -> AsyncEngine:
    # A reader's connections are in autocommit for good: nothing is begun, and nothing has to be rolled back.
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None} if reads else {}
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=5, **options)
    engine = create_async_engine(url, pool_size=3, max_overflow=3, **options)

    @event.listens_for(engine.sync_engine, "connect")
    def _pragmas(connection: Any, _entry: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions by itself: `_begin` below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={BUSY_SECONDS * 1000}", "journal_mode=WAL", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    if not reads:

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _driver(url: str) -> URL:
    parsed = make_url(url)
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "postgresql": "postgresql+psycopg",
        "postgres": "postgresql+psycopg",
    }
    backend = parsed.drivername.partition("+")[0]
    if backend not in drivers:
        raise StoreError(f"{_shown(url)}: sqlite:///FILE or postgresql://… was expected")
    return parsed.set(drivername=drivers[backend])


def _sync_url(url: str) -> str:
    target = _driver(url)
    if target.get_backend_name() == "sqlite":
        target = target.set(drivername="sqlite")
    return target.render_as_string(hide_password=False)


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
