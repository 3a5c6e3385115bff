"""Who is signed in, and how."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from server.models.problem import Shape

GlobalRole = Literal["evaluator", "admin", "auditor"]
Scope = Literal["read", "open", "work", "decide", "export", "signals"]


class SignIn(Shape):
    """A local account's credentials."""

    email: str = Field(min_length=3, max_length=320, examples=["ken.osei@lumenary.example"])
    password: str = Field(min_length=1, max_length=1024, examples=["correct horse battery staple"])


class SignInWays(Shape):
    """How one can sign in here. Public."""

    password: bool
    oidc: str | None = Field(description="the provider's name for the button, or null where none is configured")
    demo: bool = Field(description="whether the demo people exist here: their links stand on the terminal")


class Membership(Shape):
    """A tenant that the account belongs to, and who it is on the rosters there."""

    tenant: str
    tenant_name: str
    person: str
    name: str
    roles: list[str]


class Me(Shape):
    """The signed-in account. `csrf` goes into the header `X-CSRF-Token` of every request that changes something."""

    account: str
    name: str
    email: str
    way: Literal["session", "token"]
    demo: bool
    global_roles: list[GlobalRole]
    memberships: list[Membership]
    capabilities: list[str] = Field(description="actions that the account may ever take, as policies name them")
    csrf: str
    expires_at: str | None


class TokenNew(Shape):
    """A token to be made."""

    name: str = Field(min_length=1, max_length=100, examples=["ticket bridge"])
    scopes: list[Scope] = Field(min_length=1, examples=[["read", "open"]])
    days: int | None = Field(default=90, ge=1, le=730, description="until it expires; null: never")


class TokenRow(Shape):
    """A token as listed: never the token itself."""

    id: str
    name: str
    scopes: list[Scope]
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class TokenMade(TokenRow):
    """A new token; `token` is shown this once."""

    token: str


class Tokens(Shape):
    """The account's tokens."""

    tokens: list[TokenRow]
