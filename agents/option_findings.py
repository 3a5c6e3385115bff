"""One pass over an option-ranking case: read, test, rank, and say what follows, as findings that the engine keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from agents.authority_matrix import read_matrix
from agents.case_view import Assessment, CaseView
from agents.event_cluster import Cluster, cluster
from agents.material import Findings
from agents.option_asks import CHAT, KEPT_ASKS, Ask, asks, chat_asks, counts, row_of, said_now
from agents.option_drafting import Draft, Recomputed, draft
from agents.option_exhibits import exhibits
from agents.option_facts import gather
from agents.option_ground import Ground
from agents.option_limits import outranked
from agents.option_ranking import Ranked, preferred, rank
from agents.option_requests import idle, unclassed
from agents.option_results import Result
from agents.option_spec import spec_of
from agents.option_tests import Bench
from agents.option_view import others, own_view
from agents.override_clusters import OverrideCluster, asked_now, override_clusters, overrides
from agents.precedent_fit import precedents
from agents.quantities import Figure, payable
from casefile.claims import Citation, FieldValue, Normalization
from casefile.gates import Offer
from casefile.registers import BlockedRequest, ExceptionItem
from runtime.clock import instant

KEPT_HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Tested:
    """Everything that a pass has found out about the options."""

    ground: Ground
    bench: Bench
    ranked: Sequence[Ranked]
    prerequisites: Sequence[Result]
    asks: Sequence[Ask]
    overrides: Sequence[OverrideCluster]

    @property
    def in_band(self) -> list[Ranked]:
        """The options that may be recommended locally."""
        return [one for one in self.ranked if one.class_ == "in band"]

    @property
    def conditional(self) -> list[Ranked]:
        """The options that wait for a fact."""
        return [one for one in self.ranked if one.class_ == "conditional"]

    @property
    def unmet(self) -> list[Result]:
        """The prerequisites that are not met."""
        return [one for one in self.prerequisites if one.state != "met"]

    @property
    def recommended(self) -> Ranked | None:
        """The preferred option: none while a prerequisite is open, or the best one waits and may not be passed."""
        if self.unmet or not self.in_band or self.best_waits:
            return None
        return self.in_band[0]

    @property
    def best_waits(self) -> bool:
        """Whether the scenario holds that the best option, which waits for a fact, is not passed over.

        One that waits only for a list that somebody has yet to bring is: the card holds for refreshed evidence alone.
        """
        evidence = [one for one in self.conditional if any(r.test.kind != "shown" for r in one.waiting)]
        surviving = preferred(self.bench, [*self.in_band, *evidence])
        waits = bool(surviving) and surviving[0].class_ == "conditional"
        return waits and not self.ground.spec.best_may_wait


def findings_of(view: CaseView) -> Assessment:
    """Test and rank under the matrix, facts and clock of this pass."""
    spec, findings = spec_of(view.scenario), Findings()
    foreign, view = others(view), own_view(view, spec, findings)
    ground = Ground(view, spec, findings, read_matrix(view, spec, findings))
    gather(ground)
    outranked(ground)
    bench = Bench(ground, cluster(ground), precedents(ground))
    prerequisites = [bench.run(name) for name in bench.due(spec.prerequisites)]
    logged = overrides(ground)
    read = {(cite.evidence, row_of(cite.locator)) for one in logged for cite in one.citations}
    asked = [ask for ask in asks(ground) if not ask.spec.signal or (ask.evidence, row_of(ask.locator)) not in read]
    tested = Tested(
        ground, bench, rank(bench), prerequisites, asked, override_clusters(ground, [*logged, *asked_now(ground)])
    )
    _fields(tested)
    _signals(tested)
    _requests(tested)
    _doubts(tested)
    history = _history(tested)
    done = Assessment(findings=findings, unread=foreign)
    done.sections = draft(Draft(tested.ground, bench, tested.ranked, prerequisites, tested.asks, tested.overrides,
                                tested.recommended, history))  # fmt: skip
    done.exhibits = exhibits(
        tested.ground, tested.ranked, prerequisites, tested.asks, tested.recommended, done.sections
    )
    done.subjects = {"configuration": ground.matrix.described()}
    done.offered = {gate: _offered(tested) for gate in _choosing(ground)}
    kept = [{"kind": a.spec.id, "by": a.by, "at": a.locator, "words": a.words} for a in chat_asks(ground)]
    done.keep = {KEPT_ASKS: orjson.dumps(kept).decode(), KEPT_HISTORY: orjson.dumps(_plain(history)).decode()}
    done.refused = _refused(tested)
    return done


def _choosing(ground: Ground) -> list[str]:
    return [gate.name for gate in ground.scenario.gates if gate.choices == "offered"]


def _offered(tested: Tested) -> list[Offer]:
    """What a person may accept: options in band, in the order of the ranking; the others with the reason why not."""
    named = Counter(key for one in tested.ranked if one.row is not None for key in set(one.row.keys))
    return [
        Offer(
            id=one.option.id,
            name=(one.row.text("name") if one.row is not None else "") or one.option.title,
            also=tuple(key for key in (one.row.keys if one.row is not None else ()) if named[key] == 1),
            barred=_barred(one),
            recommended=one is tested.recommended,
        )
        for one in tested.ranked
    ]


def _barred(one: Ranked) -> str:
    reason = "; ".join(r.detail for r in [*one.breaches, *one.waiting])
    return f"the option is {one.class_}: {reason}" if one.class_ != "in band" else ""


def _fields(tested: Tested) -> None:
    """The numbers and the result as fields, computed ones with every cell that went into them."""
    ground, fields = tested.ground, tested.ground.findings.fields
    for name, figure in ground.limits.items():
        fields.setdefault(name, figure.field(ground.spec.limits[name].title))
    amount = ground.spec.amount
    for one in sorted(tested.ranked, key=lambda ranked: ranked.option.id):
        slug = one.option.id.replace(" ", "_")
        if one.amount is not None and amount is not None:
            title, paid = f"{one.option.id.capitalize()}: {amount.title}", payable(one.amount)
            fields[f"{slug}_{amount.name}"] = paid.field(title)
            if paid.exact:
                fields[f"{slug}_{amount.name}_exact"] = one.amount.field(f"{title}, as it is compared")
        for result in one.results:
            for name, figure in result.figures.items():
                own = name if name.endswith("recomputed") else f"{slug}_{name}"
                title = result.test.title if own == name else f"{one.option.id.capitalize()}: {name.replace('_', ' ')}"
                fields[own] = figure.field(title)
        fields[f"{slug}_class"] = _class_field(tested.bench, one)
    for name, made in _cluster_figures(tested.bench.cluster).items():
        fields[name] = made.field(name.replace("_", " ").capitalize())
    for ask in tested.asks:
        if ask.over and ask.amount is not None:
            fields[f"asked_{ask.spec.id}"] = ask.amount.field(f"Asked for: {ask.spec.title}")
    fields["preferred_option"] = _preferred_field(tested)


def _cluster_figures(found: Cluster | None) -> dict[str, Figure]:
    if found is None:
        return {}
    figures = {"severe_incident_count": found.counted, "severe_incident_span": found.span}
    return {name: figure for name, figure in figures.items() if figure is not None}


def _class_field(bench: Bench, one: Ranked) -> FieldValue:
    why = "; ".join(r.detail for r in [*one.breaches, *one.waiting]) or "every hard limit is met"
    cites = _unique([c for r in [*one.breaches, *one.waiting] for c in r.citations] or one.cite(bench))
    return FieldValue(
        title=f"{one.option.id.capitalize()}: class",
        value=one.class_,
        status="confirmed" if cites else "unverified",
        confidence=97 if cites else 0,
        citations=cites,
        normalization=[Normalization(rule="hard limits", source=why, to=one.class_)],
    )


def _unique(cites: Sequence[Citation]) -> list[Citation]:
    return list({(c.evidence, c.locator, c.quote): c for c in cites}.values())


def _preferred_field(tested: Tested) -> FieldValue:
    chosen = tested.recommended
    if chosen is None:
        why = "prerequisites are open" if tested.unmet else "no option inside the band can be recommended now"
        return FieldValue(
            title="Preferred option", status="held" if tested.unmet else "missing", origin="none", note=why
        )
    cites = chosen.cite(tested.bench)
    name = chosen.row.text("name") if chosen.row is not None else ""
    return FieldValue(
        title="Preferred option",
        value=chosen.option.id,
        raw=name,
        status="confirmed" if cites else "unverified",
        confidence=97,
        citations=cites,
        normalization=[Normalization(rule="menu of the card", source=name or chosen.option.title, to=chosen.option.id)],
    )


def _signals(tested: Tested) -> None:
    ground, signal = tested.ground, tested.ground.findings.signal
    for result in tested.prerequisites:
        if result.state != "met":
            signal(result.test.signal, result.test.id, result.detail, result.citations)
            signal("prerequisite_open", result.test.id, result.detail, result.citations)
        elif result.lapses is not None:
            detail = f"{result.detail}, until {instant(result.lapses)}"
            signal(result.test.signal, result.test.id, detail, result.citations, result.lapses)
            signal("prerequisite_open", result.test.id, detail, result.citations, result.lapses)
    _option_signals(tested)
    if not tested.in_band:
        signal("only_conditional" if tested.conditional else "none_in_band", "options", "no option is in band")
    elif tested.best_waits:
        signal("best_waits", "options", "the best option waits for a fact")
    else:
        signal("in_band", "options", ", ".join(one.option.id for one in tested.in_band))
    if any(not r.rule and not r.citations for one in tested.ranked for r in one.breaches):
        signal("breach_unnamed", "options", "a breached guardrail has no rule and no place in the matrix")
    for ask in tested.asks:
        if ask.spec.signal:
            signal(ask.spec.signal, ask.spec.id, f"{ask.spec.title}: {ask.evidence} {ask.locator}")
    for cluster_ in tested.overrides:
        for told, cite in cluster_.waiting:
            signal("override_requested", "overrides", told, [cite])
    if any(ask.spec.kind != "menu" or ask.over for ask in tested.asks if not ask.withdrawn):
        signal("out_of_band_request", "asks", "something outside the band was asked for")
    matrix = ground.matrix
    pinned = matrix.version and (matrix.menu_version or not ground.spec.matrix.menu_version)
    if not pinned:
        signal("version_not_pinned", "matrix", "the matrix in evidence has no single version")
    if matrix.approved is None or matrix.lapsed or not pinned:
        why = matrix.lapsed or "the evidence does not show by whom and when it was approved"
        signal("matrix_unapproved", "matrix", f"matrix {matrix.version or 'without a version'}: {why}")
    if matrix.lapsed:
        signal("matrix_lapsed", "matrix", matrix.lapsed)


def _option_signals(tested: Tested) -> None:
    """What a test of an option raises: once, whichever options it stops."""
    asked = {r.test.id for r in tested.prerequisites}
    raised: set[tuple[str, str]] = set()
    for one in tested.ranked:
        for result in one.results:
            name, about = result.test.signal, one.option.id
            if not name or result.test.id in asked:
                continue
            if result.state != "met" and (name, result.detail) not in raised:
                raised.add((name, result.detail))
                tested.ground.findings.signal(name, about, result.detail, result.citations)
            elif result.lapses is not None:
                tested.ground.findings.signal(name, about, result.detail, result.citations, result.lapses)


def _requests(tested: Tested) -> None:
    """Every ask outside the band, with its place, its rule and how often it came."""
    ground = tested.ground
    number = counts(tested.asks)
    for n, ask in enumerate(tested.asks):
        if ask.spec.kind == "menu" and not ask.over:
            continue
        effect = f"{verdict(ground, ask)}; recorded, nothing was done"
        effect += _drift(ground, number[ask.spec.id])
        effect += "; its author takes it back here" if ask.withdrawn else ""
        effect += "; somebody is said to have promised it: commitment risk" if ask.promised else ""
        ground.findings.requests.append(
            BlockedRequest(
                key=f"ask:{ask.spec.id}:{ask.evidence}:{ask.locator}:{n if ask.evidence == CHAT else ask.quote}",
                evidence=ask.evidence,
                locator=ask.locator,
                quote=ask.quote,
                asks_for=f"{ask.spec.title} ({'blocked' if ask.spec.kind == 'menu' else ask.spec.kind})",
                effect=effect,
            )
        )


def verdict(ground: Ground, ask: Ask) -> str:
    """What the boundary says about an ask, with the rule."""
    row = ground.matrix.type_of(ask.spec)
    rule = f" ({row.rule})" if row is not None and row.rule else ""
    if ask.spec.kind == "menu":
        return f"blocked: {ask.over}; nearest is {ask.spec.option}"
    if ask.spec.kind == "escalation-only":
        return f"escalation-only{rule}: not for the local owner"
    return f"blocked locally{rule}"


def _drift(ground: Ground, number: int) -> str:
    if number < 2:
        return ""
    parameter = ground.spec.drift_parameter
    limit = int(ground.view.parameters[parameter]) if parameter else None
    note = f": scope drift, {limit} or more of the same kind" if limit is not None and number >= limit else ""
    return f"; asked {number} times{note}"


def _doubts(tested: Tested) -> None:
    """What a person has to look at: requests of no kind, claimed promises, overrides, precedents set aside."""
    ground, findings = tested.ground, tested.ground.findings
    findings.exceptions += ground.left_out
    requests = list(unclassed(ground))
    findings.exceptions += idle(ground, requests)
    for request in (one for one in requests if not one.idle):
        said = f": “{request.words}”" if request.words else ""
        question = f"{request.evidence} {request.locator}: a request is not classed{said}; what is asked for?"
        findings.ask("asks", question, ground.spec.owner_role)
    for ask in tested.asks:
        if ask.promised and ask.evidence != CHAT:
            at = f"{ask.evidence} {ask.locator}"
            question = f"{at}: a promise of {ask.spec.title} is claimed; was anything promised?"
            findings.ask("commitment_risk", question, ground.spec.owner_role)
    for cluster_ in tested.overrides:
        if cluster_.reached:
            question = f"{cluster_.told}: the limit is unchanged; what does the governance owner make of it?"
            findings.ask("override_cluster", question, ground.spec.governance_role)
    _ask_for_fit(tested)
    for one in tested.bench.precedents:
        if one.mismatch and one.citations:
            reason = f"precedent {one.id} supports nothing: {one.mismatch}"
            findings.exceptions.append(
                ExceptionItem(
                    key=f"precedent:{one.citations[0].evidence}:{one.id}",
                    kind="precedent_mismatch",
                    about=one.citations[0].evidence,
                    reason=reason,
                    state="noted",
                )
            )


def _ask_for_fit(tested: Tested) -> None:
    """Options that wait for nothing but what a precedent's reviewer may say: one question for each missing fit."""
    waiting = [(one.option.id, r) for one in tested.ranked for r in one.waiting if r.test.kind == "fit"]
    for detail in dict.fromkeys(r.detail for _, r in waiting):
        names = ", ".join(sorted(option for option, r in waiting if r.detail == detail))
        question = f"{names}: {detail}; is there a precedent that fits, or who confirms the fit?"
        tested.ground.findings.ask("precedent_fit", question, tested.ground.spec.owner_role)


