"""Connected MCP servers as admins see and change them. What a server tells of a tool is a stranger's text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from casefile.connectors import HttpReach, StdioReach
from server.models.admin import Reason, VersionRow
from server.models.problem import Shape

Kind = Literal["read", "effect", "off"]
ToolState = Literal["new", "looked_at", "changed", "gone"]
"""`new`: nobody classed it. `changed`, `gone`: it is not what was looked at, and is off until somebody looks again."""
ReachIn = Annotated[StdioReach | HttpReach, Field(discriminator="transport")]


class ServerIn(Shape):
    """A server: one of the commands, or an address on one of the hosts, that this installation offers."""

    name: str = Field(min_length=1, max_length=40)
    reach: ReachIn
    system: str = Field(default="", max_length=100, pattern=r"^[a-z0-9_]*$")
    reason: Reason


class ToolClassIn(Shape):
    """What a tool is, and the fingerprint of what was seen of it."""

    kind: Kind
    sha256: str = Field(min_length=71, max_length=71)


class ToolClassesIn(Shape):
    """What the tools of a server are, as a whole: what is not named is off."""

    tools: dict[str, ToolClassIn] = Field(max_length=200)
    reason: Reason


class HostRow(Shape):
    """A host that addresses may be on."""

    origin: str
    token: bool = Field(description="whether it is sent a token")


class ConnectedServer(Shape):
    """A connector in the list. `active` 0: none is in force."""

    name: str
    where: str
    transport: Literal["stdio", "http"]
    system: str
    active: int
    drafts: int
    read: int
    effect: int
    changed: int
    looked_at: str | None
    problem: str


class ConnectedServers(Shape):
    """The connectors of a tenant, and what a new one can be."""

    connectors: list[ConnectedServer]
    commands: list[str]
    hosts: list[HostRow]


class TextPair(Shape):
    """A text as it was looked at, and as it is told now."""

    before: str
    now: str


class ChangeView(Shape):
    """What changed since the look. `now` of each is empty where the tool is gone."""

    at: str
    description: TextPair
    arguments: TextPair
    answer: TextPair


class ConnectedTool(Shape):
    """A tool of a server. `kind` is what agents are held to now, `why_not` why it can never be read with."""

    name: str
    title: str = Field(description="the name that scopes speak of")
    kind: Kind
    classed: Kind | None
    state: ToolState
    sha256: str
    description: str
    orders: bool = Field(description="whether the description gives orders")
    arguments: str
    answer: str
    why_not: str
    change: ChangeView | None


class ServerVersion(VersionRow):
    """A version of a connector."""

    where: str
    tools: dict[str, Kind]


class ServerPage(Shape):
    """One connector: its tools as they are told, what each is classed as, and its versions."""

    name: str
    where: str
    transport: Literal["stdio", "http"]
    system: str
    active: int
    looked_at: str | None
    problem: str
    tools: list[ConnectedTool]
    versions: list[ServerVersion]
