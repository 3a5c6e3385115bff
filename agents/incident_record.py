"""The investigation record: observed facts, hypotheses with both kinds of evidence, what leads, what stays open.

Facts, inferences and proposed actions stand in sections of their own. People of the customer appear by id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from agents.case_view import Assessment, CaseView
from agents.foreign import foreign_places, of_others
from agents.incident_analysis import Analysis, human
from agents.incident_facts import Fact
from agents.incident_gaps import Gap
from agents.incident_hypotheses import Argument, Tested
from agents.material import step
from agents.records import Cell
from casefile.claims import Citation, Claim, FieldValue, Section, Status
from casefile.evidence import ATTRIBUTION, Evidence
from casefile.registers import ExceptionItem, Side
from guardrails.secrets import mask
from tools.readers import line_spans

AUTHOR = "agent:hypothesis-verification"
_SURE = 95
_MOST = 6
_SHOWN = 8


def record(view: CaseView, found: Analysis, done: Assessment) -> None:
    """Write the record into the assessment."""
    _fields(view, found, done)
    _conflicts(view, found, done)
    for item, count in found.outside.items():
        reason = f"{item}: none of its records lies in the incident window"
        done.findings.exceptions.append(
            ExceptionItem(
                key=f"window:{item}", kind="outside_window", about=item, reason=reason, count=count, state="noted"
            )
        )
    for gap in found.gaps:
        done.findings.ask(
            f"{gap.group} {gap.item}",
            f"What do the records of {gap.group.replace('_', ' ')} say from {gap.since:%Y-%m-%dT%H:%M:%SZ}"
            f" to {gap.until:%Y-%m-%dT%H:%M:%SZ}?",
            view.scenario.data["owners"].get(gap.group, ""),
        )
    for rival in found.ranking.rivals:
        done.findings.ask(
            rival.hypothesis.id,
            f"{rival.hypothesis.id} is not disconfirmed ({rival.untested or 'it coincides'}). {_check(rival)}",
            view.scenario.data["owners"].get(rival.hypothesis.group, ""),
        )
    done.sections = [
        Section(id="timeline", title="Reconciled time line: observed facts only", claims=list(_timeline(found))),
        Section(id="impact", title="Impact as reported", claims=list(_impact(found))),
        Section(id="observations", title="Human observations, marked as such", claims=list(_observations(view, found))),
        Section(id="hypotheses", title="Hypotheses, with both kinds of evidence", claims=list(_matrix(found))),
        Section(id="explanation", title="Most defensible explanation (inference)", claims=list(_explanation(found))),
        Section(id="uncertainty", title="Residual uncertainty and gaps", claims=list(_uncertainty(found))),
        Section(id="rejected", title="Rejected hypotheses and reasons", claims=list(_rejected(found))),
        Section(id="proposals", title="Proposed follow-up checks (proposals only)", claims=list(_proposals(found))),
    ]


def _fields(view: CaseView, found: Analysis, done: Assessment) -> None:
    scope, fields = found.scope, done.findings.fields
    for name, title, at in (
        ("window_start", "Incident window from", scope.since),
        ("window_end", "Incident window until", scope.until),
        ("first_report_at", "First report", scope.report_at),
        ("triage_confirmed_at", "Triage confirmed", scope.confirmed_at),
    ):
        if at is None:
            continue
        value = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        cells = [scope.cells[name]] if name in scope.cells else list(scope.cells.values())[:2]
        computed = name.startswith("window") and scope.computed
        told = f"{view.parameters['incident_window_hours']['hours']} hours before the first report, to the confirmation"
        steps = [step("computed", told, value)] if computed else []
        raw = scope.raw.get(name, value)
        fields[name] = FieldValue(
            title=title, value=value, raw=raw, status="confirmed", confidence=_SURE, citations=cells,
            normalization=steps or ([step("utc", raw, value)] if raw != value else []),
        )  # fmt: skip
    first = found.impact.first
    if first is not None and first.at is not None:
        value = f"{first.at:%Y-%m-%dT%H:%M:%SZ}"
        fields["first_loss_reported_at"] = FieldValue(
            title="First loss, as reported", value=value, raw=first.citations[-1].quote, status="confirmed",
            confidence=_SURE, citations=first.citations,
            normalization=[step("utc", " ".join(c.quote for c in first.citations[3:]), value)],
        )  # fmt: skip
    leaders = found.ranking.leaders
    cells = [c for one in leaders for a in one.supports[:2] for c in a.citations][:8]
    led = ", ".join(one.hypothesis.id for one in leaders)
    fields["leading_explanation"] = FieldValue(
        title="Most defensible explanation",
        value=led or None,
        raw=led or None,
        status="unverified" if led else "missing",
        confidence=70 if led else 0,
        citations=cells,
        origin="defaulted" if led else "none",
        note="an inference, ranked by evidence; a cause is declared by people",
    )
    for one in found.ranking.tested:
        fields[f"{one.hypothesis.id.lower()}_standing"] = FieldValue(
            title=f"{one.hypothesis.id}: {one.hypothesis.text}", value=standing(one, found),
            status="unverified", origin="defaulted",
            citations=[c for a in (*one.supports[:1], *one.against[:1]) for c in a.citations][:6],
            note=f"fit {len(one.explained)} of {len(found.impact.losses)} losses",
        )  # fmt: skip


def standing(one: Tested, found: Analysis) -> str:
    """How a hypothesis stands, in words."""
    if one in found.ranking.leaders:
        return f"leading, link {one.link}"
    if one.disconfirmed:
        return f"disconfirmed, link {one.link}"
    return f"unresolved, link {one.link}" if one.open_rival else "no link to the impact"


def _claim(name: str, text: str, cells: Sequence[Citation], status: Status | None = None) -> Claim:
    """A statement; without a place in the evidence it is unverified."""
    standing: Status = status or ("confirmed" if cells else "unverified")
    return Claim(id=name, text=text, status=standing, author=AUTHOR, citations=list(cells[:_MOST]))


def _timeline(found: Analysis) -> Iterator[Claim]:
    for name, _, text, cells, status in line_rows(found):
        yield _claim(name, text, cells, status)


def line_rows(found: Analysis) -> Iterator[tuple[str, Fact | Gap, str, list[Citation], Status]]:
    """The time line, row by row: its claim's id, the fact or gap that it states, its words, cells and status."""
    rows: list[tuple[str, Fact | Gap, str, list[Citation], Status]] = []
    for fact in found.on_line:
        status: Status = "unverified" if fact.uncertain else "confirmed"
        mark = f" (order uncertain: {fact.doubt})" if fact.doubt else ""
        text = f"{fact.shown} · {fact.group} · {_said(fact)}{mark}"
        rows.append((fact.shown, fact, text, fact.citations, status))
    for gap in found.gaps:
        text = f"{gap.since:%Y-%m-%dT%H:%M:%SZ} to {gap.until:%Y-%m-%dT%H:%M:%SZ} · {gap.group} · gap: {gap.detail}"
        rows.append((f"{gap.since:%Y-%m-%dT%H:%M:%SZ}", gap, text, gap.citations, "missing"))
    for n, (_, source, text, cells, status) in enumerate(sorted(rows, key=lambda row: (row[0], row[2])), 1):
        yield f"t{n}", source, text, cells, status


