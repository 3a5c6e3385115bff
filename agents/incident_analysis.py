"""One investigation: facts of every group, the impact, each hypothesis tested, and what leads. A pure function."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.case_view import CaseView
from agents.incident_clocks import ordered
from agents.incident_facts import Fact, Words, facts
from agents.incident_gaps import Gap, gaps, whole
from agents.incident_hypotheses import EFFECT, Hypothesis, Ranking, Scene, Tested, examine, rank
from agents.incident_impact import Impact, impact
from agents.incident_proposals import Proposal, places, proposals
from agents.incident_window import Scope, scope
from agents.records import label_of
from casefile.evidence import Evidence


@dataclass(slots=True)
class Analysis:
    """What was found. `classified` is what a person said that the odd sign-ins are, or nothing; `actions` and
    `statements` are what people propose for the time after a declaration."""

    impact: Impact
    scope: Scope
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    ranking: Ranking = field(default_factory=lambda: Ranking([], [], []))
    odd: list[Fact] = field(default_factory=list)
    silent_sign_ins: list[Gap] = field(default_factory=list)
    classified: str = ""
    actions: list[Proposal] = field(default_factory=list)
    statements: list[Proposal] = field(default_factory=list)

    def proposed(self, item: str, locator: str) -> bool:
        """Whether a place belongs to a proposal: nothing there is a fact or an observation."""
        return (item, locator) in places([*self.actions, *self.statements])

    @property
    def on_line(self) -> list[Fact]:
        """The facts that the time line shows: those that any hypothesis rests on or is denied by, and the sign-ins that
        a person has to look at, in order."""
        chosen = {id(fact) for tested in self.ranking.tested for fact in (*tested.acts, *tested.denials)}
        chosen |= {id(fact) for fact in self.odd}
        subjects = {*self.impact.subjects, *self.impact.spared}
        shown = [
            fact
            for found in self.facts.values()
            for fact in found
            if id(fact) in chosen or (fact.names & subjects and EFFECT.search(fact.text))
        ]
        unique = {(fact.shown, fact.item, fact.text): fact for fact in shown if self._inside(fact)}
        return sorted(unique.values(), key=lambda fact: (fact.at, fact.group, fact.text))

    @property
    def unplaced(self) -> list[Fact]:
        """The first record inside the window of each item whose clock leaves the order uncertain."""
        uncertain = [fact for told in self.facts.values() for fact in told if fact.uncertain and self._inside(fact)]
        return list({fact.item: fact for fact in reversed(uncertain)}.values())

    @property
    def disordered(self) -> list[Fact]:
        """The first record on the time line of each item whose clock leaves the order beside another source open."""
        return list({fact.item: fact for fact in reversed(self.on_line) if fact.order}.values())

    @property
    def outside(self) -> dict[str, int]:
        """The items that have records and none inside the window, with how many."""
        told = [fact for facts in self.facts.values() for fact in facts]
        inside = {fact.item for fact in told if self._inside(fact)}
        return Counter(fact.item for fact in told if fact.item not in inside)

    def _inside(self, fact: Fact) -> bool:
        since, until = self.scope.since, self.scope.until
        return since is None or until is None or since <= fact.at <= until


def analyse(view: CaseView) -> Analysis:
    """Test every hypothesis of the scenario on the case."""
    groups: dict[str, list[str]] = view.scenario.data["groups"]
    items = {group: view.of(*systems) for group, systems in groups.items()}
    history = items[view.scenario.data["history"]]
    found = Analysis(impact(view, [i for one in items.values() for i in one]), scope(view, history))
    found.actions, found.statements = proposals(view, "actions"), proposals(view, "statements")
    words = _words(view, found.impact)
    moments, tolerance = found.impact.moments, int(view.parameters["clock_skew_tolerance_seconds"])
    for group, evidence in items.items():
        readable = [item for item in evidence if not view.readings(item.id).unusable]
        told = facts(view, group, readable, words)
        found.facts[group] = [f for f in told if not any(found.proposed(f.item, c.locator) for c in f.citations)]
        found.gaps += gaps(view, group, readable, found.facts[group], found.scope)
        if whole(view, readable, found.facts[group], moments):
            found.whole.append(group)
        read = group == view.scenario.data["history"] and _tells_scope(found.scope, evidence)
        if not found.facts[group] and not read and group not in view.scenario.data["optional"]:
            found.missing.append(group)
    found.facts = ordered(view, human(view), found.facts, tolerance)
    found.odd = _odd(view, found)
    signed_in = [gap for gap in found.gaps if gap.group == view.scenario.data["sign_ins"]]
    lost = [loss.at for loss in found.impact.losses if loss.at is not None]
    found.silent_sign_ins = [gap for gap in signed_in if any(gap.since <= at <= gap.until for at in lost)]
    since, until = found.scope.since, found.scope.until
    if since is None or until is None or not found.impact.losses:
        why = "not tested: " + ("no window is agreed" if since is None else "no table says who lost what")
        found.ranking = Ranking([Tested(one, untested=why) for one in hypotheses(view)], [], [])
    else:
        scene = Scene(
            impact=found.impact,
            facts=found.facts,
            silent={group: [(g.since, g.until) for g in found.gaps if g.group == group] for group in groups},
            missing=frozenset(found.missing),
            whole=frozenset(found.whole),
            tolerance=tolerance,
            since=since,
            until=until,
        )
        found.ranking = rank([examine(one, scene) for one in hypotheses(view)], found.impact)
    return found


def _tells_scope(told: Scope, items: Sequence[Evidence]) -> bool:
    """Whether the agreed scope stands in one of the items: then it was read, though it is no list of records."""
    return bool({cell.evidence for cell in told.cells.values()} & {item.id for item in items})


def hypotheses(view: CaseView) -> list[Hypothesis]:
    """The scenario's hypotheses."""
    return [
        Hypothesis(
            id=name,
            text=told["text"],
            group=told["group"],
            acts=re.compile(told["acts"], re.IGNORECASE),
            reach=told["reach"],
            lists=told.get("lists", "lost"),
            **{
                name: re.compile(told[name], re.IGNORECASE)
                for name in ("denies", "takes", "states", "link", "undone")
                if told.get(name)
            },
        )
        for name, told in view.scenario.data["hypotheses"].items()
    ]


