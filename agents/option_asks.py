"""What is asked for, and by whom: every ask in evidence and chat, by the kind that the card or the matrix names.

An ask is somebody's words. It opens no option, moves no limit and is never dropped: it is classed, counted, and shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import orjson

from agents.labelled_places import Place, lines_of
from agents.option_facts import amount_in
from agents.option_ground import Ground
from agents.option_limits import caps
from agents.option_spec import AskSpec
from agents.quantities import Figure, cited, share, share_in, words_of
from agents.records import Cell, label_of
from casefile.evidence import Evidence, Span
from casefile.packet import Says
from guardrails.plain_text import folded
from runtime.clock import instant

KEPT_ASKS = "asks"
CHAT = "chat"
_NEGATED = re.compile(
    r"\b(?:no|not|without|never|nor|excluding|instead of|rather than"
    r"|kein\w*|nicht|ohne|pas|sans|aucune?|sin|senza|nessun\w?)(?: \w+){0,2} $"
)
_QUESTION = re.compile(r"^\W*(?:what|which|why|who|how|is|are|was|does|do|did|has|have|when|where|may)\b.*\?\s*$")
ITEM = re.compile(r"(?:[-*•]|\(?[a-z0-9]{1,2}[.)])\s+")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
# Of a sentence that asks for several things.
_PART = re.compile(r"(?<=[,;])\s+|\s+(?=(?:and(?! a half)|plus|und|sowie|et|y|e)\s)")
_BACK = re.compile(r"\b(?:it|that|this|them|those)\b")
# The title of a list or log is no ask of what stands below it; nor is a comment above a table.
_TITLE = re.compile(r"^\s*#+ *\w+(?: \w+){0,2}\W*$")
# The name that an export gives itself.
_OWN_NAME = re.compile(r"/(?:export|title|report|document|name|kind|type|log|dataset)", re.I)
# The name of a column or a list of what somebody wants.
_WISHES = re.compile(r"\b(?:(?:wish|want|ask|request|need)(?:s|es|ed)?(?: for)?|what|items?)$")
_CODE = re.compile(r"[\w.:/-]*\d[\w.:/-]*")
_SHOWN = 240
_SHORT = 2  # words of a cell that is no text


@dataclass(frozen=True, slots=True)
class Ask:
    """One ask. `evidence` is the item's id, or `chat`; `over` says in which way it exceeds a limit of the matrix;
    `withdrawn` is one that its author takes back where he names it. Of one in the chat `words` are its sentence."""

    spec: AskSpec
    evidence: str
    locator: str
    quote: str
    by: str = ""
    promised: bool = False
    amount: Figure | None = None
    over: str = ""
    withdrawn: bool = False
    words: str = ""


def asks(ground: Ground) -> list[Ask]:
    """Every ask in the evidence, then those of the chat, in order."""
    found = [ask for item in ground.view.usable if is_read(ground, item) for ask in _of(ground, item)]
    return [*found, *chat_asks(ground)]


def is_read(ground: Ground, item: Evidence) -> bool:
    return item.system in ground.spec.ask_systems or ground.view.source(item) is None


def counts(found: Sequence[Ask]) -> Counter[str]:
    """How often each kind was asked for; a withdrawal is no further ask."""
    return Counter(one.spec.id for one in found if not one.withdrawn)


def _of(ground: Ground, item: Evidence) -> Iterator[Ask]:
    context = item.system in ground.spec.context_systems
    for block in blocks(spans_of(ground, item)):
        starts, said = joined(block)
        found = list(_kinds(ground, said, starts))
        past = {(spec.id, at) for spec, at in found if re.search(ground.spec.past, _part(said, at))}
        asked = {spec.id for spec, at in found if (spec.id, at) not in past}
        for spec, at in found:
            if (spec.id, at) in past and spec.id in asked:
                continue  # what was once allowed is only told as a reason to ask again
            around = _around(said, at, starts, after=True)
            promised = bool(re.search(ground.spec.promised, around))
            withdrawn = bool(re.search(ground.spec.withdrawn, around))
            span = block[max(n for n, start in enumerate(starts) if start <= at)]
            quote = _minimal(spec, span, context)
            author = span.author.name if span.author else ""
            amount = _amount(ground, spec, item, span) or _amount_near(ground, spec, item, block, starts, said, at)
            over = _over(ground, spec, amount)
            yield Ask(spec, item.id, span.locator, quote, author, promised, amount, over, withdrawn)


def spans_of(ground: Ground, item: Evidence) -> list[Span]:
    others = ground.view.of_others(item)
    spans = (span for span in lines_of(ground.view.readings(item.id)) if span.locator not in others)
    said = (
        span for span in spans if not _TITLE.match(span.text) and not (span.kind == "cell" and span.text[:1] == "#")
    )
    return [line for span in said if not _OWN_NAME.fullmatch(span.pointer) for line in _lines(span)]


def _lines(span: Span) -> list[Span]:
    """A text of several lines in one place (a comment of a ticket) as its lines: what it lists are items of a list."""
    if span.kind not in ("leaf", "cell") or "\n" not in span.text:
        return [span]
    return [replace(span, text=line) for line in span.text.splitlines() if line.strip()]


def blocks(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Consecutive lines of one paragraph together, so that an ask may run over a line's end; of a row what stands in
    it from its first text on."""

    def place(pair: tuple[int, Span]) -> object:
        n, span = pair
        if span.kind in ("leaf", "cell"):
            return row_of(span.pointer)
        if span.kind != "line" and span.locator.startswith("line="):
            return n  # a paragraph of a document
        number = re.search(r"(\d+)(?:-\d+)?$", span.locator)
        lines = span.locator.startswith(("line=", "/parts/")) and number is not None
        return (re.sub(r"\d+(?:-\d+)?$", "", span.locator), int(number[1]) - n) if lines and number else "prose"

    for _, group in groupby(enumerate(spans), key=place):
        block = [span for _, span in group if span.text.strip()]
        while block and _is_no_text(block[0]):
            block = block[1:]
        if block:
            yield block


