"""The dispatch manifest and the record around it: fields that a signature binds, and sections that a signer reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.annex_minimisation import annexes, without_tokens
from agents.case_view import CaseView
from agents.dispatch_checks import Watched
from agents.lane_policy import Stated as Said
from agents.lane_policy import signer_names
from agents.material import Findings, step
from agents.records import Cell
from agents.reference_freshness import Aged
from agents.weighing import Weighing, weigh
from casefile.checks import holds_of
from casefile.claims import Citation, Claim, FieldValue, Section
from casefile.evidence import Evidence
from runtime.clock import instant
from tools.readers import clock

AUTHOR = "agent:drafting"


def manifest_fields(view: CaseView, seen: Watched, findings: Findings) -> None:
    """What the manifest states, with its places. Queue and audience are weighed: packet and lane must say the same."""
    packet, item = seen.packet, seen.packet.evidence
    _plain(view, findings, "packet_id", "Triage packet", item, [packet.id])
    _plain(view, findings, "packet_revision", "Packet revision", item, [packet.revision])
    findings.fields["packet_sha256"] = FieldValue(
        title="Hash of the packet",
        value=item.sha256,
        raw=packet.name,
        status="confirmed",
        confidence=100,
        citations=[view.cite(item, packet.id), view.cite(item, packet.revision)],
        normalization=[step("sha256", item.file, item.sha256)],
    )
    _weighed(view, seen, findings, "queue_id", "Restricted review queue", packet.queue, seen.policy.queues)
    _weighed(
        view, seen, findings, "reviewer_audience", "Approved reviewer audience", packet.audience, seen.policy.audiences
    )
    for name in ("queue_id", "reviewer_audience"):
        if findings.fields[name].status == "conflicting":
            detail = f"{findings.fields[name].title}: {findings.fields[name].raw}"
            findings.signal("routing_conflict", name, detail, findings.fields[name].citations)
    _scope(view, seen, findings)
    _plain(view, findings, "affected_cases", "Affected cases", item, packet.cases)
    _reviewers(seen, findings)
    _signer(view, seen, findings)
    if seen.policy.version is not None:
        one = seen.policy.version
        _plain(view, findings, "policy_version", "Dispatch policy", one.item, [one.cell])
    _window(view, seen, findings)
    _duplicates(view, seen, findings)
    if seen.successor is not None:
        findings.fields["superseded_by"] = FieldValue(
            title="Superseded by", value=seen.successor.name, raw=seen.successor.citation.quote, status="confirmed",
            confidence=100, citations=[seen.successor.citation],
        )  # fmt: skip


def _plain(view: CaseView, findings: Findings, name: str, title: str, item: Evidence, cells: Sequence[Cell]) -> None:
    if not cells:
        findings.fields[name] = FieldValue(title=title, status="missing", origin="none")
        return
    texts = [cell.text for cell in cells]
    findings.fields[name] = FieldValue(
        title=title,
        value=texts[0] if len(texts) == 1 else texts,
        raw=", ".join(texts),
        status="confirmed",
        confidence=97,
        citations=[view.cite(item, cell) for cell in cells],
    )


def _weighed(
    view: CaseView, seen: Watched, findings: Findings, name: str, title: str, own: Cell | None, lane: Sequence[Said]
) -> None:
    stated = [view.stated(seen.packet.evidence, own, own.text)] if own is not None else []
    stated += [view.stated(one.item, one.cell, one.cell.text) for one in lane]
    weigh(name, Weighing(title, "Support trust team"), findings, stated, same=_same, value=str)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _scope(view: CaseView, seen: Watched, findings: Findings) -> None:
    packet = seen.packet
    _plain(view, findings, "tenant_scope", "Tenant-scope boundary", packet.evidence, packet.scopes)
    named = {cell.text.casefold() for cell in packet.scopes}
    inside = [(item, cell) for item, cell in seen.bounds.references if cell.text.casefold() in named]
    if inside:
        value = findings.fields["tenant_scope"]
        cited = [*value.citations, *(view.cite(item, cell) for item, cell in inside[: len(named)])]
        findings.fields["tenant_scope"] = value.model_copy(update={"citations": cited})
    mine = [(item, cell) for item, cell in seen.bounds.tenants if cell.text in view.packet.tenant_ids()]
    for item, cell in mine[:1]:
        _plain(view, findings, "tenant_id", "Tenant", item, [cell])


def _reviewers(seen: Watched, findings: Findings) -> None:
    inside = [one for one in seen.reviewers if not one.outside]
    if not inside:
        return
    findings.fields["reviewers_with_access"] = FieldValue(
        title="Reviewers with access, inside the audience",
        value=[one.id for one in inside],
        raw=", ".join(one.id for one in inside),
        status="confirmed",
        confidence=97,
        citations=[one.citation for one in inside],
    )


def _signer(view: CaseView, seen: Watched, findings: Findings) -> None:
    names = signer_names(seen.policy)
    if not names:
        return
    if len({one.person for one in seen.signers if not one.delegated}) == 1:
        names = [max(names, key=lambda name: (" " in name, len(name)))]
    quotes = [
        view.cite(one.item, one.cell, name) for one in seen.policy.signers for name in names if name in one.cell.text
    ]
    conflict = any(signal.name == "authority_conflict" for signal in findings.signals)
    findings.fields["signer"] = FieldValue(
        title="Named signer",
        value=names[0] if len(names) == 1 else names,
        raw=", ".join(names),
        status="conflicting" if conflict else "confirmed",
        confidence=97,
        citations=quotes,
    )


def _window(view: CaseView, seen: Watched, findings: Findings) -> None:
    timed = [one for one in seen.ages if one.until is not None]
    if not timed:
        return
    first = min(timed, key=lambda one: one.until or view.now)
    at, until = instant(first.verified or view.now), instant(first.until or view.now)
    findings.fields["references_fresh_until"] = FieldValue(
        title="All timed references fresh until",
        value=until,
        raw=first.citations[-1].quote,
        status="held" if any(one.stale for one in seen.ages) else "confirmed",
        confidence=97,
        citations=list(first.citations),
        normalization=[step("oldest verification plus window", at, until, reference=f"{seen.window} window")],
    )


def _duplicates(view: CaseView, seen: Watched, findings: Findings) -> None:
    labels, packet = view.scenario.data["packet"], seen.packet
    cells = [cell for row in packet.duplicates if (cell := row.first(labels["escalation"])) is not None]
    if cells:
        _plain(view, findings, "merged_duplicates", "Duplicates merged into the packet", packet.evidence, cells)
    for row in packet.duplicates:
        cell = row.first(labels["merged_at"])
        at = clock.instant(cell.text) if cell is not None else None
        if cell is not None and at is not None:
            findings.fields["duplicate_merged_at"] = FieldValue(
                title="Duplicate merged at", value=instant(at), raw=cell.text, status="confirmed", confidence=97,
                citations=[view.cite(packet.evidence, cell)], normalization=[step("instant", cell.text, instant(at))],
            )  # fmt: skip
            return


def state_fields(view: CaseView, findings: Findings) -> None:
    """Where dispatch stands, from the holds and preconditions that apply: never one word that hides them."""
    held = holds_of(view.scenario, findings.signals)
    unmet = [s for line in view.scenario.preconditions for s in findings.signals if s.name in line.signals]
    stop = [f"{hold.kind}: {hold.detail}" for hold in held] + [f"precondition: {one.detail}" for one in unmet]
    ended = any(hold.kind == "superseded" for hold in held)
    value = "superseded" if ended else "held" if stop else "awaiting signature"
    where = "; ".join(stop) if stop else "before the signature of the manifest"
    cited = [citation for hold in held for citation in hold.citations][:8]
    for name, title, text in (
        ("dispatch_status", "Status of the dispatch", value),
        ("dispatch_stopped_at", "Where dispatch stopped", where),
    ):
        findings.fields[name] = FieldValue(
            title=title, value=text, raw=text, status="held" if stop else "unverified", confidence=0, origin="none",
            citations=cited, note="the state of this run, not a statement of evidence",
        )  # fmt: skip


def manifest_sections(view: CaseView, seen: Watched, findings: Findings) -> list[Section]:
    """The record in the order of the card's contents. Texts are masked; the packet itself is embedded at release."""
    return [
        Section(
            id="references",
            title="Triage packet: references",
            claims=[_reference(n, a) for n, a in _numbered(seen.ages)],
        ),
        Section(id="chronology", title="Case chronology, as the packet has it", claims=list(_chronology(view, seen))),
        Section(id="uncertainty", title="Unresolved uncertainty and caveats", claims=list(_open(view, seen))),
        Section(
            id="lineage", title="Duplicate lineage, affected cases, destination", claims=list(_lineage(view, seen))
        ),
        Section(id="annexes", title="Annexes", claims=list(_annexes(view, seen))),
        Section(id="manifest", title="Dispatch manifest", claims=list(_manifest(findings))),
        Section(id="holds", title="Holds and preconditions that are open", claims=list(_holds(view, findings))),
    ]


