"""What the brief puts beside its claims: contradictions, open questions, exceptions, and signals for the gates."""

from __future__ import annotations

from agents.agreements import Agreement
from agents.case_view import Assessment, CaseView
from agents.contract_terms import Term
from agents.synthesis_brief import Brief, is_final
from agents.synthesis_desk import Desk
from agents.synthesis_scope import Scope
from agents.synthesis_sources import item_of
from agents.synthesis_words import Words, regex
from casefile.claims import Citation
from casefile.registers import ExceptionItem, Side

_BINDING = 2
_HEAD = 12


def scope_findings(view: CaseView, words: Words, scope: Scope, done: Assessment, *, opened: bool) -> None:
    """What is known before anything is retrieved: the question, what is outside, what cannot be reached."""
    findings = done.findings
    if scope.left:
        findings.signal("scope_left", "scope", scope.left)
    if not scope.dated:
        findings.ask("outage_window", f"No outage window is given; terms are those of {scope.day}.", "requester")
    excluded = view.of(*words.systems["excluded"])
    for item in excluded:
        if opened:
            continue
        outside = "is outside the approved repositories; it is not used without an approved source class"
        reason = f"{item.id} ({item.file}) {outside}"
        findings.exceptions.append(
            ExceptionItem(key=f"excluded:{item.id}", kind="excluded_source", about=item.id, reason=reason, state="open")
        )
    if excluded and not opened:
        findings.signal("excluded_source", "source_class", ", ".join(item.id for item in excluded))
        if not all(_in_functions(view, words, item.id) for item in excluded):
            findings.signal("outside_functions", "source_class", "not of support, legal or revenue operations")
    for name, why in _unreachable(view):
        findings.signal("source_unreachable", name, why)
    for item in view.evidence:
        later = any(one.replaces == item.id and not one.withdrawn for one in view.evidence)
        if item.withdrawn and not later and _mattered(view, item.id):
            findings.signal(
                "source_revoked", item.id, f"{item.id} can no longer be read; what rested on it lost its citation"
            )


def _in_functions(view: CaseView, words: Words, name: str) -> bool:
    """Whether a source names support, legal or revenue operations as its owner, at its top."""
    item = item_of(view, name)
    reading = view.readings(name)
    top = [*reading.lines[:_HEAD], *(span.text for span in reading.spans[:_HEAD])]
    return any(regex(words.functions).search(text) for text in (item.file, *top))


def _mattered(view: CaseView, name: str) -> bool:
    item = item_of(view, name)
    rank = view.rank(item)
    said = view.revisions[-1].artifact.sections if view.revisions else []
    cited = any(one.evidence == name for section in said for claim in section.claims for one in claim.citations)
    return cited or (isinstance(rank, int) and rank <= _BINDING)


def _unreachable(view: CaseView) -> list[tuple[str, str]]:
    """Sources of the highest rank that the packet lists and nobody can read."""
    there = {item.id for item in view.evidence}
    gone = {item.replaces for item in view.evidence if item.replaces}
    found = []
    for one in view.packet.sources:
        kind = one.file.rpartition(".")[2].lower()
        source = view.scenario.source_of(one.system, kind, f"{one.id} {one.file}")
        if source is None or source.rank != 1 or one.id in gone:
            continue
        if one.id not in there:
            found.append((one.id, f"{one.id}: {one.file} is not there"))
        elif view.readings(one.id).unusable:
            found.append((one.id, f"{one.id}: {one.file} cannot be read"))
    return found


def findings(desk: Desk, written: Brief, done: Assessment) -> None:
    """Registers and signals of the brief."""
    _contradictions(desk, done)
    _questions(desk, done)
    _turns(desk, done)
    _left_out(desk, done)
    _reviewers(desk, done)
    confirmed = [
        f
        for name, f in written.fields.items()
        if f.status in ("confirmed", "conflicting", "held") and not name.startswith(("account_", "product_"))
    ]
    if not confirmed:
        done.findings.signal("nothing_verified", "brief", "no obligation in force could be verified")
    least = float(desk.view.parameters["material_claim_citation_coverage"])
    share = 100.0 * (written.material - len(written.failed)) / written.material if written.material else 100.0
    for name in written.failed:
        done.findings.ask(
            name, "The citation of this statement does not stand; it is no verified claim.", "contract repository"
        )
    if share < least:
        done.findings.signal("citation_failed", "brief", f"{share:.0f} percent of the material claims are cited")


def _cited(desk: Desk, term: Term) -> list[Citation]:
    return [desk.view.cite(item_of(desk.view, term.document.item), term.cell, term.raw)]