def row_of(locator: str) -> str:
    """The row of a table, or the entry of a list of objects, that a cell or a member stands in; else its own place."""
    if not locator.startswith("/"):
        return re.sub(r",col=.*$", "", locator, flags=re.DOTALL)
    parent, _, key = locator.rpartition("/")
    return parent if parent.rpartition("/")[2].isdecimal() and not key.isdecimal() else locator


def _is_no_text(span: Span) -> bool:
    """Whether a cell is too short to ask for anything, unless it stands under what somebody wishes."""
    if span.kind not in ("leaf", "cell") or len(span.text.split()) > _SHORT:
        return False
    if _CODE.fullmatch(span.text.strip()):
        return True
    if span.kind == "leaf":
        return not any(_WISHES.search(label_of(part)) for part in span.pointer.split("/"))
    return not _WISHES.search(label_of(span.label))


def joined(block: Sequence[Span]) -> tuple[list[int], str]:
    starts, said = [], ""
    for span in block:
        starts.append(len(said))
        said += folded(span.text).replace("\n", " ") + " "
    return starts, said


def _units(said: str, starts: Sequence[int]) -> list[int]:
    """Where sentences and items of a list begin, and the end: nothing that is asked for runs over one of them."""
    items = (start for start in starts if ITEM.match(said, start))
    return sorted({0, len(said), *items, *(match.end() for match in _SENTENCE.finditer(said))})


def _around(said: str, at: int, starts: Sequence[int], after: bool = False) -> str:
    """The sentence, or the item of a list, that a place stands in; with the one `after` it where that speaks of it."""
    cuts = _units(said, starts)
    parts = [said[first:last] for first, last in pairwise(cuts)]
    own = next((n for n, (first, last) in enumerate(pairwise(cuts)) if first <= at < last), 0)
    follows = after and own + 1 < len(parts) and _BACK.search(parts[own + 1]) and not ITEM.match(parts[own + 1])
    return parts[own] + (parts[own + 1] if follows else "")


def _kinds(ground: Ground, said: str, starts: Sequence[int] = ()) -> Iterator[tuple[AskSpec, int]]:
    """The kinds that a text asks for, each once per sentence or so, with the place of its words."""
    cuts = _units(said, starts)
    for spec in ground.spec.asks:
        taken: set[int] = set()
        for word in spec.words:
            for match in re.finditer(word, said):
                if any(match.start() < cut < match.end() for cut in cuts):
                    continue
                around = _around(said, match.start(), starts)
                if spec.unless and re.search(spec.unless, _part(said, match.start())):
                    continue
                near = any(abs(match.start() - at) < 60 and _around(said, at, starts) == around for at in taken)
                if not near and not _NEGATED.search(said[: match.start()]):
                    taken.add(match.start())
                    yield spec, match.start()


def _part(said: str, at: int) -> str:
    """The part of a sentence that a place stands in."""
    cuts = sorted(
        {0, len(said), *(m.end() for m in _SENTENCE.finditer(said)), *(m.end() for m in _PART.finditer(said))}
    )
    return next((said[first:last] for first, last in pairwise(cuts) if first <= at < last), said)


def _minimal(spec: AskSpec, span: Span, context: bool) -> str:
    """The line; of a context source only the words that ask, because the rest is not to be copied."""
    if not context:
        return span.text.strip()[:_SHOWN]
    plain = folded(span.text)
    for word in spec.words:
        match = re.search(word, plain)
        if match is not None and len(plain) == len(span.text):
            return span.text[match.start() : match.end()]
    return spec.title


