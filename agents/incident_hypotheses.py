"""Rival hypotheses against the record: what links each to the impact, what speaks against it, and which one leads.

A link is *strong* where a record of the hypothesis names who and which capability at the moment of the loss; *moderate*
where it names who, or the place that he belongs to, at that moment; *weak* where it only coincides. Disconfirmation is
strong where the hypothesis cannot explain a loss that happened, or a record denies its effect. A leader needs a strong
link and no unresolved strong disconfirmation; a rival that coincides and is not disconfirmed stays unresolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from agents.incident_facts import Fact, within
from agents.incident_impact import Impact, Loss
from casefile.claims import Citation

Strength = Literal["strong", "moderate", "weak", "none"]
_ORDER: Mapping[str, int] = {"none": 0, "weak": 1, "moderate": 2, "strong": 3}
_ZONES = timedelta(hours=14)  # no local time is further from UTC
_MINUTE = 60
EFFECT = re.compile(r"capabilit|role|permission", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One explanation: the group of systems that has its records, what they look like, what denies their effect.

    `reach` says whom a record concerns that names nobody: no one, its place, or everybody. `lists` says what the
    capabilities in a record are: those that were lost, or those that were kept; where they are kept, `takes` marks a
    record that tells what was taken, and `states` one that tells what there is: two of those show a change. `link`
    finds the `id` by which a record names another that says whom it concerns, and `undone` what ends that other one.
    """

    id: str
    text: str
    group: str
    acts: re.Pattern[str]
    denies: re.Pattern[str] | None = None
    reach: Literal["subject", "place", "all"] = "subject"
    lists: Literal["lost", "kept"] = "lost"
    takes: re.Pattern[str] | None = None
    states: re.Pattern[str] | None = None
    link: re.Pattern[str] | None = None
    undone: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Argument:
    """Something that speaks for or against a hypothesis, with the records that say so."""

    strength: Strength
    text: str
    citations: list[Citation]


@dataclass(slots=True)
class Tested:
    """A hypothesis with what was found. `untested` says why nothing can be said of it, or of a part of it."""

    hypothesis: Hypothesis
    acts: list[Fact] = field(default_factory=list)
    denials: list[Fact] = field(default_factory=list)
    supports: list[Argument] = field(default_factory=list)
    against: list[Argument] = field(default_factory=list)
    explained: set[tuple[str, str]] = field(default_factory=set)
    untested: str = ""

    @property
    def link(self) -> Strength:
        """The best link that it has to the impact."""
        return max((one.strength for one in self.supports), key=lambda s: _ORDER[s], default="none")

    @property
    def disconfirmed(self) -> bool:
        """Whether something strong speaks against it."""
        return any(one.strength == "strong" for one in self.against)

    @property
    def open_rival(self) -> bool:
        """Whether it may still be true: it coincides, or it could not be tested, and nothing strong speaks against."""
        return not self.disconfirmed and (self.link != "none" or bool(self.untested))


@dataclass(frozen=True, slots=True)
class Scene:
    """What hypotheses are tested on.

    `silent` are stretches in which a group's records are missing; of the groups in `whole` it is shown that none are.
    """

    impact: Impact
    facts: Mapping[str, Sequence[Fact]]
    silent: Mapping[str, Sequence[tuple[datetime, datetime]]]
    missing: frozenset[str]
    whole: frozenset[str]
    tolerance: int
    since: datetime
    until: datetime


def examine(hypothesis: Hypothesis, scene: Scene) -> Tested:
    """Both kinds of evidence for one hypothesis."""
    done = Tested(hypothesis)
    if hypothesis.group in scene.missing:
        done.untested = f"the records of {hypothesis.group.replace('_', ' ')} are missing"
        return done
    told = [_taking(f, hypothesis, scene) for f in scene.facts.get(hypothesis.group, ())]
    told = _linked(_stated(told, hypothesis, scene), hypothesis, scene)
    inside = [f for f in told if scene.since <= f.at <= scene.until]
    denials = [f for f in inside if hypothesis.denies is not None and hypothesis.denies.search(f.text)]
    acted = [f for f in inside if hypothesis.acts.search(f.text) or f.linked or _change(f, inside, hypothesis, scene)]
    earlier = [f for f in told if f.at < scene.since and (hypothesis.acts.search(f.text) or f.linked)]
    done.acts, done.denials = [f for f in acted if f not in denials], denials
    for loss in scene.impact.losses:
        _link(done, loss, acted if not done.acts else done.acts, scene)
    done.against += _against(done, acted, denials, scene) if acted else _nothing(hypothesis, earlier, scene)
    hidden = [loss for loss in scene.impact.losses if _in_silence(hypothesis.group, loss, scene)]
    if hidden and not done.disconfirmed:
        done.untested = f"records are missing around {len(hidden)} of the losses: no conclusion in the gap"
    elif not done.supports and not done.disconfirmed and _may_stand_there(done, scene):
        done.untested = "the clock of its records names no zone: they may stand at the moment of the losses"
    return done


