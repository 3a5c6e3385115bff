"""Which MCP servers admins may choose from: one YAML file of the installation, read once (`CASEGATE_MCP`).

Whoever may name a command runs it, and whoever may pair a secret with an address can send it away: both are for who
runs the installation, not for an admin of a tenant.

```yaml
commands:
  ticket_desk:
    command: [/opt/mcp/bin/python, -m, ticket_desk]       # no shell
    folder: /opt/mcp
    environment: {DESK_REGION: eu}                        # all that the command is given, beside a PATH
    secrets: {DESK_TOKEN: "env:DESK_TOKEN"}               # env:NAME, file:path or keyring:service/user
    tenants: [tn-acme-eu]                                 # "*" for every one
hosts:
  - {origin: "https://tools.internal", authorization: "file:tools.key", tenants: [tn-acme-eu]}
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from runtime.errors import InputError
from runtime.loopback import is_loopback
from runtime.secret_reference import EXPECTED, FORM, look_up

EVERY = "*"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def _is_reference(text: str) -> str:
    if not FORM.fullmatch(text):
        raise ValueError(EXPECTED)
    return text


Reference = Annotated[str, AfterValidator(_is_reference)]


class _Shape(BaseModel):
    # What stands where a reference was expected may be the secret itself.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class McpCommand(_Shape):
    """A server that is started for each connection and spoken to over its standard input and output."""

    command: Sequence[Annotated[str, Field(min_length=1)]] = Field(min_length=1)
    folder: Path
    environment: Mapping[str, str] = {}
    secrets: Mapping[str, Reference] = {}
    tenants: Sequence[str] = Field(min_length=1)

    @model_validator(mode="after")
    def _plain(self) -> McpCommand:
        for name in (*self.environment, *self.secrets):
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a variable")
        return self


class McpHost(_Shape):
    """A server that is spoken to over HTTP. Admins choose the path; `authorization` is sent as a bearer token."""

    origin: str
    authorization: Reference | None = None
    tenants: Sequence[str] = Field(min_length=1)

    @model_validator(mode="after")
    def _an_origin(self) -> McpHost:
        """The token goes to one server only, and over the network never in the clear."""
        if origin_of(self.origin) != self.origin:
            raise ValueError("origin: scheme, host and port were expected, such as https://tools.internal")
        return self


class McpSettings(_Shape):
    """What there is to choose from."""

    commands: Mapping[str, McpCommand] = {}
    hosts: Sequence[McpHost] = ()
    file: Path = Path()

    def command(self, tenant: str, name: str) -> McpCommand | None:
        """A command by name, where the tenant may have it."""
        found = self.commands.get(name)
        return found if found is not None and _may(found.tenants, tenant) else None

    def host(self, tenant: str, url: str) -> McpHost | None:
        """The host of an address, where the tenant may have it. An address that says more than a path has none."""
        return next((one for one in self.hosts_of(tenant) if one.origin == origin_of(url)), None)

    def commands_of(self, tenant: str) -> list[str]:
        """The commands that a tenant may choose from."""
        return sorted(name for name, one in self.commands.items() if _may(one.tenants, tenant))

    def hosts_of(self, tenant: str) -> list[McpHost]:
        """The hosts that a tenant may choose from."""
        return [one for one in self.hosts if _may(one.tenants, tenant)]

    def secret(self, reference: str, place: str) -> SecretStr:
        """What a reference of the file names, read when it is used. Raises InputError, which never has the secret."""
        return look_up(reference, self.file.parent, str(self.file), place)


def _may(tenants: Sequence[str], tenant: str) -> bool:
    return tenant in tenants or EVERY in tenants


def origin_of(url: str) -> str | None:
    """`scheme://host:port` of an address; None for one that is not https (http on loopback) or says who asks."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    plain = parts.scheme == "http" and is_loopback(host)
    if not host or not (parts.scheme == "https" or plain) or "@" in parts.netloc or parts.query or parts.fragment:
        return None
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}" + (f":{port}" if port is not None else "")


def load_mcp(file: Path | None) -> McpSettings:
    """The file, or nothing to choose from where none is given. Raises InputError naming file and place."""
    if file is None:
        return McpSettings()
    try:
        given: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(str(file), "CASEGATE_MCP", f"a readable file was expected: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(str(file), "CASEGATE_MCP", f"YAML was expected: {str(error).splitlines()[0]}") from error
    if not isinstance(given, dict) or not set(given) <= {"commands", "hosts"}:
        raise InputError(str(file), "top level", "the members commands and hosts were expected")
    try:
        return McpSettings.model_validate({**given, "file": file.absolute()})
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "top level"
        raise InputError(str(file), place, first["msg"].removeprefix("Value error, ")) from error