def _amount(ground: Ground, spec: AskSpec, item: Evidence, span: Span) -> Figure | None:
    """What an ask asks for: in its own part of a sentence that asks for several things, else in its sentence."""
    if not spec.limit:
        return None
    sentence = _own_words(ground, spec, span.text, _SENTENCE)
    own = _figure(ground, spec, item, span, _own_words(ground, spec, sentence, _PART))
    if own is not None:
        return own
    others = [one for one in ground.spec.asks if one.id in _ids(ground, sentence) and one.id != spec.id]
    theirs = (_own_words(ground, one, sentence, _PART) for one in others if one.limit)
    if any(_figure(ground, spec, item, span, part) is not None for part in theirs):
        return None  # the only amount of the sentence stands beside another ask
    return _figure(ground, spec, item, span, sentence)


def _amount_near(
    ground: Ground, spec: AskSpec, item: Evidence, block: Sequence[Span], starts: Sequence[int], said: str, at: int
) -> Figure | None:
    """What the rest of its sentence, item or row says, in the lines or cells after the one that names it."""
    if not spec.limit:
        return None
    end = next((cut for cut in _units(said, starts) if cut > at), len(said))
    for span, start in zip(block, starts, strict=True):
        if not at < start < end:
            continue
        for part in _PART.split(span.text[: end - start]):
            if _ids(ground, part):
                return None
            figure = _figure(ground, spec, item, span, part)
            if figure is not None:
                return figure
    return None


def _ids(ground: Ground, text: str) -> set[str]:
    return {one.id for one, _ in _kinds(ground, folded(text) + " ")}


def _figure(ground: Ground, spec: AskSpec, item: Evidence, span: Span, said: str) -> Figure | None:
    cell = Cell(span.text, span.locator)
    percent, bound = share_in(said), ground.limits.get(spec.limit)
    if percent is not None and bound is not None and re.search(spec.share_of, folded(said)):
        citation = ground.view.cite(item, cell, words_of(said, "share"))
        return share(cited(percent, "percent", citation), bound)
    return amount_in(ground, Place(item, "", words_of(said, "money", "duration"), cell), "")


def _own_words(ground: Ground, spec: AskSpec, text: str, between: re.Pattern[str]) -> str:
    """The sentence (or part) of an ask, with those after it that ask for nothing else: an amount of another ask is not
    its own. All of the text where the ask runs over its end."""
    cuts = [0, *(match.end() for match in between.finditer(text)), len(text)]
    parts = list(pairwise(cuts))
    named = [_ids(ground, text[start:end]) for start, end in parts]
    first = next((n for n, found in enumerate(named) if spec.id in found), None)
    if first is None:
        return text
    last = next((n for n in range(first + 1, len(parts)) if named[n]), len(parts))
    return text[parts[first][0] : parts[last - 1][1]]


def _over(ground: Ground, spec: AskSpec, amount: Figure | None) -> str:
    """In which way an ask is above the limit that it is measured against: exactly, without rounding."""
    bound, rule = _bound(ground, spec)
    if amount is None or bound is None or amount.unit != bound.unit or amount.value <= bound.value:
        return ""
    return f"{amount.told} is above the limit of {bound.told} ({rule})"


def _bound(ground: Ground, spec: AskSpec) -> tuple[Figure | None, str]:
    """The limit of the matrix; else the strictest cap that a test knows for it; else what the option itself takes."""
    row = ground.limit_row(spec.limit)
    if (general := ground.limits.get(spec.limit)) is not None:
        return general, row.rule if row is not None else spec.limit
    test = next((one for one in ground.spec.tests if one.kind == "within" and one.figure == spec.limit), None)
    if test is None:
        return ground.amounts.get(spec.option), spec.limit
    option = next((one for one in ground.spec.menu if one.id == spec.option), None)
    return min(caps(ground, test, option), key=lambda one: one[0].value, default=(None, spec.limit))


def chat_asks(ground: Ground) -> list[Ask]:
    """What was asked for in the chat of the run, as kept from pass to pass."""
    specs = {spec.id: spec for spec in ground.spec.asks}
    kept = orjson.loads(ground.view.kept.get(KEPT_ASKS, "[]")) + said_now(ground)
    return [
        Ask(specs[one["kind"]], CHAT, one["at"], specs[one["kind"]].title, one["by"], words=one.get("words", ""))
        for one in kept
        if one["kind"] in specs
    ]


def said_now(ground: Ground) -> list[dict[str, str]]:
    """What the chat turn of this pass asks for; a question about an ask is none."""
    happening = ground.view.happening
    if happening.kind != "says":
        return []
    said = Says.model_validate_json(happening.body)
    if ground.view.packet.person(said.by) is None:
        return []
    found: dict[str, dict[str, str]] = {}
    for sentence in _SENTENCE.split(folded(said.text)):
        if _QUESTION.match(sentence):
            continue
        for spec, _ in _kinds(ground, sentence):
            one = {"kind": spec.id, "by": said.by, "at": instant(ground.view.now)}
            found.setdefault(spec.id, one | ({"words": sentence} if spec.signal else {}))
    return list(found.values())