def _words(view: CaseView, found: Impact) -> Words:
    names = [*found.subjects, *found.spared, *found.capabilities, *found.places.values()]
    patterns = {name: _name_pattern(name) for name in dict.fromkeys(names)}
    data = view.scenario.data
    return Words(data["times"], data["whats"], patterns, [label_of(name) for name in data["held"]])


def _name_pattern(name: str) -> re.Pattern[str]:
    """A name as logs write it: `audit_export`, `audit export` and `audit-export` are one."""
    parts = [re.escape(part) for part in re.split(r"[\s_-]+", name) if part]
    if len(parts) > 1 and parts[-1].isalpha():
        parts[-1] = parts[-1].removesuffix("s") + "s?"  # `Audit exports` in a table is `audit_export` in a log
    return re.compile(r"(?<![\w-])" + r"[\s_-]?".join(parts) + r"(?![\w-]*\w)", re.IGNORECASE)


def _odd(view: CaseView, found: Analysis) -> list[Fact]:
    """Records of sign-ins that a person has to look at: nothing is concluded from them."""
    pattern = re.compile(view.scenario.data["odd"], re.IGNORECASE)
    told = found.facts.get(view.scenario.data["sign_ins"], ())
    alone = unlike_all_others(told, re.compile(view.scenario.data["sign_in"], re.IGNORECASE), found.impact)
    return [fact for fact in told if pattern.search(fact.text) or fact in alone]


def unlike_all_others(told: Sequence[Fact], sign_in: re.Pattern[str], impact: Impact) -> list[Fact]:
    """Sign-ins from where nobody else signs in, by people who otherwise sign in from one place only."""
    people = {*impact.subjects, *impact.spared}
    seen: dict[str, list[tuple[str, str, Fact]]] = {}
    for fact in told:
        whom = sorted(fact.names & people)
        if sign_in.search(fact.text) and len(whom) == 1:
            for match in _WHERE.finditer(fact.text):
                seen.setdefault(match["key"].casefold(), []).append((whom[0], match["value"], fact))
    odd: list[Fact] = []
    for marks in seen.values():
        for person, value, fact in marks:
            own = {v for p, v, f in marks if p == person and f is not fact}
            others = {v for _, v, f in marks if f is not fact}
            if len(marks) > _FEW and len(own) == 1 and value not in others and fact not in odd:
                odd.append(fact)
    return odd


_WHERE = re.compile(r"\b(?P<key>country|geo|location|asn|network|city)\W{1,3}(?P<value>[\w.-]+)", re.IGNORECASE)
_FEW = 4  # with fewer sign-ins nothing is usual yet


def human(view: CaseView) -> Sequence[Evidence]:
    """What people wrote: observations, first-class and marked as such."""
    return view.of(*view.scenario.data["human"])
