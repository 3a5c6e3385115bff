"""People of a tenant: who is who and in which roles, who stands in for whom, who is out of use.

An admin makes accounts and never credentials: who signs in as somebody is settled by the OpenID provider or by whoever
runs the server. To grant takes two admins, to take away one. Overseers (admin, auditor, evaluator) are not made here.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from casefile.packet import Passes, Step
from graphs.runner import Run
from lineage.canonical import Json
from runtime.clock import from_instant, instant, wall
from runtime.store import account_rows, people_rows, run_list
from runtime.store.account_tables import accounts, api_tokens, memberships
from runtime.store.people_rows import Delegation, Suspension
from server.admin import settings
from server.admin.acting import OnTenant, now
from server.admin.settings import Rules
from server.models.problem import Fault
from server.problems import Conflict, Forbidden, Unknown, Unusable

OVERSEERS = frozenset({"admin", "auditor", "evaluator"})
LONGEST = timedelta(days=90)
_A, _M = accounts.c, memberships.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """A person as an admin proposes him: e-mail of the account, name, roles that a roster may give."""

    person: str
    email: str
    name: str
    roles: Sequence[str]


async def propose(on: OnTenant, wanted: Wanted, reason: str) -> int:
    """Propose a person with his roles, or other roles of one that is there. Raises Unusable, Conflict."""
    overseers = sorted(OVERSEERS.intersection(wanted.roles))
    if overseers:
        raise _unusable("body.roles", f"roles of cases; {', '.join(overseers)} is given by whoever runs the server")
    email = wanted.email.casefold()
    known = await account_rows.account_by_email(on.database, email)
    holder = await _holder(on, wanted.person)
    if holder is not None and (known is None or known.id != holder):
        raise Conflict(f"{wanted.person} is another account in this tenant, and an e-mail is not changed here")
    body = orjson.dumps({"email": email, "name": wanted.name, "roles": sorted(set(wanted.roles))}).decode()
    return await settings.propose(
        on, "person", wanted.person, body, reason, {"roles": list[Json](sorted(set(wanted.roles)))}
    )


async def _holder(on: OnTenant, person: str) -> str | None:
    found = await on.database.rows(select(_M.account).where(_M.tenant == on.tenant, _M.person == person))
    return str(found[0][0]) if found else None


async def activate(on: OnTenant, person: str, number: int, reason: str) -> None:
    """Put a person's record in force: account, membership, roles. A role that goes voids what waits on it (R2)."""
    setting = await settings.look(on, "person", person)
    one = setting.version(number)
    if one is None:
        raise Unknown(f"there is no version {number}")
    wanted = orjson.loads(one.body)
    before = next((m for m in await account_rows.members_in(on.database, on.tenant) if m.person == person), None)
    roles = set(before.roles) if before is not None else set()
    out = {s.role for s in await people_rows.suspended(on.database, on.tenant) if s.person == person}
    less = before is not None and set(wanted["roles"]) <= roles and "" not in out
    narrowing = frozenset({number}) if less else frozenset[int]()
    if on.member.person == person and not less:
        raise Forbidden("nobody puts in force what concerns himself")
    gone = roles - set(wanted["roles"])

    async def work(connection: AsyncConnection) -> None:
        await _write(connection, on, person, wanted["email"], wanted["name"], wanted["roles"])
        await people_rows.lift(connection, on.tenant, person, "", now())
        for role in wanted["roles"]:
            await people_rows.lift(connection, on.tenant, person, role, now())
        for role in sorted(gone):
            await people_rows.suspend(connection, on.tenant, Suspension(person, role, now(), on.member.person, reason))

    await settings.activate(on, "person", person, number, reason, Rules(narrows=narrowing), also=work)
    if gone:
        await _look_again(on, {person, *await _takers(on, person)})


async def _write(
    connection: AsyncConnection, on: OnTenant, person: str, email: str, name: str, roles: Sequence[str]
) -> None:
    """The account where there is none of that e-mail, without a password, and the membership."""
    found = (await connection.execute(select(_A.id).where(_A.email == email))).scalar()
    account = str(found) if found is not None else f"acc_{uuid.uuid4().hex[:16]}"
    if found is None:
        row: dict[str, Any] = {
            "id": account,
            "email": email,
            "name": name,
            "password": None,
            "issuer": None,
            "subject": None,
        }
        row |= {"global_roles": "[]", "disabled": False, "demo": False, "created_at": wall()}
        await connection.execute(insert(accounts).values(**row))
    values = {"name": name, "roles": orjson.dumps(list(roles)).decode()}
    mine = (_M.tenant == on.tenant, _M.account == account, _M.person == person)
    done = await connection.execute(update(memberships).where(*mine).values(**values))
    if not done.rowcount:
        member = {"tenant": on.tenant, "tenant_name": on.member.tenant_name, "person": person, "account": account}
        await connection.execute(insert(memberships).values(**member, **values))


