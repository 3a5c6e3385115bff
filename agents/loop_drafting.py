"""Drafting for the copilot loop, by rules: every sentence is an observation with its record, a labelled claim, or an ask.

The customer update stands in three parts (confirmed facts, unverified hypotheses, owners of next steps), so that a
gate can see that they are apart.
"""  # noqa: E501

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from agents.account_findings import owner, session_name
from agents.axis import Record
from agents.compared import Account, Comparison, Loop
from agents.material import Findings
from agents.prose import Prose, Said
from agents.trigger import Later, describe, timeline
from casefile.artifact import Edit
from casefile.claims import Citation, Claim, Section, Status
from casefile.registers import OpenQuestion

AUTHOR = "agent:drafting"
FACTS, HYPOTHESES, OWNERS = "customer_facts", "customer_hypotheses", "customer_owners"
QUESTIONS, ACTIONS, EVIDENCE, REPRODUCED = "handoff_questions", "handoff_actions", "handoff_evidence", "handoff_facts"
OWNED = frozenset({"summary", "comparison", "claims", "edge_cases", FACTS, HYPOTHESES, OWNERS, QUESTIONS, ACTIONS, EVIDENCE, REPRODUCED})  # fmt: skip  # noqa: E501
_SHOWN_BEFORE, _SHOWN_AFTER = 12, 60


@dataclass(frozen=True, slots=True)
class LoopDraft:
    """What drafting is given."""

    loop: Loop
    comparison: Comparison
    after: Later
    findings: Findings
    questions: Sequence[OpenQuestion]
    prose: Prose
    goal: str
    goal_by: str


def draft(task: LoopDraft) -> list[Section]:
    """The sections of the workbench artifact, in the order in which the lead needs them."""
    facts = list(_facts(task))
    hypotheses = list(_hypotheses(task))
    return [
        Section(id="scope", title="Scope and goal, as the lead set it", claims=list(_scope(task))),
        Section(id="summary", title="Internal summary, with its uncertainty", claims=[*facts, *_limits(task), *hypotheses[:1]]),  # noqa: E501
        Section(id="comparison", title="Account state on one time axis (UTC)", claims=list(_axis(task))),
        Section(id="claims", title="What others claim; not established", claims=list(_claims(task))),
        Section(id="edge_cases", title="Possible edge cases (general knowledge, no proof for this case)", claims=list(_edge_cases(task))),  # noqa: E501
        Section(id=FACTS, title="Customer update, draft: confirmed facts", claims=[_again(c) for c in [*facts, *_limits(task)]]),  # noqa: E501
        Section(id=HYPOTHESES, title="Customer update, draft: unverified hypotheses", claims=hypotheses),
        Section(id=OWNERS, title="Customer update, draft: who owns each next step", claims=list(_owners(task, internal=False))),  # noqa: E501
        Section(id=EVIDENCE, title="Handoff packet: evidence links", claims=list(_links(task))),
        Section(id=REPRODUCED, title="Handoff packet: facts reproduced from the records", claims=[_again(c) for c in facts]),  # noqa: E501
        Section(id=QUESTIONS, title="Handoff packet: open questions", claims=list(_open(task))),
        Section(id=ACTIONS, title="Handoff packet: requested next actions", claims=list(_actions(task))),
        Section(id="corrections", title="Wording struck from earlier drafts", claims=[]),
        Section(id="handoff_state", title="Handoff state", claims=list(_state(task))),
    ]  # fmt: skip


