"""What people wrote about the case: sentences with their place, author and time; which of them assert, ask or allege.

A sentence is a statement of its author. It is quoted as such and never becomes a fact of the case by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from agents.compared import Loop
from agents.records import label_of
from casefile.claims import Citation
from casefile.evidence import Evidence, Reading, Span
from guardrails.minimise import Minimiser
from tools.readers import line_spans

_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+|^#|^\||^\s*[A-Z][\w ]{2,30}:\s")
_END = re.compile(
    r"(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bMrs\.)(?<!\bNo\.)(?<!\be\.g\.)(?<=[.!?])\s+(?=[\"“A-ZÄÖÜÅÉ0-9])"
)
_QUESTION = re.compile(
    r"open question\s*:\s*(?P<question>.+?)\s*(?:owner\s*:\s*(?P<owner>[^.;]+?))?\s*\.?$", re.IGNORECASE
)
_ACTION = re.compile(
    r"(?:requested|next) actions?\s*:\s*(?P<action>.+?)\s*(?:owner\s*:\s*(?P<owner>[^.;]+?))?\s*\.?$", re.IGNORECASE
)
_BYLINE = re.compile(r"(?:^|,\s*)(?P<name>[A-ZÄÖÜÅ][\w'’-]+(?: [A-ZÄÖÜÅ][\w'’-]+){1,2})\s*:\s+(?=\S)")
_MAIL_HEADERS = "/headers/"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: where it stands, who wrote it and when, as the evidence has it."""

    evidence: str
    locator: str
    text: str
    author: str = ""
    at: datetime | None = None
    customer: bool = False


def sentences(loop: Loop, role: str) -> Iterator[Said]:
    """Every sentence of the prose that a role of the scenario's data is read from."""
    for item in loop.of(role):
        reading = loop.readings(item.id)
        if not reading.unusable:
            yield from _of(loop, item, reading)


def _of(loop: Loop, item: Evidence, reading: Reading) -> Iterator[Said]:
    spans = [span for span in reading.spans if not span.hidden and not span.locator.startswith(_MAIL_HEADERS)]
    if reading.kind in ("json", "yaml", "csv", "xlsx"):
        spans = [span for span in spans if " " in span.text.strip()]
    spans += line_spans(reading) if reading.lines else []
    own = {person.name for person in loop.people if person.name}
    mail = reading.kind == "eml"
    beside = _writers(reading)
    outside = {label_of(word) for word in loop.scenario.data["prose"]["customer_words"]}
    for block in blocks(spans):
        text = "\n".join(span.text for span in block)
        locator = place_of([span.locator for span in block])
        first = block[0]
        writer = beside.get(locator.rpartition("/")[0], _NOBODY)
        author = first.author.name if first.author else writer.name
        customer = author not in own and ((mail and bool(author)) or label_of(writer.role) in outside)
        plain = " ".join(text.split())
        whole = (_ITEM.match(text) and len(block) == 1) or _QUESTION.search(plain) or _ACTION.search(plain)
        for part in [text] if whole else _END.split(text):
            sentence = part.strip()
            if len(sentence) < 3:
                continue
            byline = _BYLINE.search(sentence)
            who = byline["name"] if byline else author
            yield Said(item.id, locator, sentence, who, first.at, customer)


def unstamped(text: str, author: str) -> tuple[str, str]:
    """What stands before the words of a note ("2026-05-13 16:20 CEST, Dario Lenz:"), and the words."""
    stamp, named, words = text.partition(f"{author}:") if author else ("", "", "")
    return (stamp, words.strip()) if named else ("", text)


class _Writer(NamedTuple):
    """Who wrote the text of an object, and in which role, as members beside the text say."""

    name: str = ""
    role: str = ""


_NOBODY = _Writer()
_NAMES = frozenset({"author", "by", "from", "name", "user", "who", "written by", "verfasser", "auteur", "autor"})
_ROLES = frozenset({"role", "author role", "author type", "side", "kind", "rolle", "rôle"})


def _writers(reading: Reading) -> dict[str, _Writer]:
    """By the place of an object of a tree: who wrote the text in it."""
    found: dict[str, _Writer] = {}
    for span in reading.spans if reading.kind in ("json", "yaml") else ():
        parent, _, member = span.locator.rpartition("/")
        if label_of(parent.rpartition("/")[2]) in _NAMES and label_of(member) in _NAMES:
            parent, member = parent.rpartition("/")[0], "author"  # {"author": {"name": …}}
        known = found.get(parent, _NOBODY)
        if label_of(member) in _NAMES and not known.name:
            found[parent] = known._replace(name=span.text.strip())
        elif label_of(member) in _ROLES:
            found[parent] = known._replace(role=span.text.strip())
    return found