def _numbered(ages: Sequence[Aged]) -> Iterator[tuple[int, Aged]]:
    return enumerate(ages, 1)


def reference_text(one: Aged) -> str:
    """A reference by its name, record and source."""
    name = one.reference.name if one.reference.name != one.reference.record.text else ""
    source = f" ({one.reference.source})" if one.reference.source else ""
    return f"{name} {one.reference.record.text}".strip() + source


def _reference(number: int, one: Aged) -> Claim:
    text = reference_text(one)
    if one.verified is not None:
        text += f", last verified {instant(one.verified)}"
    if one.until is not None:
        text += f", fresh until {instant(one.until)}"
    status = "held" if one.stale else "confirmed"
    return Claim(
        id=f"ref-{number}", text=f"{text}.", status=status, author=AUTHOR, citations=[*one.citations, *one.found[:2]]
    )


def _quoted(view: CaseView, item: Evidence, cell: Cell, name: str, before: str = "") -> Claim:
    """What the packet says, word for word, unless it holds a secret: then masked, and cited without its words."""
    shown = without_tokens(view, cell.text)
    cited = view.cite(item, cell)
    if shown != cell.text:
        cited = cited.model_copy(update={"quote": ""})
    return Claim(id=name, text=f"{before}{shown}", status="confirmed", author=AUTHOR, citations=[cited])


