"""The server's settings: read once from the environment (`CASEGATE_…`), beside those of every command."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from runtime.loopback import is_loopback
from runtime.settings import Settings

MEBIBYTE = 1024 * 1024


class ServerSettings(Settings):
    """Everything that an installation may set about its server. There is no default secret."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, description="port to listen on")
    public_url: str = Field(default="", description="the address that people use; https unless it is loopback")
    session_hours: int = Field(default=12, ge=1, le=720, description="a session ends after this, whatever happens")
    idle_minutes: int = Field(default=120, ge=5, le=10_080, description="… or after this without a request")
    sign_in_per_minute: int = Field(default=10, ge=1, description="attempts to sign in, for one address")
    account_per_hour: int = Field(default=30, ge=1, description="failed attempts to sign in, for one account")
    oidc_issuer: str = Field(default="", description="OpenID issuer, an https address; empty: none")
    oidc_client_id: str = Field(default="", description="the client id there")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="its secret")
    oidc_name: str = Field(default="Single sign-on", description="what the button says")
    max_file_mib: int = Field(default=64, ge=1, le=64, description="size of one uploaded file")
    max_upload_mib: int = Field(default=256, ge=1, description="size of one upload")
    max_upload_files: int = Field(default=200, ge=1, description="files in one upload")
    scan_command: str = Field(
        default="", description="virus scan: a command, called with one file name; exit code 0 clean, 1 infected"
    )
    scan_seconds: int = Field(default=60, ge=1, description="how long one scan may take")
    workers: int = Field(default=2, ge=1, le=32, description="turns at work at the same time")
    poll_milliseconds: int = Field(default=50, ge=20, le=5_000, description="how often watched chains are looked at")
    tick_seconds: int = Field(default=60, ge=1, description="how old a check may be when a decision is made")
    traces_url: str = Field(
        default="", description="an OTLP/HTTP collector that traces are sent to; empty: none is recorded"
    )
    log_json: bool = Field(default=False, description="log as JSON, one object a line")

    @property
    def plain_http(self) -> bool:
        """Whether people reach it over http on loopback: the only place where cookies are not `Secure`."""
        if self.public_url:
            parts = urlsplit(self.public_url)
            return parts.scheme == "http" and is_loopback(parts.hostname or "")
        return is_loopback(self.host)

    @property
    def origin(self) -> str:
        """The address that people use."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"
