"""From settings to the systems that a live case may act on: what its packet declares and the installation has."""

from __future__ import annotations

from pathlib import Path

from casefile.packet import Packet
from runtime.errors import InputError
from runtime.system_settings import ActedOn, load_systems
from tools.connectors.fetched import ConnectorError
from tools.connectors.http_credential import forms_of, headers_of, trust_of
from tools.systems import Access, System


def declared(packet: Packet) -> list[str]:
    """The ids of the systems on which the case's actions are to be done."""
    return [one.id for one in packet.systems if one.kind != "caldav"]


def systems_of(acted_on: ActedOn, packet: Packet) -> dict[str, System]:
    """Every declared system by its id. One that the installation does not name for the tenant is not connected."""
    connected = acted_on.of(packet.tenant.id)
    return {
        one: _open(acted_on, packet.tenant.id, one) if one in connected else System(one, one, "", "", connected=False)
        for one in declared(packet)
    }


def _open(acted_on: ActedOn, tenant: str, name: str) -> System:
    settings = acted_on.of(tenant)[name]

    def access() -> Access:
        try:
            secret = acted_on.secret(tenant, name)
        except InputError as error:
            raise ConnectorError(f"its credential cannot be read: {error.expected}") from None
        return Access(
            headers_of(settings, secret), forms_of(settings, secret), trust_of(settings, acted_on.file.parent)
        )

    base = settings.base.rstrip("/")
    return System(name, settings.name or name, settings.known_as or base, base, access=access, seconds=settings.seconds)


def opened(file: Path | None) -> ActedOn:
    """The systems file, each system with a credential that can be sent. Raises InputError naming file and place."""
    acted_on = load_systems(file)
    for tenant, systems in acted_on.tenants.items():
        for name, settings in systems.items():
            try:
                headers_of(settings, acted_on.secret(tenant, name))
                trust_of(settings, acted_on.file.parent)
            except ConnectorError as error:
                raise InputError(str(file), f"tenants.{tenant}.{name}", str(error)) from None
    return acted_on