async def deactivate(on: OnTenant, person: str, reason: str) -> int:
    """Take a person out of use at once. How many runs are looked at again: his answers there are void (R2)."""
    if on.member.person == person:
        raise Forbidden("nobody deactivates himself: another admin does")
    if await _holder(on, person) is None:
        raise Unknown

    async def work(connection: AsyncConnection) -> None:
        one = Suspension(person, "", now(), on.member.person, reason)
        if not await people_rows.suspend(connection, on.tenant, one):
            raise Conflict(f"{person} is out of use already")

    await on.write("person_deactivated", person, {"reason": reason}, work)
    return await _look_again(on, {person, *await _takers(on, person)})


async def _takers(on: OnTenant, giver: str) -> set[str]:
    """Whoever was lent a role by a person: it goes with the giver's own."""
    return {one.taker for one in await people_rows.delegations_of(on.database, on.tenant) if one.giver == giver}


async def _look_again(on: OnTenant, people: Collection[str]) -> int:
    """Every run with one of these people on its roster that may go on is told that something has changed."""
    scope = run_list.Scope(tuple((on.tenant, person) for person in sorted(people)))
    live = run_list.Filter(states=("working", "waiting", "resting"), tenant=on.tenant, limit=100_000)
    rows, _ = await run_list.listed(on.database, scope, live)
    for row in rows:
        opened = await on.service.casebook.run(row.run)
        if opened is None:
            continue
        step = Step(at=await opened.now(), passes=Passes())
        await Run(opened.context, None, lambda _node: None).submit(f"people:{uuid.uuid4().hex}", step)
        on.service.committed(row.tenant, row.run)
    return len(rows)


async def delegate(on: OnTenant, taker: str, role: str, times: tuple[datetime, datetime], reason: str) -> str:
    """Lend a role of one's own. It caps what a roster may give the taker; it puts nobody on a roster."""
    own = {m.person: m for m in await account_rows.members_in(on.database, on.tenant)}
    mine = own.get(on.member.person)
    if mine is None or role not in mine.roles:
        raise Forbidden(f"you have no role {role} of your own to lend")
    if taker not in own or taker == on.member.person:
        raise _unusable("body.taker", "another person of this tenant")
    start, end = times
    if end <= start or end <= datetime.now(UTC) or end - start > LONGEST:
        raise _unusable("body.valid_until", f"a time after the start, not past, at most {LONGEST.days} days later")
    made = Delegation(
        id=f"dlg_{uuid.uuid4().hex[:16]}",
        giver=on.member.person,
        taker=taker,
        role=role,
        valid_from=instant(start),
        valid_until=instant(end),
        reason=reason,
        made_at=now(),
    )
    told = {"taker": taker, "role": role, "from": made.valid_from, "until": made.valid_until, "reason": reason}

    async def work(connection: AsyncConnection) -> None:
        await people_rows.put_delegation(connection, on.tenant, made)

    await on.write("role_delegated", made.id, told, work, role=role)
    return made.id


async def end_delegation(on: OnTenant, name: str, *, any_giver: bool) -> None:
    """End a delegation: its giver, or an admin. Answers of the taker that rest on it are void (R2)."""
    one = next((d for d in await people_rows.delegations_of(on.database, on.tenant) if d.id == name), None)
    if one is None or (not any_giver and one.giver != on.member.person):
        raise Unknown
    if one.ended_at is not None or from_instant(one.valid_until) <= datetime.now(UTC):
        raise Conflict("it is over already")

    async def work(connection: AsyncConnection) -> None:
        await people_rows.end_delegation(connection, on.tenant, name, now())

    await on.write("delegation_ended", name, {"taker": one.taker, "role": one.role}, work)
    await _look_again(on, {one.taker})


async def revoke_token(on: OnTenant, token: str) -> None:
    """Revoke a token of somebody of this tenant. Raises Unknown."""
    for account in await accounts_in(on):
        if any(one.id == token for one in await account_rows.tokens_of(on.database, account)):

            async def work(connection: AsyncConnection, holder: str = account) -> None:
                mine = (api_tokens.c.account == holder, api_tokens.c.id == token)
                await connection.execute(delete(api_tokens).where(*mine))

            await on.write("token_revoked", token, {"account": account}, work)
            return
    raise Unknown


async def accounts_in(on: OnTenant) -> Collection[str]:
    """The accounts of a tenant."""
    found = await on.database.rows(select(_M.account).where(_M.tenant == on.tenant).order_by(_M.person))
    return [str(account) for (account,) in found]


def _unusable(place: str, expected: str) -> Unusable:
    return Unusable(f"{place}: {expected}", [Fault(place=place, expected=expected)])
