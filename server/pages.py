"""The built web application: its files, and its first page for every address that is a page of it."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from server.problems import Unknown

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
        found = _file(folder, path)
        if found is not None:
            # Built files carry their hash in their name; whatever does not is asked for again.
            lasting = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
            return FileResponse(found, headers={"Cache-Control": lasting})
        index = folder / "index.html"
        if index.is_file():
            if "." in path.rsplit("/", 1)[-1]:
                raise Unknown
            return FileResponse(index, headers={"Cache-Control": "no-cache"})
        return HTMLResponse(_ABSENT, status_code=200 if not path else 404)

    app.add_route("/{path:path}", page, methods=["GET", "HEAD"], include_in_schema=False)


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
