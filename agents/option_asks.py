"""What is asked for, and by whom: every ask in evidence and chat, by the kind that the card or the matrix names.

An ask is somebody's words. It opens no option, moves no limit and is never dropped: it is classed, counted, and shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import orjson

from agents.labelled_places import Place, lines_of
from agents.option_facts import amount_in
from agents.option_ground import Ground
from agents.option_limits import caps
from agents.option_spec import AskSpec
from agents.quantities import Figure, cited, share, share_in, words_of
from agents.records import Cell
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
_ITEM = re.compile(r"(?:[-*•]|\(?[a-z0-9]{1,2}[.)])\s+")
_CLAUSE = re.compile(r"(?<=[.!?;])\s+|,? (?=\([a-z0-9]\) )|, and (?=\w)")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
# Of a sentence that asks for several things.
_PART = re.compile(r"(?<=[,;])\s+|\s+(?=(?:and(?! a half)|plus|und|sowie|et|y|e)\s)")
_BACK = re.compile(r"\b(?:it|that|this|them|those)\b")
# The title of a list or log is no ask of what stands below it; nor is a comment above a table.
_TITLE = re.compile(r"^\s*#+ *\w+(?: \w+){0,2}\W*$")
_SHOWN = 240


@dataclass(frozen=True, slots=True)
class Ask:
    """One ask. `evidence` is the item's id, or `chat`; `over` says in which way it exceeds a limit of the matrix;
    `withdrawn` is one that its author takes back where he names it."""

    spec: AskSpec
    evidence: str
    locator: str
    quote: str
    by: str = ""
    promised: bool = False
    amount: Figure | None = None
    over: str = ""
    withdrawn: bool = False


def asks(ground: Ground) -> list[Ask]:
    """Every ask in the evidence, then those of the chat, in order."""
    found = [ask for item in ground.view.usable if _read(ground, item) for ask in _of(ground, item)]
    return [*found, *chat_asks(ground)]


def _read(ground: Ground, item: Evidence) -> bool:
    return item.system in ground.spec.ask_systems or ground.view.source(item) is None


def unclassed(ground: Ground) -> Iterator[tuple[str, str, str]]:
    """Every request that no kind names: evidence, locator, and its words unless they are not to be copied."""
    for item in ground.view.usable:
        asked, ours = False, _to_whom(ground, item)
        theirs = [span for span in _spans(ground, item) if not (span.depth and ours & _name(span))]
        for block in _blocks(theirs) if _read(ground, item) else ():
            starts, said = _joined(block)
            named = [m.span() for spec in ground.spec.asks for word in spec.words for m in re.finditer(word, said)]
            for start, end in pairwise(_cuts(starts, said)):
                words = said[start:end].strip(" ,")
                asked = bool(re.search(ground.spec.requested, words)) or (asked and _goes_on(said, start))
                introduces = words.endswith(":") or (_ITEM.match(said, end) and not _ITEM.match(words))
                classed = any(first < end and last > start for first, last in named)
                if asked and not introduces and not classed and len(words.split()) > 3:
                    span = block[max(n for n, at in enumerate(starts) if at <= start)]
                    lines = [one.text.strip() for one, at in zip(block, starts, strict=True) if start <= at < end]
                    whole = start in starts and end in (*starts, len(said))
                    quote = (" ".join(lines) if whole else words)[:_SHOWN]
                    yield item.id, span.locator, "" if item.system in ground.spec.context_systems else quote


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
    return bool(_ITEM.match(said, at)) or (at > 0 and said[:at].rstrip()[-1:] not in (".", "!", "?", ";"))


def _cuts(starts: Sequence[int], said: str) -> list[int]:
    """Where one request may end and another begin: sentences, clauses, items of a list."""
    items = (at for at in starts if _ITEM.match(said, at))
    return sorted({0, len(said), *items, *(m.end() for m in _CLAUSE.finditer(said))})


def counts(found: Sequence[Ask]) -> Counter[str]:
    """How often each kind was asked for; a withdrawal is no further ask."""
    return Counter(one.spec.id for one in found if not one.withdrawn)


def _of(ground: Ground, item: Evidence) -> Iterator[Ask]:
    context = item.system in ground.spec.context_systems
    for block in _blocks(_spans(ground, item)):
        starts, said = _joined(block)
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
            amount = _amount(ground, spec, item, span)
            over = _over(ground, spec, amount)
            yield Ask(spec, item.id, span.locator, quote, author, promised, amount, over, withdrawn)


def _spans(ground: Ground, item: Evidence) -> list[Span]:
    others = ground.view.of_others(item)
    spans = (span for span in lines_of(ground.view.readings(item.id)) if span.locator not in others)
    return [
        span for span in spans if not _TITLE.match(span.text) and not (span.kind == "cell" and span.text[:1] == "#")
    ]


def _blocks(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Consecutive lines of one paragraph together, so that an ask may run over a line's end; cells for themselves."""

    def place(pair: tuple[int, Span]) -> object:
        n, span = pair
        if span.kind in ("leaf", "cell"):
            return n
        number = re.search(r"(\d+)(?:-\d+)?$", span.locator)
        lines = span.locator.startswith(("line=", "/parts/")) and number is not None
        return (re.sub(r"\d+(?:-\d+)?$", "", span.locator), int(number[1]) - n) if lines and number else "prose"

    for _, group in groupby(enumerate(spans), key=place):
        block = [span for _, span in group if span.text.strip()]
        if block and (block[0].kind not in ("leaf", "cell") or len(block[0].text.split()) > 2):
            yield block


def _joined(block: Sequence[Span]) -> tuple[list[int], str]:
    starts, said = [], ""
    for span in block:
        starts.append(len(said))
        said += folded(span.text).replace("\n", " ") + " "
    return starts, said


def _around(said: str, at: int, starts: Sequence[int], after: bool = False) -> str:
    """The sentence, or the item of a list, that a place stands in; with the one `after` it where that speaks of it."""
    items = (start for start in starts if _ITEM.match(said, start))
    cuts = sorted({0, len(said), *items, *(match.end() for match in _SENTENCE.finditer(said))})
    parts = [said[first:last] for first, last in pairwise(cuts)]
    own = next((n for n, (first, last) in enumerate(pairwise(cuts)) if first <= at < last), 0)
    follows = after and own + 1 < len(parts) and _BACK.search(parts[own + 1]) and not _ITEM.match(parts[own + 1])
    return parts[own] + (parts[own + 1] if follows else "")


def _kinds(ground: Ground, said: str, starts: Sequence[int] = ()) -> Iterator[tuple[AskSpec, int]]:
    """The kinds that a text asks for, each once per sentence or so, with the place of its words."""
    for spec in ground.spec.asks:
        taken: set[int] = set()
        for word in spec.words:
            for match in re.finditer(word, said):
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
    others = [one for one in ground.spec.asks if one.id in _ids(ground, sentence) and one.id != spec.id]
    own = _figure(ground, spec, item, span, _own_words(ground, spec, sentence, _PART)) if others else None
    theirs = (_own_words(ground, one, sentence, _PART) for one in others if one.limit)
    if own is not None or any(_figure(ground, spec, item, span, part) is not None for part in theirs):
        return own  # the only amount of the sentence stands beside another ask
    return _figure(ground, spec, item, span, sentence)


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
        Ask(specs[one["kind"]], CHAT, one["at"], specs[one["kind"]].title, one["by"])
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
            found.setdefault(spec.id, {"kind": spec.id, "by": said.by, "at": instant(ground.view.now)})
    return list(found.values())
