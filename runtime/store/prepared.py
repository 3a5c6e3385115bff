"""Statements that are compiled once and go to the driver as text: most of what a small one costs is its making."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection


class Direct:
    """Stands in for an AsyncConnection where the driver is called in the same thread: nothing is waited for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect
        # The driver's own connection: a cursor of the pool's costs as much as a small statement.
        self.driver: Any = connection.connection.driver_connection

    async def exec_driver_sql(self, statement: str, parameters: Any = None) -> CursorResult[Any]:
        return self._connection.exec_driver_sql(statement, parameters)

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        return self._connection.execute(statement, parameters)

    def write(self, text: str, rows: list[Any]) -> None:
        """Rows straight to the driver. Raises what `execute` raises."""
        cursor = self.driver.cursor()
        try:
            cursor.executemany(text, rows)
        except Exception as error:
            raise told(self.dialect, text, rows, error) from error
        finally:
            cursor.close()

    def read(self, text: str, values: Any) -> Sequence[Any]:
        """What the driver finds. Raises what `execute` raises."""
        cursor = self.driver.cursor()
        try:
            cursor.execute(text, values)
            found: Sequence[Any] = cursor.fetchall()
            return found
        except Exception as error:
            raise told(self.dialect, text, values, error) from error
        finally:
            cursor.close()


def told(dialect: Dialect, text: str, values: Any, error: Exception) -> BaseException:
    """A driver's error as SQLAlchemy tells it; any other as it is."""
    driver = dialect.loaded_dbapi.Error
    if not isinstance(error, driver):
        return error
    return DBAPIError.instance(text, values, error, driver, dialect=dialect)


class Prepared:
    """A statement whose columns are plain ones: no type of them changes a value on its way.

    Of an insert, `columns` are those that it gives; without them it gives all. What SQLite gives back for a boolean is
    a number.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._texts: dict[str, tuple[str, Callable[[Mapping[str, Any]], Any]]] = {}

    async def run(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the rows, each with every member that the statement names. Raises what `execute` raises."""
        text, ordered = self._texts.get(connection.dialect.name) or self._compiled(connection.dialect)
        values = [ordered(row) for row in rows]
        if isinstance(connection, Direct):
            connection.write(text, values)
        else:
            await connection.exec_driver_sql(text, values)

    async def found(self, connection: AsyncConnection, values: Mapping[str, Any]) -> Sequence[Any]:
        """The rows that a query finds with these values."""
        text, ordered = self._texts.get(connection.dialect.name) or self._compiled(connection.dialect)
        if isinstance(connection, Direct):
            return connection.read(text, ordered(values))
        return (await connection.exec_driver_sql(text, ordered(values))).all()

    def _compiled(self, dialect: Dialect) -> tuple[str, Callable[[Mapping[str, Any]], Any]]:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        order = getattr(compiled, "positiontup", None)
        made = (str(compiled), dict if order is None else _in_order(order))
        self._texts[dialect.name] = made
        return made


def _in_order(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Any]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)
