"""What reaching a system over HTTP takes, in every settings file: where it is, and how one signs in there.

Such a file has `tenants:`, with systems by id for each. Secrets stand in it by reference only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from runtime.errors import InputError
from runtime.loopback import is_loopback
from runtime.secret_reference import EXPECTED, FORM, look_up

_BASE = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?(?:/[A-Za-z0-9._~@:+-]+)*/?")


class Shape(BaseModel):
    """A part of a settings file."""

    # What stands where a reference was expected may be the secret itself.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _reference(text: str) -> str:
    if not FORM.fullmatch(text):
        raise ValueError(EXPECTED)
    return text


def _own_header(text: str) -> str:
    if re.match(r"(?i)(?:host|connection|cookie|content-.*|transfer-.*|accept.*)$", text):
        raise ValueError("a header of the system's own was expected")
    return text


Reference = Annotated[str, AfterValidator(_reference)]


class NoAuth(Shape):
    """Nothing is sent."""

    kind: Literal["none"]


class Bearer(Shape):
    """`Authorization: Bearer …`."""

    kind: Literal["bearer"]
    secret: Reference


class Basic(Shape):
    """`Authorization: Basic …`."""

    kind: Literal["basic"]
    username: str = Field(pattern=r"^[!-9;-~]{1,100}$")
    secret: Reference


class Header(Shape):
    """A header of the system's own, for example `X-Api-Key`."""

    kind: Literal["header"]
    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$"), AfterValidator(_own_header)]
    secret: Reference


class Reached(Shape):
    """A system: its address, and how one signs in there."""

    base: str = Field(max_length=300)
    auth: Annotated[NoAuth | Bearer | Basic | Header, Field(discriminator="kind")]
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _a_plain_address(self) -> Reached:
        parts = urlsplit(self.base)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise ValueError("base: an https address was expected; http is for loopback only")
        if parts.port == 0 or not _BASE.fullmatch(self.base):
            raise ValueError("base: an address without name, password, query and fragment was expected")
        return self


System = TypeVar("System", bound=Reached)


class ByTenant(Shape, Generic[System]):
    """Every tenant's systems, by id. `file` is where they were read."""

    tenants: Mapping[str, Mapping[str, System]] = {}
    file: Path = Path()

    def of(self, tenant: str) -> Mapping[str, System]:
        """The systems of a tenant; another tenant's are not there."""
        return self.tenants.get(tenant, {})

    def secret(self, tenant: str, name: str) -> SecretStr | None:
        """What a system is signed in to with, read anew each time. Raises InputError."""
        auth = self.tenants[tenant][name].auth
        if auth.kind == "none":
            return None
        return look_up(auth.secret, self.file.parent, str(self.file), f"tenants.{tenant}.{name}.auth.secret")


File = TypeVar("File", bound=ByTenant[Any])


def load(kind: type[File], file: Path | None, variable: str) -> File:
    """The settings file that a variable names; nothing where it names none. Every secret is looked up once.

    Raises InputError with the place of the fault.
    """
    if file is None:
        return kind()
    try:
        given: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(str(file), variable, f"a readable file was expected: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(str(file), variable, f"YAML was expected: {str(error).splitlines()[0]}") from error
    if not isinstance(given, dict) or set(given) != {"tenants"}:
        raise InputError(str(file), "top level", "the member tenants was expected")
    try:
        found = kind(tenants=given["tenants"], file=file.absolute())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(str(file), place, first["msg"].removeprefix("Value error, ")) from None
    for tenant, systems in found.tenants.items():
        for name in systems:
            found.secret(tenant, name)
    return found
