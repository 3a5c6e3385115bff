"""Clusters are a function of the set of signals; a split holds; a generated stream is found as it was made."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.signal_cluster import REASONS, RawSignal, Split, cluster
from agents.signal_lineage import enough
from agents.signal_matrix import Bar, CaseState, ChainState, Snapshots, TenantState, corroborate
from evals.signal_stream import GAP, SKEW, delivered, generate, measure

AT = datetime(2026, 3, 3, 9, tzinfo=UTC)


def _signal(kind: str, name: str, minute: int = 0, **told: object) -> RawSignal:
    return RawSignal(kind, name, kind, AT + timedelta(minutes=minute), **told)  # type: ignore[arg-type]


def test_five_thousand_signals_in_fifty_orders_give_the_same_clusters_and_hash() -> None:
    stream = generate(5_000, seed=11)
    known = cluster(stream.signals, gap=GAP, skew=SKEW)
    for seed in range(50):
        arrivals = delivered(stream, seed)
        Random(seed).shuffle(arrivals)
        assert len(arrivals) > 1.15 * len(stream.signals)
        found = cluster(arrivals, gap=GAP, skew=SKEW)
        assert found.sha256 == known.sha256
        assert [c.id for c in found.clusters] == [c.id for c in known.clusters]


@pytest.mark.parametrize("seed", [7, 8])
def test_every_burst_of_misuse_is_found_and_no_coincidence_is_routed(seed: int) -> None:
    stream = generate(20_000, seed)
    score = measure(stream, delivered(stream, seed))
    assert score.misuse_found == len(stream.misuse) == 10
    assert len(stream.coincidences) >= 40
    assert score.coincidences_routed == 0
    assert score.precision >= 0.99
    assert score.recall >= 0.99


_OPERATORS = st.sampled_from(["", "op-1", "op-2", "relay-7"])


@st.composite
def _signals(draw: st.DrawFn) -> list[RawSignal]:
    found = []
    for n in range(draw(st.integers(1, 14))):
        operator = draw(_OPERATORS)
        found.append(
            _signal(
                draw(st.sampled_from(["console", "export", "dlp", "customer"])),
                f"S-{n}",
                draw(st.integers(0, 300)),
                operator=operator,
                alias=operator == "relay-7",
                tenant=draw(st.sampled_from(["tn-a", "tn-b"])),
                session=draw(st.sampled_from(["", "", "cs-1", "cs-2"])),
                exports=draw(st.frozensets(st.sampled_from(["DX-1", "DX-2"]), max_size=1)),
                cases=draw(st.frozensets(st.sampled_from(["RC-1", "RC-2"]), max_size=1)),
                text=draw(st.sampled_from(["", "odd entries at nine", "odd entries at nine o'clock"])),
            )
        )
    return found


@settings(max_examples=200, deadline=None)
@given(_signals(), st.randoms(use_true_random=False))
def test_order_and_repetition_leave_no_trace(signals: list[RawSignal], chance: Random) -> None:
    known = cluster(signals, gap=GAP, skew=SKEW)
    again = [*signals, *(replace(one) for one in signals if chance.random() < 0.5)]
    chance.shuffle(again)
    found = cluster(again, gap=GAP, skew=SKEW)
    assert found.sha256 == known.sha256
    assert sorted(s.ref for c in found.clusters for s in c.signals) == sorted(s.ref for s in signals)


@settings(max_examples=200, deadline=None)
@given(_signals())
def test_every_merge_has_its_reason_and_the_merges_are_just_enough(signals: list[RawSignal]) -> None:
    by_ref = {one.ref: one for one in signals}
    for one in cluster(signals, gap=GAP, skew=SKEW).clusters:
        assert len(one.merges) == len(one.signals) - 1  # a tree: none too many, none missing
        for merge in one.merges:
            left, right = by_ref[merge.left], by_ref[merge.right]
            assert merge.reason in REASONS
            if merge.reason == "session":
                assert left.session == right.session != ""
            elif merge.reason == "export":
                assert merge.shared in left.exports & right.exports
            elif merge.reason.startswith("operator"):
                assert left.operator == right.operator
                assert not left.alias
                assert not right.alias
            else:
                assert left.tenant == right.tenant


@settings(max_examples=200, deadline=None)
@given(_signals(), st.data())
def test_a_split_by_a_person_holds_and_keeps_the_rest_together(signals: list[RawSignal], data: st.DataObject) -> None:
    apart = data.draw(st.frozensets(st.sampled_from([one.ref for one in signals])))
    found = cluster(signals, gap=GAP, skew=SKEW, splits=[Split(apart, "u-reviewer", "another person")])
    for one in found.clusters:
        assert len({signal.ref in apart for signal in one.signals}) == 1
    typed = [one for one in signals if one.session == "cs-1" and one.ref not in apart]
    homes = {n for one in typed for n, c in enumerate(found.clusters) if one in c.signals}
    assert len(homes) <= 1  # what shares a session on one side of the split stays one cluster


def test_the_time_of_day_alone_merges_nothing() -> None:
    one = _signal("console", "A", operator="op-1", tenant="tn-a", session="s-1")
    other = _signal("console", "B", operator="op-2", tenant="tn-b", session="s-2")
    assert len(cluster([one, other], gap=GAP, skew=SKEW).clusters) == 2


def test_a_report_that_fits_two_clusters_is_left_to_a_person() -> None:
    told = [_signal("console", n, operator=f"op-{n}", tenant="tn-a", session=f"s-{n}") for n in "12"]
    report = _signal("customer", "T", 1, tenant="tn-a")
    found = cluster([*told, report], gap=GAP, skew=SKEW)
    assert len(found.clusters) == 3
    assert found.unplaced == {"customer:T": ("console:1", "console:2")}


def test_an_alias_merges_by_no_operator() -> None:
    told = [_signal("console", n, operator="relay", alias=True, tenant="tn-a", session=f"s-{n}") for n in "12"]
    assert len(cluster(told, gap=GAP, skew=SKEW).clusters) == 2


def _burst(**states: TenantState) -> tuple[list[RawSignal], Snapshots]:
    told = []
    for n, tenant in enumerate(("tn-a", "tn-b")):
        key = {"operator": "op-1", "tenant": tenant}
        told.append(_signal("console", f"C{n}", n * 10, session=f"s-{n}", exports=frozenset({f"DX-{n}"}), **key))
        told.append(_signal("export", f"DX-{n}", n * 10 + 1, exports=frozenset({f"DX-{n}"}), **key))
    told += [_signal("dlp", f"N{n}", n, operator="op-1", tenant="tn-a") for n in range(3)]
    tenants = {"tn-a": TenantState(regulated=True), "tn-b": TenantState(regulated=True)} | {
        name.replace("_", "-"): state for name, state in states.items()
    }
    chains = {f"s-{n}": ChainState("op-1", continuous=True, trusted_device=True) for n in (0, 1)}
    return told, Snapshots(tenants, {}, chains)


BAR = Bar(sources=2, kinds=1, regulated=2, unmatched=1)


def test_three_alerts_of_one_feed_are_one_source() -> None:
    told, snapshots = _burst()
    (found,) = cluster(told, gap=GAP, skew=SKEW).clusters
    weighed = corroborate(found, snapshots, BAR)
    assert weighed.further == ("dlp",)
    assert weighed.critical
    assert not corroborate(found, snapshots, replace(BAR, sources=4, kinds=2)).credible


def test_an_alert_that_is_not_final_corroborates_nothing() -> None:
    told, snapshots = _burst()
    late = [replace(one, proven=False) if one.kind == "dlp" else one for one in told]
    (found,) = cluster(late, gap=GAP, skew=SKEW).clusters
    assert corroborate(found, snapshots, replace(BAR, sources=4)).further == ()


def test_a_stale_snapshot_proves_nothing_either_way() -> None:
    stale = TenantState(regulated=True, operators=frozenset({"op-9"}), stale=True)
    told, snapshots = _burst(tn_a=stale, tn_b=stale)
    (found,) = cluster(told, gap=GAP, skew=SKEW).clusters
    weighed = corroborate(found, snapshots, BAR)
    assert {c.stand for c in weighed.cells if c.source == "snapshots"} == {"unproven"}
    assert any("after the snapshot" in text for text in weighed.coincidence)


def test_active_cases_are_the_simpler_explanation() -> None:
    told, snapshots = _burst()
    told = [replace(one, cases=frozenset({f"RC-{one.tenant}"})) for one in told]
    cases = {f"RC-{t}": CaseState(t, None, None, closed=False, engineers=frozenset({"op-1"})) for t in ("tn-a", "tn-b")}
    (found,) = cluster(told, gap=GAP, skew=SKEW).clusters
    weighed = corroborate(found, replace(snapshots, cases=cases), BAR)
    assert not weighed.credible
    assert "coincidence is the simpler reading" in weighed.coincidence[0]


@pytest.mark.parametrize(
    ("shared", "met"),
    [
        ({"operator", "export id"}, True),
        ({"operator", "case id"}, True),
        ({"operator"}, False),
        ({"export id", "case id"}, False),
    ],
)
def test_the_rule_of_overlap_is_read_as_a_person_reads_it(shared: set[str], met: bool) -> None:
    assert enough("same operator and same export id or case id", shared) is met


def test_pairs_are_symmetric() -> None:
    told, _ = _burst()
    for one, other in combinations(told, 2):
        both = cluster([one, other], gap=GAP, skew=SKEW).sha256
        assert both == cluster([other, one], gap=GAP, skew=SKEW).sha256
