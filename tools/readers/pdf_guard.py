"""PDF files looked at before the parser opens them: what would fill the memory or never end."""

from __future__ import annotations

import re
import zlib
from typing import Final

from tools.readers.limits import MEBIBYTE, Limits, UnreadableError

MAX_OBJECTS: Final = 200_000
MAX_PACKED_IN_PACKED: Final = 3
_STREAM: Final = re.compile(rb"stream\r?\n")
_NEST: Final = re.compile(rb"(?:\[|<<)(?:\s*(?:/\w*\s*)?(?:\[|<<)){200}")
_PIECE: Final = 64 * 1024


def check(data: bytes, limits: Limits) -> None:
    """Raises UnreadableError for too many objects, for endless nesting, and for streams that unpack too far.

    Every packed stream is unpacked once, piece by piece, and thrown away.
    """
    count = data.count(b" obj")
    if count > MAX_OBJECTS:
        raise UnreadableError(f"the document has {count} objects; at most {MAX_OBJECTS} are read")
    nest = _NEST.search(data)
    if nest:
        raise UnreadableError(f"byte {nest.start()}: lists and dictionaries are nested deeper than 200 levels")
    total = 0
    for number, found in enumerate(_STREAM.finditer(data)):
        if number > 2 * MAX_OBJECTS:
            raise UnreadableError(f"byte {found.start()}: more than {2 * MAX_OBJECTS} streams")
        if _is_packed(data[found.end() : found.end() + 2]):
            total += _unpacked_size(memoryview(data)[found.end() :], limits.max_unpacked_bytes - total)
        if total > limits.max_unpacked_bytes:
            raise UnreadableError(f"byte {found.start()}: streams unpack to over {limits.max_unpacked_bytes} bytes")


def _is_packed(head: bytes) -> bool:
    """Whether two bytes begin a zlib stream (RFC 1950, section 2.2)."""
    return len(head) == 2 and head[0] & 0x0F == 8 and (head[0] * 256 + head[1]) % 31 == 0


def _unpacked_size(packed: memoryview, allowed: int, depth: int = 0) -> int:
    """The size of what `packed` unpacks to, and of what that unpacks to again; stops beyond `allowed`."""
    inflate = zlib.decompressobj()
    size, first, at = 0, b"", 0
    try:
        while at < len(packed) and not inflate.eof and size <= allowed:
            pending: bytes | memoryview = packed[at : at + _PIECE]
            at += _PIECE
            while pending and size <= allowed:
                piece = inflate.decompress(pending, MEBIBYTE)
                first = first or piece
                size += len(piece)
                pending = inflate.unconsumed_tail
    except zlib.error:
        pass  # damaged or not packed this way: the parser will say so
    if depth < MAX_PACKED_IN_PACKED and _is_packed(first[:2]):
        size += _unpacked_size(memoryview(first), allowed - size, depth + 1)
    return size
