"""Two runs, paired: what is a regression and what is noise."""

from __future__ import annotations

from pathlib import Path

import pytest
from eval_lines import line, run

from evals.comparison import PASSED, Interval, compare
from evals.results import read_lines, write_lines
from evals.summary import shown, summaries, summary
from runtime.errors import InputError


def _passed(found: list[Interval]) -> Interval:
    return next(one for one in found if one.figure == PASSED)


def test_the_same_run_twice_moves_nothing() -> None:
    found = compare(run(20, 3), run(20, 3))
    assert _passed(found.intervals) == Interval(PASSED, 0.0, 0.0, 0.0, 20)
    assert not found.regressed
    assert not found.lost


def test_one_lost_case_of_many_is_named_and_may_be_chance() -> None:
    found = compare(run(50), run(50, 1))
    assert found.lost == ["s0/c000"]
    interval = _passed(found.intervals)
    assert interval.mean == pytest.approx(-0.02)
    assert interval.low < interval.mean < 0 < interval.high
    assert not found.regressed


def test_many_lost_cases_are_a_regression_and_won_ones_are_none() -> None:
    assert compare(run(50), run(50, 12)).regressed
    found = compare(run(50, 12), run(50))
    assert not found.regressed
    assert len(found.won) == 12


def test_the_interval_is_that_of_paired_differences() -> None:
    # 4 of 16 lost: mean -1/4, variance 16 * (1/4 * 3/4) / 15, error sqrt(0.2 / 16)
    interval = _passed(compare(run(16), run(16, 4)).intervals)
    assert (interval.low, interval.high) == pytest.approx((-0.25 - 1.96 * 0.1118034, -0.25 + 1.96 * 0.1118034))


def test_losses_in_one_scenario_of_many_count_as_one_place_where_it_got_worse() -> None:
    before = run(60, suites=6)
    after = [one if one.suite != "s0" else line(one.case, "s0", ok=False) for one in before]
    clustered = _passed(compare(before, after).intervals)
    alone = _passed(compare(run(60), run(60, 10)).intervals)
    assert clustered.mean == alone.mean
    assert clustered.high > 0 > alone.high


def test_a_case_that_is_no_longer_safe_is_a_regression_by_itself() -> None:
    after = [*run(100)[1:], line("c000", "s0", ok=False, unsafe=["expected no releases; found 1"])]
    found = compare(run(100), after)
    assert found.flipped == ["s0/c000"]
    assert found.regressed
    assert not compare(after, after).regressed


def test_a_metric_is_compared_where_both_runs_have_it() -> None:
    before = [line("a", metrics={"provenance": (9, 9)}), line("b", metrics={"provenance": (4, 4)}), line("c")]
    after = [line("a", metrics={"provenance": (8, 9)}), line("b", metrics={"provenance": (3, 4)}), line("c")]
    found = {one.figure: one for one in compare(before, after).intervals}
    assert found["provenance"].cases == 2
    assert found["provenance"].mean == pytest.approx(-(1 / 9 + 1 / 4) / 2)
    assert "field_accuracy" not in found


def test_new_gone_and_changed_cases_are_named_and_other_suites_left_alone() -> None:
    before = [line("a", artifact="sha256:1"), line("b"), line("z", "other")]
    found = compare(before, [line("a", artifact="sha256:2"), line("c")])
    assert (found.changed, found.gone, found.new) == (["s/a"], ["s/b"], ["s/c"])


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    results = [
        line("b", metrics={"provenance": (1, 2)}),
        line("a", ok=False, unsafe=["u"]),
        line("c", "t", seconds=4.0),
    ]
    write_lines(results, tmp_path)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["s.jsonl", "t.jsonl"]
    assert b"seconds" not in (tmp_path / "t.jsonl").read_bytes()
    read = read_lines(tmp_path)
    assert [one.name for one in read] == ["s/a", "s/b", "t/c"]
    assert compare(read, results).changed == compare(results, read).lost == []


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", "line 2"), ('{"suite": "s"}', "case"), ('{"suite":"s","case":"c","passed":1,"odd":1}', "odd")],
)
def test_a_broken_baseline_is_named_by_file_and_line(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_text('{"suite":"s","case":"c","passed":1}\n' + text + "\n")
    with pytest.raises(InputError, match=says) as caught:
        read_lines(path)
    assert "old.jsonl: line 2" in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere.jsonl", "."])
def test_no_baseline_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="was expected"):
        read_lines(tmp_path / name)


def test_pass_k_needs_every_run_of_a_case() -> None:
    found = summary("s", [line("a", runs=4, passed=4), line("b", runs=4, passed=3), line("c", runs=4, passed=0)])
    assert (found.pass_one, found.pass_k) == (pytest.approx((1 + 0.75 + 0) / 3), pytest.approx(1 / 3))
    assert [one.case for one in found.missed] == ["b", "c"]


def test_rates_pool_what_was_judged() -> None:
    found = summary("s", [line("a", metrics={"provenance": (1, 1)}), line("b", metrics={"provenance": (0, 9)})])
    assert found.metrics["provenance"] == (1, 10)


def test_a_list_is_judged_by_its_rate_and_not_by_one_entry() -> None:
    def entries(caught: int) -> list:
        return [
            line(f"e{n:03}", "boundary", ok=n < caught, strict=False,
                 metrics={"refusal_recall": (int(n < caught), 1), "refusal_precision": (1, 1)})
            for n in range(100)
        ]  # fmt: skip

    assert [one.holds for one in summaries([*entries(97)])] == [True]
    failed = summaries(entries(96))[0]
    assert not failed.holds
    assert failed.below == ["expected refusal_recall of at least 0.970; found 0.960"]


def test_nothing_wrong_says_how_much_could_be() -> None:
    assert shown((60, 60)) == "1.000 (60/60, ≤ 5.00% wrong)"
    assert shown((59, 60)) == "0.983 (59/60)"
