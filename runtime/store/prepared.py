"""Statements that are compiled once and go to the driver as text: most of what a small one costs is its making."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.ext.asyncio import AsyncConnection


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
        await connection.exec_driver_sql(text, [ordered(row) for row in rows])

    async def found(self, connection: AsyncConnection, values: Mapping[str, Any]) -> Sequence[Any]:
        """The rows that a query finds with these values."""
        text, ordered = self._texts.get(connection.dialect.name) or self._compiled(connection.dialect)
        return (await connection.exec_driver_sql(text, ordered(values))).all()

    def _compiled(self, dialect: Dialect) -> tuple[str, Callable[[Mapping[str, Any]], Any]]:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)  # type: ignore[call-arg]
        order = getattr(compiled, "positiontup", None)
        made = (str(compiled), dict if order is None else _in_order(order))
        self._texts[dialect.name] = made
        return made


def _in_order(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Any]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)
