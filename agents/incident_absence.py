"""What a record says is not there: `P lacks audit_export`, `audit_export, billing absent`, `removed: audit_export`.

A record may name what it has lost as well as what it has kept. Names count as absent only beside the word that says so,
in the same sentence or cell, or where what was there before is no longer there after.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_FLAGS = re.IGNORECASE
# Words that stand before what is not there, or behind it.
_GONE = (
    r"(?:absent|missing|gone|lost|removed|dropped|stripped|revoked|withdrawn|excluded|omitted|unavailable"
    r"|taken (?:away|out)"
    r"|(?:not|no longer|never) (?:in|part of|included|listed|present|contained|mapped|carried|there|available))"
)
_UNDENIED = r"(?<!not )(?<!never )(?<!nothing )(?<!none )(?<!neither )"
_KINDS = r"(?:capabilit(?:y|ies)|functions?|features?|roles?|permissions?|rights?|entitlements?)"
_BETWEEN = r"(?:\s*[,;/|+&]\s*(?:(?:and|or)\s+)?|\s+(?:and|or|nor)\s+|\s+)"
_BEHIND = rf"(?:[\s:=\])(→>-]|\b(?:is|are|was|were|now|all|both|been|has|have|being|{_KINDS})\b)*"
_BEFORE = rf"(?:[\s:=\[(]|\b(?:the|all|both|of|capability|{_KINDS})\b)*"
_LACKS = re.compile(
    r"\b(?:lacks?|lacking|without|no longer (?:has|have|includes?|contains?|carries)"
    r"|(?:does|do|did) not (?:have|include|contain|carry)|minus|drops?|removed capabilities)\b(?P<rest>[^;.]*)",
    _FLAGS,
)
_ARE_NOT = re.compile(
    r"(?P<names>[^;.=]*)\b(?:is|are|was|were) (?:not|no longer|never)"
    r" (?:in|part of|included|listed|present|contained|mapped|carried)\b",
    _FLAGS,
)
# Where a sentence turns from what is not there to what is.
_TURN = re.compile(
    r"\b(?:but|while|whereas|has|have|keeps?|kept|still|remains?|retains?|retained|includes?|contains?|present|with|only)\b",
    _FLAGS,
)
# "no audit_export, no billing_controls": a list behind "no", and nothing that is said of what it names.
_NAME = r"[\w-]+(?: [\w-]+)?"
_AND = r"(?:\s*,\s*(?:(?:and|or|nor)\s+)?|\s+(?:and|or|nor)\s+)(?:no\s+)?"
_NONE_OF = re.compile(rf"\bno (?P<names>{_NAME}(?:{_AND}{_NAME})*)(?=\s*(?:[,;.)|]|$))", _FLAGS)
_APART = re.compile(_AND, _FLAGS)
# A cell under the name of a capability, and a label over names.
_NO = re.compile(rf"(?:{_GONE}|no|not|none|false|off|0|disabled|denied|[-–—✗✘x])(?:\b.*)?", _FLAGS | re.DOTALL)
_LABEL = re.compile(rf"(?:^|\b){_GONE}(?: (?:by|in|from|at) .*)?$|^(?:{_GONE}|lacks|lacking) {_KINDS}$", _FLAGS)
_OLD = re.compile(r"\b(?:before|old|previous|prior|from|was|earlier)\b", _FLAGS)
_NEW = re.compile(r"\b(?:after|new|current|now|to|then|later)\b", _FLAGS)
_PAIR = re.compile(r"(?P<label>[A-Za-z][\w.-]*)=(?P<text>\"[^\"]*\"|\[[^\]]*\]|\S*)")

Part = tuple[str, str]


@dataclass(slots=True)
class Absence:
    """Looks for names that a record says are not there. A part of a record is its label, if any, and its text."""

    names: Mapping[str, re.Pattern[str]]
    _behind: re.Pattern[str] = field(init=False)
    _before: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        one = "|".join([*(pattern.pattern for pattern in self.names.values()), r"(?<![\w-])[a-z]+(?:_[a-z0-9]+)+"])
        listed = rf"(?P<names>(?:{one})(?:{_BETWEEN}(?:{one}))*)"
        self._behind = re.compile(rf"{listed}{_BEHIND}{_UNDENIED}(?<![a-z_]){_GONE}\b(?!=|\s*:\s*(?:{one}))", _FLAGS)
        self._before = re.compile(rf"{_UNDENIED}(?<![a-z]){_GONE}(?:[^;.:=]{{0,50}}[:=])?{_BEFORE}{listed}", _FLAGS)

    def found(self, text: str) -> frozenset[str]:
        """The names that stand in a text."""
        return frozenset(name for name, pattern in self.names.items() if pattern.search(text))

    def of(self, parts: Iterable[Part]) -> frozenset[str]:
        """The names that a record says are not there, by all its parts."""
        told = list(parts)
        if not any(self.found(f"{label} {text}") for label, text in told):
            return frozenset()
        lacks = frozenset().union(*(self.in_text(text) | self._in_cell(label, text) for label, text in told))
        return lacks | self._no_more(told)

    def in_text(self, text: str) -> frozenset[str]:
        """The names that a text says are not there: those beside the word for it in its sentence."""
        behind = [_TURN.split(match["rest"], maxsplit=1)[0] for match in _LACKS.finditer(text)]
        before = [_TURN.split(match["names"].rpartition(":")[2])[-1] for match in _ARE_NOT.finditer(text)]
        parts = (part for match in _NONE_OF.finditer(text) for part in _APART.split(match["names"]))
        listed = [one for one in parts if any(name.fullmatch(one) for name in self.names.values())]
        return self.found(" | ".join([*behind, *before, *listed, *self._beside(text)]))

    def _beside(self, text: str) -> Iterator[str]:
        """Lists of names that stand directly before a word for what is gone, or else directly behind it."""
        ends = set()
        for match in self._behind.finditer(text):
            ends.add(match.end())
            yield match["names"]
        for match in self._before.finditer(text):
            if not any(match.start() < end <= match.start("names") for end in ends):
                yield match["names"]

    def _in_cell(self, label: str, text: str) -> frozenset[str]:
        """`removed | audit_export, billing` names them under the word; `audit export | no` is a name with the word."""
        words = re.sub(r"[_-]+", " ", label)
        if _LABEL.search(words):
            return self.found(text)
        own = {
            name for name, pattern in self.names.items() if pattern.fullmatch(words.strip()) or pattern.fullmatch(label)
        }
        return frozenset(own) if _NO.fullmatch(text.strip()) else frozenset()

    def _no_more(self, parts: Sequence[Part]) -> frozenset[str]:
        """What stands under `before` and, where there is an `after` of the same, not under that."""
        told = [(re.sub(r"[\W_]+", " ", label), self.found(text)) for label, text in parts]
        pairs = (
            old - new
            for was, old in told
            for now, new in told
            if _OLD.search(was) and _NEW.search(now) and _OLD.sub("", was).split() == _NEW.sub("", now).split()
        )
        return frozenset().union(*pairs)


def of_one_side(label: str) -> bool:
    """Whether a label says that what stands under it was there before a change, or is there after it."""
    words = re.sub(r"[\W_]+", " ", label)
    return bool(_OLD.search(words) or _NEW.search(words))


def pairs(line: str) -> list[Part]:
    """The parts of a log line: all of it, and its `key=value` pairs."""
    return [("", line), *((match["label"], match["text"].strip('"[]')) for match in _PAIR.finditer(line))]
