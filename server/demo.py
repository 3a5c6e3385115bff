"""`casegate demo`: demo cases and demo people, put in once, and the server over them.

Demo cases: those of a scenario whose folder has a file `demo`, else the scenario's first. Their clocks run from the
time at which their packet was made: while the demo is down they stand still.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from casefile.packet import Packet, Person
from casefile.scenario import Scenario
from graphs import catalogue
from graphs.runner import check_packet, run_name
from runtime.clock import from_instant, wall
from runtime.errors import InputError
from runtime.settings import Settings
from runtime.store import account_rows, run_list
from runtime.store.account_rows import Account, Member
from runtime.store.run_list import Clock
from runtime.store.run_store import RunStore
from server import opening
from server.api.standing import gate_roles
from server.opening import Given
from server.security.secrets import fresh, hashed
from server.service import Service
from server.serving import serve
from tools.demo_acted_on import acted_on
from tools.demo_connected import connected
from tools.packet_folder import PacketFolder, load

log = structlog.get_logger("casegate")
LINK_DAYS = 30
# Part → the role that it has over its tenants. Two admins: what one proposes the other one puts in force.
OVERSEERS = {"auditor": "auditor", "evaluator": "evaluator", "admin": "admin", "admin-2": "admin"}
_LEAD, _REVIEWER = "support-lead", "reviewer"
MAIN = (_LEAD, _REVIEWER, f"{_REVIEWER}-2", *OVERSEERS)
_NAMES = {_LEAD: "Demo support lead", _REVIEWER: "Demo reviewer", "admin-2": "Demo second admin"}


@dataclass(slots=True)
class Cast:
    """The demo people: who each is in which tenant."""

    members: OrderedDict[str, list[Member]] = field(default_factory=OrderedDict)
    taken: dict[tuple[str, str], str] = field(default_factory=dict)

    def give(self, part: str, member: Member) -> bool:
        """Let a part of the cast be a person of a tenant. False where the part is somebody else there already."""
        mine = self.members.setdefault(part, [])
        if any(one.tenant == member.tenant and one.person != member.person for one in mine):
            return False
        if self.taken.setdefault((member.tenant, member.person), part) != part:
            return True
        known = next((one for one in mine if one.tenant == member.tenant), None)
        if known is not None:
            mine.remove(known)
            roles = tuple(dict.fromkeys([*known.roles, *member.roles]))
            member = Member(member.tenant, member.tenant_name, member.person, member.name, roles)
        mine.append(member)
        return True


@dataclass(frozen=True, slots=True)
class Link:
    """A fresh sign-in link of a demo person. `main`: one of those that the terminal shows."""

    name: str
    secret: str
    roles: tuple[str, ...]
    main: bool

    def address(self, origin: str) -> str:
        """What a browser opens."""
        return f"{origin}/api/session/link/{self.secret}"


def run_demo(host: str | None, port: int | None, db: str) -> int:
    """Serve, with the demo put in before the first request, and its systems where no others are configured."""

    async def prepare(here: Service) -> None:
        links = await seed(here)
        file = here.settings.data / "demo-links.txt"
        _write(file, here.settings.origin, links)
        _show(here.settings.origin, [one for one in links if one.main], file)

    settings = Settings()
    with ExitStack() as running:
        connectors = settings.connectors or running.enter_context(connected(settings.data))
        systems = settings.systems or running.enter_context(acted_on(settings.data, _usable()))
        return serve(host, port, db, demo=True, prepare=prepare, files={"connectors": connectors, "systems": systems})


def demo_cases() -> list[Path]:
    """The packet folders of the demo."""
    found = []
    for folder in catalogue.folders().values():
        cases = sorted(path.parent for path in (folder / "cases").glob("*/packet.yaml"))
        found += [case for case in cases if (case / "demo").exists()] or cases[:1]
    return found


def _usable() -> Iterator[PacketFolder]:
    """The packets of the demo; `seed` tells of those that cannot be used."""
    for path in demo_cases():
        with suppress(InputError):
            yield load(path)


def _show(origin: str, links: list[Link], file: Path) -> None:
    """The sign-in links of the main people. A link is never broken into lines: it could not be copied or clicked."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Sign in as", no_wrap=True)
    table.add_column("Link", no_wrap=True)
    for one in links:
        address = one.address(origin)
        table.add_row(one.name, Text(address, style=f"link {address}"))
    console = Console(highlight=False)
    console.print(f"\nCasegate demo: {origin}  ({len(demo_cases())} cases of {len(catalogue.folders())} scenarios)\n")
    needed = Console(width=10_000).measure(table).maximum
    wide = Console(highlight=False, width=max(console.width, needed))
    wide.print(table)
    console.print(
        f"Everybody else of the demo cases: {file}\nStop with Ctrl-C. What you do is kept; start again to go on.\n"
    )


