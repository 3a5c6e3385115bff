"""From the comparison to findings: fields, open questions with owners, contradictions, exceptions, signals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from agents.axis import Record
from agents.compared import Account, Comparison, Loop, Session
from agents.material import Findings
from agents.prose import Prose, Said, unstamped
from agents.queues import queues
from agents.times import mentions
from agents.trigger import Later, attachment_of, describe
from casefile.claims import Citation, FieldValue, Normalization
from casefile.packet import Person
from casefile.registers import ExceptionItem, Side
from runtime.clock import instant

_NAMES = {
    "identity": "identity provider log",
    "sessions": "product access log",
    "attachments": "attachment audit trail",
}
_SAME = timedelta(minutes=1)


def examine(loop: Loop, comparison: Comparison, after: Later, prose: Prose) -> Findings:
    """Everything that the records and the prose give, before anything is drafted."""
    findings = Findings()
    _identity_fields(loop, comparison, findings)
    _later_fields(loop, comparison, after, findings)
    _token_fields(loop, after, findings)
    _target(loop, after, findings)
    _written_questions(prose, findings)
    _token_questions(loop, after, findings)
    _disagreements(loop, comparison, prose, findings)
    _gaps(loop, comparison, after, findings)
    _claims_of_others(prose, findings)
    _exceptions(comparison, prose, findings)
    _trigger(loop, after, findings)
    return findings


def _identity_fields(loop: Loop, comparison: Comparison, findings: Findings) -> None:
    account = comparison.account
    if account is None:
        findings.fields["account_id"] = FieldValue(title="Account", status="missing", origin="none")
        findings.fields["deactivated_at"] = FieldValue(title="Deactivated at", status="missing", origin="none")
        findings.signal("missing_log", "identity", "no identity record of an account is in the packet")
        return
    citations = [loop.cite(r.evidence, r.locator, r.quote) for r in [account.status or account.deactivated] if r]
    findings.fields["account_id"] = FieldValue(
        title="Account", value=account.id, raw=account.id, status="confirmed" if _names(loop, account.id) else "unverified",  # noqa: E501
        confidence=97, citations=_names(loop, account.id),
    )  # fmt: skip
    if account.status is not None:
        state = account.status.values.get("value", "")
        findings.fields["identity_status"] = FieldValue(
            title="Identity status", value=state, raw=state, status="confirmed", confidence=97, citations=citations
        )
    gone = account.deactivated
    if gone is None:
        findings.fields["deactivated_at"] = FieldValue(title="Deactivated at", status="missing", origin="none")
        findings.signal("missing_log", "deactivated_at", f"no record states when {account.id} was deactivated")
        findings.ask("deactivated_at", f"When was {account.id} deactivated?", owner(loop, "identity"))
        return
    findings.fields["deactivated_at"] = _instant("Deactivated at", gone, [loop.cited(gone)])


def _names(loop: Loop, account: str) -> list[Citation]:
    """Where a record of rank 1 names the account."""
    for role in ("identity", "sessions", "attachments"):
        for item in loop.of(role):
            for span in loop.readings(item.id).spans:
                if span.text.strip() == account:
                    return [loop.cite(item.id, span.locator, account)]
    return []


def _instant(title: str, record: Record, citations: list[Citation]) -> FieldValue:
    shown = record.shown
    steps = []
    if record.raw != shown and record.at is not None:
        steps.append(
            Normalization(rule=f"to UTC (zone {record.zone or 'told by the log'})", source=record.raw, to=shown)
        )
    status = "confirmed" if record.at is not None else "unverified"
    return FieldValue(
        title=title, value=shown, raw=record.raw, status=status, confidence=97, citations=citations, normalization=steps
    )


def _later_fields(loop: Loop, comparison: Comparison, after: Later, findings: Findings) -> None:
    if after.events:
        first = after.events[0]
        cited = [loop.cited(event) for event in after.events[:20]]
        findings.fields["later_attachment_event_at"] = _instant("First attachment event after it", first, cited[:1])
        findings.fields["later_attachments"] = FieldValue(
            title="Attachments with an event after it",
            value=sorted({attachment_of(loop, event) or "one that the record does not name" for event in after.events}),
            status="confirmed", confidence=97, citations=cited,
        )  # fmt: skip
    else:
        findings.fields["later_attachments"] = _none_listed(loop, comparison)
    seen = [s for s in after.sessions if s.last is not None]
    if seen:
        last = max((s.last for s in seen if s.last), key=lambda r: r.at or loop.now)
        findings.fields["later_session_activity_at"] = _instant(
            "Last session activity after it", last, [loop.cited(last)]
        )


def _none_listed(loop: Loop, comparison: Comparison) -> FieldValue:
    """That nothing is listed is a statement about the list, as far as the list says that it is complete."""
    covered = comparison.covered.get("attachments", [])
    note = "the list says nothing beyond what it covers; it is no proof of no access"
    return FieldValue(
        title="Attachments with an event after it",
        value="none listed",
        status="confirmed" if covered else "unverified",
        confidence=90 if covered else 50,
        citations=[loop.cite(w.evidence, w.locator, w.quote) for w in covered[:1]],
        note=note,
    )


def _token_fields(loop: Loop, after: Later, findings: Findings) -> None:
    tokens = [s for s in after.live_tokens if s.token]
    if not tokens:
        return
    citations = [loop.cited(r) for s in tokens for r in [s.last] if r is not None]
    value = sorted({s.token for s in tokens})
    findings.fields["long_lived_tokens"] = FieldValue(
        title="Tokens that outlived it", value=value, status="confirmed", confidence=95, citations=citations
    )


def _target(loop: Loop, after: Later, findings: Findings) -> None:
    """Where a handoff would go: the security queue where its process is due, else the engineering queue."""
    kind = "security" if after.due(loop.parameters["security_trigger"]) else "engineering"
    for item in loop.of("queues"):
        queue = next(
            (q for q in queues(loop.readings(item.id), loop.scenario.data["queue_kinds"]) if q.kind == kind), None
        )
        if queue is not None:
            findings.fields["target_queue"] = FieldValue(
                title="Target queue",
                value=queue.id.text,
                raw=queue.id.text,
                status="confirmed",
                confidence=95,
                citations=[loop.cite(item.id, queue.id.locator, queue.quote)],
                note=f"{kind} queue",
            )
            return
    findings.fields["target_queue"] = FieldValue(title="Target queue", status="missing", origin="none")
    if not loop.of("queues") and not owner(loop, kind):
        findings.signal("responsibility_unclear", "target_queue", f"no {kind} queue and no {kind} owner is named")


def owner(loop: Loop, about: str) -> str:
    """Who answers for a kind of question: the role's holder on the roster, else the name that the scenario gives."""
    told: dict[str, Any] = loop.scenario.data["owners"]
    role = told.get(about, told["engineering"])
    people = people_with(loop, role["role"])
    return f"{people[0].name or people[0].id} ({role['name']})" if people else str(role["name"])


