"""A connector of a tenant as a server that can be asked: where the installation's file still says that it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from casefile.connectors import Connector, HttpReach, Reach, StdioReach
from runtime.errors import InputError
from runtime.mcp_settings import McpSettings
from tools.connectors.fetched import ConnectorError
from tools.connectors.mcp_bounds import Bounds

if TYPE_CHECKING:
    from tools.connectors.mcp_client import McpServer
    from tools.connectors.mcp_http import Address
    from tools.connectors.mcp_stdio import Started

# What speaks the protocol is imported where a server is opened: the SDK takes a sixth of the time of a start.


def opened(
    settings: McpSettings, tenant: str, name: str, connector: Connector, bounds: Bounds | None = None
) -> McpServer:
    """The server, with its secrets as they are now. Raises ConnectorError, which names a reference but no secret."""
    from tools.connectors.mcp_client import McpServer

    if connector.reach is None:
        raise ConnectorError(f"{name}: there is no such connector")
    why = refusal(settings, tenant, connector.reach)
    if why is not None:
        raise ConnectorError(f"{name}: {why}")
    try:
        reach, secrets = _reached(settings, tenant, connector.reach)
    except InputError as error:
        raise ConnectorError(f"{name}: {error.place}: {error.expected}") from error
    return McpServer(name, connector.system, reach, secrets, bounds or Bounds())


def refusal(settings: McpSettings, tenant: str, reach: Reach) -> str | None:
    """Why a tenant's admin may not connect this, or None."""
    match reach:
        case StdioReach():
            if settings.command(tenant, reach.command) is None:
                return f"{reach.command[:60]!r} is no command that this installation offers here"
        case HttpReach():
            if settings.host(tenant, reach.url) is None:
                return "the address is on no host that this installation offers here"
        case _:
            assert_never(reach)
    return None


def _reached(settings: McpSettings, tenant: str, reach: Reach) -> tuple[Started | Address, tuple[str, ...]]:
    from tools.connectors.mcp_http import Address
    from tools.connectors.mcp_stdio import Started

    match reach:
        case StdioReach():
            command = settings.commands[reach.command]
            place = f"commands.{reach.command}.secrets"
            secrets = {
                name: settings.secret(one, f"{place}.{name}").get_secret_value()
                for name, one in command.secrets.items()
            }
            started = Started(command.command, command.folder, {**command.environment, **secrets})
            return started, tuple(secrets.values())
        case HttpReach():
            host = settings.host(tenant, reach.url)
            if host is None or host.authorization is None:
                return Address(reach.url), ()
            token = settings.secret(host.authorization, f"hosts.{host.origin}.authorization").get_secret_value()
            return Address(reach.url, token), (token,)
        case _:
            assert_never(reach)
