"""Which live signals an installation takes in: one YAML file, read once (`CASEGATE_SIGNALS`). No default secret.

```yaml
tenants:
  tn-northquay:
    scenario: tenant-boundary
    ground: ground               # a packet folder: roster, snapshots, earlier packets. Without it no case is opened
    gap_minutes: 45              # the longest pause between two signals of one operator that still belong together
    skew_seconds: 120
    opens_when: {kinds: 3, tenants: 2}
    sources:
      - {source: /ledgers/console, name: console, kind: console, system: support_console_audit_ledger,
         expected_every_seconds: 300, secret_file: console.key, folder: inbox/console}
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from runtime.errors import InputError
from runtime.secret_file import secret_from

Kind = Literal["console", "export", "dlp", "redaction", "customer", "chain"]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceSettings(_Shape):
    """A source: `source` is the CloudEvents attribute, `name` stands in addresses and on the page."""

    source: str = Field(min_length=1, max_length=200)
    name: str = Field(pattern=r"^[A-Za-z0-9][\w.-]{0,63}$")
    kind: Kind
    system: str = Field(min_length=1, max_length=200)
    expected_every_seconds: int | None = Field(default=None, ge=1)
    secret_file: Path | None = None
    folder: Path | None = None


class OpensWhen(_Shape):
    """When a cluster becomes a case: so many kinds of signals, about so many tenants."""

    kinds: int = Field(default=3, ge=1)
    tenants: int = Field(default=2, ge=1)


class StreamSettings(_Shape):
    """The signals of one tenant."""

    scenario: str
    ground: Path | None = None
    gap_minutes: int = Field(default=45, ge=1, le=1440)
    skew_seconds: int = Field(default=120, ge=0, le=3600)
    opens_when: OpensWhen = OpensWhen()
    sources: Sequence[SourceSettings] = Field(min_length=1)

    @property
    def gap(self) -> timedelta:
        """The longest pause."""
        return timedelta(minutes=self.gap_minutes)

    @property
    def skew(self) -> timedelta:
        """How far a customer's clock may be off."""
        return timedelta(seconds=self.skew_seconds)

    def of(self, source: str) -> SourceSettings | None:
        """A source by its CloudEvents attribute."""
        return next((one for one in self.sources if one.source == source), None)


class SignalSettings(_Shape):
    """Every tenant's stream. `folder` is where the file stands: paths in it begin there."""

    tenants: Mapping[str, StreamSettings] = {}
    folder: Path = Path()

    def path(self, path: Path) -> Path:
        """A path of the file."""
        return self.folder / path

    def secret(self, source: SourceSettings) -> SecretStr | None:
        """The secret of a source's webhook, read when it is needed, so that it can be changed. Raises InputError."""
        if source.secret_file is None:
            return None
        return secret_from(self.path(source.secret_file), "secret_file")


def load_signals(file: Path | None) -> SignalSettings:
    """The signals file, or no streams where none is given. Raises InputError naming file and place."""
    if file is None:
        return SignalSettings()
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(str(file), "CASEGATE_SIGNALS", f"a readable file was expected: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise InputError(str(file), "CASEGATE_SIGNALS", f"YAML was expected: {str(error).splitlines()[0]}") from error
    if not isinstance(given, dict) or set(given) != {"tenants"}:
        raise InputError(str(file), "top level", "the member tenants was expected")
    try:
        found = SignalSettings(tenants=given["tenants"], folder=file.absolute().parent)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(str(file), ".".join(str(part) for part in first["loc"]), first["msg"]) from error
    for tenant, stream in found.tenants.items():
        for member in ("source", "name"):
            told = [getattr(one, member) for one in stream.sources]
            twice = next((one for one in told if told.count(one) > 1), None)
            if twice is not None:
                raise InputError(str(file), f"tenants.{tenant}.sources", f"each {member} once; {twice!r} stands twice")
        for one in stream.sources:
            found.secret(one)
    return found
