"""Pattern: one scoped question is answered from ranked sources, claim by claim, and people review the cited brief.

Nothing is retrieved before the scope is confirmed. What is not cited, not executed or not in force becomes an open
question; what disagrees becomes a contradiction; nothing is inferred.
"""

from __future__ import annotations

from typing import Any

from agents.case_view import Assessment, CaseView
from agents.contract_standing import standing
from agents.synthesis_brief import brief, hold_obligations, scope_section
from agents.synthesis_desk import Desk
from agents.synthesis_exhibits import exhibits
from agents.synthesis_findings import findings, scope_findings
from agents.synthesis_gaps import gaps
from agents.synthesis_scope import Scope, scope
from agents.synthesis_sources import sources
from agents.synthesis_words import Words, words_of
from casefile.claims import Section
from graphs import skeleton
from graphs.governed_pass import Pattern
from lineage.canonical import Json, digest


def build() -> Any:
    """The graph, uncompiled."""
    return skeleton.build(Pattern(assess=assess, weighs_decisions=True))


def assess(view: CaseView) -> Assessment:
    """The brief under the present evidence, or only the scoped question while nobody has confirmed it."""
    words, done = words_of(view.scenario), Assessment()
    asked = scope(view, words)
    done.subjects["scope"] = asked.bound()
    done.subjects["source_class"] = _excluded(view, words)
    opened = _approved(view, "source_class", done.subjects["source_class"])
    done.unread = frozenset(item.id for item in view.of(*words.systems["excluded"]) if not opened)
    scope_findings(view, words, asked, done, opened=opened)
    if asked.left or not _approved(view, "scope", done.subjects["scope"]):
        done.sections = [
            scope_section(view, asked),
            Section(id="verified_obligations", title="Verified obligations in force", claims=[]),
        ]
        return done
    done.findings.signal("scope_confirmed", "scope", "a person confirmed question, account, window and boundary")
    desk = _desk(view, words, asked, opened=opened)
    written = brief(desk)
    if _agreement_gone(desk, done):
        hold_obligations(desk, written)
    done.findings.fields |= written.fields
    done.sections = written.sections
    done.exhibits = exhibits(desk, done.sections)
    findings(desk, written, done)
    done.subjects["clauses"] = _readings(desk)
    return done


def _agreement_gone(desk: Desk, done: Assessment) -> bool:
    """Whether an agreement was revoked or cannot be read: nobody knows what it changes in the others."""
    systems = {one.id: one.system for one in desk.view.packet.sources}
    systems |= {one.id: one.system for one in desk.view.evidence}
    gone = [one.about for one in done.findings.signals if one.name in ("source_revoked", "source_unreachable")]
    return any(systems.get(name) in desk.words.systems["agreements"] for name in gone)


def _readings(desk: Desk) -> Json:
    """The clauses and readings that a lawyer decides about."""
    disputes = [f"{one.place}: {one.value}; {two.place}: {two.value}" for one, two in desk.standing.disputes]
    clashes = [f"{c.term.place}: {c.term.value}; {c.granted.number}: {c.value}" for c in desk.gaps.clashes]
    return [*disputes, *clashes, f"{desk.gaps.coverage.state}: {desk.gaps.coverage.text}"]


def _desk(view: CaseView, words: Words, asked: Scope, *, opened: bool) -> Desk:
    found = sources(view, words, asked, opened)
    settled = standing(found.agreements, words, asked.day, found.offers)
    return Desk(view, words, asked, found, settled, gaps(view, words, asked, found, settled))


def _excluded(view: CaseView, words: Words) -> Json:
    return [[item.id, item.sha256] for item in view.of(*words.systems["excluded"])]


def _approved(view: CaseView, subject: str, content: Json) -> bool:
    """Whether a gate that binds this content was approved for exactly it."""
    gates = {gate.name for gate in view.scenario.gates if gate.subject == subject}
    bound = digest(content)
    return any(one.gate in gates and one.counts() and one.subject_sha256 == bound for one in view.decisions)
