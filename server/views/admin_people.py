"""People of a tenant and the acts of its admins, as their pages show them."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from sqlalchemy import select

from graphs import catalogue
from runtime.clock import instant
from runtime.store import account_rows, people_rows
from runtime.store.account_rows import Token
from runtime.store.account_tables import accounts, memberships
from runtime.store.admin_chain import CHAIN
from runtime.store.chain import head_of, rows_after
from runtime.store.lending import lending
from runtime.store.people_rows import Suspension
from server.admin import settings
from server.admin.acting import OnTenant
from server.admin.settings import Setting
from server.models.admin_people import (
    AdminToken,
    AuditEntry,
    AuditPage,
    DelegationRow,
    People,
    PersonRow,
    PersonVersion,
)
from server.models.lineage import ActorView
from server.views.admin import Names, names_of, version_row

_A, _M = accounts.c, memberships.c


async def people_view(on: OnTenant) -> People:
    """Everybody of the tenant, and who is proposed."""
    kept, names = await settings.look_all(on, "person"), await names_of(on)
    joined = select(_M.person, _M.name, _A.email, _M.roles, _A.global_roles, _A.id)
    query = joined.join(accounts, _A.id == _M.account).where(_M.tenant == on.tenant).order_by(_M.person)
    out = await people_rows.suspended(on.database, on.tenant)
    lent = (await lending(on.database, on.tenant)).lent()
    people = []
    for person, name, email, roles, overseer, account in await on.database.rows(query):
        tokens = await account_rows.tokens_of(on.database, account)
        gone = [one for one in out if one.person == person]
        people.append(
            PersonRow(
                person=person,
                name=name,
                email=email,
                roles=orjson.loads(roles),
                lent=list(lent.get(person, ())),
                overseer=orjson.loads(overseer),
                out=_why(gone),
                withdrawn=[one.role for one in gone if one.role],
                me=person == on.member.person,
                member=True,
                tokens=[_token(one) for one in tokens],
                versions=_versions(on, kept.get(person), names),
            )
        )
    there = {one.person for one in people}
    people += [_proposed(on, setting, names) for name, setting in kept.items() if name not in there]
    return People(people=people, delegations=await delegations_view(on), roles=_roles())


def _why(gone: list[Suspension]) -> str | None:
    return next((one.words() for one in gone if not one.role), None)


def _proposed(on: OnTenant, setting: Setting, names: Names) -> PersonRow:
    """Somebody who is not a member yet."""
    body = orjson.loads(setting.versions[-1].body)
    return PersonRow(
        person=setting.name,
        name=body["name"],
        email=body["email"],
        roles=[],
        lent=[],
        overseer=[],
        out=None,
        withdrawn=[],
        me=False,
        member=False,
        tokens=[],
        versions=_versions(on, setting, names),
    )


def _versions(on: OnTenant, setting: Setting | None, names: Names) -> list[PersonVersion]:
    if setting is None:
        return []
    found = []
    for one in reversed(setting.versions):
        row = version_row(on, setting, one.version, names)
        found.append(PersonVersion(**row.model_dump(), **orjson.loads(one.body)))
    return found


def _token(one: Token) -> AdminToken:
    return AdminToken(
        id=one.id,
        name=one.name,
        scopes=list(one.scopes),
        expires_at=_time(one.expires_at),
        last_used_at=_time(one.last_used_at),
    )


def _time(at: int | None) -> str | None:
    return None if at is None else instant(datetime.fromtimestamp(at, UTC))


def _roles() -> list[str]:
    found = {role for one in catalogue.all_scenarios() for gate in one.gates for role in gate.roles}
    return sorted(found | {person["id"] for one in catalogue.all_scenarios() for person in one.people})


async def delegations_view(on: OnTenant, person: str | None = None) -> list[DelegationRow]:
    """The delegations of a tenant, or those that a person gives or takes."""
    there = await lending(on.database, on.tenant)
    return [
        DelegationRow(
            id=one.id,
            giver=one.giver,
            taker=one.taker,
            role=one.role,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            reason=one.reason,
            ended_at=one.ended_at,
            in_force=there.counts(one),
        )
        for one in there.delegations
        if person is None or person in (one.giver, one.taker)
    ]


async def audit_view(on: OnTenant, after: int, limit: int, newest: bool) -> AuditPage:
    """What admins did, out of their chain."""
    head = await head_of(on.database, on.tenant, CHAIN)
    if newest:
        after = max(-1, head.size - limit - 1)
    rows = await rows_after(on.database, on.tenant, CHAIN, after, limit)
    named = {one.person: one.name for one in await account_rows.members_in(on.database, on.tenant)}
    entries = []
    for row in rows:
        header = orjson.loads(row.header)
        opened = {name: orjson.loads(value) if value else None for name, (_, value) in row.contents.items()}
        actor = header["actor"]
        entries.append(
            AuditEntry(
                seq=row.seq,
                at=header["at"],
                kind=header["kind"],
                actor=ActorView(
                    type=actor["type"],
                    id=actor["id"],
                    name=named.get(actor["id"], actor["id"]),
                    role=actor["role"],
                ),
                about=str(opened.get("about") or ""),
                act=opened.get("act") or {},
                hash=row.hash,
            )
        )
    last = rows[-1].seq if rows else after
    following = last if rows and last < head.size - 1 else None
    return AuditPage(entries=entries, size=head.size, head=head.hash, next=following)
