"""The parts of search: words, offline vectors, vectors from an endpoint, lexical ranking."""

from __future__ import annotations

import json
import socket

import httpx
import numpy as np
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from runtime.search import CaseIndex, EmbeddingError, HashingEmbedder, IndexedSpan, OpenAIEmbedder
from runtime.search.lexical import Lexical
from runtime.search.tokens import identifiers, tokenise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Host TN-Halvorsen-EU.", ["host", "tn-halvorsen-eu", "tn", "halvorsen", "eu"]),
        ("LUM-88213!", ["lum-88213", "lum", "88213"]),
        (
            "<ana.k@halvorsen.eu>",
            ["ana.k@halvorsen.eu", "ana.k", "halvorsen.eu", "ana", "k", "halvorsen", "eu"],
        ),
        (
            "db1.corp.local:5432 down",
            ["db1.corp.local:5432", "db1.corp.local", "5432", "db1", "corp", "local", "down"],
        ),
        ("EUR 1,204.50, net", ["eur", "1,204.50", "1", "204", "50", "net"]),
        ("2026-03-04T10:00", ["2026-03-04t10:00", "2026-03-04t10", "00", "2026", "03", "04t10"]),
        ("user_id=7", ["user_id=7", "user_id", "7", "user", "id"]),
        ("yes, no ... maybe -- so", ["yes", "no", "maybe", "so"]),
        ("Straße ﬁle", ["strasse", "file"]),
        ("", []),
    ],
)
def test_words_are_whole_and_split(text: str, words: list[str]) -> None:
    assert tokenise(text) == words


def test_a_blob_is_no_word() -> None:
    assert all(len(word) <= 128 for word in tokenise("a-" * 200 + "b"))


def test_identifiers_are_words_that_name_one_thing() -> None:
    assert identifiers(tokenise("Refund LUM-88213 for ana.k@halvorsen.eu, 57 days")) == [
        "lum-88213",
        "88213",
        "ana.k@halvorsen.eu",
        "ana.k",
        "halvorsen.eu",
        "57",
    ]


# Written down once: other numbers make every stored index worthless and need a new embedder name.
_KNOWN = {
    "refund": "b02e25f02bee7ff1",
    "tn-halvorsen-eu LUM-88213": "292e24862f568861",
    "退款 naïve": "e3d0e484eb6757c6",
}


@pytest.mark.parametrize("text", list(_KNOWN))
def test_a_text_has_the_same_vector_on_every_machine(text: str) -> None:
    import hashlib

    vector = HashingEmbedder().embed([text])[0]
    assert hashlib.sha256(vector.astype("<f4").tobytes()).hexdigest()[:16] == _KNOWN[text]


@given(st.lists(st.text(max_size=60), max_size=12))
def test_a_vector_does_not_depend_on_its_batch(texts: list[str]) -> None:
    embedder = HashingEmbedder(64)
    together = embedder.embed(texts)
    assert together.shape == (len(texts), 64)
    assert together.dtype == np.float32
    for row, text in zip(together, texts, strict=True):
        assert np.array_equal(row, embedder.embed([text])[0])
        has_words = any(character.isalnum() for character in text.casefold())
        assert float(np.linalg.norm(row)) == pytest.approx(1.0, abs=1e-5) or not row.any()
        assert has_words or not row.any()


def test_a_misspelling_is_nearer_than_another_word() -> None:
    right, wrong, other = HashingEmbedder().embed(["retention deletion", "retetnion deltion", "broken lamp"])
    assert right @ wrong > 0.3 > right @ other


def test_lexical_ties_stay_in_order_and_rare_words_weigh_more() -> None:
    lexical = Lexical([tokenise(text) for text in ("a common thing", "a common thing", "a rare one", "")])
    assert lexical.query(["common"], 5) == [0, 1]
    assert lexical.query(["common"], 1) == [0]
    assert lexical.query(["rare", "common"], 5)[0] == 2
    assert lexical.query(["absent"], 5) == []


@pytest.mark.parametrize("texts", [[], [""], ["", "?"]])
def test_lexical_without_any_word_finds_nothing(texts: list[str]) -> None:
    assert Lexical([tokenise(text) for text in texts]).query(["x"], 5) == []


def _vectors(request: httpx.Request, size: int = 4) -> httpx.Response:
    inputs = json.loads(request.content)["input"]
    rows = [
        {"object": "embedding", "index": i, "embedding": [float(len(t)), 1.0, 0.0, 0.0][:size]}
        for i, t in enumerate(inputs)
    ]
    # Endpoints may answer out of order; `index` says which text a row is for.
    return httpx.Response(
        200,
        json={
            "object": "list",
            "model": "m",
            "data": rows[::-1],
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
        },
    )


def _endpoint(batch: int = 256) -> OpenAIEmbedder:
    return OpenAIEmbedder("http://127.0.0.1:9/v1", "m", "sk-secret-key", 4, batch=batch, http_client=httpx.Client())


@respx.mock
def test_an_endpoint_is_asked_in_batches_and_put_in_order() -> None:
    route = respx.post("http://127.0.0.1:9/v1/embeddings").mock(side_effect=_vectors)
    vectors = _endpoint(batch=2).embed(["a", "bbb", "", "cc", "d"])
    assert route.call_count == 3
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
    assert (vectors[:, 0] / vectors[:, 1]).round().tolist() == [1, 3, 1, 2, 1]
    assert _endpoint().embed([]).shape == (0, 4)


@respx.mock
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401, json={"error": {"message": "Incorrect API key provided: sk-secret-key"}}),
        httpx.Response(200, json={"object": "list", "model": "m", "data": []}),
        httpx.Response(200, json={"data": [{"index": 0, "embedding": [1.0, 2.0]}]}),
        httpx.Response(200, json={"data": [{"index": 0, "embedding": [1.0, 2.0, 3.0, 4.0]}] * 2}),
    ],
)
def test_an_endpoint_that_fails_is_an_error_without_the_key(answer: httpx.Response) -> None:
    respx.post("http://127.0.0.1:9/v1/embeddings").mock(return_value=answer)
    with pytest.raises(EmbeddingError) as failed:
        _endpoint().embed(["a"])
    assert "sk-secret-key" not in f"{failed.value!r} {failed.value.__cause__!r} {_endpoint()!r}"


def test_indexing_and_searching_open_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    # The socket itself and not a part of ours: no library below may connect either.
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with CaseIndex.open(None, "t", "c", HashingEmbedder()) as index:
        index.add([IndexedSpan("a", "E1", "line=1", "refund order")])
        assert index.query("refund")[0].id == "a"
