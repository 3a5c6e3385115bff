"""The scoped question: what is asked, of whom, for which product and which hours, inside which sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from agents.case_view import CaseView
from agents.records import label_of
from agents.synthesis_words import Words, regex
from agents.times import dates, mentions
from lineage.canonical import Json
from tools.readers import clock

_LABELLED = re.compile(r"^\W*(?P<label>[^\W\d][\w ]{1,30}?)\s*:\s*(?P<value>\S.*)$")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)")
_TENANT = re.compile(r"\btn-[\w-]+")
# "Give no recommendation", "before any concession": the word is there, and nobody asks for it.
_DENIED = re.compile(r"\b(?:no|not|never|without|before|nor|don.t)(?:\s+\w+){0,3}\s*$", re.IGNORECASE)
_LEGAL_FORMS = re.compile(
    r"\b(?:se|ag|gmbh|bv|b v|nv|n v|ltd|plc|inc|llc|as|ab|oy|sa|sas|srl|spa|pty|co|corp|kg|limited)\b"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The question as a person put it. `day` is the first day of the outage; `left` says why it leaves the boundary."""

    question: str
    account: str
    product: str
    window: str
    boundary: str
    since: datetime | None
    until: datetime | None
    day: date
    dated: bool
    left: str

    def bound(self) -> dict[str, Json]:
        """What the confirmation of the scope binds."""
        return {
            "question": self.question,
            "account": self.account,
            "product": self.product,
            "outage_window": self.window,
            "source_boundary": self.boundary,
        }


def scope(view: CaseView, words: Words) -> Scope:
    """Read the scope from what the requester wrote."""
    text = view.packet.instructions or ""
    told = {label_of(m["label"]): m["value"].strip() for line in text.splitlines() if (m := _LABELLED.match(line))}

    def under(role: str) -> str:
        return next((told[label_of(name)] for name in words.labels[role] if label_of(name) in told), "")

    question = under("question") or " ".join(text.split())
    window = under("window") or question
    since, until = _window(window)
    named = [day for _, day in dates(window)]
    start = since.date() if since is not None else next(iter(named), None)
    account = under("account") or f"{view.packet.tenant.name} ({view.packet.tenant.id})"
    return Scope(
        question=question,
        account=account,
        product=under("product"),
        window=under("window") or _shown(since, until),
        boundary=under("boundary"),
        since=since,
        until=until,
        day=start or view.packet.as_of.date(),
        dated=start is not None,
        left=_left(view, words, question, under("account")),
    )


def _window(text: str) -> tuple[datetime | None, datetime | None]:
    found = [clock.instant(match) for match in _INSTANT.findall(text)]
    times = [one for one in found if one is not None] or [m.instant for m in mentions(text) if m.instant is not None]
    return (times[0] if times else None), (times[1] if len(times) > 1 else None)


def _shown(since: datetime | None, until: datetime | None) -> str:
    return " to ".join(f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in (since, until) if one is not None)


def _left(view: CaseView, words: Words, question: str, account: str) -> str:
    asked = [m for m in regex(words.leaves_scope).finditer(question) if not _DENIED.search(question[: m.start()])]
    if asked:
        match = asked[0]
        return f"the question asks for “{match[0]}”: no recommendation, concession, fault or prediction is given here"
    others = [one for one in _TENANT.findall(f"{account} {question}") if one not in view.packet.tenant_ids()]
    if others:
        return f"the question is about {', '.join(others)}, which is not in this case"
    if account and not _TENANT.findall(account) and not is_ours(view, account):
        return f"the question is about {account}, which is not in this case"
    return ""


def is_ours(view: CaseView, text: str) -> bool:
    """Whether a text names the customer of the case, by id or by name."""
    if any(one in text for one in view.packet.tenant_ids()):
        return True
    said, own = _name(text), _name(view.packet.tenant.name)
    return bool(own) and bool(said) and (own in said or said in own)


def _name(text: str) -> str:
    return " ".join(_LEGAL_FORMS.sub(" ", label_of(text)).split())