def _written_questions(prose: Prose, findings: Findings) -> None:
    for said, question, named in prose.questions():
        findings.ask(said.evidence, prose.minimise.text(question), named or "nobody is named", key=question)
        if not named:
            findings.signal(
                "responsibility_unclear",
                said.evidence,
                f"an open question has no owner: {prose.minimise.text(question)}",
            )


def _token_questions(loop: Loop, after: Later, findings: Findings) -> None:
    asked = " ".join(question.question for question in findings.questions)
    for session in after.sessions:
        name = f"token {session.token}" if session.token else f"session {session.id}"
        if (session.token or session.id) not in asked:
            findings.ask(name, f"Who or what used {name} after the deactivation?", owner(loop, "security"))
    for session in after.live_tokens:
        if not re.search(rf"{re.escape(session.token)}[^.?]*revoked|revoked[^.?]*{re.escape(session.token)}", asked):
            findings.ask(
                f"token {session.token}",
                f"Why was token {session.token} not revoked at the deactivation?",
                owner(loop, "identity"),
            )
    for event in after.events:
        if not _token_of(loop, event):
            what = describe(loop, event)
            findings.ask(event.locator, f"What explains {what} at {event.shown}?", owner(loop, "security"))


def _token_of(loop: Loop, event: Record) -> str:
    return event.first(loop.labels("attachments")["via"]).partition(":")[2]


