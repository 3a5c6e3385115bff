"""Readers: one for each kind of file, all with one promise: bad content never raises.

`read` turns bytes into a `Reading`: spans that can be cited, tables, lines, the parsed document, and the
problems. Adding a kind is one file here and its line in `kinds.READERS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.readers.kinds import READERS, extension_of, kind_of
from tools.readers.labels import labelled
from tools.readers.limits import DEFAULTS, Limits, UnreadableError, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from casefile.evidence import Reading, Span

    Reader = Callable[[bytes, str, Limits], Reading]

__all__ = ["READERS", "Limits", "labelled", "line_spans", "page_text", "read"]


def read(data: bytes, file_name: str, limits: Limits = DEFAULTS) -> Reading:
    """What stands in `data`, read as the kind that `file_name` and the first bytes agree on.

    Never raises for bad content: a file that cannot be used gives a reading with `unusable` set and one
    line in `problems` that names the place and what was expected.
    """
    kind = extension_of(file_name).removeprefix(".")
    try:
        if not data:
            raise UnreadableError("the file is empty")
        if len(data) > limits.max_bytes:
            raise UnreadableError(f"the file has {len(data)} bytes; at most {limits.max_bytes} are read")
        kind = kind_of(data, file_name)
        reading = _reader(file_name)(data, kind, limits)
    except UnreadableError as refusal:
        return _unusable(kind, str(refusal))
    except RecursionError:
        return _unusable(kind, f"nested deeper than the {kind} reader follows (limit {limits.max_depth} levels)")
    except MemoryError:
        return _unusable(kind, f"too large for the memory of the {kind} reader")
    except Exception as fault:  # noqa: BLE001  hostile bytes make parser libraries raise anything
        return _unusable(kind, f"cannot be parsed as {kind}: {type(fault).__name__} {fault}"[:200])
    reading.problems[:] = shortened(reading.problems)
    return reading


def line_spans(reading: Reading, numbers: Iterable[int] | None = None) -> list[Span]:
    """Spans of the lines of a text or log, made on demand; see `tools.readers.text.line_spans`."""
    from tools.readers import text

    return text.line_spans(reading, numbers)


def page_text(data: bytes, page: int, limits: Limits = DEFAULTS) -> str:
    """The extracted text of one PDF page, from 1; `char=a-b` of a locator counts in it."""
    from tools.readers import pdf

    return pdf.page_text(data, page, limits)


def _reader(file_name: str) -> Reader:
    from importlib import import_module

    _, module, function = READERS[extension_of(file_name)]
    reader: Reader = getattr(import_module(module), function)
    return reader


def _unusable(kind: str, problem: str) -> Reading:
    from casefile.evidence import Reading

    return Reading(kind=kind, unusable=True, problems=shortened([problem]))
