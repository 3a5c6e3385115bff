"""What a reader accepts, and how it says no."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024
PROBLEMS_SHOWN = 50


class UnreadableError(Exception):
    """The bytes cannot be used. The message is one line: the place, and what was expected there."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one reading. Whatever goes beyond one of them is unusable and says which.

    `max_bytes`: size of the file as it comes, in bytes.
    `max_unpacked_bytes`: sum of the unpacked members of a zip container (xlsx, docx), in bytes.
    `max_ratio`: unpacked to packed size of one zip member, for members over 1 MiB.
    `max_parts`: members of a container, or parts of a mail.
    `max_depth`: levels of nesting in a document.
    `max_leaves`: scalar values in a tree (JSON, YAML, HAR, JSONL), after aliases are expanded.
    `max_cells`: cells of all tables of a file together.
    `max_lines`: lines of a text.
    `max_pixels`: width times height of an image.
    `max_pages`: pages of a PDF.
    `max_header_bytes`: header block of a mail, in bytes.
    `seconds`: wall clock time for the steps that can be stopped (PDF pages, OCR).
    """

    max_bytes: int = 64 * MEBIBYTE
    max_unpacked_bytes: int = 128 * MEBIBYTE
    max_ratio: int = 200
    max_parts: int = 1_000
    max_depth: int = 100
    max_leaves: int = 500_000
    max_cells: int = 1_000_000
    max_lines: int = 4_000_000
    max_pixels: int = 40_000_000
    max_pages: int = 500
    max_header_bytes: int = 256 * 1024
    seconds: float = 60.0


DEFAULTS = Limits()


def shortened(problems: list[str]) -> list[str]:
    """The problems, each on one line, at most `PROBLEMS_SHOWN`; the last line counts the others."""
    lines = [" ".join(problem.split()) for problem in problems]
    if len(lines) <= PROBLEMS_SHOWN:
        return lines
    return [*lines[:PROBLEMS_SHOWN], f"{len(lines) - PROBLEMS_SHOWN} more problems of this kind"]
