"""The two transports. Over stdio the one token of the process counts, over HTTP that of the request at hand."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import click
import uvicorn
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from runtime.errors import InputError
from runtime.loopback import is_loopback
from runtime.secret_file import secret_from
from server.mcp.asking import Api, is_token
from server.mcp.tools import AnyContext, server_of
from server.problems import MEDIA, NotSignedIn

VARIABLE = "CASEGATE_TOKEN"
PATH = "/mcp"


def serve_mcp(url: str, token_file: Path | None, listen: str) -> int:
    """Serve until the other side ends, or until it is stopped."""
    api = Api(url)
    if listen:
        if token_file is not None:
            raise InputError("--token-file", "", "it is for stdio: with --listen each request brings its own token")
        return _over_http(api, *_address(listen))
    token = _own_token(token_file)
    server_of(api, lambda _: token).run("stdio")
    return 0


def _own_token(file: Path | None) -> SecretStr:
    """The token of the file, or of the environment."""
    token = secret_from(file, "--token-file") if file else SecretStr(os.environ.get(VARIABLE, "").strip())
    if not token.get_secret_value():
        raise InputError("--token-file", "", f"a file with an API token was expected, or the variable {VARIABLE}")
    if not is_token(token.get_secret_value()):
        raise InputError(str(file or VARIABLE), "", "one API token was expected, without spaces")
    return token


def _address(listen: str) -> tuple[str, int]:
    parts = urlsplit(f"//{listen}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.path or parts.username:
        raise InputError("--listen", "", "ADDRESS:PORT was expected, for example 127.0.0.1:8765")
    return host, port


def _over_http(api: Api, host: str, port: int) -> int:
    shown = f"[{host}]" if ":" in host else host
    if not is_loopback(host):
        click.echo(f"casegate: {host} is not loopback: put a proxy that speaks https before it", err=True)
    click.echo(f"casegate: MCP at http://{shown}:{port}{PATH}", err=True)
    config = uvicorn.Config(
        http_app(api, host), host=host, port=port, log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=5, lifespan="on",
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


def http_app(api: Api, host: str = "127.0.0.1") -> ASGIApp:
    """The streamable HTTP transport without sessions: each request stands for itself and its own token."""
    app = server_of(api, _token_of_request).streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, json_response=True, host=host
    )
    return _Guard(app)


def _token_of_request(context: AnyContext) -> SecretStr:
    request = context.request_context.request
    token = bearer(request.headers) if request is not None else None
    if token is None:
        raise ToolError(f"{NotSignedIn.title}: send a token as `Authorization: Bearer …`")
    return token


def bearer(headers: Headers) -> SecretStr | None:
    """The token of a request; none where there is no single one, so that no two readers take different ones."""
    given = headers.getlist("authorization")
    if len(given) != 1:
        return None
    scheme, _, token = given[0].partition(" ")
    return SecretStr(token) if scheme.lower() == "bearer" and is_token(token) else None


class _Guard:
    """Lets in POST with a token. There is no stream to open and no session to end: GET and DELETE have no meaning."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] != "http":
            return None
        if bearer(Headers(scope=scope)) is None:
            problem = {
                "type": f"/problems/{NotSignedIn.type}",
                "title": NotSignedIn.title,
                "status": 401,
                "detail": "send a token as `Authorization: Bearer …`",
            }
            answer = JSONResponse(problem, 401, {"WWW-Authenticate": "Bearer"}, MEDIA)
            return await answer(scope, receive, send)
        if scope["method"] != "POST":
            answer = JSONResponse({"title": "Only POST is answered", "status": 405}, 405, {"Allow": "POST"}, MEDIA)
            return await answer(scope, receive, send)
        return await self._app(scope, receive, send)
