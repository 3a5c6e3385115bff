"""Mail: headers, parts, and for every line of a text who wrote it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import HeaderRegistry
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from typing import Final

from casefile.evidence import ATTRIBUTION, Author, Reading, Span, Table
from tools.readers.decode import decode, without_control
from tools.readers.drawn import drawn_tables
from tools.readers.labels import labelled, several
from tools.readers.leaves import escaped
from tools.readers.limits import Limits, UnreadableError
from tools.readers.mail_attachments import file_name, not_read
from tools.readers.quotes import Message as Quoted
from tools.readers.quotes import attributes, messages

_END_OF_HEADERS: Final = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")
_ONCE: Final = ("from", "subject", "date", "message-id")
_MAX_HEADER_LINES: Final = 2_000
# Decodes encoded words and changes nothing else: the structured headers are rewritten by the library.
_AS_TEXT: Final = policy.default.clone(header_factory=HeaderRegistry(use_default_map=False))


@dataclass(slots=True)
class _Mail:
    """What is collected while the parts are walked."""

    limits: Limits
    spans: list[Span] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    parts: list[dict[str, object]] = field(default_factory=list)
    drawn: list[Table] = field(default_factory=list)
    seen: int = 0


def read_mail(data: bytes, kind: str, limits: Limits) -> Reading:
    """Header and line spans; `data` is {"headers": …, "parts": [{"messages": […]}]}.

    Attachments are listed with name, size and hash, and not opened; forwarded mails are read.
    """
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    _check_headers(data, limits)
    mail = _Mail(limits)
    try:
        message = BytesParser(policy=policy.default).parsebytes(data)
    except (MessageError, ValueError, LookupError) as fault:
        raise UnreadableError(f"the mail cannot be taken apart: {fault}") from None
    if not message.keys():
        raise UnreadableError("line 1: no mail headers; expected lines like 'From: …' before a blank line")
    author, at = _sender(message), _date(message)
    headers = _headers(mail, message, "/headers", author, at, 0)
    for name in _ONCE:
        if isinstance(headers.get(name), list):
            mail.problems.append(f"/headers/{name}: stands more than once; who wrote the mail and when is not certain")
    _walk(mail, message, author, at, 0)
    if not any(part.get("messages") for part in mail.parts):
        mail.problems.append("/parts: the mail has no text")
    document = {"headers": headers, "parts": mail.parts}
    return Reading(kind, mail.spans, drawn=mail.drawn, data=document, problems=mail.problems, made_at=at)


def _check_headers(data: bytes, limits: Limits) -> None:
    end = _END_OF_HEADERS.search(data)
    block = data[: end.start()] if end else data
    if len(block) > limits.max_header_bytes:
        raise UnreadableError(f"the header block has {len(block)} bytes; at most {limits.max_header_bytes} are read")
    if block.count(b"\n") > _MAX_HEADER_LINES:
        raise UnreadableError(f"the header block has more lines than are read; at most {_MAX_HEADER_LINES} are read")
    parts = data.count(b"\n--")
    if parts > 20 * limits.max_parts:
        raise UnreadableError(f"the mail has up to {parts} part boundaries; at most {limits.max_parts} parts are read")


def _headers(
    mail: _Mail, message: Message, pointer: str, author: Author, at: datetime | None, depth: int
) -> dict[str, object]:
    """All headers by lower-case name, decoded and unfolded; a list where a name stands more than once."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, raw in message.raw_items():
        found.setdefault(name.lower(), []).append((name, _header_text(name, raw)))
    headers: dict[str, object] = {}
    for key, values in found.items():
        headers[key] = values[0][1] if len(values) == 1 else [text for _, text in values]
        for index, (name, text) in enumerate(values):
            place = f"{pointer}/{escaped(key)}" + ("" if len(values) == 1 else f"/{index}")
            if text:
                mail.spans.append(Span(place, text, "header", name, text, author, at, depth))
    return headers


def _header_text(name: str, raw: object) -> str:
    try:
        text = str(_AS_TEXT.header_fetch_parse(name, str(raw)))
    except Exception:  # noqa: BLE001  the header parser of the standard library raises anything on malformed headers
        text = str(raw)
    clean = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(without_control(clean)[0].split())


def _sender(message: Message) -> Author:
    for name, raw in message.raw_items():
        if name.lower() == "from":
            text = _header_text(name, raw)
            try:
                shown, address = parseaddr(text)
            except RecursionError:  # comments in comments in comments
                return Author(text)
            return Author(shown, address) if address else Author(text)
    return Author()


def _date(message: Message) -> datetime | None:
    for name, raw in message.raw_items():
        if name.lower() == "date":
            text = _header_text(name, raw)
            try:
                at = parsedate_to_datetime(text)
                if at.tzinfo is None:  # RFC 5322, section 3.3: -0000 is UTC, told by a system without a zone
                    return at.replace(tzinfo=UTC) if "-0000" in text else None
                return at.astimezone(UTC)
            except (ValueError, TypeError, OverflowError, IndexError):
                return None
    return None


