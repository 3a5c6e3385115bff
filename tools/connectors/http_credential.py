"""How one signs in at a system over HTTP: the headers, and how an answer that repeats the credential would look."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from pathlib import Path

import orjson
from pydantic import SecretStr

from runtime.http_settings import Reached
from tools.connectors.fetched import ConnectorError


def headers_of(settings: Reached, secret: SecretStr | None) -> Mapping[str, str]:
    """What is sent with each request. Raises ConnectorError, which does not show the secret."""
    if secret is None:
        return {}
    told = secret.get_secret_value()
    if not told.isascii() or not told.isprintable():
        raise ConnectorError("its credential cannot stand in a header")  # httpx would show it in its error
    match settings.auth.kind:
        case "bearer":
            return {"Authorization": f"Bearer {told}"}
        case "header":
            return {settings.auth.name: told}
        case "basic":
            return {"Authorization": f"Basic {_pair(settings.auth.username, told).decode()}"}
        case "none":
            return {}


def forms_of(settings: Reached, secret: SecretStr | None) -> tuple[bytes, ...]:
    """How a system that repeats what it was sent would write the credential."""
    if secret is None:
        return ()
    told = secret.get_secret_value()
    forms = [told.encode(), orjson.dumps(told)[1:-1]]
    if settings.auth.kind == "basic":
        forms.append(_pair(settings.auth.username, told))
    return tuple(forms)


def trust_of(settings: Reached, folder: Path) -> ssl.SSLContext | bool:
    """The trusted certificates: the file's, beside the settings, else the usual ones. Raises ConnectorError."""
    if settings.ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=folder / settings.ca_file)
    except (OSError, ssl.SSLError):
        raise ConnectorError("ca_file: certificates in PEM form were expected") from None


def _pair(username: str, told: str) -> bytes:
    return base64.b64encode(f"{username}:{told}".encode())