def key(*parts: str) -> str:
    """A short id that stays the same while what it names does."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]


def _claim(id_: str, text: str, status: Status, citations: Iterable[Citation] = ()) -> Claim:
    return Claim(id=id_, text=text, status=status, author=AUTHOR, citations=list(citations))


def _again(claim: Claim) -> Claim:
    return claim.model_copy()


def _scope(task: LoopDraft) -> Iterable[Claim]:
    if task.goal:
        yield Claim(id="goal", text=task.goal, status="held", author=f"person:{task.goal_by}")
    text = "The copilot retrieves, compares and drafts. It sends nothing, changes no account, and closes no question by itself."  # noqa: E501
    yield _claim("boundary", text, "held")


def _facts(task: LoopDraft) -> Iterable[Claim]:
    """Observations, each with its record."""
    account = task.comparison.account
    if account is None:
        return
    concerned = task.after.concerned()
    for one in task.comparison.accounts:
        if one is account or one.id in concerned:
            yield from _gone(task, one, "deactivation" if one is account else f"deactivation-{one.id}")
    for event in task.after.events[:_SHOWN_AFTER]:
        at = f"{event.shown} (written {event.raw}{_zone(event)})" if event.raw != event.shown else event.shown
        text = f"The attachment audit trail records a {describe(task.loop, event)} at {at}, {_its(task, event)}."
        yield _claim(f"event-{event.evidence}-{key(event.locator)}", text, "confirmed", task.loop.cites(event))
    for session in task.after.sessions:
        last = session.last
        if last is not None:
            text = f"The product access log last records {session_name(session)} at {last.shown}, {_its(task, last)}."
            yield _claim(f"session-{session.id}", text, "confirmed", task.loop.cites(last))
    for session, revoked in task.after.closed:
        last = session.last
        if last is not None:
            text = f"The product access log last records {session_name(session)} at {last.shown}, as “{session.state}”; the identity provider records {revoked.what} at {revoked.shown}."  # noqa: E501
            cited = [*task.loop.cites(last), _state_cell(task.loop, last), *task.loop.cites(revoked)]
            yield _claim(f"session-{session.id}", text, "confirmed", list(dict.fromkeys(cited)))
    for session in task.after.live_tokens:
        if session.expires is not None and session.revoked_at is not None:
            text = f"Token {session.token} was not revoked at the deactivation; the product access log records its state as “{session.state}”."  # noqa: E501
        else:
            text = f"The product access log does not record that token {session.token} was revoked at the deactivation."
        if session.last is not None:
            yield _claim(f"token-{session.token}", text, "confirmed", [_state_cell(task.loop, session.last)])


def _gone(task: LoopDraft, account: Account, id_: str) -> Iterable[Claim]:
    """When an account was deactivated, as the identity records state it."""
    gone = account.deactivated
    if gone is None:
        return
    clock = "" if gone.raw == gone.shown else f" (written {gone.raw})"
    text = f"The identity provider records the deactivation of account {account.id} at {gone.shown}{clock}."
    field = task.findings.fields.get("deactivated_at") if account is task.comparison.account else None
    status: Status = "conflicting" if field is not None and field.status == "conflicting" else "confirmed"
    yield _claim(id_, text, status, [task.loop.cited(gone)])


def _its(task: LoopDraft, record: Record) -> str:
    """How long after the deactivation of its own account; the account is named where several are in question."""
    account = task.after.account_of(record) or task.comparison.account
    named = f" of {account.id}" if account is not None and len(task.comparison.accounts) > 1 else ""
    return f"{_after(account.deactivated if account else None, record)} the deactivation{named}"


def _state_cell(loop: Loop, record: Record) -> Citation:
    """The cell of the row that says what became of a token, where there is one."""
    row, comma, _ = record.locator.rpartition(",col=")
    for span in loop.readings(record.evidence).spans if comma else ():
        if span.locator.startswith(f"{row},col=") and span.label.casefold() in ("state", "status"):
            return loop.cite(record.evidence, span.locator, span.text)
    return loop.cited(record)


def _zone(event: Record) -> str:
    return f", zone {event.zone}" if event.zone and event.zone not in event.raw else ""


def _after(gone: Record | None, later: Record) -> str:
    if gone is None or gone.at is None or later.at is None:
        return "at a time that cannot be compared with"
    seconds = int((later.at - gone.at).total_seconds())
    minutes, hours = seconds // 60, seconds // 3600
    shown = f"{hours} h {minutes % 60} min" if hours else f"{minutes} min {seconds % 60} s"
    return f"{shown} after" if seconds >= 0 else "before"


def _limits(task: LoopDraft) -> Iterable[Claim]:
    """What the records do not tell, beside what they do: never worded as "no access"."""
    account = task.comparison.account
    for window in task.after.gaps:
        cited = [task.loop.cite(window.evidence, window.locator, window.quote)]
        text = f"{window.evidence} lacks {window}; nothing can be said about that time."
        yield _claim(f"gap-{key(str(window), window.evidence)}", text, "missing", cited)
    for role in task.comparison.absent:
        yield _claim(f"absent-{role}", f"The {_LOGS[role]} was not available; nothing can be said from it.", "missing")
    for record in task.after.uncertain:
        text = f"A record at {record.evidence} {record.locator} ({record.raw}) cannot be placed before or after the deactivation."  # noqa: E501
        yield _claim(f"unplaced-{key(record.evidence, record.locator)}", text, "unverified", [task.loop.cited(record)])
    if account is not None and not task.after.events and account.deactivated is not None:
        yield from _listed(task, account)


def _listed(task: LoopDraft, account: Account) -> Iterable[Claim]:
    """That the trail lists nothing is a statement about the trail, and says how far the trail goes."""
    tail = f"no attachment event of {account.id} after the deactivation. That is what it shows, and no more."
    covered = task.comparison.covered.get("attachments", [])
    if covered:
        cited = [task.loop.cite(w.evidence, w.locator, w.quote) for w in covered[:1]]
        text = f"The attachment audit trail, which says that it is complete from {covered[0]}, lists {tail}"
        yield _claim("listed", text, "confirmed", cited)
        return
    for item in task.loop.of("attachments"):
        ends = task.comparison.ends.get(item.id)
        if ends is not None:
            text = (
                f"The attachment audit trail does not say that it is complete; its records, from {ends[0].shown} "
                f"to {ends[1].shown}, have {tail}"
            )
            yield _claim(f"listed-{item.id}", text, "unverified", [task.loop.cited(end) for end in ends])


_LOGS = {"identity": "identity provider log", "sessions": "product access log", "attachments": "attachment audit trail"}


def _hypotheses(task: LoopDraft) -> Iterable[Claim]:
    text = "A deactivation is no proof that there was no access, and a later record is no proof of misuse; neither has been established."  # noqa: E501
    yield _claim("caution", text, "unverified")
    tokens = list(task.after.live_tokens)
    for session in tokens:
        text = f"Hypothesis, not verified: token {session.token} remained usable after the deactivation until it expired or was revoked."  # noqa: E501
        yield _claim(
            f"hypothesis-{session.token}", text, "unverified", [task.loop.cited(session.last)] if session.last else []
        )
    for said in task.prose.allegations()[:6]:
        text = f"The customer reports: “{task.prose.quoted(said)}” This is under examination."
        yield _claim(
            f"report-{key(said.evidence, said.locator, said.text)}", text, "unverified", [task.prose.cite(said)]
        )


def _axis(task: LoopDraft) -> Iterable[Claim]:
    account = task.comparison.account
    if account is None:
        return
    gone = account.deactivated
    shown, left = axis_records(account)
    for record in shown:
        yield _claim(
            axis_claim(record),
            _line(task, account, record, gone),
            "confirmed",
            task.loop.cites(record),
        )
    if left:
        yield _claim(
            "axis-left", f"{left} further records of the account are in the evidence and not repeated here.", "held"
        )
    yield from _clocks(task, account)


def axis_records(account: Account) -> tuple[list[Record], int]:
    """The records that the axis shows, around the deactivation, and how many more there are."""
    gone = account.deactivated
    records = list(timeline(account))
    start = gone.at if gone is not None and gone.at is not None else None
    before = [r for r in records if start is None or (r.at is not None and r.at <= start)]
    later = [r for r in records if r not in before]
    left = len(before[:-_SHOWN_BEFORE]) + len(later[_SHOWN_AFTER:])
    return [*before[-_SHOWN_BEFORE:], *later[:_SHOWN_AFTER]], left


def axis_claim(record: Record) -> str:
    """The id of the statement about a record on the axis."""
    return f"at-{key(record.evidence, record.locator, record.what)}"


def _line(task: LoopDraft, account: Account, record: Record, gone: Record | None) -> str:
    kind = next(
        (
            role
            for role in ("identity", "sessions", "attachments")
            if any(record.evidence == item.id for item in task.loop.of(role))
        ),
        "",
    )
    what = describe(task.loop, record) if kind == "attachments" else record.what
    if kind == "sessions":
        session = next((s for s in account.sessions if record in (s.start, s.seen)), None)
        verb = {"start": "began", "seen": "last seen"}.get(record.what, record.what)
        what = f"{session_name(session)} {verb}" if session else verb
    written = f"; written {record.raw}{_zone(record)}" if record.raw != record.shown else ""
    skew = f"; its clock may be wrong by {record.skew} s" if record.skew else ""
    after = ""
    if gone is not None and record.at is not None and gone.at is not None and record.at > gone.at:
        after = f"; {_after(gone, record)} the deactivation"
    return f"{record.shown} · {kind.rstrip('s')} · {what}{written}{skew}{after}"


def _clocks(task: LoopDraft, account: Account) -> Iterable[Claim]:
    """How far the logs' clocks are apart, where the same token stands in two of them."""
    for session in task.after.sessions:
        seen = session.seen
        events = [e for e in account.attachments if session.token and session.token in e.quote and e.at is not None]
        if seen is None or seen.at is None or not events:
            continue
        nearest = min(events, key=lambda e: abs((e.at or seen.at) - seen.at) if seen.at and e.at else timedelta.max)
        if nearest.at is not None:
            apart = int(abs((nearest.at - seen.at).total_seconds()))
            text = f"Clocks: session log and audit trail place the last use of token {session.token} {apart} s apart."
            yield _claim(f"clock-{session.token}", text, "confirmed", [task.loop.cited(seen), task.loop.cited(nearest)])