def _write(file: Path, origin: str, links: list[Link]) -> None:
    """All links, for the eyes of whoever runs the demo."""
    file.unlink(missing_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as lines:
        lines.writelines(f"{one.name}\t{one.address(origin)}\t{', '.join(one.roles)}\n" for one in links)


async def seed(here: Service) -> list[Link]:
    """Put in cases and people, each once; their links. Again makes new links only."""
    cast = Cast()
    for path in demo_cases():
        try:
            folder = await asyncio.to_thread(load, path)
            scenario, _ = check_packet(folder)
        except InputError as error:
            log.warning("a demo case cannot be used", case=str(path), error=str(error))
            continue
        _cast(cast, folder.packet, scenario)
        await _put(here, folder, scenario)
    return await _people(here, cast)


async def _put(here: Service, folder: PacketFolder, scenario: Scenario) -> None:
    """Open the case, or start its clock again where it stood when the demo was stopped."""
    packet, name = folder.packet, run_name(folder)
    row = await RunStore(here.database, packet.tenant.id, packet.case, name).row()
    stood = from_instant(row.clock) if row is not None else packet.as_of
    behind = int((datetime.now(UTC) - stood).total_seconds())
    clock = Clock(behind, demo=True)
    if row is None or row.turn == 0:
        await opening.opened(here, Given(folder, scenario, True, []), clock)
        return
    await run_list.put_clock(here.database, packet.tenant.id, name, clock)
    here.casebook.forget(name)


def _cast(cast: Cast, packet: Packet, scenario: Scenario) -> None:
    """Who asks is the lead, who answers gates are reviewers; everybody else is himself."""
    gates = gate_roles(scenario)
    for person in packet.people:
        member = _member(packet, person)
        parts = [_LEAD] if person.id == packet.requested_by else []
        if gates.intersection(person.roles) and not parts:
            parts += [_REVIEWER, f"{_REVIEWER}-2", f"{_REVIEWER}-3"]
        for part in [*parts, f"person-{packet.tenant.id}-{person.id}"]:
            if cast.give(part, member):
                break
    for part in OVERSEERS:
        tenant = packet.tenant
        cast.give(part, Member(tenant.id, tenant.name or tenant.id, f"demo-{part}", _name(part), ()))


def _member(packet: Packet, person: Person) -> Member:
    tenant = packet.tenant
    return Member(tenant.id, tenant.name or tenant.id, person.id, person.name or person.id, tuple(person.roles))


def _name(part: str) -> str:
    return _NAMES.get(part) or f"Demo {part.replace('-', ' ')}"


async def _people(here: Service, cast: Cast) -> list[Link]:
    """Accounts, memberships and fresh links."""
    at, links = wall(), list[Link]()
    for part, members in cast.members.items():
        roles = (OVERSEERS[part],) if part in OVERSEERS else ()
        named = _name(part) if not part.startswith("person-") else members[0].name
        email = f"{part}@demo.invalid"
        known = await account_rows.account_by_email(here.database, email)
        account = known or await account_rows.put_account(
            here.database, Account(f"acc_{uuid.uuid4().hex[:16]}", email, named, None, roles, False, True), at
        )
        standing = {m.tenant: m for m in await account_rows.members_of(here.database, account.id)}
        for member in members:
            if standing.get(member.tenant) != member:
                await account_rows.put_member(here.database, account.id, member)
        link = fresh()
        await account_rows.put_link(here.database, hashed(link), account.id, at + LINK_DAYS * 86_400, at)
        held = tuple(dict.fromkeys([*roles, *(role for member in members for role in member.roles)]))
        links.append(Link(named, link, held, part in MAIN))
    order = list(cast.members)
    parts = dict(zip(order, links, strict=True))
    return [parts[part] for part in sorted(order, key=lambda part: MAIN.index(part) if part in MAIN else len(MAIN))]
