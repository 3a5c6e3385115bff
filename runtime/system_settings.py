"""The systems that approved actions are done on, by tenant: one YAML file, read once (`CASEGATE_SYSTEMS`).

```yaml
tenants:
  tn-brask:
    gateway-api:                              # the id by which a packet declares it
      name: payment gateway                   # how plans call it, where that is not its id
      base: https://gateway.internal/admin    # http is for loopback only
      known_as: https://gw.brask.example      # how evidence writes its address, where that is not base
      auth: {kind: bearer, secret: "env:GATEWAY_TOKEN"}    # or basic with username, header with name, none
      seconds: 5                              # how long one call may take
```
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from runtime.http_settings import ByTenant, Reached, load

SystemId = Annotated[str, Field(min_length=1, max_length=200)]


class SystemSettings(Reached):
    """A system that is acted on."""

    name: str = Field(default="", max_length=200)
    known_as: str = Field(
        default="", max_length=300, pattern=r"^(?:https?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._~@:+/-]*)?)?$"
    )
    seconds: float = Field(default=5, gt=0, le=60)

    @field_validator("known_as")
    @classmethod
    def _without_an_end(cls, value: str) -> str:
        return value.rstrip("/")


class ActedOn(ByTenant[SystemSettings]):
    """Every tenant's systems. One that is not named here is never called."""

    tenants: Mapping[str, Mapping[SystemId, SystemSettings]] = {}


def load_systems(file: Path | None) -> ActedOn:
    """The systems file; none where none is given. Raises InputError with the place of the fault."""
    return load(ActedOn, file, "CASEGATE_SYSTEMS")
