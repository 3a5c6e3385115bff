"""Zip containers (xlsx, docx): looked at before any parser opens them."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Final

from tools.readers.limits import MEBIBYTE, Limits, UnreadableError

# Office files hold no document type declarations: one is there to make a parser expand entities.
_DECLARATION: Final = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCRYPTED: Final = 0x1


def unpacked(data: bytes, limits: Limits) -> dict[str, bytes]:
    """The XML members of the container by name, after checks of count, size, ratio and declarations.

    Raises UnreadableError for a container that is damaged, encrypted or larger than the limits.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check(infos, limits)
            members = {info.filename: archive.read(info) for info in infos if _is_markup(info.filename)}
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError) as fault:
        raise UnreadableError(f"the zip container is damaged: {fault}") from None
    for name, content in members.items():
        if _DECLARATION.search(content.replace(b"\0", b"")):
            raise UnreadableError(f"{name}: holds a document type declaration, which no Office file needs")
    return members


def _is_markup(name: str) -> bool:
    return name.endswith((".xml", ".rels", ".vml"))


def _check(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(infos) > limits.max_parts:
        raise UnreadableError(f"the zip container has {len(infos)} members; at most {limits.max_parts} count")
    total = sum(info.file_size for info in infos)
    if total > limits.max_unpacked_bytes:
        raise UnreadableError(
            f"the zip container unpacks to {total} bytes; at most {limits.max_unpacked_bytes} are read"
        )
    names = set()
    for info in infos:
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableError(f"{info.filename}: is encrypted")
        if info.filename in names:
            raise UnreadableError(f"{info.filename}: stands twice in the zip container")
        names.add(info.filename)
        if info.file_size > MEBIBYTE and info.file_size > info.compress_size * limits.max_ratio:
            raise UnreadableError(
                f"{info.filename}: {info.compress_size} bytes unpack to {info.file_size}, "
                f"more than {limits.max_ratio} times"
            )
