"""The calendar servers (CalDAV) of the installation: one YAML file, read once. No address ever comes from evidence.

```yaml
default: bridges          # the one that scenarios with holds use where a packet declares none; leave it out for none
calendars:
  bridges:
    url: https://calendar.internal/dav/casegate/bridges/     # the collection that takes the holds
    username: casegate
    password_file: calendar.key                              # beside this file unless absolute
    people: {ada@vendor.example: "https://calendar.internal/dav/ada/work/"}    # whose calendars may be read
```
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from runtime.errors import InputError
from runtime.loopback import is_loopback
from runtime.secret_file import secret_from


class CalendarSettings(BaseModel):
    """One server: where holds are placed, with whose name, and where the calendars of people are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    username: str = Field(min_length=1)
    password_file: Path
    people: Mapping[str, str] = {}
    timeout_seconds: int = Field(default=10, gt=0, le=120)

    @model_validator(mode="after")
    def _one_server(self) -> CalendarSettings:
        """The password goes to one server only, and over the network never in the clear."""
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise ValueError("url: an https address was expected; http is for loopback only")
        if parts.username or parts.password:
            raise ValueError("url: an address without a name and a password was expected")
        for who, address in self.people.items():
            if urlsplit(address)[:2] != parts[:2]:
                raise ValueError(f"people: the calendar of {who} was expected on {parts.scheme}://{parts.netloc}")
        return self


class Calendars(BaseModel):
    """Every calendar server by its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: str = ""
    calendars: Mapping[str, CalendarSettings] = {}
    file: Path = Path()

    def password(self, name: str) -> SecretStr:
        """The password of a server, from its file. Raises InputError."""
        return secret_from(self.file.parent / self.calendars[name].password_file, f"calendars.{name}.password_file")


def load_calendars(file: Path | None) -> Calendars:
    """The calendars file; no calendar server where none is given. Raises InputError with the place of the fault."""
    if file is None:
        return Calendars()
    try:
        given: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(str(file), "CASEGATE_CALENDARS", f"a readable file was expected: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise InputError(str(file), "CASEGATE_CALENDARS", f"YAML was expected: {str(error).splitlines()[0]}") from error
    if not isinstance(given, dict) or not set(given) <= {"default", "calendars"}:
        raise InputError(str(file), "top level", "the members default and calendars were expected")
    try:
        found = Calendars.model_validate({**given, "file": file.absolute()})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "calendars"
        raise InputError(str(file), place, first["msg"].removeprefix("Value error, ")) from error
    if found.default and found.default not in found.calendars:
        raise InputError(str(file), "default", f"the name of one of calendars was expected, found {found.default!r}")
    return found