def _disagreements(loop: Loop, comparison: Comparison, prose: Prose, findings: Findings) -> None:
    """Deactivation times that differ: between identity records (open), and with what somebody wrote (rank settles)."""
    account = comparison.account
    gone = account.deactivated if account else None
    if account is None or gone is None or gone.at is None:
        return
    own = [Side(value=gone.shown, citations=[loop.cited(gone)])]
    _still_active(loop, account, own, findings)
    for other in account.deactivations:
        if other.at is not None and abs(other.at - gone.at) > _SAME:
            side = Side(value=other.shown, citations=[loop.cited(other)])
            findings.contradict(
                "deactivated_at",
                [*own, side],
                "same rank: open until a person settles it",
                settled=False,
                key=other.locator,
            )
            findings.signal(
                "records_conflict", "deactivated_at", f"{gone.shown} and {other.shown}", [loop.cited(other)]
            )
            findings.fields["deactivated_at"] = findings.fields["deactivated_at"].model_copy(
                update={"status": "conflicting"}
            )
            findings.ask(
                "deactivated_at",
                f"Which deactivation time holds, {gone.shown} or {other.shown}?",
                owner(loop, "identity"),
            )
    for said in prose.about_deactivation():
        for told in _told_times(said):
            if abs(told - gone.at) > _SAME:
                side = Side(value=instant(told), citations=[prose.cite(said)])
                rule = "identity provider log (rank 1) over case notes and reports"
                findings.contradict(
                    "deactivated_at", [*own, side], rule, settled=True, key=f"{said.evidence}:{said.locator}"
                )


def _told_times(said: Said) -> Iterable[datetime]:
    """The times that the words of somebody name. When they were written down is no time that they speak of."""
    stamp, words = unstamped(said.text, said.author)
    written = said.at or next((m.instant for m in mentions(stamp) if m.instant is not None), None)
    for mention in mentions(words, written):
        if mention.instant is not None:
            # A clock time alone that would lie after the writing is one of the day before.
            late = mention.dated == "written" and written is not None and mention.instant > written
            yield mention.instant - timedelta(days=1) if late else mention.instant


def _still_active(loop: Loop, account: Account, own: list[Side], findings: Findings) -> None:
    """A deactivation on record, and a state of the account that says otherwise."""
    status = account.status
    state = status.values.get("value", "").strip().casefold() if status is not None else ""
    if status is None or state not in loop.scenario.data["accounts"]["identity"]["active_states"]:
        return
    side = Side(value=state, citations=[loop.cited(status)])
    rule = "same rank: open until a person settles it"
    findings.contradict("identity_status", [*own, side], rule, settled=False, key=status.locator)
    detail = f"deactivated at {own[0].value}, and the account's state is {state}"
    findings.signal("records_conflict", "identity_status", detail, [loop.cited(status)])
    field = findings.fields["identity_status"]
    findings.fields["identity_status"] = field.model_copy(update={"status": "conflicting"})
    question = f"Is {account.id} deactivated? It was at {own[0].value}, and its state is {state}."
    findings.ask("identity_status", question, owner(loop, "identity"))


