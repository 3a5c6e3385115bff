"""Settings: read once from the environment (`CASEGATE_…`), at the entry point, and passed down."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything that an installation may set. There is no default secret."""

    model_config = SettingsConfigDict(env_prefix="CASEGATE_", extra="ignore")

    data: Path = Field(default=Path(".casegate"), description="folder of the local installation")
    db: str = Field(default="", description="database URL; empty: SQLite in the data folder")
    lanes: Path | None = Field(default=None, description="YAML file that says how each lane is delivered")
    calendars: Path | None = Field(default=None, description="YAML file that names the calendar servers (CalDAV)")
    connectors: Path | None = Field(default=None, description="YAML file of the systems that are read over HTTP")
    systems: Path | None = Field(default=None, description="YAML file of the systems that approved actions are done on")
    mcp: Path | None = Field(default=None, description="YAML file of the MCP servers that admins may choose from")
    signals: Path | None = Field(default=None, description="YAML file that says which live signals are taken in")
    model_url: str = Field(default="", description="an OpenAI-compatible endpoint; empty: offline")
    model: str = Field(default="", description="the model's name at that endpoint")
    model_run_tokens: int = Field(default=2_000_000, description="tokens that one run may use")
    model_turn_tokens: int = Field(default=300_000, description="tokens that one turn may use")
    model_key: SecretStr = Field(default=SecretStr(""), description="its key")

    def database_url(self) -> str:
        """The URL of the store: the one given, else SQLite in the data folder."""
        return self.db or f"sqlite:///{self.data / 'casegate.db'}"
