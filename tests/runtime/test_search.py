"""Search: one case's spans, found the same way every time, and by nobody else's query."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.search import (
    CaseIndex,
    EmbedderMismatchError,
    HashingEmbedder,
    Hit,
    IndexClosedError,
    IndexedSpan,
)
from runtime.search.chroma import collection_name

EMBEDDER = HashingEmbedder()
ROOT = Path(__file__).parents[2]
Opener = Callable[..., CaseIndex]


def span(id_: str, text: str, evidence: str = "E1", rank: int | None = 1) -> IndexedSpan:
    return IndexedSpan(id=id_, evidence=evidence, locator=f"line={id_}", text=text, rank=rank)


LETTERS = [
    span("a", "The customer asks for a refund of order LUM-88213 because the lamp arrived broken"),
    span("b", "Host tn-halvorsen-eu timed out twice on Monday", "E2"),
    span("c", "Retention approved by ana.k@halvorsen.eu for ninety days", "E3"),
    span("d", "The refund policy allows thirty days after delivery", "E4", None),
]


@pytest.fixture
def open_index(tmp_path: Path) -> Iterator[Opener]:
    opened: list[CaseIndex] = []

    def opener(tenant: str = "acme", case: str = "C-1", ephemeral: bool = False) -> CaseIndex:
        opened.append(CaseIndex.open(None if ephemeral else tmp_path, tenant, case, EMBEDDER))
        return opened[-1]

    yield opener
    for index in opened:
        index.close()


def ids(hits: list[Hit]) -> list[str]:
    return [hit.id for hit in hits]


@pytest.mark.parametrize("ephemeral", [True, False])
@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("refund for broken lamp", "a"),
        ("LUM-88213", "a"),
        ("lum 88213", "a"),
        ("tn-halvorsen-eu", "b"),
        ("who is ana.k@halvorsen.eu", "c"),
        ("ANA.K@HALVORSEN.EU", "c"),
        ("polcy on refnds after delivry", "d"),
    ],
)
def test_the_span_that_was_meant_comes_first(open_index: Opener, ephemeral: bool, query: str, best: str) -> None:
    index = open_index(ephemeral=ephemeral)
    index.add(LETTERS)
    assert ids(index.query(query))[0] == best


def test_a_hit_says_where_it_stands_and_who_found_it(open_index: Opener) -> None:
    index = open_index(ephemeral=True)
    index.add(LETTERS)
    hit = index.query("LUM-88213")[0]
    assert (hit.evidence, hit.locator, hit.text) == ("E1", "line=a", LETTERS[0].text)
    assert hit.from_ == ("dense", "bm25", "identifier")


def test_the_one_order_number_beats_twenty_alike(open_index: Opener) -> None:
    index = open_index(ephemeral=True)
    index.add([span(f"s{n:04}", f"Order LUM-{n} delayed, customer of host tn-{n}-eu waits") for n in range(500)])
    for number in (3, 77, 310, 499):
        assert ids(index.query(f"why is order LUM-{number} delayed"))[0] == f"s{number:04}"


def test_scores_are_reciprocal_ranks(open_index: Opener) -> None:
    index = open_index(ephemeral=True)
    index.add([span("x", "alpha bravo"), span("y", "charlie delta")])
    best, other = index.query("alpha bravo")
    assert best.score == pytest.approx(2 / 61)
    assert (other.score, other.from_) == (pytest.approx(1 / 62), ("dense",))


def test_equal_texts_are_ordered_by_id(open_index: Opener) -> None:
    index = open_index(ephemeral=True)
    index.add([span(id_, "the gateway answered 502 again") for id_ in ("q", "c", "z", "a", "m")])
    assert ids(index.query("gateway answered 502", k=3)) == ["a", "c", "m"]


def test_the_same_id_again_changes_nothing(open_index: Opener) -> None:
    index = open_index()
    assert index.add([*LETTERS, LETTERS[0]]) == 4
    assert index.add(LETTERS) == 0
    assert index.add([span("a", "something else entirely")]) == 0
    assert len(index) == 4
    assert index.query("LUM-88213")[0].text == LETTERS[0].text


def test_a_dropped_evidence_item_is_found_no_more(open_index: Opener) -> None:
    index = open_index()
    index.add(LETTERS)
    assert index.drop("E1") == 1
    assert index.drop("E1") == 0
    assert "a" not in ids(index.query("refund LUM-88213 broken lamp"))
    assert len(index) == 3


def test_what_was_dropped_can_come_back(open_index: Opener) -> None:
    index = open_index()
    index.add(LETTERS)
    index.drop("E1")
    assert index.add(LETTERS) == 1
    assert ids(index.query("LUM-88213"))[0] == "a"


def test_reopened_it_finds_the_same(open_index: Opener) -> None:
    first = open_index()
    first.add(LETTERS)
    before = first.query("refund after delivery")
    first.close()
    assert open_index().query("refund after delivery") == before


def table(rows: int) -> list[IndexedSpan]:
    """A column of distinct cells, and one that says the same in every row."""
    cells = [("seat", "s-{0:05}"), ("licence", "standard licence")]
    return [
        IndexedSpan(f"seats#{n:05}-{name}", "seats", f"row={n + 2},col={name}", text.format(n))
        for n in range(rows)
        for name, text in cells
    ]


def test_cells_that_say_the_same_are_each_found_at_their_own_place(open_index: Opener) -> None:
    first, given = open_index(), table(450)
    assert first.add(given) == len(given) == len(first)
    again = open_index()
    for index in (first, again):
        found = index.query("standard licence", k=30)
        assert ids(found) == [f"seats#{n:05}-licence" for n in range(30)]
        assert [hit.locator for hit in found] == [f"row={n + 2},col=licence" for n in range(30)]
        assert {hit.from_ for hit in found} == {("dense", "bm25")}
    assert again.add(given) == 0
    assert again.drop("seats") == len(given)
    assert len(first) == 0
    assert first.query("standard licence") == []


def test_a_case_of_more_records_than_one_statement_can_name_is_opened_again(open_index: Opener) -> None:
    given = [span(f"n{n:05}", f"s-{n:05}") for n in range(2_500)]
    open_index().add(given)
    again = open_index()
    assert len(again) == len(given)
    assert ids(again.query("s-02499"))[0] == "n02499"


def test_two_openings_of_one_case_see_each_others_changes(open_index: Opener) -> None:
    reader, writer = open_index(), open_index()
    writer.add(LETTERS)
    assert ids(reader.query("LUM-88213"))[0] == "a"
    writer.drop("E1")
    assert "a" not in ids(reader.query("LUM-88213 broken lamp"))
    assert reader.add(LETTERS) == 1


@pytest.mark.parametrize(("tenant", "case"), [("acme", "C-2"), ("other", "C-1"), ("acmeC", "-1"), ("ACME", "C-1")])
def test_no_other_case_or_tenant_finds_anything(open_index: Opener, tenant: str, case: str) -> None:
    open_index().add(LETTERS)
    stranger = open_index(tenant, case)
    assert stranger.query("LUM-88213 refund halvorsen") == []
    assert stranger.drop("E1") == 0
    assert ids(open_index().query("LUM-88213"))[0] == "a"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a/b", "c"), ("a", "b/c")),
        (("", "ab"), ("ab", "")),
        (("a", "b"), ("b", "a")),
    ],
)
def test_no_two_cases_share_a_collection_name(one: tuple[str, str], two: tuple[str, str]) -> None:
    assert collection_name(*one) != collection_name(*two)


def test_two_indexes_in_memory_of_the_same_case_are_apart(open_index: Opener) -> None:
    open_index(ephemeral=True).add(LETTERS)
    assert open_index(ephemeral=True).query("LUM-88213") == []


def test_another_embedder_is_refused_and_erasing_makes_room(open_index: Opener, tmp_path: Path) -> None:
    first = open_index()
    first.add(LETTERS)
    first.close()
    with pytest.raises(EmbedderMismatchError, match=r"hashing-1/256.*hashing-1/128.*CaseIndex\.erase"):
        CaseIndex.open(tmp_path, "acme", "C-1", HashingEmbedder(128))
    CaseIndex.erase(tmp_path, "acme", "C-1")
    with CaseIndex.open(tmp_path, "acme", "C-1", HashingEmbedder(128)) as index:
        assert index.query("LUM-88213") == []
        assert index.add(LETTERS) == 4


def test_erasing_leaves_the_other_cases(open_index: Opener, tmp_path: Path) -> None:
    kept = open_index(case="C-2")
    kept.add(LETTERS)
    CaseIndex.erase(tmp_path, "acme", "C-1")
    assert ids(kept.query("LUM-88213"))[0] == "a"


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_query_finds_nothing(open_index: Opener, text: str) -> None:
    index = open_index(ephemeral=True)
    assert index.query("anything") == []
    index.add(LETTERS)
    assert index.query(text) == []
    assert index.query("refund", k=0) == []


@pytest.mark.parametrize(
    "text", ["", "—", "???", "退款 订单", "naïve ﬁle", "broken \udce4 mail", "x" * 100_000, "\x00"]
)
def test_any_text_can_be_indexed(open_index: Opener, text: str) -> None:
    index = open_index()
    assert index.add([span("odd", text), *LETTERS]) == 5
    assert ids(index.query("tn-halvorsen-eu"))[0] == "b"
    assert len(index.query(text or "odd", k=20)) <= 5


def test_more_hits_than_the_search_width_can_be_asked_for(open_index: Opener) -> None:
    index = open_index(ephemeral=True)
    index.add([span(f"s{n:04}", f"gateway log entry {n}") for n in range(1_000)])
    assert len(set(ids(index.query("gateway log", k=600)))) == 600


def test_most_of_a_case_can_be_dropped(open_index: Opener) -> None:
    index = open_index()
    index.add([span(f"s{n:04}", f"gateway log entry {n}", "E1" if n % 50 else "E2") for n in range(2_000)])
    assert index.drop("E1") == 1_960
    assert {hit.evidence for hit in index.query("gateway log entry 7", k=100)} == {"E2"}
    assert len(index.query("gateway log entry 7", k=100)) == 40


def test_a_closed_index_says_so(open_index: Opener) -> None:
    index = open_index()
    index.close()
    index.close()
    with pytest.raises(IndexClosedError, match="open it again"):
        index.query("refund")


_ELSEWHERE = """
import random
from runtime.search import CaseIndex, HashingEmbedder, IndexedSpan
rng = random.Random(5)
words = "order refund invoice gateway timeout retention mail host policy".split()
texts = [" ".join(rng.choices(words, k=5)) for _ in range(3000)]
with CaseIndex.open(None, "t", "c", HashingEmbedder()) as index:
    index.add([IndexedSpan(f"s{n}", "E", f"line={n}", text) for n, text in enumerate(texts)])
    for query in ("refund gateway", "order of the host", "timeuot", "mail policy retention refund"):
        print([(hit.id, hit.score) for hit in index.query(query, k=40)])
"""


def test_another_process_with_another_hash_seed_finds_the_same() -> None:
    def run(seed: str) -> str:
        done = subprocess.run(  # its own interpreter: hash seeds are fixed at start
            [sys.executable, "-c", _ELSEWHERE],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    first = run("1")
    assert first.count("\n") == 4
    assert run("2") == first


def test_importing_search_loads_nothing_heavy() -> None:
    script = (
        "import sys, runtime.search; "
        "print([m for m in ('chromadb', 'bm25s', 'numpy', 'openai', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
