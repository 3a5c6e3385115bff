"""Who wrote which line of a mail: quoted, forwarded and replied text, by depth and author.

The text of a mail is one person's word, and the words of others that the person's mail program copied
into it. Three things tell them apart: quote marks (`>`), attribution lines (`On …, X wrote:`) and blocks
of copied headers (`From: … Sent: …`). Every author's lines form one message, also where they are
interleaved with replies; message 0 is the sender's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from casefile.evidence import Author
from tools.readers import clock

_WRAPPED_OVER: Final = 4
_LOOK_AHEAD: Final = 3
MAX_MARKS: Final = 50
_MAX_ATTRIBUTION: Final = 400
_NAME_WORDS: Final = 4
_MARK: Final = re.compile(r"\s?>")
_DATED: Final = re.compile(r"\d{1,2}:\d\d|\d{4}|\d{1,2}[./-]\d{1,2}[./-]")
_OPENERS: Final = re.compile(r"(?:On|Am|Le|El|Il|Op|Em|Den|På|Dnia|W dniu)\b", re.IGNORECASE)
_ATTRIBUTIONS: Final = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"On\s(?P<when>.+?)\s?wrote\s?:",
        r"Am\s(?P<when>.+?)\sschrieb(?:\s(?P<who>.+?))?\s?:",
        r"Le\s(?P<when>.+?)\sa écrit\s?:",
        r"El\s(?P<when>.+?)\sescribió\s?:",
        r"Il\s(?P<when>.+?)\sha scritto\s?:",
        r"Em\s(?P<when>.+?)\sescreveu\s?:",
        r"Op\s(?P<when>.+?)\s(?:schreef|heeft)(?:\s(?P<who>.+?))?(?:\shet volgende)?(?:\sgeschreven)?\s?:",
        r"(?:Den|På)\s(?P<when>.+?)\sskrev(?:\s(?P<who>.+?))?\s?:",
        r"(?:W dniu|Dnia)\s(?P<when>.+?)\s(?:napisał\(?a?\)?|pisze)(?:\s(?P<who>.+?))?\s?:",
        r"(?P<who>.+?)\s(?:wrote|schrieb|a écrit|escribió|skrev|schreef)\s(?:on|am|le|el|den|op)\s"
        r"(?P<when>.+?)\s?:",
    )
]
_TITLES: Final = (
    *("Original Message", "Forwarded message", "Forwarded by .*"),
    *("Ursprüngliche Nachricht", "Weitergeleitete Nachricht", "Message d'origine", "Message original"),
    *("Message transféré", "Mensaje original", "Mensaje reenviado", "Messaggio originale"),
    *("Oorspronkelijk bericht", "Doorgestuurd bericht", "Original meddelande"),
)
_APPLE_TITLES: Final = (
    *("Begin forwarded message", "Anfang der weitergeleiteten (?:Nachricht|E-Mail)"),
    *("Début du message (?:réexpédié|transféré)", "Inicio del mensaje reenviado"),
)
_SEPARATOR: Final = re.compile(
    rf"\s*(?:[-_=]{{2,}}\s*(?:{'|'.join(_TITLES)})\s*[-_=]*|_{{16,}}|(?:{'|'.join(_APPLE_TITLES)})\s*:)\s*",
    re.IGNORECASE,
)
_HEADERS: Final = {
    **dict.fromkeys(("from", "von", "de", "da", "van", "från", "fra", "od"), "from"),
    **dict.fromkeys(
        ("date", "sent", "datum", "gesendet", "envoyé", "enviado", "inviato", "data", "verzonden", "fecha"),
        "date",
    ),
    **dict.fromkeys(("subject", "betreff", "objet", "asunto", "oggetto", "onderwerp", "ämne", "emne"), "subject"),
    **dict.fromkeys(
        ("to", "an", "à", "para", "a", "aan", "till", "til", "cc", "kopie", "reply-to", "message-id", "bcc"),
        "other",
    ),
}
_HEADER: Final = re.compile(r"\s*\*{0,2}(?P<name>[\w-]{1,12})\s?:\*{0,2}\s*(?P<value>.*)$")
# What ends the date in an attribution: a time with its zone, a year, or a date in numbers.
_WHEN_PARTS: Final = re.compile(
    r"\d{1,2}[:h]\d\d(?::\d\d)?(?:\s*[aApP]\.?[mM]\b\.?)?(?:\s*Uhr)?"
    r"(?:\s*\(?(?:UTC|GMT)?[+-]\d\d:?\d{0,2}\)?|\s\(?(?:UTC|GMT|Z|[CEMPW]E?[SD]?T|EEST|BST|SGT|IST|JST)\b\)?)*"
    r"|\b\d{4}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
)
_ADDRESS: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(slots=True)
class Message:
    """The lines of one author. `at` is when they were written, where that is told with a zone."""

    author: Author = field(default_factory=Author)
    at: datetime | None = None
    depth: int = 0
    lines: list[str] = field(default_factory=list)
    quoted: Message | None = None  # the message that this one quoted last
    listed: bool = False

    def known(self) -> bool:
        return bool(self.author.name or self.author.address)


@dataclass(frozen=True, slots=True)
class _Line:
    marks: int
    text: str


def messages(text: str, author: Author, at: datetime | None, depth: int = 0) -> list[Message]:
    """The messages in the body `text` of a mail by `author`, in the order in which they begin."""
    return _Thread(text, Message(author, at, depth)).read()


def unquoted(line: str) -> tuple[int, str]:
    """The number of quote marks at the start of a line, at most 50, and exactly the text after them."""
    marks, place = 0, 0
    while marks < MAX_MARKS and (found := _MARK.match(line, place)):
        marks, place = marks + 1, found.end()
    if marks and line[place : place + 1] == " ":
        place += 1
    return marks, line[place:]


class _Thread:
    """One pass over the lines. `levels[n]` are the messages open behind n quote marks, innermost last.

    More than one message is open at a level when a text was forwarded or replied to without marks.
    """

    def __init__(self, text: str, own: Message) -> None:
        self.lines = [_Line(*unquoted(line)) for line in text.split("\n")]
        while self.lines and not self.lines[-1].text.strip():
            self.lines.pop()
        self.levels = [[own]]
        self.found: list[Message] = []
        self._list(own)
        self.pending: Message | None = None

    def read(self) -> list[Message]:
        index = 0
        while index < len(self.lines):
            index += self._take(index)
        return self.found

    def _take(self, index: int) -> int:
        """Gives the line, or the block of lines that begins there, to its message; returns how many."""
        line = self.lines[index]
        opened = self._move_to(line)
        if not line.text.strip():
            self._open().lines.append(line.text)
            return 1
        attribution = self._attribution(index)
        if attribution is not None:
            return self._attributed(index, *attribution, opened=opened)
        separator = bool(_SEPARATOR.fullmatch(line.text))
        start = index + 1 if separator else index
        while separator and start < len(self.lines) and self._same(start, line) and not self.lines[start].text.strip():
            start += 1
        copied = self._copied_headers(start, line.marks, after_separator=separator, opened=opened)
        if copied is not None:
            if separator:
                self._open().lines += [one.text for one in self.lines[index:start]]
            count, author, at = copied
            self._begin(author, at, opened and not separator)
            self._open().lines += [one.text for one in self.lines[start : start + count]]
            return start + count - index
        self._open().lines.append(line.text)
        return 1

    def _open(self) -> Message:
        return self.levels[-1][-1]

    def _same(self, index: int, line: _Line) -> bool:
        return self.lines[index].marks == line.marks

    def _move_to(self, line: _Line) -> bool:
        """Closes or opens levels for the line; whether it is the first one of a quotation."""
        if line.marks < len(self.levels) - 1:
            del self.levels[line.marks + 1 :]
            if self.pending is not None and self.pending.depth > self._open().depth + 1:
                self.pending = None
        if line.marks == 0 and line.text.strip() == "":
            return False
        opened = False
        while len(self.levels) - 1 < line.marks:
            parent = self._open()
            child = self.pending or parent.quoted
            if child is None:
                child = Message(depth=parent.depth + 1)
            self._list(child)
            parent.quoted, self.pending, opened = child, None, True
            self.levels.append([child])
        return opened

    def _list(self, message: Message) -> None:
        if not message.listed:
            message.listed = True
            self.found.append(message)

    def _attributed(self, index: int, count: int, author: Author, at: datetime | None, *, opened: bool) -> int:
        """An attribution line: it belongs to who quotes, and names the author of what follows."""
        level = self.lines[index].marks
        rest = (self.lines[place] for place in range(index + count, len(self.lines)))
        follow = list(islice((line.marks for line in rest if line.text.strip()), _LOOK_AHEAD))
        texts = [line.text for line in self.lines[index : index + count]]
        if any(marks > level for marks in follow):
            self._open().lines += texts
            self.pending = Message(author, at, self._open().depth + 1)
        elif follow and follow[0] == level:
            if level and opened:
                self._begin(author, at, opened)
                self._open().lines += texts
            else:
                self._open().lines += texts
                self._begin(author, at, False)
        else:
            self._open().lines += texts
        return count

    def _begin(self, author: Author, at: datetime | None, at_start: bool) -> None:
        """A new message at this level; at the start of a quotation it takes the place of the unknown one."""
        here = self._open()
        if at_start and not here.known() and not any(text.strip() for text in here.lines):
            here.author, here.at = author, at
            return
        depth = here.depth if at_start else here.depth + 1
        message = Message(author, at, depth)
        self._list(message)
        self.levels[-1].append(message)
        if at_start and len(self.levels) > 1:
            self.levels[-2][-1].quoted = message
        else:
            here.quoted = message

    def _attribution(self, index: int) -> tuple[int, Author, datetime | None] | None:
        """How many lines an attribution at `index` covers, whom it names, and when."""
        first = self.lines[index]
        wraps = bool(_OPENERS.match(first.text.strip()))
        joined = ""
        for count in range(1, (_WRAPPED_OVER if wraps else 1) + 1):
            if index + count > len(self.lines) or not self._same(index + count - 1, first):
                return None
            joined = f"{joined} {self.lines[index + count - 1].text.strip()}".strip()
            if joined.endswith(":"):
                named = attribution(joined)
                return (count, *named) if named else None
        return None

    def _copied_headers(
        self, index: int, marks: int, *, after_separator: bool, opened: bool
    ) -> tuple[int, Author, datetime | None] | None:
        """A block of copied headers at `index`: its length, the author and the time that it names."""
        found: dict[str, str] = {}
        end = index
        while end < len(self.lines) and self.lines[end].marks == marks:
            header = _HEADER.match(self.lines[end].text)
            role = _HEADERS.get(header["name"].lower()) if header else None
            if header is None or role is None:
                if not (found and self.lines[end].text.startswith((" ", "\t"))):
                    break
            else:
                found.setdefault(role, header["value"].strip())
            end += 1
        if not found.get("from") or found["from"][0].isdigit():
            return None
        starts_with_from = _HEADERS.get(self.lines[index].text.split(":")[0].strip(" *").lower()) == "from"
        enough = after_separator or (opened and marks > 0) or (starts_with_from and {"date", "subject"} & found.keys())
        if not enough:
            return None
        return end - index, _author(found["from"]), clock.instant(found.get("date", ""))


def attribution(line: str) -> tuple[Author, datetime | None] | None:
    """Whom an attribution line names, and when; None for any other line."""
    if len(line) > _MAX_ATTRIBUTION:
        return None
    for pattern in _ATTRIBUTIONS:
        found = pattern.fullmatch(line)
        if found is None:
            continue
        groups = found.groupdict()
        when, who = groups["when"], groups.get("who")
        if not _DATED.search(when):
            return None
        if who is None:
            when, who = _split(when)
        return _author(who), clock.instant(when)
    return None


def attributes(line: str) -> bool:
    """Whether a whole line only says who wrote what follows: a date, a name of a few words, an address."""
    named = attribution(line.strip())
    return named is not None and len(named[0].name.split()) <= _NAME_WORDS


def _split(text: str) -> tuple[str, str]:
    """Date and name in `Sat, 18 Apr 2026 09:22:10 +0200, Ingrid Solheim <i@x>`."""
    end = len(text)
    for mark in ("<", "[mailto:"):
        end = text.index(mark) if mark in text[:end] else end
    last = 0
    for found in _WHEN_PARTS.finditer(text[:end]):
        last = found.end()
    return text[:last], text[last:].strip(" ,")


def _author(text: str) -> Author:
    text = text[:_MAX_ATTRIBUTION]
    found = _ADDRESS.search(text)
    if found is None:
        return Author(text.strip(" \"'*,"))
    name = text[: found.start()].removesuffix("mailto:").strip(" \"'*,<[(")
    return Author(name, found.group())
