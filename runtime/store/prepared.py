"""Writing statements that are compiled once and go to the driver as text: half of their cost is their making."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.ext.asyncio import AsyncConnection


class Prepared:
    """A statement that writes rows. Its columns are plain ones: no type of them changes a value on its way."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._texts: dict[str, tuple[str, Callable[[Any], Any] | None]] = {}

    async def run(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the rows, each with every member that the statement names. Raises what `execute` raises."""
        text, ordered = self._texts.get(connection.dialect.name) or self._compiled(connection.dialect)
        await connection.exec_driver_sql(text, [ordered(row) for row in rows] if ordered else list(rows))

    def _compiled(self, dialect: Dialect) -> tuple[str, Callable[[Any], Any] | None]:
        compiled = self._statement.compile(dialect=dialect)
        order = getattr(compiled, "positiontup", None)
        text = (str(compiled), itemgetter(*order) if order else None)
        self._texts[dialect.name] = text
        return text
