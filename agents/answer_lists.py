"""What the case file keeps, as lines of an answer: lists of the registers, fields, statements by topic, changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agents.revision_changes import changes
from casefile.artifact import Edit, Revision
from casefile.claims import Citation, Claim
from casefile.registers import (
    AnyItem,
    BlockedRequest,
    Blocker,
    Contradiction,
    ExceptionItem,
    Hold,
    Objection,
    OpenQuestion,
    RegisterName,
)

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


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an answer, with what it rests on.

    `of` is the part of the case file that it tells (`fields/name`, `sections/id`, `registers/name`): who may not see
    that part is not told the line either. A quote of the evidence is of none.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    of: str = ""


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


_DIGEST = re.compile(r"\b(sha256:[0-9a-f]{12})[0-9a-f]{52}\b")
_LONGEST = 300  # characters of a quote


def cut(text: str) -> str:
    """A quote at a length that a reader takes in."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def words_of(text: str) -> set[str]:
    """The stems of the words that say something."""
    return {_stem(word) for word in _WORD.findall(text.casefold()) if word not in _STOP}


def _stem(word: str) -> str:
    return word if any(char.isdigit() for char in word) else word[:6].rstrip("s")


def share_of(wanted: set[str], text: str) -> float:
    """How much of what is wanted a text names, 0–1."""
    return len(wanted & words_of(text)) / len(wanted) if wanted else 0.0


def stated(claim: Claim, section: str) -> Line:
    """A statement of the artifact, with its status where it is not confirmed."""
    label = "" if claim.status == "confirmed" else f" [{claim.status}]"
    return Line(f"{claim.text}{label} ({claim.mark})", tuple(claim.citations), f"sections/{section}")


def fields_of(view: View, *names: str) -> Iterator[Line]:
    """Fields with their values, or with what keeps them from having one; all, or the named ones."""
    for name, value in view.current.artifact.fields.items():
        if not names or name in names:
            label = "" if value.status == "confirmed" else f" [{value.status}]"
            told = _shown(value.value) if value.value is not None else "nothing established"
            yield Line(f"{value.title or name}: {told}{label}", tuple(value.citations), f"fields/{name}")


def _shown(value: object) -> str:
    """A value as a reader would write it."""
    match value:
        case list():
            return "; ".join(map(_shown, value))
        case dict():
            return ", ".join(f"{key} {_shown(one)}" for key, one in value.items() if one not in (None, ""))
        case _:
            return _DIGEST.sub(r"\1…", str(value))


def _contradictions(view: View, _text: str) -> Iterable[Line]:
    for item in view.registers.get("contradictions", ()):
        if isinstance(item, Contradiction) and item.state != "closed":
            sides = " / ".join(str(side.value) for side in item.sides)
            cited = tuple(c for side in item.sides for c in side.citations[:1])
            told = f"{item.id} {item.about}: {sides} ({item.state.replace('_', ' ')}: {item.rule})"
            yield Line(told, cited, "registers/contradictions")


def _gaps(view: View, _text: str) -> Iterable[Line]:
    for name, value in view.current.artifact.fields.items():
        if value.status == "missing":
            told = f"{value.title or name}: missing{f', {value.note}' if value.note else ''}"
            yield Line(told, tuple(value.citations), f"fields/{name}")
    for section, claim in view.claims():
        if claim.status == "missing":
            yield stated(claim, section)
    for item in view.registers.get("holds", ()):
        if isinstance(item, Hold) and item.state == "open" and item.kind in ("missing_window", "conflict"):
            yield Line(f"{item.id} {item.trigger}: {item.detail}", tuple(item.citations), "registers/holds")


def _questions(view: View, _text: str) -> Iterable[Line]:
    for item in view.registers.get("open_questions", ()):
        if isinstance(item, OpenQuestion) and item.state == "open":
            owner = f"Owner: {item.owner or 'nobody yet'}"
            yield Line(f"{item.id} {item.question} {owner}", of="registers/open_questions")


def _holds(view: View, _text: str) -> Iterable[Line]:
    """What stops the run: its holds, and the preconditions that are not met."""
    for item in view.registers.get("holds", ()):
        if isinstance(item, Hold) and item.state == "open":
            told = f"{item.id} {item.trigger} ({item.effect}): {item.detail}"
            yield Line(told, tuple(item.citations), "registers/holds")
    for item in view.registers.get("blockers", ()):
        if isinstance(item, Blocker) and item.state == "open":
            yield Line(f"{item.id} {item.precondition}: {item.detail}", of="registers/blockers")


def _objections(view: View, _text: str) -> Iterable[Line]:
    for item in view.registers.get("objections", ()):
        if isinstance(item, Objection):
            told = f"{item.id} {item.by} on {item.to}: {item.text} ({item.state.replace('_', ' ')})"
            yield Line(told, tuple(item.citations), "registers/objections")


def _blocked_requests(view: View, _text: str) -> Iterable[Line]:
    """Orders that stand in the evidence. They are content, and nothing is done by them."""
    for item in view.registers.get("blocked_requests", ()):
        if isinstance(item, BlockedRequest):
            told = f"{item.id} {item.evidence} asks to {item.asks_for}: “{cut(item.quote)}”; {item.effect}"
            yield Line(told, of="registers/blocked_requests")