def _claims(task: LoopDraft) -> Iterable[Claim]:
    for said in task.prose.assertions():
        who = said.author or "an unnamed author"
        text = f"Claim of {who}, without a log reference: “{task.prose.quoted(said)}” It is not established."
        yield _claim(
            f"claim-{key(said.evidence, said.locator, said.text)}", text, "unverified", [task.prose.cite(said)]
        )


def _edge_cases(task: LoopDraft) -> Iterable[Claim]:
    for said in task.prose.knowledge()[:8]:
        text = f"Possible edge case only, from general knowledge: “{task.prose.quoted(said)}”"
        yield _claim(f"edge-{key(said.evidence, said.locator, said.text)}", text, "unverified", [task.prose.cite(said)])


def _owners(task: LoopDraft, *, internal: bool) -> Iterable[Claim]:
    for question in task.questions:
        if question.state == "open":
            subject = question.question if internal else _outward(question)
            yield _claim(f"owner-{key(question.key)}", f"{question.owner or 'nobody yet'}: {subject}", "held")
    if not internal and task.comparison.account is not None:
        # Also where no question is open somebody owns what comes next.
        text = "keep the identity, session and attachment records unchanged, and report any that arrives late."
        yield _claim("owner-records", f"{owner(task.loop, 'engineering')}: {text}", "held")


