"""Settings of a tenant by version: propose, put in force, go back. The rule of who may is `casefile.settings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from casefile.settings import History, Wish, refusal
from lineage.canonical import Json, digest_bytes
from runtime.store import setting_rows
from runtime.store.setting_rows import Kind, Mark, Version
from runtime.store.setting_tables import setting_marks, setting_versions
from server.admin.acting import OnTenant, Work, now
from server.problems import Conflict, Forbidden, Unknown

NOUNS: Mapping[Kind, str] = {
    "prompt": "prompt",
    "tools": "tool scopes",
    "parameters": "parameters",
    "policies": "policy set",
    "person": "person",
    "connector": "connector",
}
_V, _M = setting_versions.c, setting_marks.c


@dataclass(frozen=True, slots=True)
class Setting:
    """One name of a kind, as the store has it."""

    kind: Kind
    name: str
    versions: Sequence[Version] = ()
    marks: Sequence[Mark] = ()

    @property
    def history(self) -> History:
        """What was said about its versions. A later evaluation of the same version counts, not an earlier one."""
        last = {one.version: one for one in self.marks if one.mark == "evaluated"}
        return History(
            versions=frozenset(one.version for one in self.versions),
            activated=tuple(one.version for one in self.marks if one.mark == "activated"),
            passed=frozenset(number for number, one in last.items() if orjson.loads(one.body).get("passed") is True),
        )

    @property
    def active(self) -> Version | None:
        """The version in force, or None where it is what is shipped."""
        return self.version(self.history.active)

    def version(self, number: int) -> Version | None:
        """A version by number."""
        return next((one for one in self.versions if one.version == number), None)

    def evaluation(self, number: int) -> Mark | None:
        """The last evaluation of a version."""
        return next((one for one in reversed(self.marks) if one.mark == "evaluated" and one.version == number), None)


@dataclass(frozen=True, slots=True)
class Rules:
    """What kind of setting it is. `narrows` compares a version's body with the one in force (or with `shipped`)."""

    evaluates: bool = False
    returns: bool = False
    shipped: str = "{}"
    narrows: frozenset[int] = field(default_factory=frozenset)


async def look(on: OnTenant, kind: Kind, name: str) -> Setting:
    """A setting as it stands."""
    versions = await setting_rows.versions(on.database, on.tenant, kind, name)
    return Setting(kind, name, versions, await setting_rows.marks(on.database, on.tenant, kind, name))


async def look_all(on: OnTenant, kind: Kind) -> dict[str, Setting]:
    """Every setting of a kind that has a version or a mark, by name."""
    versions = await setting_rows.versions(on.database, on.tenant, kind)
    marks = await setting_rows.marks(on.database, on.tenant, kind)
    names = dict.fromkeys([*(one.name for one in versions), *(one.name for one in marks)])
    return {
        name: Setting(kind, name, [v for v in versions if v.name == name], [m for m in marks if m.name == name])
        for name in names
    }


async def propose(on: OnTenant, kind: Kind, name: str, body: str, reason: str, told: Mapping[str, Json]) -> int:
    """Store the next version; its number. Nothing is in force by that."""
    one = Version(kind, name, 0, digest_bytes(body.encode()), body, on.account, reason, now())

    async def work(connection: AsyncConnection) -> int:
        return await setting_rows.put_version(connection, on.tenant, one)

    content: dict[str, Json] = {"sha256": one.sha256, "reason": reason, **told}
    return await on.write(f"{kind}_proposed", f"{NOUNS[kind]} {name}", content, work)


async def activate(
    on: OnTenant, kind: Kind, name: str, number: int, reason: str, rules: Rules, also: Work[None] | None = None
) -> None:
    """Put a version in force; `also` is what that changes beside it, in the same transaction.

    Raises Unknown, Forbidden (four eyes) or Conflict (its state, or somebody was first).
    """
    setting = await look(on, kind, name)
    one = setting.version(number)
    back = number == 0 or number in setting.history.activated

    async def work(connection: AsyncConnection) -> None:
        here = await _again(connection, on.tenant, kind, name)
        _allowed(here, on.account, number, rules)
        if len(here.marks) != len(setting.marks):
            raise Conflict("somebody else changed this a moment ago; look again")
        mark = Mark(name, len(here.marks) + 1, number, "activated", on.account, reason, now())
        await setting_rows.put_mark(connection, on.tenant, kind, mark)
        if also is not None:
            await also(connection)

    before = setting.history.active
    content: dict[str, Json] = {"version": number, "before": before, "reason": reason}
    content["sha256"] = one.sha256 if one is not None else "shipped"
    verb = "rolled_back" if back else "activated"
    await on.write(f"{kind}_{verb}", f"{NOUNS[kind]} {name} version {number}", content, work)


async def evaluated(on: OnTenant, name: str, number: int, body: Mapping[str, Json]) -> None:
    """Keep what an evaluation of a prompt's version found."""

    async def work(connection: AsyncConnection) -> None:
        here = await _again(connection, on.tenant, "prompt", name)
        mark = Mark(name, len(here.marks) + 1, number, "evaluated", on.account, "", now(), orjson.dumps(body).decode())
        await setting_rows.put_mark(connection, on.tenant, "prompt", mark)

    told = {key: body[key] for key in ("passed", "cases", "asked", "model", "sha256")}
    await on.write("prompt_evaluated", f"prompt {name} version {number}", {"version": number, **told}, work)


def _allowed(setting: Setting, account: str, number: int, rules: Rules) -> None:
    one = setting.version(number)
    wish = Wish(
        number=number,
        by=account,
        author=one.author if one is not None else "",
        evaluates=rules.evaluates,
        returns=rules.returns,
        narrows=number in rules.narrows,
    )
    refused = refusal(setting.history, wish)
    if refused is None:
        return
    match refused[0]:
        case "unknown":
            raise Unknown(refused[1])
        case "person":
            raise Forbidden(refused[1])
        case "state":
            raise Conflict(refused[1])


async def _again(connection: AsyncConnection, tenant: str, kind: Kind, name: str) -> Setting:
    """The setting inside the transaction that changes it."""
    mine = (_V.tenant == tenant, _V.kind == kind, _V.name == name)
    columns = (_V.kind, _V.name, _V.version, _V.sha256, _V.body, _V.author, _V.reason, _V.at)
    versions = (await connection.execute(select(*columns).where(*mine).order_by(_V.version))).all()
    said = (_M.name, _M.seq, _M.version, _M.mark, _M.by, _M.reason, _M.at, _M.body)
    of = (_M.tenant == tenant, _M.kind == kind, _M.name == name)
    marks = (await connection.execute(select(*said).where(*of).order_by(_M.seq))).all()
    return Setting(kind, name, [Version(*row) for row in versions], [Mark(*row) for row in marks])