def blocks(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Paragraphs: consecutive lines of one author; a list item or a heading begins a new one."""
    block: list[Span] = []
    for span in spans:
        joins = bool(block) and _follows(block[-1].locator, span.locator) and not _ITEM.match(span.text)
        if block and (not joins or block[-1].depth != span.depth or not span.text.strip()):
            yield block
            block = []
        if span.text.strip():
            block.append(span)
    if block:
        yield block


def _follows(one: str, other: str) -> bool:
    left, right = re.match(r"(.*?)(\d+)$", one), re.match(r"(.*?)(\d+)$", other)
    if left is None or right is None or left[1] != right[1] or "," in one:
        return False
    return int(right[2]) == int(left[2]) + 1


def place_of(locators: Sequence[str]) -> str:
    """The locator of a block of spans."""
    if len(locators) == 1:
        return locators[0]
    first, last = locators[0], locators[-1]
    if first.startswith("line="):
        return f"{first}-{last.removeprefix('line=')}"
    return first.rpartition("/")[0]


class Prose:
    """The sentences of a case by what they do, with the detail that is not needed left out."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        said = loop.scenario.data["prose"]
        self.minimise = Minimiser(loop.scenario.data["minimise"])
        self._asserting = _compiled(said["assertions"])
        self._alleging = _compiled(said["allegations"])
        self._general = _compiled(said["knowledge"])
        self._drafts = re.compile(said["drafts"], re.IGNORECASE)
        self._all = [*sentences(loop, "prose")]

    def all(self) -> list[Said]:
        """Everything that people wrote, in the order of the evidence."""
        return list(self._all)

    def drafts(self) -> list[Said]:
        """Sentences of earlier drafts that state more than any record can carry."""
        return [s for s in self._all if self._is_draft(s) and self.asserts(s.text)]

    def assertions(self) -> list[Said]:
        """Conclusions that notes, tickets and channels assert: claims of their authors, whatever their tone."""
        return [
            s for s in self._all
            if not self._is_draft(s) and not s.customer and self.asserts(s.text) and not self.question(s.text)
            and not s.text.rstrip().endswith("?")
        ]  # fmt: skip

    def allegations(self) -> list[Said]:
        """What the customer says that he saw or asks about."""
        return [s for s in self._all if s.customer and any(p.search(s.text) for p in self._alleging)]

    def knowledge(self) -> list[Said]:
        """General statements of the knowledge base: possible edge cases, no proof for this case."""
        found = (s for s in sentences(self._loop, "knowledge") if not s.text.startswith("#"))
        return [s for s in found if any(p.search(s.text) for p in self._general)]

    def questions(self) -> list[tuple[Said, str, str]]:
        """Open questions that somebody wrote down, with the owner that he named."""
        found = []
        for s in self._all:
            match = self.question(s.text)
            if match:
                found.append((s, match["question"].strip(), (match["owner"] or "").strip()))
        return found

    def actions(self) -> list[tuple[Said, str, str]]:
        """Actions that somebody who works on the case asks for in writing, with the owner that he named."""
        inside = ((s, _ACTION.search(" ".join(s.text.split()))) for s in self._all if not s.customer)
        return [(s, m["action"].strip(), (m["owner"] or "").strip()) for s, m in inside if m is not None]

    def pasted(self) -> list[Said]:
        """Sentences that carry what an attachment holds."""
        return [s for s in self._all if self.minimise.detail(s.text)]

    def asserts(self, text: str) -> bool:
        """Whether a text asserts a conclusion: breach, containment, cause, safety, no access at all."""
        return any(pattern.search(text) for pattern in self._asserting)

    @staticmethod
    def question(text: str) -> re.Match[str] | None:
        """The open question that a line states."""
        return _QUESTION.search(" ".join(text.split()))

    def cite(self, said: Said) -> Citation:
        """A citation of the sentence, of its harmless beginning where it holds detail."""
        quote = said.text if not self.minimise.detail(said.text) else self.minimise.head(said.text)
        return self._loop.cite(said.evidence, said.locator, quote)

    def quoted(self, said: Said) -> str:
        """The sentence on one line, without the detail: also none that its stamp makes between quotation marks."""
        text = self.minimise.text(re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", " ".join(said.text.split())))
        if not self.minimise.detail(f"“{text}”"):
            return text
        return self.minimise.text(f"“{unstamped(text, said.author)[1]}”").strip("“”")

    def about_deactivation(self) -> list[Said]:
        """Sentences that speak of a deactivation, by whoever."""
        words = re.compile(self._loop.scenario.data["prose"]["deactivation"], re.IGNORECASE)
        return [s for s in self._all if words.search(s.text)]

    def _is_draft(self, said: Said) -> bool:
        file = next((item.file for item in self._loop.usable if item.id == said.evidence), "")
        return bool(self._drafts.search(f"{said.evidence} {file}"))


def _compiled(patterns: Sequence[str]) -> list[re.Pattern[str]]:
    return [re.compile(pattern, re.IGNORECASE) for pattern in patterns]
