"""How each lane is delivered: one YAML file of the installation, read once. No address ever comes from evidence.

```yaml
default: {kind: folder, path: lanes}
lanes:
  restricted_product_security_review_queue:
    {kind: webhook, url: https://queue.internal/entries, secret_file: hook.key, read_back: "https://queue.internal/entries/{key}"}
  support_escalation_staging: {kind: smtp, host: mail.internal, sender: casegate@…, recipient: staging@…}
  executive_review: {kind: mcp, url: https://tools.internal/mcp, tool: file_entry}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, TypeAdapter, ValidationError

from runtime.errors import InputError
from runtime.secret_file import secret_from


class _Lane(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout_seconds: float = Field(default=10, gt=0, le=120)
    attempts: int = Field(default=12, ge=1, le=100)


class FolderLane(_Lane):
    """Lines in `<path>/<lane>.jsonl`."""

    kind: Literal["folder"]
    path: Path


class WebhookLane(_Lane):
    """A POST, signed with the secret. `read_back` is an address with `{key}` that answers 200 for what it has."""

    kind: Literal["webhook"]
    url: HttpUrl
    secret_file: Path
    read_back: str | None = None


class SmtpLane(_Lane):
    """A mail to an internal queue."""

    kind: Literal["smtp"]
    host: str
    port: int = 25
    sender: str
    recipient: str
    starttls: bool = False
    username: str = ""
    password_file: Path | None = None


class McpLane(_Lane):
    """A call of one tool of an MCP server; `read_back` is the tool that says whether it has a key."""

    kind: Literal["mcp"]
    url: HttpUrl
    tool: str
    read_back: str | None = None


LaneSettings = Annotated[FolderLane | WebhookLane | SmtpLane | McpLane, Field(discriminator="kind")]
_ONE: TypeAdapter[LaneSettings] = TypeAdapter(LaneSettings)


class Lanes(BaseModel):
    """Every lane's settings; a lane without its own has the default."""

    model_config = ConfigDict(frozen=True)

    default: LaneSettings
    lanes: Mapping[str, LaneSettings] = {}
    folder: Path = Path()

    def of(self, lane: str) -> LaneSettings:
        """The settings of a lane."""
        return self.lanes.get(lane, self.default)

    def secret(self, path: Path) -> SecretStr:
        """A secret from its file, which stands beside the lanes file unless it is absolute. Raises InputError."""
        return secret_from(self.folder / path, "secret_file")


def load_lanes(file: Path | None, data: Path) -> Lanes:
    """The lanes file, or a JSONL folder in the data folder where none is given. Raises InputError."""
    folder = FolderLane(kind="folder", path=(data / "lanes").absolute())
    if file is None:
        return Lanes(default=folder)
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(str(file), "CASEGATE_LANES", f"a readable file was expected: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise InputError(str(file), "CASEGATE_LANES", f"YAML was expected: {str(error).splitlines()[0]}") from error
    if not isinstance(given, dict) or not set(given) <= {"default", "lanes"}:
        raise InputError(str(file), "top level", "the members default and lanes were expected")
    try:
        default = _ONE.validate_python(given["default"]) if "default" in given else folder
        lanes = {str(name): _ONE.validate_python(one) for name, one in (given.get("lanes") or {}).items()}
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "lanes"
        raise InputError(str(file), place, first["msg"]) from error
    return Lanes(default=default, lanes=lanes, folder=file.absolute().parent)
