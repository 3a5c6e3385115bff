"""Answers offline: lists from the case file, quotes from the evidence, each with its place. Nothing is made up.

Below the confidence threshold there is no answer but a question back (card: pause and ask instead of polishing).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agents.quotes import Quote
from agents.revision_changes import changes
from casefile.artifact import Edit, Revision
from casefile.claims import Citation, Claim
from casefile.registers import AnyItem, Contradiction, Hold, OpenQuestion, RegisterName

_WORD = re.compile(r"[^\W_]{2,}(?:-[^\W_]+)*", re.UNICODE)
_STOP = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "or",
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "with",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "do",
        "does",
        "did",
        "can",
        "could",
        "would",
        "should",
        "will",
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "that",
        "this",
        "these",
        "those",
        "it",
        "its",
        "he",
        "she",
        "his",
        "her",
        "him",
        "they",
        "them",
        "their",
        "we",
        "our",
        "us",
        "you",
        "your",
        "i",
        "me",
        "my",
        "from",
        "about",
        "please",
        "any",
        "all",
        "there",
        "not",
        "no",
        "has",
        "have",
        "had",
        "say",
        "says",
        "said",
        "tell",
        "show",
        "give",
        "list",
        "exactly",
        "still",
        "now",
        "then",
        "than",
        "into",
        "after",
        "before",
        "whether",
        "if",
        "so",
    ]
)


# How a line ends that leans on its quotes and is not carried by them: so it stands in the lineage.
UNVERIFIED = " [unverified]"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an answer, with what it rests on."""

    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the chat says. `confidence` is in hundredths; `paused` says that a person must say more first.

    `listed`: it is what the case file has of a kind, or that it has nothing; no model could say it better.
    """

    lines: tuple[Line, ...]
    note: str = ""
    confidence: int = 100
    paused: bool = False
    listed: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What an answer may be made of: the revision on the table, the registers, open edits, earlier revisions."""

    current: Revision
    revisions: Sequence[Revision]
    registers: Mapping[RegisterName, Sequence[AnyItem]]
    open_edits: Sequence[Edit] = field(default=())

    def claims(self) -> Iterator[tuple[str, Claim]]:
        """Every statement of the artifact with its section."""
        for section in self.current.artifact.sections:
            yield from ((section.id, claim) for claim in section.claims)


WORDS_NEED_MODEL = (
    "to explain, translate or word freely needs a model; "
    "offline the chat lists what is on record and quotes the evidence"
)


def answer(view: View, text: str, quotes: Sequence[Quote], threshold: float, *, alone: bool) -> Answer:
    """Answer from the case file where it has the answer, else quote what the evidence says.

    `alone`: there is no model to ask, so what only a model could word is said to need one.
    """
    worded = _TRANSLATED.search(text) or _WORDED.search(text)
    if not _TRANSLATED.search(text):
        for pattern, reply in _LISTS:
            if pattern.search(text):
                lines = tuple(reply(view, text))
                return Answer(
                    lines, "from the case file" if lines else "nothing of that kind is on record", listed=True
                )
    if worded:
        return _unworded(view, text, quotes, threshold) if alone else extract(view, text, quotes, threshold)
    for pattern, own, reply in _STATEMENTS:
        if pattern.search(text):
            wanted = _words(text) - _words(own)
            shares = [(_share(wanted, line.text) if wanted else 1.0, line) for line in reply(view, text)]
            lines = tuple(line for share, line in shares if share >= _HALF)
            if lines:
                return Answer(lines, "from the case file", round(100 * max(share for share, _ in shares)), listed=True)
    return extract(view, text, quotes, threshold)


def _unworded(view: View, text: str, quotes: Sequence[Quote], threshold: float) -> Answer:
    """What stands on record of it, if anything does, and that saying more needs a model."""
    found = Answer(()) if _TRANSLATED.search(text) else extract(view, text, quotes, threshold)
    return Answer(() if found.paused else found.lines, WORDS_NEED_MODEL, found.confidence if found.lines else 0)