def _may_stand_there(done: Tested, scene: Scene) -> bool:
    """Whether a record that names who and what was lost is as far from the loss as a zone can put it."""
    lost = set(scene.impact.capabilities)
    return any(
        act.uncertain and loss.at is not None and abs(act.at - loss.at) <= _ZONES
        and loss.capability in (act.names & lost or {loss.capability})
        and _reaches(act, loss, done.hypothesis, scene.impact)
        for act in done.acts for loss in scene.impact.losses
    )  # fmt: skip


def _taking(fact: Fact, hypothesis: Hypothesis, scene: Scene) -> Fact:
    """A record that tells what was taken: what it names is what is not there any more."""
    if hypothesis.takes is None or not hypothesis.takes.search(fact.text):
        return fact
    return replace(fact, lacks=fact.lacks | fact.names & set(scene.impact.capabilities))


def _stated(told: Sequence[Fact], hypothesis: Hypothesis, scene: Scene) -> list[Fact]:
    """Records of what there is, each with what it has no longer that the one before had of the same subjects. One that
    lists other things only has lost all of these."""
    if hypothesis.states is None:
        return list(told)
    lost, subjects = set(scene.impact.capabilities), {*scene.impact.subjects, *scene.impact.spared}
    done: list[Fact] = []
    before: dict[frozenset[str], set[str]] = {}
    since: list[int] = []  # the acts since the last record of what there is for everybody
    for fact in told:
        has = set(fact.names & lost) - fact.lacks
        if hypothesis.states.search(fact.text) and (has or fact.lacks or fact.lists):
            whom = frozenset(fact.names & subjects)
            fact = replace(fact, lacks=fact.lacks | (before.get(whom, set()) - has))
            if not whom:
                left = before.get(whom, set()) & fact.lacks
                if left and len(since) == 1:
                    done[since[0]] = _left_behind(done[since[0]], left, fact)
                since = []
            before[whom] = has
        elif hypothesis.acts.search(fact.text) and not fact.names & (subjects | lost):
            since.append(len(done))
        done.append(fact)
    return done


def _left_behind(act: Fact, lacks: set[str], state: Fact) -> Fact:
    """An act with what the next record of what there is has no longer: nothing else stands between the two."""
    return replace(
        act, lacks=act.lacks | lacks, citations=[*act.citations[:2], *state.citations[:1], *act.citations[2:]]
    )


def _change(fact: Fact, told: Sequence[Fact], hypothesis: Hypothesis, scene: Scene) -> bool:
    """Whether a record of what there is belongs to the explanation: it shows a change, or what an act left behind."""
    if hypothesis.states is None or not hypothesis.states.search(fact.text):
        return False
    if fact.lacks:
        return True
    acts = [one for one in told if one.at <= fact.at and hypothesis.acts.search(one.text)]
    return bool(acts) and fact.names >= set(scene.impact.capabilities)