def _history(tested: Tested) -> list[Recomputed]:
    """How the computed state moved from pass to pass; only changes are kept, so that nothing new makes no revision."""
    fields = tested.ground.findings.fields
    watched = [
        n for n in fields if n.endswith("_class") or n.startswith("severe_incident_count") or n == "preferred_option"
    ]
    watched += [
        name for name in tested.ground.spec.facts if name in fields and tested.ground.spec.facts[name].unit == "money"
    ]
    values = {name: fields[name].value for name in sorted(watched)}
    now = {name: "none" if value is None else str(value) for name, value in values.items()}
    stated = {name: fields[name].citations[0] for name in now if name in tested.ground.facts and fields[name].citations}
    earlier = [
        Recomputed(one["at"], one["state"], {n: Citation.model_validate(c) for n, c in one["cites"].items()})
        for one in orjson.loads(tested.ground.view.kept.get(KEPT_HISTORY, "[]"))
    ]
    if earlier and earlier[-1].state == now:
        return earlier
    return [*earlier, Recomputed(instant(tested.ground.view.now), now, stated)]


def _plain(history: Sequence[Recomputed]) -> list[dict[str, object]]:
    return [
        {"at": one.at, "state": dict(one.state), "cites": {n: c.model_dump() for n, c in one.cites.items()}}
        for one in history
    ]


def _refused(tested: Tested) -> list[tuple[str, str, str]]:
    """What this chat turn asked for outside the band: refused on the record, and counted."""
    ground = tested.ground
    specs = {spec.id: spec for spec in ground.spec.asks}
    number = counts(tested.asks)
    refused = []
    for said in said_now(ground):
        spec = specs[said["kind"]]
        if spec.kind == "menu":
            continue
        reason = f"{verdict(ground, Ask(spec, CHAT, '', ''))}; only the options of the menu can be ranked"
        refused.append(
            (f"rank or grant outside the menu: {spec.title}", said["by"], reason + _drift(ground, number[spec.id]))
        )
    return refused