def _gaps(loop: Loop, comparison: Comparison, after: Later, findings: Findings) -> None:
    for role in comparison.absent:
        name = _NAMES[role]
        findings.signal("missing_log", role, f"the {name} is not in the packet or cannot be read")
        findings.ask(role, f"Where is the {name}?", owner(loop, role))
    if not after.events and not comparison.covered.get("attachments"):
        for item in loop.of("attachments"):
            if item.id in comparison.ends:
                question = f"Which time does {item.id} cover, and is it complete?"
                findings.ask(item.id, question, owner(loop, "attachments"), key="coverage")
    for evidence, places in comparison.unread.items():
        name = f"{evidence} {places[0]}" + (f" and {len(places) - 1} more" if len(places) > 1 else "")
        findings.signal("missing_log", evidence, f"{name}: names the account and cannot be read as a record")
        findings.ask(evidence, f"What does {name} record of the account?", owner(loop, "attachments"), key="unread")
    for window in after.gaps:
        cited = [loop.cite(window.evidence, window.locator, window.quote)]
        detail = f"{window.evidence} lacks {window}" + (f": {window.detail}" if window.detail else "")
        findings.signal("missing_window", window.evidence, detail, cited)
        findings.ask(
            f"{window.evidence}:{window}",
            f"What happened from {window}, which {window.evidence} lacks?",
            owner(loop, "sessions"),
        )
    for record in after.uncertain:
        why = "its zone is not known" if record.at is None else f"its clock may be wrong by {record.skew} s"
        detail = (
            f"{record.evidence} {record.locator}: {record.raw} cannot be placed before or after the deactivation; {why}"
        )
        findings.signal("unplaced_record", record.evidence, detail, [loop.cited(record)])
        findings.ask(
            record.locator,
            f"When was the record at {record.evidence} {record.locator}, in UTC?",
            owner(loop, "attachments"),
        )


def _claims_of_others(prose: Prose, findings: Findings) -> None:
    for said in prose.assertions():
        who = said.author or said.evidence
        detail = f"{said.evidence} {said.locator}: a conclusion of {who} without a log reference"
        findings.signal("ungrounded_claim", said.evidence, detail, [prose.cite(said)])
        findings.ask(
            f"{said.evidence} {said.locator}",
            f"Which log carries what {who} wrote ({said.evidence} {said.locator})?",
            who,
        )


def _exceptions(comparison: Comparison, prose: Prose, findings: Findings) -> None:
    findings.exceptions += list(_left_out(prose))
    for evidence, count in sorted(comparison.left_out.items()):
        reason = f"{evidence}: {count} rows about tenants that the case does not list were left out"
        item = ExceptionItem(
            key=f"foreign-rows:{evidence}",
            kind="other_tenants",
            about=evidence,
            reason=reason,
            count=count,
            state="noted",
        )
        findings.exceptions.append(item)


def _left_out(prose: Prose) -> Iterable[ExceptionItem]:
    for said in prose.pasted():
        ids = ", ".join(prose.minimise.ids(said.text)) or "an attachment"
        reason = f"{said.evidence} {said.locator}: content of {ids} is not needed for the diagnosis and was left out"
        yield ExceptionItem(
            key=f"minimised:{said.evidence}:{said.locator}:{reason}",
            kind="minimised",
            about=said.evidence,
            reason=reason,
            state="noted",
        )


def _trigger(loop: Loop, after: Later, findings: Findings) -> None:
    if not after.due(loop.parameters["security_trigger"]):
        return
    for event in after.events:
        detail = f"{describe(loop, event)} at {event.shown}, after the deactivation"
        findings.signal("later_event", attachment_of(loop, event) or event.evidence, detail, [loop.cited(event)])
    for session in after.sessions:
        name = session.token or session.id
        last = session.last
        shown = last.shown if last else ""
        cited = [loop.cited(last)] if last else []
        findings.signal("unexplained_session", name, f"{name} was in use until {shown}, after the deactivation", cited)


def session_name(session: Session) -> str:
    """A session in a sentence."""
    return f"session {session.id}" + (
        f" of {session.method} {session.token}" if session.token else f" ({session.method})" if session.method else ""
    )


def people_with(loop: Loop, role: str) -> list[Person]:
    """Who on the roster holds a role now."""
    return [person for person in loop.people if person.holds_at([role], loop.now)]
