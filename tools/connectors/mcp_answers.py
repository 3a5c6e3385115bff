"""What a tool of an MCP server answered, as bytes of a kind that a reader knows. No link in it is followed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Final, assert_never

from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from tools.connectors.fetched import ConnectorError

Part = tuple[str, bytes]
"""The ending of the file name, and the bytes."""
_TEXTS: Final = {
    "application/json": "json",
    "text/csv": "csv",
    "text/html": "html",
    "text/markdown": "md",
    "application/yaml": "yaml",
}
_BYTES: Final = {
    **_TEXTS,
    "text/plain": "txt",
    "image/png": "png",
    "image/jpeg": "jpg",
    "application/pdf": "pdf",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}


def parts_of(result: CallToolResult, most: int) -> list[Part]:
    """The structured answer, then the parts that say something else. Raises ConnectorError."""
    parts = list(_parts(result))
    if not parts:
        raise ConnectorError("the tool answered nothing")
    if len(parts) > most:
        raise ConnectorError(f"the tool answered {len(parts)} parts; at most {most} are taken")
    return parts


def _parts(result: CallToolResult) -> Iterator[Part]:
    structured = result.structured_content
    if structured is not None:
        try:
            yield "json", json.dumps(structured, ensure_ascii=False, indent=1, allow_nan=False).encode()
        except ValueError as error:
            raise ConnectorError("the tool answered a number that is none") from error
    for block in result.content:
        if not (isinstance(block, TextContent) and structured is not None and _says(block.text, structured)):
            yield _part(block)


def _says(text: str, structured: object) -> bool:
    """Whether a text is the structured answer again, which servers add for clients that read only texts."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return said == structured or {"result": said} == structured


def _part(block: ContentBlock) -> Part:
    match block:
        case TextContent():
            return ("json" if _is_json(block.text) else "txt"), block.text.encode()
        case ImageContent():
            return _ending(block.mime_type, "an image"), _decoded(block.data)
        case EmbeddedResource(resource=TextResourceContents() as resource):
            return _TEXTS.get(_kind(resource.mime_type), "txt"), resource.text.encode()
        case EmbeddedResource(resource=BlobResourceContents() as resource):
            return _ending(resource.mime_type, "a resource"), _decoded(resource.blob)
        case ResourceLink():
            raise ConnectorError("the tool answered with a link; no link of a server is followed")
        case AudioContent():
            raise ConnectorError("the tool answered with sound, which nothing here can read")
        case EmbeddedResource():
            raise ConnectorError("the tool answered with a resource of no known kind")
        case _:
            assert_never(block)


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _kind(mime_type: str | None) -> str:
    return (mime_type or "").partition(";")[0].strip().casefold()


def _ending(mime_type: str | None, what: str) -> str:
    ending = _BYTES.get(_kind(mime_type))
    if ending is None:
        raise ConnectorError(f"the tool answered with {what} of a kind that nothing here can read")
    return ending


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConnectorError("the tool answered with bytes that are not base64") from error