def _said(fact: Fact) -> str:
    text = re.sub(r"^\S+[T ][\d:.,]+\S*\s*(?:INFO|WARN\w*|ERROR|DEBUG)?\s*", "", fact.text)
    return mask(text)[:240]


def _impact(found: Analysis) -> Iterator[Claim]:
    for subject in found.impact.subjects:
        losses = [one for one in found.impact.losses if one.subject == subject]
        at = f" at {losses[0].at:%Y-%m-%dT%H:%MZ}" if losses[0].at else " (time not known)"
        place = f" ({losses[0].place})" if losses[0].place else ""
        lost = ", ".join(dict.fromkeys(one.capability for one in losses))
        cells = list({(c.locator, c.quote): c for one in losses for c in one.citations}.values())
        yield Claim(
            id=f"i-{subject}",
            text=f"{subject}{place} lost {lost}{at}.",
            status="confirmed",
            author=AUTHOR,
            citations=cells,
        )
    for subject, cited in found.impact.spared.items():
        yield _claim(f"i-{subject}", f"{subject} was checked and lost nothing.", cited)


def _observations(view: CaseView, found: Analysis) -> Iterator[Claim]:
    number, tenants = 0, view.packet.tenant_ids()
    report = found.scope.cells.get("report_text")
    if report is not None:
        yield _claim("n-report", f"The customer reported: “{mask(report.quote)[:300]}”", [report], "unverified")
    told: set[tuple[str, str]] = set()  # a document may give one sentence as a paragraph and as a line
    for item in human(view):
        reading = view.readings(item.id)
        others = foreign_places(reading, tenants)
        for span in [*reading.spans, *line_spans(reading)]:
            text = span.text.strip()
            if not text or (item.id, text) in told or span.hidden or span.label.casefold() in _HEADERS or _bare(text):
                continue
            if span.locator in others or of_others(text, tenants) or found.proposed(item.id, span.locator):
                continue
            number += 1
            told.add((item.id, text))
            cell = Cell(text, span.locator)
            yield _claim(
                f"n{number}", f"A responder wrote: “{mask(text)[:300]}”", [view.cite(item, cell)], "unverified"
            )