def _walk(mail: _Mail, part: Message, author: Author, at: datetime | None, depth: int, level: int = 0) -> None:
    mail.seen += 1
    if mail.seen > mail.limits.max_parts:
        raise UnreadableError(f"the mail has more than {mail.limits.max_parts} parts")
    if level > mail.limits.max_depth:
        raise UnreadableError(f"the parts of the mail are nested deeper than {mail.limits.max_depth} levels")
    for defect in part.defects:
        mail.problems.append(f"/parts/{len(mail.parts)}: {_in_words(type(defect).__name__)}")
    content_type = part.get_content_type()
    children = _children(part)
    if children and content_type == "multipart/alternative":
        _alternatives(mail, children, author, at, depth, level)
    elif children and content_type.startswith("message/"):
        for child in children:
            _forwarded(mail, child, content_type, file_name(part), depth, level)
    elif children:
        for child in children:
            _walk(mail, child, author, at, depth, level + 1)
    elif _is_text(part):
        _text(mail, part, author, at, depth)
    else:
        _attachment(mail, part)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _alternatives(
    mail: _Mail, children: list[Message], author: Author, at: datetime | None, depth: int, level: int
) -> None:
    """Of several forms of one text the plain one is read, and a page beside it where that says more: a table, say.
    Of a page that says the same, hidden text is noted."""
    plain = next((child for child in children if child.get_content_type() == "text/plain"), None)
    for child in children:
        page = child.get_content_type() == "text/html"
        if plain is not None and page and not _says_more(mail, child, plain):
            place = len(mail.parts)
            mail.parts.append({"content_type": "text/html", "file": None, "messages": []})
            mail.spans += _hidden(child, place, author, at, depth)
        else:
            _walk(mail, child, author, at, depth, level + 1)


def _says_more(mail: _Mail, page: Message, plain: Message) -> bool:
    """Whether a page has a line that does not stand in the plain text, however that breaks its lines."""
    from tools.readers.html_page import text_lines

    told = _letters(_decoded(plain)[0])
    return any(_letters(line) not in told for line in text_lines(_decoded(page)[0], mail.limits))


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _forwarded(mail: _Mail, message: Message, content_type: str, file: str | None, depth: int, level: int) -> None:
    """A mail attached as a mail: its own sender, its own date, one level deeper."""
    author, at = _sender(message), _date(message)
    place = len(mail.parts)
    part: dict[str, object] = {"content_type": content_type, "file": file, "messages": []}
    mail.parts.append(part)
    part["headers"] = _headers(mail, message, f"/parts/{place}/headers", author, at, depth + 1)
    _walk(mail, message, author, at, depth + 1, level + 1)


def _is_text(part: Message) -> bool:
    if part.get_content_disposition() == "attachment" or file_name(part):
        return False
    # A multipart without parts is one whose boundary was not found: its text is still there to be read.
    return part.get_content_type() in ("text/plain", "text/html") or part.get_content_maintype() == "multipart"


def _text(mail: _Mail, part: Message, author: Author, at: datetime | None, depth: int) -> None:
    place = len(mail.parts)
    text, problems = _decoded(part)
    mail.problems += [f"/parts/{place}: {problem}" for problem in problems]
    content_type = part.get_content_type()
    if content_type == "text/html":
        from tools.readers.html_page import text_lines

        text = "\n".join(text_lines(text, mail.limits))
        mail.spans += _hidden(part, place, author, at, depth)
    if text.count("\n") > mail.limits.max_leaves:
        raise UnreadableError(f"/parts/{place}: the text has more than {mail.limits.max_leaves} lines")
    found = messages(text, author, at, depth)
    mail.drawn += _drawn(place, found)
    shown = []
    for number, message in enumerate(found):
        for index, line in enumerate(message.lines):
            if line.strip():
                pointer = f"/parts/{place}/messages/{number}/lines/{index}"
                for said in several(line) or [line]:
                    label, value = (ATTRIBUTION, "") if attributes(line) else labelled(said) or ("", "")
                    one = Span(pointer, said, "line", label, value, message.author, message.at, message.depth)
                    mail.spans.append(one)
        shown.append(
            {
                "from": {"name": message.author.name, "address": message.author.address},
                "date": message.at.isoformat().replace("+00:00", "Z") if message.at else None,
                "depth": message.depth,
                "lines": message.lines,
            }
        )
    mail.parts.append({"content_type": content_type, "file": None, "messages": shown})


def _drawn(place: int, found: Sequence[Quoted]) -> list[Table]:
    """The tables of the mail's own words; of what it forwards or quotes where it has none itself."""
    tables = {
        number: drawn_tables(message.lines, f"/parts/{place}/messages/{number}/lines/", 0)
        for number, message in enumerate(found)
    }
    nearest = min((message.depth for number, message in enumerate(found) if tables[number]), default=0)
    return [one for number, message in enumerate(found) if message.depth == nearest for one in tables[number]]


def _hidden(part: Message, place: int, author: Author, at: datetime | None, depth: int) -> list[Span]:
    from tools.readers.html_page import hidden_texts

    texts = hidden_texts(_decoded(part)[0])
    return [
        Span(f"/parts/{place}/hidden/{index}", text, "text", author=author, at=at, depth=depth, hidden=True)
        for index, text in enumerate(texts)
    ]


def _decoded(part: Message) -> tuple[str, list[str]]:
    """The text of a part: by its charset where that works, else by the bytes themselves."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        payload = str(part.get_payload()).encode("utf-8", "surrogateescape")
    charset = part.get_content_charset() or "utf-8"
    problems: list[str] = []
    try:
        text = payload.decode(charset)
    except (LookupError, UnicodeDecodeError, ValueError):
        text, problems = decode(payload)
        problems.append(f"the text is not in the charset that its header names, {charset}; the encoding was guessed")
    text, lost = without_control(text.removeprefix("\N{BOM}"))
    return text, problems + lost


def _attachment(mail: _Mail, part: Message) -> None:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    place, file = len(mail.parts), file_name(part)
    mail.parts.append(
        {
            "content_type": part.get_content_type(),
            "file": file,
            "size": len(content),
            "sha256": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "messages": [],
        }
    )
    name = file or part.get_content_type()
    mail.problems.append(f"/parts/{place}: {not_read(name)}")


def _in_words(defect: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", defect.removesuffix("Defect")).lower()
    return f"damaged ({words})"