def _chronology(view: CaseView, seen: Watched) -> Iterator[Claim]:
    for number, (at, what) in enumerate(seen.packet.chronology, 1):
        before = f"{at.text}: " if at is not None else ""
        yield _quoted(view, seen.packet.evidence, what, f"chron-{number}", before)


def _open(view: CaseView, seen: Watched) -> Iterator[Claim]:
    for number, cell in enumerate(seen.packet.uncertainty, 1):
        claim = _quoted(view, seen.packet.evidence, cell, f"unsure-{number}", "Not settled: ")
        yield claim.model_copy(update={"status": "unverified"})
    for number, cell in enumerate(seen.packet.caveats, 1):
        yield _quoted(view, seen.packet.evidence, cell, f"caveat-{number}", "Caveat: ")


def _lineage(view: CaseView, seen: Watched) -> Iterator[Claim]:
    packet, labels = seen.packet, view.scenario.data["packet"]

    def stated(name: str, text: str, *cells: Cell | None) -> Claim:
        cited = [view.cite(packet.evidence, cell) for cell in cells if cell is not None]
        return Claim(id=name, text=text, status="confirmed", author=AUTHOR, citations=cited)

    merged = [(cell, row) for row in packet.duplicates if (cell := row.first(labels["escalation"])) is not None]
    for number, (cell, row) in enumerate(merged, 1):
        into = row.first(labels["merged_into"])
        text = f"Duplicate {cell.text} is merged into {into.text if into else packet.id.text}."
        yield stated(f"dup-{number}", text, cell, into)
    for number, one in enumerate(seen.strays, 1):
        text = f"{one.name} is a duplicate that is not in the packet."
        yield Claim(id=f"stray-{number}", text=text, status="held", author=AUTHOR, citations=[one.citation])
    for number, cell in enumerate(packet.cases, 1):
        yield stated(f"case-{number}", f"Affected case {cell.text}.", cell)
    if packet.queue is not None:
        yield stated("destination", f"Predeclared destination: {packet.queue.text}.", packet.queue)


def _annexes(view: CaseView, seen: Watched) -> Iterator[Claim]:
    for number, annex in enumerate(annexes(view, seen.packet), 1):
        found = [one for one in seen.excess if one.where == f"annex {annex.name}"]
        title = f"Annex {annex.name}" + (f", {without_tokens(view, annex.title)}" if annex.title else "")
        categories = ", ".join(one.category for one in found)
        text = (
            f"{title}, is not minimised: {categories}; it has to be redacted upstream."
            if found
            else f"{title}: minimised."
        )
        cited: list[Citation] = [one.citation for one in found]
        status = "held" if found else "unverified"
        yield Claim(id=f"annex-{number}", text=text, status=status, author=AUTHOR, citations=cited)


MANIFEST = (
    "packet_id", "packet_revision", "packet_sha256", "queue_id", "reviewer_audience", "tenant_scope", "signer",
    "policy_version", "references_fresh_until", "superseded_by", "dispatch_status", "dispatch_stopped_at",
)  # fmt: skip


def _manifest(findings: Findings) -> Iterator[Claim]:
    for name in MANIFEST:
        value = findings.fields.get(name)
        if value is None:
            continue
        shown = ", ".join(map(str, value.value)) if isinstance(value.value, list) else str(value.value or "missing")
        yield Claim(
            id=name, text=f"{value.title}: {shown}", status=value.status, author=AUTHOR, citations=value.citations
        )


def _holds(view: CaseView, findings: Findings) -> Iterator[Claim]:
    for number, hold in enumerate(holds_of(view.scenario, findings.signals), 1):
        text = f"{hold.trigger}: {hold.detail}. {hold.effect}."
        yield Claim(id=f"hold-{number}", text=text, status="held", author=AUTHOR, citations=hold.citations)