def _bare(text: str) -> bool:
    return text.startswith("#") or len(re.findall(r"[^\W\d]{2,}", text)) < _WORDS


_HEADERS = frozenset({"from", "to", "cc", "subject", "date", "message-id", "content-type", "mime-version", ATTRIBUTION})
_WORDS = 4  # a line of fewer is a heading or a greeting


def _matrix(found: Analysis) -> Iterator[Claim]:
    for one in sorted(found.ranking.tested, key=lambda t: t.hypothesis.id):
        name = one.hypothesis.id
        yield _claim(name.lower(), f"{name}: {one.hypothesis.text}. {standing(one, found)}.", [], "unverified")
        said = list(arguments(one))
        for claim, argument, stance in said:
            if stance == "supports":
                yield _claim(claim, f"{name}, for ({argument.strength}): {argument.text}.", argument.citations)
        if len(one.supports) > _SHOWN:
            more = len(one.supports) - _SHOWN
            yield _claim(f"{name.lower()}-for-more", f"{name}, for: {more} further links of this kind.", [])
        for claim, argument, stance in said:
            if stance == "disconfirms":
                yield _claim(claim, f"{name}, against ({argument.strength}): {argument.text}.", argument.citations)
        if one.untested:
            yield _claim(f"{name.lower()}-untested", f"{name}: {one.untested}.", [], "missing")


def arguments(one: Tested) -> Iterator[tuple[str, Argument, Literal["supports", "disconfirms"]]]:
    """What the record says for and against a hypothesis, the strongest first, with the id of the claim that says it."""
    name = one.hypothesis.id.lower()
    best = sorted(one.supports, key=lambda a: ("strong", "moderate", "weak").index(a.strength))
    for n, argument in enumerate(best[:_SHOWN], 1):
        yield f"{name}-for-{n}", argument, "supports"
    for n, argument in enumerate(one.against[:_SHOWN], 1):
        yield f"{name}-against-{n}", argument, "disconfirms"


def _explanation(found: Analysis) -> Iterator[Claim]:
    for one in found.ranking.leaders:
        text = (
            f"{one.hypothesis.id}: {one.hypothesis.text}. It links {len(one.explained)} of"
            f" {len(found.impact.losses)} losses to a record that names who, which capability and when."
        )
        yield _claim(
            f"lead-{one.hypothesis.id.lower()}", text, [c for a in one.supports[:2] for c in a.citations], "unverified"
        )
    if not found.ranking.leaders:
        yield _claim("lead-none", "No explanation leads: none has a strong link without a strong contradiction.", [])