def _contradictions(desk: Desk, done: Assessment) -> None:
    found = done.findings
    for old in desk.standing.terms:
        state, why = desk.standing.state(old)
        current = desk.standing.of(old.spec.id, "in force")
        if state == "superseded" and current and old.spec.kind != "sentence" and current[0].value != old.value:
            sides = [Side(value=f"{one.value} ({one.place})", citations=_cited(desk, one)) for one in (current[0], old)]
            found.contradict(
                old.spec.id,
                sides,
                f"a later executed document wins: {why}",
                settled=True,
                key=f"{old.place}:{old.value}",
            )
    for term, saying in desk.gaps.overruled:
        rank = desk.view.rank(saying.item)
        lower = f"rank {rank}" if isinstance(rank, int) else "a source without a rank"
        rule = f"rank 1 ({term.place}) over {lower}: {saying.item.id} carries no claim"
        sides = [
            Side(value=f"{term.value} ({term.place})", citations=_cited(desk, term)),
            Side(value=saying.value, citations=[saying.citation]),
        ]
        found.contradict(term.spec.id, sides, rule, settled=True, key=f"{saying.item.id}:{saying.value}")
    for first, second in desk.standing.disputes:
        sides = [Side(value=one.value, citations=_cited(desk, one)) for one in (first, second)]
        rule = f"{first.place} and {second.place} are executed, of one rank, and neither replaces the other"
        found.contradict(first.spec.id, sides, rule, settled=False, key=f"{first.place}:{second.place}")
        found.signal("rank1_disputed", first.spec.id, f"{rule}: {first.value} or {second.value}", _cited(desk, first))
    for clash in desk.gaps.clashes:
        term, granted, value = clash.term, clash.granted, clash.value
        kept = f"exception {granted.number}" if clash.preferred else term.place
        sides = [Side(value=term.value, citations=_cited(desk, term)), Side(value=value, citations=granted.cells)]
        rule = f"agreement and approved exception differ; the later effective date is that of {kept}; for legal"
        found.contradict(term.spec.id, sides, rule, settled=False, key=granted.number)
        found.signal(
            "rank1_disputed",
            term.spec.id,
            f"{granted.number} says {value}, {term.place} says {term.value}",
            granted.cells,
        )
    for first_, second_ in desk.standing.same_title:
        sides = [
            Side(
                value=f"{one.name}, effective {one.effective}",
                citations=[desk.view.cite(item_of(desk.view, one.item), one.front[0])],
            )
            for one in (first_, second_)
        ]
        rule = "two documents with one title: identity was checked, the one in force on the day is cited"
        found.contradict("document_identity", sides, rule, settled=True, key=f"{first_.item}:{second_.item}")


def _questions(desk: Desk, done: Assessment) -> None:
    found, gaps = done.findings, desk.gaps
    for one in gaps.documents:
        owner = "contract repository custodian"
        found.ask(
            one.name,
            f"{one.by} refers to {one.name}, which is not in the repository as an executed document: where is it?",
            owner,
        )
    for one in gaps.records:
        found.ask(
            one.name, f"{one.name} ({one.by}): {one.text}. Is there an approved record?", "exception register custodian"
        )
        found.signal("exception_missing", one.name, f"{one.name}: {one.text}", [one.citation])
    for text, citation in gaps.stale:
        found.signal("entitlement_reflects_expired", "entitlement", text, [citation])
        found.ask("entitlement", f"Stale: {text}. Who corrects the record?", "entitlement system custodian")
    for moment in desk.found.account.fresh_until:
        found.until(moment)
    for text in desk.found.account.stale:
        found.ask("entitlement", f"Stale snapshot: {text}.", "entitlement system custodian", text)
        found.exceptions.append(
            ExceptionItem(key=f"stale:{text}", kind="stale", about="entitlement", reason=text, state="open")
        )
    for document in desk.standing.documents:
        state, why = desk.standing.states[document.item]
        if state in ("unsigned", "unsupported"):
            found.ask(
                document.name,
                f"{_called(document)} binds nothing: {why}. {_wanted(document)}",
                "contract repository custodian",
            )
            found.exceptions.append(
                ExceptionItem(
                    key=f"not-binding:{document.item}",
                    kind="not_binding",
                    about=document.item,
                    reason=f"{document.item}: {why}",
                    state="open",
                )
            )
    for saying in gaps.unsupported:
        if saying.spec is not None and not any(
            q.about == saying.spec.id and saying.item.id in q.question for q in found.questions
        ):
            found.ask(
                saying.spec.id,
                f"{saying.item.id} says {saying.value} for {saying.spec.title.lower()}; no executed term in force"
                " carries it.",
                desk.words.topic_of(saying.spec).owner,
            )
    for topic in desk.words.topics:
        covered = gaps.coverage.state == "yes" and any(spec.id == desk.words.scope_term for spec in topic.terms)
        if not covered and not any(desk.standing.of(spec.id, "in force", "disputed") for spec in topic.terms):
            found.ask(topic.id, f"{topic.title}: no executed term in force was found.", topic.owner, "missing")
    if gaps.coverage.state == "unasked" and desk.scope.product:
        found.ask("product_coverage", gaps.coverage.text, "product and contract owners")
    revived: dict[str, list[Term]] = {}
    for term, ended, by in desk.standing.revived:
        revived.setdefault(f"{by.name} replaces {ended.name}, which had replaced {term.place}", []).append(term)
    for why, terms in revived.items():
        said = ", ".join(dict.fromkeys(one.value for one in terms))
        found.ask(terms[0].spec.id, f"{why}: is that clause in force again ({said})?", "legal reviewer")
    for first, second in desk.standing.disputes:
        found.ask(
            first.spec.id,
            f"Which prevails, {first.place} ({first.value}) or {second.place} ({second.value})?",
            "legal reviewer",
        )


