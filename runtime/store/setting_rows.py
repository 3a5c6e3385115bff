"""Versions of settings in the store, and what was said about each. What is in force is what the last mark says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import BindParameter, Select, bindparam, func, insert, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.store.database import Database
from runtime.store.prepared import Prepared
from runtime.store.setting_tables import run_pins, setting_marks, setting_versions

Kind = Literal["prompt", "tools", "parameters", "policies", "person", "connector"]
Said = Literal["evaluated", "activated", "withdrawn"]
_V, _M, _P = setting_versions.c, setting_marks.c, run_pins.c


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a setting: `body` and `sha256` never change. `author` is an account."""

    kind: Kind
    name: str
    version: int
    sha256: str
    body: str
    author: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What was said about a version. `version` 0 stands for what comes with the program."""

    name: str
    seq: int
    version: int
    mark: Said
    by: str
    reason: str
    at: str
    body: str = "{}"


_VERSION = (_V.kind, _V.name, _V.version, _V.sha256, _V.body, _V.author, _V.reason, _V.at)
_MARK = (_M.name, _M.seq, _M.version, _M.mark, _M.by, _M.reason, _M.at, _M.body)

_NAMED: dict[str, BindParameter[str]] = {
    "tenant": bindparam("tenant"),
    "kind": bindparam("kind"),
    "name": bindparam("name"),
}
# Asked for each question to a model and each use of a tool. What comes with the program has no row.
_LAST = (
    select(_M.version)
    .where(*(_M[one] == value for one, value in _NAMED.items()), _M.mark == literal_column("'activated'"))
    .order_by(_M.seq.desc())
    .limit(literal_column("1"))
    .offset(literal_column("0"))
)
_IN_FORCE = Prepared(
    select(*_VERSION).where(*(_V[one] == value for one, value in _NAMED.items()), _V.version == _LAST.scalar_subquery())
)


def _versions(tenant: str, kind: Kind) -> Select[Any]:
    return select(*_VERSION).where(_V.tenant == tenant, _V.kind == kind)


def _marks(tenant: str, kind: Kind) -> Select[Any]:
    return select(*_MARK).where(_M.tenant == tenant, _M.kind == kind)


async def versions(database: Database, tenant: str, kind: Kind, name: str | None = None) -> list[Version]:
    """Every version of that kind (and name) in a tenant, oldest first."""
    query = _versions(tenant, kind)
    if name is not None:
        query = query.where(_V.name == name)
    return [Version(*row) for row in await database.rows(query.order_by(_V.name, _V.version))]


async def names(database: Database, tenant: str, kind: Kind) -> list[str]:
    """The names of that kind that have a version."""
    query = select(_V.name).where(_V.tenant == tenant, _V.kind == kind).distinct().order_by(_V.name)
    return [str(name) for (name,) in await database.rows(query)]


async def version(database: Database, tenant: str, kind: Kind, name: str, number: int) -> Version | None:
    """One version, or None."""
    found = await database.rows(_versions(tenant, kind).where(_V.name == name, _V.version == number))
    return Version(*found[0]) if found else None


async def marks(database: Database, tenant: str, kind: Kind, name: str | None = None) -> list[Mark]:
    """What was said about versions of that kind (and name), oldest first."""
    query = _marks(tenant, kind)
    if name is not None:
        query = query.where(_M.name == name)
    return [Mark(*row) for row in await database.rows(query.order_by(_M.name, _M.seq))]


async def in_force(database: Database, tenant: str, kind: Kind, name: str) -> Version | None:
    """The version in force, or None where it is what comes with the program."""
    values = {"tenant": tenant, "kind": kind, "name": name}
    found = await database.looked(lambda connection: _IN_FORCE.found(connection, values))
    return Version(*found[0]) if found else None


async def put_version(connection: AsyncConnection, tenant: str, one: Version) -> int:
    """Store the next version of a name, inside the caller's transaction; its number. `one.version` is not looked at.

    Two at once: the second has an IntegrityError.
    """
    highest = select(func.max(_V.version)).where(_V.tenant == tenant, _V.kind == one.kind, _V.name == one.name)
    number = int((await connection.execute(highest)).scalar() or 0) + 1
    row = {"tenant": tenant, "kind": one.kind, "name": one.name, "version": number, "sha256": one.sha256}
    row |= {"body": one.body, "author": one.author, "reason": one.reason, "at": one.at}
    await connection.execute(insert(setting_versions), row)
    return number


async def put_mark(connection: AsyncConnection, tenant: str, kind: Kind, one: Mark) -> None:
    """Store a mark at its place, inside the caller's transaction. IntegrityError where the place is taken."""
    row = {"tenant": tenant, "kind": kind, "name": one.name, "seq": one.seq, "version": one.version}
    row |= {"mark": one.mark, "by": one.by, "reason": one.reason, "at": one.at, "body": one.body}
    await connection.execute(insert(setting_marks), row)


async def pin(database: Database, tenant: str, run: str, pins: Sequence[tuple[Kind, str, int]]) -> None:
    """Keep which versions a run was started with. Nothing changes where it has them already (R10)."""
    if not pins:
        return
    there = {kind for (kind,) in await database.rows(select(_P.kind).where(_P.tenant == tenant, _P.run == run))}
    rows = [
        {"tenant": tenant, "run": run, "kind": kind, "name": name, "version": number}
        for kind, name, number in pins
        if kind not in there
    ]
    if rows:
        await database.together(lambda connection: connection.execute(insert(run_pins), rows))


async def pinned(database: Database, tenant: str, run: str, kind: Kind) -> Version | None:
    """The version of a setting that a run was started with; None stands for what comes with the program."""
    found = await database.rows(select(_P.name, _P.version).where(_P.tenant == tenant, _P.run == run, _P.kind == kind))
    return await version(database, tenant, kind, found[0][0], found[0][1]) if found else None