def extract(view: View, text: str, quotes: Sequence[Quote], threshold: float) -> Answer:
    """The statements and spans that speak of it, quoted. How sure: how much of the question the best of them names."""
    wanted = _words(text)
    said = sorted(((_share(wanted, c.text), c) for _, c in view.claims()), key=lambda pair: -pair[0])
    # Among those that name as much of the question, a sentence says more than a value.
    shares = ((_share(wanted, quote.text), quote) for quote in quotes)
    quoted = sorted(shares, key=lambda pair: (-pair[0], not pair[1].whole))
    best = max([share for share, _ in said[:1]] + [share for share, _ in quoted[:1]], default=0.0)
    if best < threshold:
        note = "the evidence does not carry an answer; which record, time or person is meant, or what should be looked for?"  # noqa: E501
        return Answer(_quotes(quoted[:2]), note, round(best * 100), paused=True)
    lines = [_stated(c) for share, c in said if share >= threshold][:4]
    lines += [] if lines else list(_quotes(pair for pair in quoted if pair[0] >= threshold))[:5]
    return Answer(tuple(dict.fromkeys(lines)), "quoted by rules", round(best * 100))


def _quotes(quoted: Iterable[tuple[float, Quote]]) -> tuple[Line, ...]:
    return tuple(Line(f"{quote.citation.evidence}: “{_cut(quote.text)}”", (quote.citation,)) for _, quote in quoted)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _words(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.casefold()) if word not in _STOP}


def _stem(word: str) -> str:
    return word if any(char.isdigit() for char in word) else word[:6].rstrip("s")


def _share(wanted: set[str], text: str) -> float:
    return len(wanted & _words(text)) / len(wanted) if wanted else 0.0


def _stated(claim: Claim) -> Line:
    label = "" if claim.status == "confirmed" else f" [{claim.status}]"
    return Line(f"{claim.text}{label} ({claim.mark})", tuple(claim.citations))


def _contradictions(view: View, _text: str) -> Iterable[Line]:
    for item in view.registers.get("contradictions", ()):
        if isinstance(item, Contradiction) and item.state != "closed":
            sides = " / ".join(str(side.value) for side in item.sides)
            cited = tuple(c for side in item.sides for c in side.citations[:1])
            yield Line(f"{item.id} {item.about}: {sides} ({item.state.replace('_', ' ')}: {item.rule})", cited)


def _gaps(view: View, _text: str) -> Iterable[Line]:
    for section, claim in view.claims():
        if section == "summary" and claim.status == "missing":
            yield _stated(claim)
    for item in view.registers.get("holds", ()):
        if isinstance(item, Hold) and item.state == "open" and item.kind in ("missing_window", "conflict"):
            yield Line(f"{item.id} {item.trigger}: {item.detail}", tuple(item.citations))


def _questions(view: View, _text: str) -> Iterable[Line]:
    for item in view.registers.get("open_questions", ()):
        if isinstance(item, OpenQuestion) and item.state == "open":
            yield Line(f"{item.id} {item.question} Owner: {item.owner or 'nobody yet'}")


def _holds(view: View, _text: str) -> Iterable[Line]:
    for item in view.registers.get("holds", ()):
        if isinstance(item, Hold) and item.state == "open":
            yield Line(f"{item.id} {item.trigger} ({item.effect}): {item.detail}", tuple(item.citations))


def _edits(view: View, _text: str) -> Iterable[Line]:
    for edit in view.open_edits:
        yield Line(
            f"{edit.id} {edit.target}: “{edit.before or 'nothing'}” → “{edit.after or 'removed'}” ({edit.author})"
        )


def _changes(view: View, text: str) -> Iterable[Line]:
    """What the revision on the table says that an earlier one did not, and the other way round."""
    match = re.search(r"\br\d+\b", text)
    named = match[0] if match else None
    earlier = next((r for r in view.revisions if r.revision == named), None)
    earlier = earlier or (view.revisions[-2] if len(view.revisions) > 1 else None)
    if earlier is None:
        return
    for told, cited in changes(earlier, view.current):
        yield Line(told, tuple(cited))


def _authors(view: View, text: str) -> Iterable[Line]:
    """Who said or wrote what: the author of statements, and the claims of people as they are recorded."""
    wanted = _words(re.sub(r"\bwho\b|\bsaid\b|\bwrote\b|\bauthor\w*\b|\bsays?\b|\bclaim\w*\b", " ", text, flags=re.I))
    for section, claim in view.claims():
        if section in ("claims", "edge_cases", "customer_hypotheses") or not wanted:
            share = _share(wanted, claim.text)
            if not wanted or share >= 0.5:
                by = ", approved by " + ", ".join(claim.approved_by) if claim.approved_by else ""
                yield Line(f"{section}/{claim.id}: {claim.text} ({claim.author}{by})", tuple(claim.citations))


def _summary(view: View, _text: str) -> Iterable[Line]:
    for section, claim in view.claims():
        if section == "summary":
            yield _stated(claim)


