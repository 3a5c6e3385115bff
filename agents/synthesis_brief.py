"""The brief: each kind of statement in its own section, every one with document, clause, dates and shortest excerpt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agents.agreements import ids_in
from agents.case_view import CaseView
from agents.contract_terms import Term
from agents.material import step
from agents.synthesis_desk import Desk, cites, excerpt, replaces
from agents.synthesis_gaps import Clash
from agents.synthesis_scope import Scope
from agents.synthesis_sources import defaults, item_of
from agents.synthesis_words import TermSpec, regex
from casefile.claims import Citation, Claim, FieldValue, Section, Status
from guardrails.citations import check_citation

AUTHOR = "agent:drafting"
_SURE = 97
GONE = "unsigned", "not yet in force", "expired", "superseded", "sunset", "unsupported"
_MOST = 8


@dataclass(slots=True)
class Brief:
    """What was written, and how much of it is cited: `failed` are statements whose citation does not stand."""

    fields: dict[str, FieldValue] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)
    material: int = 0
    failed: list[str] = field(default_factory=list)


def brief(desk: Desk) -> Brief:
    """Write the brief."""
    done = Brief()
    obligations = []
    for spec in desk.words.terms:
        terms = desk.standing.of(spec.id, "in force", "disputed")
        done.fields[spec.id] = _field(desk, spec, terms, done)
        for number, term in enumerate(terms, 1):
            state = desk.standing.state(term)[0]
            cited = cites(desk, term)
            status: Status = "conflicting" if state == "disputed" or _clash(desk, term) else "confirmed"
            if done.fields[spec.id].status == "unverified":
                status = "unverified"
            obligations.append(
                _claim(
                    f"{spec.id}-{number}",
                    _obligation(desk, term),
                    status,
                    [*cited, *_replaced(desk, term), *_excerpted(desk, term)],
                )
            )
    _coverage(desk, done)
    _account(desk, done)
    done.sections = [
        scope_section(desk.view, desk.scope),
        Section(id="verified_obligations", title="Verified obligations in force", claims=obligations),
        Section(id="exceptions", title="Approved account-specific exceptions", claims=list(_exceptions(desk))),
        Section(id="policy_defaults", title="Standard policy defaults", claims=list(_defaults(desk))),
        Section(id="precedent", title="Prior cases, as context only", claims=list(_precedent(desk))),
        Section(id="legal_notes", title="Legal interpretation notes", claims=list(_memos(desk))),
        Section(id="account_state", title="Account state (proves no promise)", claims=list(_state(desk))),
        Section(id="ambiguities", title="Ambiguities: scope, coverage, supersession", claims=list(_ambiguities(desk))),
        Section(id="conflicting_signals", title="Notes and messages that carry no claim", claims=list(_signals(desk))),
        Section(id="superseded_terms", title="Term time line: what is not in force", claims=list(_gone(desk))),
        Section(id="evidence_trace", title="Evidence trace", claims=list(_trace(desk))),
    ]
    return done


def scope_section(view: CaseView, scope: Scope) -> Section:
    """What was asked, as the requester put it."""
    author = f"person:{view.packet.requested_by}"
    lines = {
        "question": f"Question: {scope.question}",
        "account": f"Account: {scope.account}",
        "product": f"Product: {scope.product or 'not named'}",
        "outage_window": f"Outage window: {scope.window or 'not given; terms are those of ' + str(scope.day)}",
        "source_boundary": f"Source boundary: {scope.boundary or 'the sources of the card'}",
    }
    claims = [Claim(id=name, text=text, status="unverified", author=author) for name, text in lines.items()]
    return Section(id="scope", title="Scoped question and approved source boundary", claims=claims)


def hold_obligations(desk: Desk, done: Brief) -> None:
    """Hold every obligation while an agreement cannot be read: it may have replaced any of them."""
    note = "held: an agreement of the repository cannot be read, and it may replace this term"
    for spec in desk.words.terms:
        value = done.fields[spec.id]
        if value.status != "missing":
            done.fields[spec.id] = value.model_copy(update={"status": "held", "note": note})
    for n, section in enumerate(done.sections):
        if section.id == "verified_obligations":
            held = [one.model_copy(update={"status": "held"}) for one in section.claims]
            done.sections[n] = section.model_copy(update={"title": "Obligations, held", "claims": held})


def _claim(name: str, text: str, status: Status, cited: Sequence[Citation]) -> Claim:
    return Claim(id=name, text=text, status=status, author=AUTHOR, citations=list(cited)[:_MOST])


def _clash(desk: Desk, term: Term) -> bool:
    return any(one.term is term for one in desk.gaps.clashes)


def _replaced(desk: Desk, term: Term) -> list[Citation]:
    """The places of the terms that a statement says it replaces: their values stand in it too."""
    return [cites(desk, old)[0] for old in desk.standing.terms if replaces(desk, term, old)]


def _excerpted(desk: Desk, term: Term) -> list[Citation]:
    """The place of the words that a statement quotes, where they say more than its value and stand as they are."""
    said = excerpt(term.said.text, term.raw, desk.longest)
    cited = desk.view.cite(item_of(desk.view, term.document.item), term.said, said)
    stands = said != term.raw and not check_citation(cited, desk.view.readings(term.document.item))
    return [cited] if stands else []


def _field(desk: Desk, spec: TermSpec, terms: Sequence[Term], done: Brief) -> FieldValue:
    if not terms:
        return FieldValue(title=spec.title, status="missing", origin="none")
    done.material += 1
    best = terms[0]
    citations = cites(desk, best)
    clash = next((one for one in desk.gaps.clashes if one.term is best), None)
    disputed = desk.standing.state(best)[0] == "disputed"
    value, raw = best.value, best.raw
    status: Status = "conflicting" if disputed or clash is not None else "confirmed"
    if disputed:
        other = [one for one in terms[1:] if one.value != best.value]
        citations = [citations[0], *(cites(desk, one)[0] for one in other), *citations[1:]]
    note = f"{best.place}, effective {best.document.effective}"
    if clash is not None and clash.preferred:
        value, raw = clash.value, clash.raw
        citations = [_granted(desk, clash), *citations]
        note = f"exception {clash.granted.number}, effective {clash.granted.since}; {note}, says {best.value}"
    ladder = [one for one in terms if one.clause is best.clause and one.value != best.value]
    if spec.single and ladder and clash is None and not disputed:
        value = raw = "; ".join(dict.fromkeys([best.value, *(one.value for one in ladder)]))
        citations = [citations[0], *(cites(desk, one)[0] for one in ladder), *citations[1:]]
    if spec.kind == "sentence":
        value = excerpt(best.value, "", desk.longest)
    if any(check_citation(one, desk.view.readings(one.evidence)) for one in citations[:1]):
        done.failed.append(spec.id)
        status = "unverified"
    steps = [step("term-value", raw, value, lossy=False)] if value != raw else []
    return FieldValue(
        title=spec.title,
        value=value,
        raw=raw,
        status=status,
        confidence=_SURE,
        citations=citations[:_MOST],
        normalization=steps,
        note=note + ("; disputed, for legal" if status == "conflicting" else ""),
    )


def _granted(desk: Desk, clash: Clash) -> Citation:
    """The place of the value that an approved exception gives."""
    said = clash.granted.commitment
    return desk.view.cite(clash.granted.item, said, clash.raw if clash.raw in said.text else said.text)


def _obligation(desk: Desk, term: Term) -> str:
    """Source, clause, effective date, superseded-by and the shortest excerpt, in one statement."""
    document = term.document
    until = f" until {document.ends}" if document.ends else ""
    before = [f"{old.place} ({old.value})" for old in desk.standing.terms if replaces(desk, term, old)]
    replaced = f" It replaces {', '.join(dict.fromkeys(before))}." if before else ""
    said = excerpt(term.said.text, term.raw, desk.longest)
    if term.spec.kind != "sentence" and term.raw not in term.said.text:
        # A table: the words before it, and the cells that say which row and what.
        said = "” “".join([said, *(cell.text.strip() for cell in term.more[:1]), term.raw])
    if term.spec.kind == "sentence" and term.more and said == term.said.text.strip():
        said = excerpt(" ".join([said, *(cell.text.strip() for cell in term.more)]), said, desk.longest)
    head = term.spec.title if term.spec.kind == "sentence" else f"{term.spec.title}{term.row(desk.words)}: {term.value}"
    return (
        f"{head}. Source: {term.source}, {term.clause.place},"
        f" effective {document.effective}{until}; superseded by: none.{replaced} Excerpt: “{said}”"
    )


def _coverage(desk: Desk, done: Brief) -> None:
    found = desk.gaps.coverage
    if found.state == "unasked":
        return
    sure = found.state == "yes"
    done.fields["product_coverage"] = FieldValue(
        title="Product covered",
        value="covered" if sure else None,
        raw=desk.scope.product,
        status="confirmed" if sure else "held",
        confidence=_SURE if sure else 0,
        citations=found.citations[:_MOST],
        normalization=[step("covered-products", desk.scope.product, "covered")] if sure else [],
        note=found.text,
    )


def _account(desk: Desk, done: Brief) -> None:
    titles = {"tier": "Support tier on the account", "service_window": "Service window on the account"}
    stale = bool(desk.gaps.stale or desk.found.account.stale)
    for role, text, citation in desk.found.account.state:
        name = f"account_{role}"
        if role in titles and name not in done.fields:
            done.fields[name] = FieldValue(
                title=titles[role],
                value=text,
                raw=text,
                status="held" if stale else "confirmed",
                confidence=_SURE,
                citations=[citation],
                note="account state only; no contractual promise",
            )


def _exceptions(desk: Desk) -> Iterator[Claim]:
    for number, one in enumerate([g for g in desk.found.granted if not g.why], 1):
        clash = next((each.term for each in desk.gaps.clashes if each.granted is one), None)
        said = excerpt(one.commitment.text.strip(), "", desk.longest)
        dated = f"{one.since or 'not dated'}{f' until {one.until}' if one.until else ''}"
        text = f"{one.number} ({one.topic or 'no topic'}): {said}. Source: {one.item.id}, effective {dated}."
        cells = [*one.cells, *(cites(desk, clash)[:1] if clash is not None else [])]
        if clash is not None:
            text += f" It differs from {clash.place} ({clash.value}); marked for legal."
        yield _claim(f"exception-{number}", text, "conflicting" if clash else "confirmed", cells)


def _defaults(desk: Desk) -> Iterator[Claim]:
    for number, term in enumerate(defaults(desk.found, desk.words, desk.scope.day), 1):
        said = excerpt(term.said.text, term.raw, desk.longest)
        shown = "" if term.spec.kind == "sentence" else f": {term.value}"
        document = term.document
        text = (
            f"Policy default, {term.spec.title.lower()}{shown}. Source: {document.item} ({document.name}),"
            f" {term.clause.place}, effective {document.effective or 'not dated'}. Excerpt: “{said}”"
        )
        yield _claim(f"default-{number}", text, "confirmed", cites(desk, term))


def _precedent(desk: Desk) -> Iterator[Claim]:
    seen: set[str] = set()
    for number, one in enumerate(desk.found.precedent, 1):
        if one.text in seen or number > 2 * _MOST:
            continue
        seen.add(one.text)
        quote = excerpt(one.text, one.value, desk.longest)
        citation = one.citation.model_copy(update={"quote": quote})
        text = f"Context only, no term: {one.item.id} says “{quote}”"
        yield _claim(f"precedent-{number}", text, "unverified", [citation])


def _memos(desk: Desk) -> Iterator[Claim]:
    """What memos say of the product, of a clause, or of a document or exception of the case."""
    known = {one.number for one in desk.standing.documents} | {one.number for one in desk.found.granted}
    for memo in desk.found.memos:
        status = "final" if is_final(desk, memo.item) else "not final, not used"
        item = item_of(desk.view, memo.item)
        for number, clause in enumerate([c for c in memo.clauses if c.pieces and not c.headed], 1):
            named = desk.scope.product and desk.scope.product.casefold() in clause.text.casefold()
            cites_it = regex(desk.words.sections).search(clause.text) or set(ids_in(clause.text)) & known
            if not (named or cites_it or regex(desk.words.interprets).search(clause.text)):
                continue
            cell = clause.pieces[0]
            quote = excerpt(cell.text, desk.scope.product, desk.longest)
            text = f"{memo.name} ({status}; interprets, creates no term), {clause.place}: “{quote}”"
            yield _claim(f"{memo.item}-{number}", text, "unverified", [desk.view.cite(item, cell, quote)])


def is_final(desk: Desk, name: str) -> bool:
    """Whether a memo is finished: its status says so."""
    memo = next(one for one in desk.found.memos if one.item == name)
    status = next((memo.cells[key] for key in ("status", "state") if key in memo.cells), None)
    return status is not None and regex(desk.words.approved).search(status.text) is not None


def _state(desk: Desk) -> Iterator[Claim]:
    for number, (role, text, citation) in enumerate(desk.found.account.state[:_MOST], 1):
        yield _claim(
            f"account-{number}", f"{role.replace('_', ' ')}: {text} (account state only)", "confirmed", [citation]
        )
    bought = [one for one in desk.standing.documents if one.ordering and not one.unsigned]
    for one in bought:
        item = item_of(desk.view, one.item)
        for number, row in enumerate([row for c in one.clauses for g in c.grids for row in g.rows][:_MOST], 1):
            text = f"{one.name} orders: {', '.join(cell.text for cell in row.values())}"
            yield _claim(
                f"{one.item}-{number}", text, "confirmed", [desk.view.cite(item, cell) for cell in row.values()]
            )


def _ambiguities(desk: Desk) -> Iterator[Claim]:
    gaps = desk.gaps
    if gaps.coverage.state == "open":
        yield _claim("scope", f"Coverage is open: {gaps.coverage.text}.", "held", gaps.coverage.citations)
    for number, (first, second) in enumerate(desk.standing.disputes, 1):
        text = f"{first.spec.title}: {first.place} says {first.value}, {second.place} says {second.value}; for legal."
        yield _claim(f"dispute-{number}", text, "conflicting", [cites(desk, first)[0], cites(desk, second)[0]])
    for number, (text, citation) in enumerate(gaps.stale, 1):
        yield _claim(f"stale-{number}", f"Stale entitlement: {text}. Nothing is carried over.", "held", [citation])
    for number, sunset in enumerate(desk.standing.sunsets, 1):
        document = next(one for one in desk.standing.documents if one.name == sunset.source)
        cited = desk.view.cite(
            item_of(desk.view, document.item), sunset.said, excerpt(sunset.said.text, sunset.offer, desk.longest)
        )
        yield _claim(
            f"sunset-{number}", f"Sunset: {sunset.source} ends {sunset.offer} on {sunset.on}.", "confirmed", [cited]
        )
    for number, (first_, second_) in enumerate(desk.standing.same_title, 1):
        both = f"{first_.name} ({first_.effective}) and {second_.name} ({second_.effective})"
        text = f"Document identity: {both} have one title."
        cells = [desk.view.cite(item_of(desk.view, one.item), one.front[0]) for one in (first_, second_)]
        yield _claim(f"identity-{number}", text, "confirmed", cells)


def _signals(desk: Desk) -> Iterator[Claim]:
    for number, one in enumerate([n for n in desk.found.notes if n.spec is not None][: 2 * _MOST], 1):
        term = next((t for t, saying in desk.gaps.overruled if saying is one), None)
        against = f"overruled by {term.place} ({term.value})" if term else "carries no claim"
        quote = excerpt(one.text, one.value, desk.longest)
        text = f"{one.item.id} says “{quote}”: {against}."
        cited = [one.citation.model_copy(update={"quote": quote})]
        if term is not None:
            cited.append(desk.view.cite(item_of(desk.view, term.document.item), term.cell))
        yield _claim(f"note-{number}", text, "unverified", cited)


def _gone(desk: Desk) -> Iterator[Claim]:
    for number, term in enumerate([t for t in desk.standing.terms if desk.standing.state(t)[0] in GONE], 1):
        state, why = desk.standing.state(term)
        value = "" if term.spec.kind == "sentence" else f" ({term.value})"
        text = f"Not in force, {state}: {term.place}, {term.spec.title.lower()}{value}; {why}."
        yield _claim(f"gone-{number}", text, "unverified", cites(desk, term)[:2])


def _trace(desk: Desk) -> Iterator[Claim]:
    """Each source with its version, its date and when it was retrieved."""
    documents = {one.item: one for one in (*desk.found.agreements, *desk.found.policy, *desk.found.memos)}
    for item in desk.found.read:
        one = documents.get(item.id)
        state = desk.standing.states.get(item.id)
        told = f"{one.name}, effective {one.effective or 'not dated'}" if one is not None else "as retrieved"
        stood = f", {state[0]}{': ' + state[1] if state[1] else ''}" if state else ""
        at = f"{item.captured_at or item.arrived_at:%Y-%m-%dT%H:%M:%SZ}"
        text = f"{item.id} ({item.file}, {item.system}): {told}{stood}; retrieved {at}; {item.sha256}"
        yield _claim(f"trace-{item.id}", text, "unverified", [])
