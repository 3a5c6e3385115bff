"""Which reader reads a file: decided by its name, and confirmed by its first bytes.

The kind of a reading is the canonical extension: eml json jsonl csv xlsx har log txt md yaml html pdf
docx png jpg ics. A name that promises something else than the bytes hold is refused, because the rest
of the product, and the people, go by the name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tools.readers.limits import UnreadableError

# Extension → (kind, module, function). The modules are imported on first use: parser libraries are slow.
READERS: Final[dict[str, tuple[str, str, str]]] = {
    ".eml": ("eml", "tools.readers.mail", "read_mail"),
    ".json": ("json", "tools.readers.json_tree", "read_json"),
    ".har": ("har", "tools.readers.json_tree", "read_har"),
    ".jsonl": ("jsonl", "tools.readers.json_lines", "read_json_lines"),
    ".yaml": ("yaml", "tools.readers.yaml_tree", "read_yaml"),
    ".yml": ("yaml", "tools.readers.yaml_tree", "read_yaml"),
    ".csv": ("csv", "tools.readers.csv_table", "read_csv"),
    ".tsv": ("csv", "tools.readers.csv_table", "read_csv"),
    ".xlsx": ("xlsx", "tools.readers.xlsx", "read_xlsx"),
    ".log": ("log", "tools.readers.text", "read_text"),
    ".txt": ("txt", "tools.readers.text", "read_text"),
    ".md": ("md", "tools.readers.text", "read_text"),
    ".html": ("html", "tools.readers.html_page", "read_html"),
    ".htm": ("html", "tools.readers.html_page", "read_html"),
    ".pdf": ("pdf", "tools.readers.pdf", "read_pdf"),
    ".docx": ("docx", "tools.readers.docx_text", "read_docx"),
    ".png": ("png", "tools.readers.image", "read_image"),
    ".jpg": ("jpg", "tools.readers.image", "read_image"),
    ".jpeg": ("jpg", "tools.readers.image", "read_image"),
    ".ics": ("ics", "tools.readers.calendar", "read_calendar"),
}

# First bytes → what the file is, in words and as a kind where we have one.
MAGIC: Final[list[tuple[bytes, str, str]]] = [
    (b"\x89PNG\r\n\x1a\n", "a PNG image", "png"),
    (b"\xff\xd8\xff", "a JPEG image", "jpg"),
    (b"%PDF-", "a PDF document", "pdf"),
    (b"PK\x03\x04", "a zip archive", "zip"),
    (b"PK\x05\x06", "an empty zip archive", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office file", "ole"),
    (b"GIF8", "a GIF image", ""),
    (b"\x1f\x8b", "a gzip archive", ""),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", ""),
    (b"Rar!\x1a\x07", "a RAR archive", ""),
    (b"\x7fELF", "a program", ""),
    (b"MZ\x90", "a program", ""),
    (b"II*\x00", "a TIFF image", ""),
    (b"MM\x00*", "a TIFF image", ""),
    (b"{\\rtf", "a rich text document", ""),
    (b"SQLite format 3\x00", "a database", ""),
]

BINARY: Final = {"png": "a PNG image", "jpg": "a JPEG image", "pdf": "a PDF document"}
PACKED: Final = {"xlsx": b"xl/workbook.xml", "docx": b"word/document.xml"}
PROMISES: Final = {
    "eml": "a mail",
    "json": "JSON",
    "har": "an HTTP archive",
    "jsonl": "JSON lines",
    "yaml": "YAML",
    "csv": "a table as text",
    "xlsx": "an Excel workbook",
    "log": "a text log",
    "txt": "a text",
    "md": "a Markdown text",
    "html": "a web page",
    "docx": "a Word document",
    "ics": "a calendar",
    **BINARY,
}

_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b", re.I | re.S)
_TAG = re.compile(rb"<[a-z!/][^<>]*>", re.I)
_MAIL_HEADER = re.compile(rb"(?:\s*From [^\n]*\n)?\s*[!-9;-~]+[ \t]*:")
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27, 8})


def kind_of(data: bytes, file_name: str) -> str:
    """The kind of `data` under the name `file_name`.

    Raises UnreadableError when the extension is unknown, or the bytes are not what it promises.
    """
    extension = extension_of(file_name)
    if extension not in READERS:
        known = " ".join(READERS)
        raise UnreadableError(f"unknown file type {extension or '(no extension)'!r}; expected one of {known}")
    kind = READERS[extension][0]
    found = _lie(data, kind)
    if found:
        raise UnreadableError(f"the name ends in {extension}, which promises {PROMISES[kind]}, but this is {found}")
    return kind


def extension_of(file_name: str) -> str:
    """The last extension of a file name, lower case with its dot; empty where there is none."""
    base = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, extension = base.rpartition(".")
    return f".{extension.lower()}" if dot and stem else ""


def magic_of(data: bytes) -> tuple[str, str]:
    """What the first bytes say: (words, kind); two empty strings where they say nothing."""
    for magic, words, kind in MAGIC:
        if data.startswith(magic):
            return words, kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "a WebP image", ""
    return "", ""


def _lie(data: bytes, kind: str) -> str:
    """What the bytes are, if that is not `kind`; empty when the name tells the truth."""
    words, magic = magic_of(data)
    if kind in BINARY:
        if magic == kind or (kind == "pdf" and b"%PDF-" in data[:1024]):
            return ""
        return words or _text_or_binary(data)
    if kind in PACKED:
        return _packed_lie(data, kind, words, magic)
    if words and not (kind == "txt" and words == "a program" and _is_text(data)):
        return words
    if not _is_text(data):
        return _binary_name(data)
    return LIES[kind](data) if kind in LIES else ""


def _packed_lie(data: bytes, kind: str, words: str, magic: str) -> str:
    if magic != "zip":
        return words or _text_or_binary(data)
    if PACKED[kind] in data or b"PK\x05\x06" not in data:
        return ""  # without its end the archive is cut off, which the reader says
    for other, member in PACKED.items():
        if member in data:
            return PROMISES[other]
    return "a zip archive without the parts of one"


def _text_or_binary(data: bytes) -> str:
    if not _is_text(data):
        return _binary_name(data)
    return "a web page" if _HTML.match(data) else "text"


def _is_text(data: bytes) -> bool:
    """Whether a sample looks like text in some encoding: few control characters, or a UTF-16/32 mark."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:4] == b"\x00\x00\xfe\xff":
        return True
    sample = data[:65536]
    zeros = sample.count(0)
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if zeros > len(sample) * 0.3 and min(even, odd) < zeros * 0.05:
        return True  # UTF-16 without a mark: every second byte is zero
    control = len(sample) - len(sample.translate(None, _CONTROL))
    return control <= max(8, len(sample) // 20) and not (control and control * 3 >= len(sample))


def _binary_name(data: bytes) -> str:
    import puremagic

    try:
        found = puremagic.magic_string(data[:65536])
    except (puremagic.PureError, ValueError):
        return "binary data"
    return f"binary data ({found[0].name})" if found and found[0].name else "binary data"


def _page_lie(data: bytes) -> str:
    return "a web page" if _HTML.match(data.lstrip(b"\xef\xbb\xbf")[:4096]) else ""


def _html_lie(data: bytes) -> str:
    return "" if _TAG.search(data[:262144].replace(b"\0", b"")) else "text without any tag"


def _mail_lie(data: bytes) -> str:
    if _page_lie(data):
        return "a web page"
    return "" if _MAIL_HEADER.match(data.lstrip(b"\xef\xbb\xbf")[:4096]) else "text without mail headers"


def _calendar_lie(data: bytes) -> str:
    plain = data[:4096].replace(b"\0", b"").upper()
    return _page_lie(data) or ("" if b"BEGIN:VCALENDAR" in plain else "text without BEGIN:VCALENDAR")


def _table_lie(data: bytes) -> str:
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"[") and _parses_as_json(data):
        return "JSON"
    return _page_lie(data)


def _parses_as_json(data: bytes) -> bool:
    import orjson

    try:
        orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return False
    return True


LIES: Final[dict[str, Callable[[bytes], str]]] = {
    "json": _page_lie,
    "har": _page_lie,
    "jsonl": _page_lie,
    "yaml": _page_lie,
    "csv": _table_lie,
    "html": _html_lie,
    "eml": _mail_lie,
    "ics": _calendar_lie,
}