def _about(*fields: str) -> Callable[[View, str], Iterable[Line]]:
    def reply(view: View, _text: str) -> Iterable[Line]:
        yield from _values(view, *fields)
        for section, claim in view.claims():
            if section == "summary" and claim.id.startswith(("event-", "session-", "token-", "listed")):
                yield _stated(claim)

    return reply


def _values(view: View, *fields: str) -> Iterable[Line]:
    for name in fields:
        value = view.current.artifact.fields.get(name)
        if value is not None and value.value is not None:
            shown = ", ".join(map(str, value.value)) if isinstance(value.value, list) else value.value
            yield Line(f"{value.title}: {shown} [{value.status}]", tuple(value.citations))


def _sessions(view: View, _text: str) -> Iterable[Line]:
    yield from _values(view, "long_lived_tokens", "later_session_activity_at")
    for section, claim in view.claims():
        if section in ("summary", "comparison") and _SESSION.search(claim.text):
            yield _stated(claim)


def _deactivation(view: View, _text: str) -> Iterable[Line]:
    for section, claim in view.claims():
        if section == "summary" and claim.id == "deactivation":
            yield _stated(claim)
    yield from (line for line in _contradictions(view, "") if "deactivated_at" in line.text)


_SESSION = re.compile(r"\btokens?\b|\bsessions?\b", re.I)
_LONGEST = 300  # characters of a quote
_HALF = 0.5  # of what a question names beside its topic, so much must stand in a line that answers it
_POLITE = r"^\W*(?:(?:please|now|then|and|so|but|can you|could you|would you|will you|i want you to)\s+)*"
_WORDED = re.compile(
    _POLITE + r"(?:explain|why\b|how come|elaborate|draft|write|word|compose|reword|rewrite|rephrase|paraphrase)\b"
    r"|\bthe (?:reason|cause)\b",
    re.I,
)
_LANGUAGES = "english|german|french|spanish|italian|dutch|portuguese|polish|swedish|danish|norwegian|czech|japanese"
_TRANSLATED = re.compile(rf"\btranslat|\b(?:in|into|to) (?:{_LANGUAGES})\b|\bauf deutsch\b|\ben français\b", re.I)
# What the case file keeps as a list: the whole list is the answer, also when it is empty.
_LISTS: Sequence[tuple[re.Pattern[str], Callable[[View, str], Iterable[Line]]]] = [
    (re.compile(r"\bcontradict|\bconflict|\bdisagree", re.I), _contradictions),
    (re.compile(r"\bgaps?\b|\bmissing\b|\blacks?\b|\bwhat do we not know", re.I), _gaps),
    (re.compile(r"\bopen questions?\b|\bwho owns\b|\bowners?\b|\bunresolved\b|\bstill open\b", re.I), _questions),
    (re.compile(r"\bwhat (?:has )?changed\b|\bchanges? since\b|\bsince r\d+|\bdifference\b|\bcompared? (?:to|with) r\d+", re.I), _changes),  # noqa: E501
    (re.compile(r"\bproposed edits?\b|\bopen edits?\b|\bpending edits?\b|\bwhich edits\b|\blist (?:the )?edits\b", re.I), _edits),  # noqa: E501
    (re.compile(r"\bholds?\b|\bwhy (?:is|are) (?:it|we|this) (?:paused|held|frozen|waiting|blocked)|\bpaused\b", re.I), _holds),  # noqa: E501
    (re.compile(r"\bwho (?:said|says|wrote|claims?|claimed)\b|\bauthors?\b|\bwhose words\b", re.I), _authors),
]  # fmt: skip
# Statements by topic, with the words that only name the topic: what else a question names must stand in a line.
_STATEMENTS: Sequence[tuple[re.Pattern[str], str, Callable[[View, str], Iterable[Line]]]] = [
    (
        re.compile(r"\bsummar|\boverview\b|\bwhere do we stand\b|\bwhat do we know\b|\bstatus of the case\b", re.I),
        "summary summarise summarize overview stand know status case evidence current short brief internal",
        _summary,
    ),
    (
        re.compile(r"\bwhen\b.*\b(?:deactivat|deprovision|shut off|disabled)", re.I),
        "deactivated deprovisioned shut off disabled account contractor user time exact",
        _deactivation,
    ),
    (
        re.compile(
            r"\bafter (?:the )?(?:deactivation|shut-?off|he was|deprovisioning)|\blater (?:events?|access)", re.I
        ),
        "deactivated deprovisioned shut shut-off off shutoff later event access happen happened contractor account",
        _about("later_attachment_event_at", "later_attachments", "later_session_activity_at"),
    ),
    (
        _SESSION,
        "token session long-lived long lived contractor account log record",
        _sessions,
    ),
]