def _outward(question: OpenQuestion) -> str:
    """A question as a customer may read it: what is being examined, not who wrote what inside."""
    return (
        "an internal statement is being checked against the logs."
        if question.question.startswith("Which log carries")
        else question.question
    )


def _links(task: LoopDraft) -> Iterable[Claim]:
    for item in task.loop.usable:
        yield _claim(f"link-{item.id}", f"{item.id}: {item.system or 'no system named'}, {item.sha256}", "held")


def _open(task: LoopDraft) -> Iterable[Claim]:
    if not any(question.state == "open" for question in task.questions):
        yield _claim("no-question", "No question is open at this revision.", "held")
    for question in task.questions:
        if question.state == "open":
            yield _claim(
                f"question-{key(question.key)}",
                f"{question.question} Owner: {question.owner or 'nobody yet'}",
                "missing",
            )


def _actions(task: LoopDraft) -> Iterable[Claim]:
    for question in task.questions:
        if question.state == "open":
            yield _claim(
                f"action-{key(question.key)}",
                f"{question.owner or 'nobody yet'}: establish and report back: {question.question}",
                "held",
            )
    for said, action, named in task.prose.actions():
        asked = task.prose.minimise.text(action).rstrip(".")
        text = f"{asked}. Owner: {named or 'nobody yet'}; asked for in {said.evidence}."
        yield _claim(f"asked-{key(said.evidence, action)}", text, "held", [task.prose.cite(said)])
    account = task.comparison.account
    if account is not None:
        logs = ", ".join(item.id for role in ("identity", "sessions", "attachments") for item in task.loop.of(role))
        yield _claim(
            "action-preserve", f"{owner(task.loop, 'engineering')}: preserve the logs behind {logs} unchanged.", "held"
        )


def _state(task: LoopDraft) -> Iterable[Claim]:
    queue = task.findings.fields.get("target_queue")
    name = str(queue.value) if queue is not None and queue.value else "no queue yet"
    unresolved = sum(question.state == "open" for question in task.questions)
    kind = "security" if task.after.due(task.loop.parameters["security_trigger"]) else "engineering"
    yield _claim(
        "status",
        f"Prepared for {name}; not handed over. Unresolved items: {unresolved}.",
        "held",
        queue.citations if queue else [],
    )
    yield _claim("next", "Next requested action: the lead reviews the packet and decides on the handoff.", "held")
    yield _claim("responsible", f"Responsible after the handoff: {owner(task.loop, kind)}.", "held")


# --- corrections of earlier drafts -----------------------------------------------------------------------------------


def corrections(prose: Prose, sections: Sequence[Section]) -> list[Edit]:
    """Edits that take overconfident wording of earlier drafts out and put an observation in its place."""
    facts = next((section.claims for section in sections if section.id == FACTS), [])
    carried = next((claim for claim in facts if claim.status == "confirmed" and claim.id != "deactivation"), None)
    instead = carried or next(iter(facts), None)
    found = enumerate(prose.drafts(), 1)
    return [_correction(prose, said, instead, number) for number, said in found if instead is not None]


def _correction(prose: Prose, said: Said, instead: Claim, number: int) -> Edit:
    return Edit(
        id="",
        turn=0,
        target=f"corrections/{said.evidence}-{key(said.locator, said.text)}",
        before="",
        after=f"Struck from {said.evidence}, {said.locator}, sentence {number} of those that no record carries. In its place: {instead.text}",  # noqa: E501
        reason=f"earlier wording says more than the evidence carries: “{prose.quoted(said)}”",
        author=AUTHOR,
        citations=instead.citations,
        status=instead.status,
    )
