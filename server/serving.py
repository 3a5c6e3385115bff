"""`casegate serve` and `casegate demo`: the server in this process."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path

import click
import uvicorn

from graphs import loading
from runtime import faults
from runtime.loopback import is_loopback
from server import collecting
from server.app import Prepare, create_app
from server.service import Service
from server.settings import ServerSettings
from server.telemetry import configure_logs

GRACE_SECONDS = 5
LOADING_SECONDS = 30


def _load() -> None:
    """Load what first turns need, beside the first requests: a collection would let all of them wait."""
    with collecting.loading():
        loading.load()


def serve(
    host: str | None,
    port: int | None,
    db: str,
    *,
    demo: bool = False,
    prepare: Prepare | None = None,
    files: Mapping[str, Path] | None = None,
) -> int:
    """Serve until it is stopped. `files` are those that stand in for the settings of their names."""
    if os.environ.get(faults.VARIABLE):
        raise click.UsageError(f"{faults.VARIABLE} is set: it kills the process on purpose, and is for tests only")
    told = {"host": host, "port": port, **(files or {})}
    settings = ServerSettings().model_copy(update={name: value for name, value in told.items() if value is not None})
    # The demo's terminal is for its links: a line for each request would push them out of sight.
    configure_logs(settings.log_json, logging.WARNING if demo else logging.INFO)
    if not settings.plain_http and not settings.public_url:
        click.echo(
            f"casegate: {settings.host} is not loopback: cookies need https; put a proxy that speaks it before this, "
            "and set CASEGATE_PUBLIC_URL",
            err=True,
        )
    if demo and not is_loopback(settings.host):
        raise click.UsageError("the demo has sign-in links without passwords: it listens on loopback only")

    loader = threading.Thread(target=_load, name="casegate-loading", daemon=True)

    async def ready(service: Service) -> None:
        if prepare is not None:
            await prepare(service)
        loader.start()

    app = create_app(settings, db or settings.database_url(), demo=demo, prepare=ready)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
    )
    server = uvicorn.Server(config)
    server.run()
    if loader.is_alive():  # an interpreter that ends while a library is being loaded may crash
        loader.join(LOADING_SECONDS)
    return 0 if server.started else 1