def _linked(told: Sequence[Fact], hypothesis: Hypothesis, scene: Scene) -> list[Fact]:
    """Records that name another by its id, with whom and what that other one concerns: `Removed override TO-77`."""
    if hypothesis.link is None or hypothesis.undone is None:
        return list(told)
    link, undone = hypothesis.link, hypothesis.undone
    known: dict[str, frozenset[str]] = {}
    for fact in (one for found in scene.facts.values() for one in found):
        for match in link.finditer(fact.text):
            known[match["id"]] = known.get(match["id"], frozenset()) | fact.names
    done = []
    for fact in told:
        named = [name for name in known if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", fact.text)]
        ends = bool(named) and undone.search(fact.text) is not None
        if ends and not fact.names & {*scene.impact.subjects, *scene.impact.spared}:
            fact = replace(fact, names=fact.names.union(*(known[name] for name in named)))
        done.append(replace(fact, linked=True) if ends else fact)
    return done


def _reaches(act: Fact, loss: Loss, hypothesis: Hypothesis, impact: Impact) -> bool:
    """Whether a record is about this subject: by name, by place, or by being about everybody."""
    subjects = act.names & set(impact.subjects) | act.names & set(impact.spared)
    if subjects:
        return loss.subject in subjects
    if hypothesis.reach == "subject":
        return False
    places = act.names & set(impact.places.values())
    if hypothesis.reach == "place" or places:
        return loss.place in places
    return True


def _link(done: Tested, loss: Loss, acts: Sequence[Fact], scene: Scene) -> None:
    if loss.at is None:
        return
    for act in acts:
        if not within(act.at, loss.at, scene.tolerance + _MINUTE) or not _reaches(
            act, loss, done.hypothesis, scene.impact
        ):
            continue
        strength = _strength(done.hypothesis, act, loss, scene)
        if strength == "none":
            continue
        done.explained.add((loss.subject, loss.capability))
        text = f"{act.shown} {act.what}: {loss.subject} {loss.capability} was lost at that moment"
        done.supports.append(Argument(strength, text, [*act.citations[:3], *loss.citations[:3]]))


def _strength(hypothesis: Hypothesis, act: Fact, loss: Loss, scene: Scene) -> Strength:
    """How closely a record at the moment of a loss is tied to it: by who, which capability, and a sure clock."""
    lists = act.names & set(scene.impact.capabilities)
    if hypothesis.lists == "kept":
        earlier = [f for f in scene.facts.get(hypothesis.group, ()) if f.at < act.at and loss.capability in f.names]
        if loss.capability in lists - act.lacks:
            return "none"
        taken = loss.capability in act.lacks or (bool(earlier) and EFFECT.search(act.text) is not None)
    else:
        if lists and loss.capability not in lists:
            return "none"
        taken = loss.capability in lists
    addressed = loss.subject in act.names or (hypothesis.reach == "place" and loss.place in act.names)
    if taken and (addressed or hypothesis.reach == "all") and not act.uncertain and act.skew <= scene.tolerance:
        return "strong"
    return "moderate" if addressed else "weak"


def _nothing(hypothesis: Hypothesis, earlier: Sequence[Fact], scene: Scene) -> Iterator[Argument]:
    """What it means that no record of it stands in the window. Only records that are shown to be whole can deny by
    their silence (R9); what stands before the window is shown, and denies nothing."""
    quiet = bool(scene.silent.get(hypothesis.group))
    if hypothesis.group in scene.whole and not quiet:
        yield Argument(
            "strong", "no record of it stands in the window, and its records are complete around every loss", []
        )
    elif not quiet:
        found = "stands in the window" if earlier else "was found"
        yield Argument("weak", f"no record of it {found}; nothing shows that its records are complete", [])
    if earlier:
        last = max(earlier, key=lambda one: one.at)
        text = f"its last record, {last.shown} {last.what}, lies before the window"
        yield Argument("weak", text, last.citations[:6])


def _against(done: Tested, acted: Sequence[Fact], denials: Sequence[Fact], scene: Scene) -> Iterator[Argument]:
    hypothesis, impact = done.hypothesis, scene.impact
    quiet = bool(scene.silent.get(hypothesis.group))
    whole = hypothesis.group in scene.whole and not quiet
    first = min(acted, key=lambda one: one.at)
    margin = timedelta(seconds=scene.tolerance + _MINUTE)
    early = [one for one in impact.losses if one.at is not None and one.at + margin < first.at]
    # A clock that may be hours off puts nothing before or after a loss.
    unsure = ", by a clock whose order is uncertain" if any(one.uncertain for one in acted) else ""
    for subject in dict.fromkeys(one.subject for one in early):
        loss = next(one for one in early if one.subject == subject)
        text = f"{subject} lost {loss.capability} before the first record of it ({first.shown})"
        yield Argument("weak" if unsure else "strong", f"{text}{unsure}", [*loss.citations, *first.citations[:2]])
    yield from _outside(done, acted, scene)
    # A record that says so clears itself, not another record that took the capabilities at the moment of the loss.
    linked = any(one.strength == "strong" for one in done.supports) and bool(done.acts)
    for one in denials:
        text = f"{one.shown} {one.what}: the record says that its effect was another"
        yield Argument("weak" if linked else "strong", text, one.citations[:4])
    lists = [act for act in acted if act.names & set(impact.capabilities)]
    other = [
        act for act in acted if act not in lists and re.search(r"capabilit|role|permission", act.text, re.IGNORECASE)
    ]
    if hypothesis.lists == "kept":
        yield from _kept(hypothesis, acted, impact)
    if hypothesis.reach == "subject" and not lists and other:
        text = "it names other capabilities than those that were lost"
        yield Argument("strong", text, other[0].citations[:4])
    if not done.supports and not early and not quiet:
        text = f"no loss happened at the moment of any record of it{unsure}"
        yield Argument("weak" if unsure else "strong" if whole else "moderate", text, first.citations[:3])


def _kept(hypothesis: Hypothesis, acted: Sequence[Fact], impact: Impact) -> Iterator[Argument]:
    """A record that still lists everything speaks against, if it is about somebody who lost something. Where another
    says what was taken it is the state before, after a repair or of a part: it denies nothing."""
    everything = set(impact.capabilities)
    kept = [act for act in acted if act.names - act.lacks >= everything]
    kept = [act for act in kept if any(_reaches(act, one, hypothesis, impact) for one in impact.losses)]
    taken = any(act.lacks & everything for act in acted)
    for act in kept[:1]:
        text = f"at {act.shown} the record still lists every capability"
        yield Argument("weak" if taken else "strong", text, act.citations[:4])


def _outside(done: Tested, acted: Sequence[Fact], scene: Scene) -> Iterator[Argument]:
    """Who lost something and was out of its reach, and who was in its reach and lost nothing."""
    hypothesis, impact = done.hypothesis, scene.impact
    for subject in impact.subjects:
        losses = [one for one in impact.losses if one.subject == subject]
        if not any(_reaches(act, losses[0], hypothesis, impact) for act in acted):
            place = f" ({losses[0].place})" if losses[0].place else ""
            yield Argument(
                "strong", f"{subject}{place} lost {losses[0].capability} and is out of its reach", losses[0].citations
            )
    if hypothesis.reach == "subject":
        return
    for subject, cited in impact.spared.items():
        probe = Loss(subject, "", None, impact.places.get(subject, ""), cited)
        if any(_reaches(act, probe, hypothesis, impact) for act in acted):
            yield Argument("moderate", f"{subject} is in its reach and lost nothing", cited)


def _in_silence(group: str, loss: Loss, scene: Scene) -> bool:
    return loss.at is not None and any(since <= loss.at <= until for since, until in scene.silent.get(group, ()))


@dataclass(frozen=True, slots=True)
class Ranking:
    """The hypotheses, best first; the leaders (several where causes combine); rivals that stay open."""

    tested: list[Tested]
    leaders: list[Tested]
    rivals: list[Tested]


def rank(tested: Sequence[Tested], impact: Impact) -> Ranking:
    """Order by link, then by what speaks against, then by how much of the impact is explained."""
    ordered = sorted(
        tested, key=lambda one: (one.disconfirmed, -_ORDER[one.link], -len(one.explained), one.hypothesis.id)
    )
    able = [one for one in ordered if one.link == "strong" and not one.disconfirmed]
    # Two that explain the same losses as well are rivals: neither leads.
    level = len(able) > 1 and able[0].explained == able[1].explained
    leaders = [] if level else able[:1]
    everything = {(one.subject, one.capability) for one in impact.losses}
    partial = [one for one in ordered if one.link == "strong" and one.explained and one not in leaders]
    if not leaders and not level and partial and _together(partial, everything):
        leaders = partial
    rivals = [one for one in ordered if one not in leaders and one.open_rival]
    return Ranking(ordered, leaders, rivals)


def _together(partial: Sequence[Tested], everything: set[tuple[str, str]]) -> bool:
    """Whether causes that each explain losses of their own explain all of them together."""
    covered: set[tuple[str, str]] = set()
    for one in partial:
        if one.explained & covered:
            return False
        covered |= one.explained
    return covered == everything and len(partial) > 1
