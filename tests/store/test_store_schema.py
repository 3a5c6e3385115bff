"""Migrations: up from nothing, on both databases, to exactly the tables that the code knows."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from running import APART, finish
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.errors import StoreError
from runtime.store.connector_tables import metadata
from runtime.store.database import MIGRATIONS, Database, migrate
from runtime.store.signal_places import under


def _sync(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def _differences(connection: Connection) -> list[object]:
    """Alembic compares tables, columns, types and indexes, but not constraints: those are compared beside it."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    found: list[object] = list(compare_metadata(context, metadata))
    seen = inspect(connection)
    for table in metadata.sorted_tables:
        primary = [column.name for column in table.primary_key.columns]
        if seen.get_pk_constraint(table.name)["constrained_columns"] != primary:
            found.append(f"{table.name}: primary key {primary}")
        mine = {
            tuple(c.name for c in one.columns) for one in table.constraints if type(one).__name__ == "UniqueConstraint"
        }
        theirs = {tuple(one["column_names"]) for one in seen.get_unique_constraints(table.name)}
        if mine != theirs:
            found.append(f"{table.name}: unique {theirs}, expected {mine}")
    return found


def test_from_nothing_to_the_schema_of_the_code(url: str) -> None:
    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True) if "sqlite" in url else None
    migrate(url)
    engine = create_engine(_sync(url))
    with engine.connect() as connection:
        assert _differences(connection) == []
    engine.dispose()


def test_migrating_again_changes_nothing(url: str) -> None:
    asyncio.run(_open_and_close(url))
    engine = create_engine(_sync(url))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO blobs VALUES ('t', 'sha256:0', 1, 'x')"))
    asyncio.run(_open_and_close(url))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM blobs")).scalar() == 1
    engine.dispose()


async def test_keys_of_signals_move_under_their_days_and_back(url: str) -> None:
    """0110, on rows as the version before wrote them."""
    day = 86_400_000_000
    times = {"s CS-1": 5, "o op-1": 20_500 * day, "o op-2": 20_500 * day - 1, "t s x": -1, "c a RC-1": -day}
    await _open_and_close(url)
    engine = create_engine(_sync(url))

    def stands(target: str) -> dict[str, int]:
        with engine.begin() as connection:
            moves(connection, target)
            return {row[0]: row[1] for row in connection.execute(text("SELECT key, at FROM signal_keys"))}

    def moves(connection: Connection, target: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        (command.downgrade if target != "head" else command.upgrade)(config, target)

    assert stands("0101") == {}
    with engine.begin() as connection:
        for n, (key, at) in enumerate(times.items()):
            connection.execute(
                text("INSERT INTO signal_keys VALUES ('t', :k, :a, :n, :a)"), {"k": key, "a": at, "n": n}
            )
    assert stands("head") == {key if key[0] == "s" else under(key, at): at for key, at in times.items()}
    assert stands("0101") == times
    engine.dispose()


async def _open_and_close(url: str) -> None:
    await (await Database.open(url)).close()


def test_several_processes_open_an_empty_store_at_once(url: str) -> None:
    barrier = APART.Barrier(4)
    processes = [APART.Process(target=_open_together, args=(url, barrier)) for _ in range(4)]
    for one in processes:
        one.start()
    for one in processes:
        one.join(60)
    assert [one.exitcode for one in processes] == [0] * 4


def _open_together(url: str, barrier: Any) -> None:
    barrier.wait(30)
    asyncio.run(_open_and_close(url))


def test_several_tasks_open_an_empty_store_at_once(url: str) -> None:
    """In a process apart: it must not die of it."""
    assert finish(APART.Process(target=_open_four_times, args=(url,))) == 0


def _open_four_times(url: str) -> None:
    async def together() -> None:
        for one in await asyncio.gather(*(Database.open(url) for _ in range(4))):
            await one.close()

    asyncio.run(together())


async def test_a_store_of_a_later_version_is_refused_with_one_line(url: str) -> None:
    await _open_and_close(url)
    engine = create_engine(_sync(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError) as refused:
        await Database.open(url)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"this is no database at all, but a text of some length" * 40, b"SQLite format 3\x00"]
)
async def test_a_file_that_is_no_database_is_refused_with_one_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "casegate.db").write_bytes(content)
    with pytest.raises(StoreError, match="cannot be opened") as refused:
        await Database.open(f"sqlite:///{tmp_path / 'casegate.db'}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://x/y",
        "not a url",
        "",
        "postgresql://root:hush@127.0.0.1:1/none",
    ],
    ids=["other", "text", "empty", "away"],
)
async def test_an_address_that_leads_nowhere_is_refused_with_one_line(url: str) -> None:
    with pytest.raises(StoreError) as refused:
        await Database.open(url)
    assert "\n" not in str(refused.value)
    assert "hush" not in str(refused.value)


async def test_sqlite_is_durable(sqlite_url: str) -> None:
    """DESIGN.md §6: WAL and `synchronous=FULL`, on every connection."""
    database = await Database.open(sqlite_url)

    async def pragmas(connection: AsyncConnection) -> tuple[Any, Any]:
        journal = await connection.exec_driver_sql("PRAGMA journal_mode")
        return journal.scalar(), (await connection.exec_driver_sql("PRAGMA synchronous")).scalar()

    async def work(connection: AsyncConnection) -> None:
        assert await pragmas(connection) == ("wal", 2)

    await database.together(work)
    assert await database.together(pragmas) == ("wal", 2)
    assert await database.looked(pragmas) == ("wal", 2)
    await database.close()