def _uncertainty(found: Analysis) -> Iterator[Claim]:
    for n, gap in enumerate(found.gaps, 1):
        text = f"No records of {gap.group} from {gap.since:%H:%M:%SZ} to {gap.until:%H:%M:%SZ} on {gap.since:%Y-%m-%d}."
        yield _claim(f"gap-{n}", text, gap.citations, "missing")
    for fact in found.unplaced:
        text = f"{fact.item}: its clock names no zone; its times were placed as UTC, their order is uncertain."
        yield _claim(f"clock-{fact.item}", text, fact.citations[:1], "unverified")
    for fact in found.disordered:
        text = f"{fact.item}: {fact.order}; which came first cannot be read from the records."
        yield _claim(f"order-{fact.item}", text, fact.citations[:1], "unverified")
    for group in found.missing:
        yield _claim(f"missing-{group}", f"No records of {group.replace('_', ' ')} could be read.", [], "missing")
    for one in found.ranking.rivals:
        yield _claim(f"open-{one.hypothesis.id.lower()}", f"{one.hypothesis.id} stays possible.", [], "unverified")
    for one in found.ranking.tested:
        if one not in found.ranking.leaders and not one.disconfirmed and not one.open_rival:
            text = f"{one.hypothesis.id} has no link to the impact, and is not disconfirmed either."
            yield _claim(f"unlinked-{one.hypothesis.id.lower()}", text, [], "unverified")
    unexplained = [
        loss for loss in found.impact.losses
        if not any((loss.subject, loss.capability) in one.explained for one in found.ranking.leaders)
    ]  # fmt: skip
    for n, loss in enumerate(unexplained[:10], 1):
        text = f"{loss.subject} {loss.capability}: no leading explanation covers it."
        yield _claim(f"unexplained-{n}", text, loss.citations, "unverified")
    if found.odd:
        looked = (
            f"a person classified them as {found.classified}" if found.classified else "a person has to look at them"
        )
        text = f"Odd sign-ins: {looked}; nothing is concluded from them."
        yield _claim("odd", text, [c for fact in found.odd[:4] for c in fact.citations[:1]], "unverified")


def _rejected(found: Analysis) -> Iterator[Claim]:
    for one in found.ranking.tested:
        if one.disconfirmed and one not in found.ranking.leaders:
            why = next(a for a in one.against if a.strength == "strong")
            yield _claim(
                f"no-{one.hypothesis.id.lower()}", f"{one.hypothesis.id}: {why.text}.", why.citations, "unverified"
            )


def _check(one: Tested) -> str:
    return f"A separating check of {one.hypothesis.group.replace('_', ' ')} is needed."


def _proposals(found: Analysis) -> Iterator[Claim]:
    for one in found.ranking.rivals:
        yield _claim(f"check-{one.hypothesis.id.lower()}", f"{one.hypothesis.id}: {_check(one)}", [], "held")
    for n, gap in enumerate(found.gaps, 1):
        yield _claim(f"recover-{n}", f"Recover the records of {gap.group} for the gap.", [], "held")
    if found.ranking.leaders and not found.ranking.rivals:
        text = "Reproduce the leading mechanism outside production, and look for others whom it reached."
        yield _claim("reproduce", text, [], "held")


def _conflicts(view: CaseView, found: Analysis, done: Assessment) -> None:
    """What people say of a cause or a time against what the records say: both stay visible (R5)."""
    cleared = re.compile(view.scenario.data["cleared"], re.IGNORECASE)  # who says the same as the records
    against = {one.hypothesis.id: one.against for one in found.ranking.tested if one.disconfirmed}
    for item, cell in _sayings(view, found):
        if cleared.search(cell.text):
            continue
        for name, told in view.scenario.data["hypotheses"].items():
            if name not in against or not re.search(told["said"], cell.text, re.IGNORECASE):
                continue
            strong = next(a for a in against[name] if a.strength == "strong")
            sides = [
                Side(value=f"people name {name}: “{cell.text.strip()[:160]}”", citations=[view.cite(item, cell)]),
                Side(value=strong.text, citations=strong.citations[:4]),
            ]
            rule = "reports of people and records of systems in conflict both stay visible"
            done.findings.contradict(
                f"cause {name}", sides, rule, settled=False, key=f"{name}:{item.id}:{cell.locator}"
            )


def _sayings(view: CaseView, found: Analysis) -> Iterator[tuple[Evidence, Cell]]:
    report = found.scope.report_text
    if report is not None:
        cited = found.scope.cells["report_text"]
        yield next(one for one in view.usable if one.id == cited.evidence), report
    for item in human(view):
        reading = view.readings(item.id)
        for span in [*reading.spans, *line_spans(reading)]:
            if not span.hidden and span.label.casefold() not in _HEADERS:
                yield item, Cell(span.text.strip(), span.locator)