def _left_out(view: View, _text: str) -> Iterable[Line]:
    """Items of evidence that are not used, or not in full, and why."""
    for item in view.registers.get("exceptions", ()):
        if isinstance(item, ExceptionItem) and item.state in ("open", "noted"):
            about = "" if item.reason.startswith(item.about) else f"{item.about}: "
            yield Line(f"{item.id} {about}{item.reason}", of="registers/exceptions")


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
    for told, cited, of in changes(earlier, view.current):
        yield Line(told, tuple(cited), of)


def _authors(view: View, text: str) -> Iterable[Line]:
    """Who said or wrote what: the author of statements, and the claims of people as they are recorded."""
    wanted = words_of(re.sub(r"\bwho\b|\bsaid\b|\bwrote\b|\bauthor\w*\b|\bsays?\b|\bclaim\w*\b", " ", text, flags=re.I))
    for section, claim in view.claims():
        if section in ("claims", "edge_cases", "customer_hypotheses") or not wanted:
            share = share_of(wanted, claim.text)
            if not wanted or share >= 0.5:
                by = ", approved by " + ", ".join(claim.approved_by) if claim.approved_by else ""
                told = f"{section}/{claim.id}: {claim.text} ({claim.author}{by})"
                yield Line(told, tuple(claim.citations), f"sections/{section}")


def _summary(view: View, _text: str) -> Iterable[Line]:
    """The summary, or where the artifact has none, its fields."""
    stated = [stated(claim, section) for section, claim in view.claims() if section == "summary"]
    yield from stated or fields_of(view)


def _about(*fields: str) -> Callable[[View, str], Iterable[Line]]:
    def reply(view: View, _text: str) -> Iterable[Line]:
        yield from fields_of(view, *fields)
        for section, claim in view.claims():
            if section == "summary" and claim.id.startswith(("event-", "session-", "token-", "listed")):
                yield stated(claim, section)

    return reply


def _sessions(view: View, _text: str) -> Iterable[Line]:
    yield from fields_of(view, "long_lived_tokens", "later_session_activity_at")
    for section, claim in view.claims():
        if section in ("summary", "comparison") and _SESSION.search(claim.text):
            yield stated(claim, section)


def _deactivation(view: View, _text: str) -> Iterable[Line]:
    for section, claim in view.claims():
        if section == "summary" and claim.id == "deactivation":
            yield stated(claim, section)
    yield from (line for line in _contradictions(view, "") if "deactivated_at" in line.text)


_SESSION = re.compile(r"\btokens?\b|\bsessions?\b", re.I)
# What the case file keeps as a list: the whole list is the answer, also when it is empty.
LISTS: Sequence[tuple[re.Pattern[str], Callable[[View, str], Iterable[Line]]]] = [
    (re.compile(r"\bcontradict|\bconflict|\bdisagree", re.I), _contradictions),
    (re.compile(r"\bgaps?\b|\bmissing\b|\blacks?\b|\bwhat do we not know", re.I), _gaps),
    (re.compile(r"\bopen questions?\b|\bwho owns\b|\bowners?\b|\bunresolved\b|\bstill open\b", re.I), _questions),
    (re.compile(r"\bwhat (?:has )?changed\b|\bchanges? since\b|\bsince r\d+|\bdifference\b|\bcompared? (?:to|with) r\d+", re.I), _changes),  # noqa: E501
    (re.compile(r"\bproposed edits?\b|\bopen edits?\b|\bpending edits?\b|\bwhich edits\b|\blist (?:the )?edits\b", re.I), _edits),  # noqa: E501
    (re.compile(r"\bholds?\b|\bblockers?\b|\bwhat (?:stops|blocks)\b|\bwhy (?:(?:is|are) )?(?:it|we|this|the (?:case|run)) (?:(?:is|are) )?(?:paused|held|frozen|waiting|blocked)|\bpaused\b", re.I), _holds),  # noqa: E501
    (re.compile(r"\bobjections?\b|\bwho (?:objected|doubts)\b", re.I), _objections),
    (re.compile(r"\bblocked requests?\b|\b(?:planted|injected|hidden) (?:orders?|instructions?)\b|\b(?:orders?|instructions?) (?:in|inside) (?:the )?(?:evidence|mails?|files?)\b", re.I), _blocked_requests),  # noqa: E501
    (re.compile(r"\bleft out\b|\bnot (?:been )?(?:used|read)\b|\bignored\b|\bunread\b|\bskipped\b", re.I), _left_out),
    (re.compile(r"\bwho (?:said|says|wrote|claims?|claimed)\b|\bauthors?\b|\bwhose words\b", re.I), _authors),
]  # fmt: skip
# Statements by topic, with the words that only name the topic: what else a question names must stand in a line.
STATEMENTS: Sequence[tuple[re.Pattern[str], str, Callable[[View, str], Iterable[Line]]]] = [
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
