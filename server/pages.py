"""The built web application: its files, and its first page for every address that is a page of it."""

from __future__ import annotations

import gzip
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from server.problems import Unknown
from server.security.headers import CSP

# Only what is the same for everybody is packed: an answer that holds secrets must not tell of them by its length.
_PACKED = frozenset({".js", ".css", ".svg", ".html", ".json", ".txt"})
# Where auditors verify receipts, without an account. The browser itself lets this page send nothing anywhere.
ALONE = "verify"
ALONE_CSP = CSP.replace("connect-src 'self'", "connect-src 'none'").replace("form-action 'self'", "form-action 'none'")
STATIC = Path(__file__).parent / "static"
_ABSENT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Casegate</title>
<h1>Casegate</h1>
<p>The server is up; its web pages are not built. Run <code>make web</code> (it needs Node.js), then reload.</p>
<p>The API is described at <a href="/api/openapi.json">/api/openapi.json</a>.</p></html>"""


def serve_pages(app: FastAPI, folder: Path = STATIC) -> None:
    """Answer everything that is not the API."""

    async def page(request: Request) -> Response:
        path = request.path_params["path"]
        if path == "api" or path.startswith("api/"):
            raise Unknown
        alone = folder / f"{ALONE}.html"
        if path in (ALONE, alone.name) and alone.is_file():
            return FileResponse(alone, headers={"Cache-Control": "no-cache", "Content-Security-Policy": ALONE_CSP})
        found = _file(folder, path)
        if found is not None:
            # Built files carry their hash in their name; whatever does not is asked for again.
            lasting = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
            return _sent(found, lasting, "gzip" in request.headers.get("accept-encoding", ""))
        index = folder / "index.html"
        if index.is_file():
            if "." in path.rsplit("/", 1)[-1]:
                raise Unknown
            return FileResponse(index, headers={"Cache-Control": "no-cache"})
        return HTMLResponse(_ABSENT, status_code=200 if not path else 404)

    app.add_route("/{path:path}", page, methods=["GET", "HEAD"], include_in_schema=False)


def _sent(file: Path, lasting: str, packed: bool) -> Response:
    headers = {"Cache-Control": lasting, "Vary": "Accept-Encoding"}
    if not packed or file.suffix not in _PACKED:
        return FileResponse(file, headers=headers)
    kind = guess_type(file.name)[0] or "application/octet-stream"
    body = _gzipped(file, file.stat().st_mtime_ns)
    return Response(body, media_type=kind, headers={**headers, "Content-Encoding": "gzip"})


@lru_cache(maxsize=256)
def _gzipped(file: Path, _changed: int) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)


def _file(folder: Path, path: str) -> Path | None:
    """A file inside the folder, and nothing outside of it."""
    if not path or "\x00" in path:
        return None
    try:
        found = (folder / path).resolve()
        inside = found.is_relative_to(folder.resolve())
        return found if inside and found.is_file() else None
    except (OSError, ValueError):
        return None