def _turns(desk: Desk, done: Assessment) -> None:
    """Documents that begin or end while the outage lasts."""
    last = desk.scope.until.date() if desk.scope.until is not None else desk.scope.day
    for document in desk.standing.documents:
        state = desk.standing.states[document.item][0]
        begins = state == "not yet in force" and document.effective is not None and document.effective <= last
        ends = state == "in force" and document.ends is not None and document.ends < last
        if begins or ends:
            turn = f"applies from {document.effective}" if begins else f"ended on {document.ends}"
            why = f"{document.name} {turn}, within the outage window; the terms stated are those of {desk.scope.day}"
            done.findings.ask(document.name, f"{why}. Which count for the rest of it?", "legal reviewer", "turns")


def _left_out(desk: Desk, done: Assessment) -> None:
    """What was retrieved and not used, with its reason."""
    found = done.findings
    for document in desk.found.foreign:
        reason = f"{document.item}: the agreement of another customer; it was not used"
        found.exceptions.append(
            ExceptionItem(
                key=f"foreign:{document.item}", kind="other_account", about=document.item, reason=reason, state="noted"
            )
        )
    for item in desk.found.not_understood:
        reason = f"{item.id} ({item.file}): nothing in it could be read as a clause or as a row of the register"
        found.exceptions.append(
            ExceptionItem(
                key=f"not-understood:{item.id}", kind="not_understood", about=item.id, reason=reason, state="open"
            )
        )
    for granted in desk.found.granted:
        if granted.why and not granted.pending:
            key, reason = f"not-granted:{granted.number}", f"{granted.number} is not used: {granted.why}"
            found.exceptions.append(
                ExceptionItem(key=key, kind="not_granted", about=granted.item.id, reason=reason, state="noted")
            )
    for name, count in desk.found.others.items():
        reason = f"{name}: {count} exceptions of other accounts were left out"
        key = f"other-accounts:{name}"
        found.exceptions.append(
            ExceptionItem(key=key, kind="other_account", about=name, reason=reason, count=count, state="noted")
        )


def _called(document: Agreement) -> str:
    titled = document.number and document.title
    return f"{document.name} ({document.title})" if titled else document.name


def _wanted(document: Agreement) -> str:
    """What is asked about a document that binds nothing."""
    if document.unsigned:
        return "Is there an executed copy?"
    if document.ordering:
        return f"Where is {document.parent or 'its agreement'}?"
    return "From when does it apply?"


def _reviewers(desk: Desk, done: Assessment) -> None:
    """When a lawyer has to look at it, and whether he has said something yet."""
    found = done.findings
    if desk.gaps.coverage.state == "open":
        found.signal("scope_unclear", "product_coverage", desk.gaps.coverage.text, desk.gaps.coverage.citations)
        found.ask(
            "product_coverage",
            f"Scope: {desk.gaps.coverage.text}. Is it covered?",
            "legal reviewer",
        )
    memos = [memo for memo in desk.found.memos if is_final(desk, memo.item)]
    about = [one.name.casefold() for one in desk.standing.documents if one.number] + [desk.scope.product.casefold()]
    noted = [
        memo
        for memo in memos
        if any(word and word in " ".join(c.text for c in memo.lines).casefold() for word in about)
    ]
    if noted:
        found.signal("legal_note", noted[0].item, "a final legal note speaks of it")
    nonstandard = [
        one for one in desk.standing.binding() if any(regex(desk.words.interprets).search(c.text) for c in one.lines)
    ]
    signals = {one.name for one in found.signals}
    if noted or nonstandard or signals & {"scope_unclear", "rank1_disputed"}:
        found.signal("legal_needed", "review", "a clause is non-standard, or the scope is disputed")
    for name in desk.view.scenario.data["reviewers"][desk.view.parameters["required_reviewers"]]:
        found.signal(name, "review", "the reviewers that the parameter asks for")
