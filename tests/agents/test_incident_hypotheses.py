"""Rival hypotheses on generated incidents with a known cause: the true one leads, and none leads without a link."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.incident_facts import Fact
from agents.incident_hypotheses import Hypothesis, Scene, examine, rank
from agents.incident_impact import Impact, Loss
from casefile.claims import Citation

START = datetime(2026, 9, 2, tzinfo=UTC)
CAPABILITIES = ("export", "billing")
SHA = "sha256:" + "0" * 64
SYNC = Hypothesis("H2", "a sync removed roles", "identity", re.compile("removed"))
FLAG = Hypothesis("H3", "a flag on one shard", "configuration", re.compile("off"), re.compile("unchanged"), "place")


def _cite(text: str) -> list[Citation]:
    return [Citation(evidence="e", locator="line=1", quote=text, sha256=SHA)]


def _fact(group: str, minute: int, text: str, *names: str) -> Fact:
    return Fact(group, "e", START + timedelta(minutes=minute), text, text, _cite(text), frozenset(names))


def _impact(lost: dict[str, int], spared: list[str]) -> Impact:
    losses = [
        Loss(who, what, START + timedelta(minutes=minute), f"shard-{who[-1]}", _cite(who))
        for who, minute in lost.items()
        for what in CAPABILITIES
    ]
    places = {who: f"shard-{who[-1]}" for who in [*lost, *spared]}
    return Impact(losses, {who: _cite(who) for who in spared}, places)


def _scene(
    impact: Impact,
    facts: dict[str, list[Fact]],
    silent: dict[str, list[tuple[datetime, datetime]]],
    whole: frozenset[str] = frozenset(),
) -> Scene:
    return Scene(impact, facts, silent, frozenset(), whole, 120, START, START + timedelta(days=1))


NOISE = [_fact("configuration", 5 * n, "poll settings ok", "shard-a") for n in range(100)]
_LOST = st.dictionaries(st.sampled_from(["ad-1a", "ad-2a", "ad-3b", "ad-4b"]), st.integers(30, 1000), min_size=1)


@settings(max_examples=300, deadline=None)
@given(_LOST)
def test_records_that_name_who_what_and_when_lead(lost: dict[str, int]) -> None:
    removals = [_fact("identity", m, "removed", who, what) for who, m in lost.items() for what in CAPABILITIES]
    scene = _scene(_impact(lost, ["ad-9b"]), {"identity": removals, "configuration": NOISE}, {})
    ranking = rank([examine(SYNC, scene), examine(FLAG, scene)], scene.impact)
    assert [one.hypothesis.id for one in ranking.leaders] == ["H2"]
    assert ranking.rivals == []


@settings(max_examples=300, deadline=None)
@given(_LOST, st.integers(10, 900))
def test_what_only_happened_at_another_time_never_leads(lost: dict[str, int], shift: int) -> None:
    late = [_fact("identity", m + shift, "removed", who, what) for who, m in lost.items() for what in CAPABILITIES]
    at_a_loss = set(lost.values())
    scene = _scene(_impact(lost, []), {"identity": [f for f in late if _minute(f) not in at_a_loss]}, {})
    assert rank([examine(SYNC, scene)], scene.impact).leaders == []


def _minute(fact: Fact) -> int:
    return int((fact.at - START).total_seconds() // 60)


def test_a_loss_on_another_shard_disconfirms_a_setting_of_one() -> None:
    off = [_fact("configuration", 60, "off", "shard-a", *CAPABILITIES)]
    scene = _scene(_impact({"ad-1a": 60, "ad-3b": 60}, []), {"configuration": off}, {})
    done = examine(FLAG, scene)
    assert done.disconfirmed
    assert any("ad-3b" in one.text and "out of its reach" in one.text for one in done.against)


def test_silence_of_a_log_concludes_nothing() -> None:
    gap = {"configuration": [(START + timedelta(minutes=40), START + timedelta(minutes=80))]}
    scene = _scene(_impact({"ad-1a": 60}, []), {"configuration": NOISE[:8] + NOISE[17:]}, gap)
    done = examine(FLAG, scene)
    assert not done.disconfirmed
    assert done.open_rival
    assert "no conclusion" in done.untested


def test_only_records_that_are_shown_to_be_whole_deny_by_their_silence() -> None:
    impact, facts = _impact({"ad-1a": 60}, []), {"configuration": NOISE[:3]}
    unshown = examine(FLAG, _scene(impact, facts, {}))
    assert [(one.strength, "nothing shows" in one.text) for one in unshown.against] == [("weak", True)]
    assert not unshown.disconfirmed
    shown = examine(FLAG, _scene(impact, facts, {}, frozenset({"configuration"})))
    assert [(one.strength, "complete around" in one.text) for one in shown.against] == [("strong", True)]
    assert shown.disconfirmed


def test_records_at_another_time_deny_only_where_no_other_can_be_missing() -> None:
    impact = _impact({"ad-1a": 60}, [])
    facts = {"configuration": [_fact("configuration", 30, "off", "shard-a")]}
    assert not examine(FLAG, _scene(impact, facts, {})).disconfirmed
    assert examine(FLAG, _scene(impact, facts, {}, frozenset({"configuration"}))).disconfirmed


def test_causes_that_each_explain_their_own_losses_lead_together() -> None:
    impact = _impact({"ad-1a": 60, "ad-3b": 300}, [])
    facts = {
        "configuration": [_fact("configuration", 60, "off", "shard-a", *CAPABILITIES)],
        "identity": [_fact("identity", 300, "removed", "ad-3b", what) for what in CAPABILITIES],
    }
    ranking = rank([examine(SYNC, _scene(impact, facts, {})), examine(FLAG, _scene(impact, facts, {}))], impact)
    assert {one.hypothesis.id for one in ranking.leaders} == {"H2", "H3"}


def test_a_clock_without_a_zone_leaves_its_explanation_open() -> None:
    sure = _fact("configuration", 60, "off", "shard-a", *CAPABILITIES)
    unsure = replace(_fact("identity", 180, "removed", "ad-1a", *CAPABILITIES), uncertain="no zone")
    impact = _impact({"ad-1a": 60}, [])
    tested = [examine(one, _scene(impact, {"identity": [unsure], "configuration": [sure]}, {})) for one in (SYNC, FLAG)]
    assert [one.disconfirmed for one in tested] == [False, False]
    assert [one.hypothesis.id for one in rank(tested, impact).rivals] == ["H2"]


def test_a_clock_without_a_zone_is_no_rival_days_away() -> None:
    unsure = replace(_fact("identity", 60 * 23, "removed", "ad-1a", *CAPABILITIES), uncertain="no zone")
    assert not examine(SYNC, _scene(_impact({"ad-1a": 60}, []), {"identity": [unsure]}, {})).open_rival


MOVE = Hypothesis(
    "H1", "a migration", "entitlement", re.compile("migrat"), reach="all", lists="kept", states=re.compile("snapshot")
)


def _state(minute: int, *names: str, lists: bool = True) -> Fact:
    return replace(_fact("entitlement", minute, "snapshot", *names), lists=lists)


def _tried(*facts: Fact, spared: list[str] | None = None) -> list[tuple[str, str]]:
    done = examine(MOVE, _scene(_impact({"ad-1a": 60}, spared or []), {"entitlement": list(facts)}, {}))
    return [(done.link, "disconfirmed" if done.disconfirmed else "stands")]


def test_a_list_of_other_things_only_has_lost_what_the_one_before_had() -> None:
    before, move, after = _state(1, *CAPABILITIES), _fact("entitlement", 60, "migrated"), _state(61, lists=True)
    assert _tried(before, move, after) == [("strong", "stands")]
    assert _tried(before, move, replace(after, lists=False)) == [("weak", "stands")]


def test_a_migration_left_behind_what_the_next_snapshot_shows_hours_later() -> None:
    before, move = _state(1, *CAPABILITIES), _fact("entitlement", 60, "migrated")
    assert _tried(before, move, _state(300)) == [("strong", "stands")]
    assert _tried(before, move, _fact("entitlement", 200, "migrated again"), _state(300)) == [("weak", "stands")]
    assert _tried(before, move, _state(300, *CAPABILITIES)) == [("weak", "disconfirmed")]


def test_who_lost_nothing_and_kept_everything_denies_nothing() -> None:
    facts = [_state(1, *CAPABILITIES), _fact("entitlement", 60, "migrated"), _state(61)]
    spared = _fact("entitlement", 61, "not migrated", "ad-9b", *CAPABILITIES)
    assert _tried(*facts, spared, spared=["ad-9b"]) == [("strong", "stands")]
    affected = _fact("entitlement", 61, "migrated", "ad-1a", *CAPABILITIES)
    assert _tried(_fact("entitlement", 60, "migrated"), affected) == [("weak", "disconfirmed")]


def test_of_two_that_explain_the_same_losses_neither_leads() -> None:
    facts = {
        "entitlement": [_state(1, *CAPABILITIES), _fact("entitlement", 60, "migrated"), _state(61)],
        "identity": [_fact("identity", 60, "removed", "ad-1a", what) for what in CAPABILITIES],
    }
    scene = _scene(_impact({"ad-1a": 60}, []), facts, {})
    ranking = rank([examine(SYNC, scene), examine(MOVE, scene)], scene.impact)
    assert ranking.leaders == []
    assert {one.hypothesis.id for one in ranking.rivals} == {"H1", "H2"}
