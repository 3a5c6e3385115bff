"""Requests that no kind of the card or the matrix names: what could be asked for is put to a person; what only asks for
an answer, a call or a solution is on record, and asked about by nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agents.labelled_places import column
from agents.option_asks import ITEM, blocks, is_read, joined, spans_of
from agents.option_ground import Ground
from casefile.evidence import Evidence, Span
from casefile.registers import ExceptionItem
from guardrails.plain_text import folded

_CLAUSE = re.compile(r"(?<=[.!?;])\s+|,? (?=\([a-z0-9]\) )|, and (?=\w)")
_AUTHOR = ["author", "by", "from", "sender", "posted by", "written by", "created by", "user", "agent"]
# What one of ours writes of others; what he asks them himself is no request to us.
_OTHERS = re.compile(r"\b(?:they|them|their|he|she|customer|client|bank)\b")
_SHOWN = 240
_SHORT = 3


@dataclass(frozen=True, slots=True)
class Request:
    """A request of no kind: its place, its words unless they are not to be copied, and whether it is `idle`: it asks
    for nothing that could be granted."""

    evidence: str
    locator: str
    words: str
    idle: bool


def unclassed(ground: Ground) -> Iterator[Request]:
    """Every request that no kind names."""
    for item in ground.view.usable:
        if not is_read(ground, item):
            continue
        asked, ours, colleagues = False, _to_whom(ground, item), _by_colleagues(ground, item)
        theirs = [span for span in spans_of(ground, item) if not (span.depth and ours & _name(span))]
        found = list(blocks(theirs))
        for n, block in enumerate(found):
            starts, said = joined(block)
            listed = n + 1 < len(found) and ITEM.match(folded(found[n + 1][0].text))
            for start, end in pairwise(_cuts(starts, said)):
                words = said[start:end].strip(" ,")
                asked = bool(re.search(ground.spec.requested, words)) or (asked and _goes_on(said, start))
                introduces = words.endswith(":") or (ITEM.match(said, end) and not ITEM.match(words))
                introduces = introduces or (end == len(said) and listed and not ITEM.match(words))
                if not asked or introduces or len(words.split()) <= _SHORT or _classed(ground, said, start, end):
                    continue
                span = block[max(n for n, at in enumerate(starts) if at <= start)]
                if (span.locator in colleagues or _is_colleague(ground, span)) and not _OTHERS.search(words):
                    continue
                lines = [one.text.strip() for one, at in zip(block, starts, strict=True) if start <= at < end]
                whole = start in starts and end in (*starts, len(said))
                quote = (" ".join(lines) if whole else words)[:_SHOWN]
                copied = "" if item.system in ground.spec.context_systems else quote
                yield Request(item.id, span.locator, copied, _idle(ground, words))


def idle(ground: Ground, found: Sequence[Request]) -> Iterator[ExceptionItem]:
    """Those that ask for nothing that could be granted, by item: left out, and on record."""
    for item in dict.fromkeys(one.evidence for one in found if one.idle):
        mine = [one for one in found if one.idle and one.evidence == item]
        said = "; ".join(f"{one.locator}{f' “{one.words}”' if one.words else ''}" for one in mine)
        reason = f"{item}: requests for nothing that could be granted were left out: {said}"
        yield ExceptionItem(
            key=f"idle:{item}", kind="no_option_asked", about=item, reason=reason, count=len(mine), state="noted"
        )


def _idle(ground: Ground, words: str) -> bool:
    if not ground.spec.idle or not re.search(ground.spec.idle, words):
        return False
    return not (ground.spec.concerns and re.search(ground.spec.concerns, words))


def _classed(ground: Ground, said: str, start: int, end: int) -> bool:
    words = (word for spec in ground.spec.asks for word in spec.words)
    return any(m.start() < end and m.end() > start for word in words for m in re.finditer(word, said))


def _by_colleagues(ground: Ground, item: Evidence) -> frozenset[str]:
    """The places of rows and objects that a person of the roster wrote."""
    found = set()
    for record in ground.view.records(item):
        author = column(record, _AUTHOR)
        if author is not None and _of_roster(ground, author.text):
            found |= {cell.locator for cell in record.cells.values()}
    return frozenset(found)


def _is_colleague(ground: Ground, span: Span) -> bool:
    return span.author is not None and _of_roster(ground, f"{span.author.name} {span.author.address}")


def _of_roster(ground: Ground, text: str) -> bool:
    return any(one.name and folded(one.name) in folded(text) for one in ground.view.packet.people)


def _to_whom(ground: Ground, item: Evidence) -> frozenset[str]:
    """The words by which a mail names those to whom it is written: what it quotes of theirs asks its own author."""
    headers = (s.text for s in ground.view.readings(item.id).spans if s.locator.lower().startswith("/headers/to"))
    return frozenset(word for text in headers for word in _names_of(text))


def _name(span: Span) -> frozenset[str]:
    author = span.author
    return frozenset(_names_of(f"{author.name} {author.address}")) if author is not None else frozenset()


def _names_of(text: str) -> list[str]:
    """The words of names and of addresses before the `@`."""
    return re.findall(r"[a-z]{3,}", re.sub(r"@[\w.-]+", " ", folded(text)))


def _goes_on(said: str, at: int) -> bool:
    """Whether what begins there is an item of a list, or no new sentence: then it goes on with a request before it."""
    return bool(ITEM.match(said, at)) or (at > 0 and said[:at].rstrip()[-1:] not in (".", "!", "?"))


def _cuts(starts: Sequence[int], said: str) -> list[int]:
    """Where one request may end and another begin: sentences, clauses, items of a list."""
    items = (at for at in starts if ITEM.match(said, at))
    return sorted({0, len(said), *items, *(m.end() for m in _CLAUSE.finditer(said))})
