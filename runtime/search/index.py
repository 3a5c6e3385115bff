"""The search index of one case: dense retrieval, BM25 and identifiers, fused by reciprocal rank."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import uuid4

from runtime.search import chroma
from runtime.search.errors import IndexClosedError
from runtime.search.tokens import identifiers, tokenise

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

    from runtime.search.embedder import Embedder
    from runtime.search.lexical import Lexical

Retriever = Literal["dense", "bm25", "identifier"]

# The constant of reciprocal rank fusion: Cormack, Clarke, Büttcher, SIGIR 2009.
_RRF = 60
_LEAST_POOL = 50
# Chroma cannot give more neighbours than its search width finds.
_WIDEST_POOL = 200
# Cells of a column say the same again and again: one vector stands for so many. More would make its record long.
_ALIKE = 200
# Chroma asks SQLite for all records that it is to give by one statement, which has an end at 32,766 of them.
_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class IndexedSpan:
    """One span as search knows it: `id` is unique in the case, `rank` is its source's precedence."""

    id: str
    evidence: str
    locator: str
    text: str
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A span that was found. `score` compares within one query; `from_` says which retrievers found it."""

    id: str
    evidence: str
    locator: str
    text: str
    score: float
    from_: tuple[Retriever, ...]


class CaseIndex:
    """Evidence spans of one case of one tenant, in a collection that no other case can reach (R12).

    Chroma holds the spans and their vectors; the words for BM25 are kept in memory and built again when
    spans came or went, also through another opening of the same case. Safe to call from several threads.
    """

    def __init__(self, client: Client, collection: Collection, embedder: Embedder, ephemeral: bool) -> None:
        self._client = client
        self._collection = collection
        self._embedder = embedder
        self._ephemeral = ephemeral
        self._lock = threading.RLock()
        self._closed = False
        self._revision: object = None
        self._spans: dict[str, IndexedSpan] = {}
        self._alike: dict[str, list[str]] = {}
        self._words: dict[str, list[str]] = {}
        self._order: list[str] = []
        self._lexical: Lexical | None = None
        self._load()

    @classmethod
    def open(cls, directory: Path | None, tenant: str, case: str, embedder: Embedder) -> CaseIndex:
        """The index of `case`, stored under `directory`, or in memory and gone at `close` if it is None.

        Raises EmbedderMismatchError if the stored vectors are another embedder's.
        """
        client = chroma.connect(directory)
        name = chroma.ephemeral_name(tenant, case) if directory is None else chroma.collection_name(tenant, case)
        try:
            collection = chroma.open_collection(client, name, f"{embedder.name}/{embedder.dimension}")
            return cls(client, collection, embedder, directory is None)
        except BaseException:
            chroma.disconnect(client)
            raise

    @staticmethod
    def erase(directory: Path, tenant: str, case: str) -> None:
        """Delete what `directory` holds of this case; nothing happens if it holds nothing."""
        client = chroma.connect(directory)
        try:
            name = chroma.collection_name(tenant, case)
            if any(collection.name == name for collection in client.list_collections()):
                client.delete_collection(name)
        finally:
            chroma.disconnect(client)

    def __enter__(self) -> CaseIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        with self._lock:
            self._refresh()
            return len(self._spans)

    def close(self) -> None:
        """Let the files go. Calling it again changes nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._ephemeral:
                self._client.delete_collection(self._collection.name)
            chroma.disconnect(self._client)

    def add(self, spans: Sequence[IndexedSpan]) -> int:
        """Index the spans whose id is new, and return how many those were (R10)."""
        with self._lock:
            self._refresh()
            fresh = {span.id: span for span in reversed(spans) if span.id not in self._spans}
            new = [fresh[id_] for id_ in dict.fromkeys(span.id for span in spans) if id_ in fresh]
            if not new:
                return 0
            largest = self._client.get_max_batch_size()
            for start in range(0, len(new), largest):
                self._add_batch(new[start : start + largest])
            self._changed()
            return len(new)

    def drop(self, evidence_id: str) -> int:
        """Remove the spans of one evidence item, and return how many those were."""
        with self._lock:
            self._refresh()
            gone = [span.id for span in self._spans.values() if span.evidence == evidence_id]
            if not gone:
                return 0
            self._collection.delete(where={"evidence": evidence_id})
            for id_ in gone:
                del self._spans[id_]
                self._alike.pop(id_, None)
                self._words.pop(id_, None)
            self._changed()
            return len(gone)

    def query(self, text: str, k: int = 10) -> list[Hit]:
        """The `k` spans that fit `text` best; equal scores are ordered by id."""
        if k < 1 or not text.strip():
            return []
        with self._lock:
            self._refresh()
            if not self._spans:
                return []
            pool = min(max(4 * k, _LEAST_POOL), max(k, _WIDEST_POOL))
            words = tokenise(text)
            ranked: dict[Retriever, list[str]] = {
                "dense": self._dense(text, pool),
                "bm25": self._bm25(words, pool),
                # A list of its own: in two lists alone, a span that is near in wording and has another
                # order number passes the one span that has the number asked for.
                "identifier": self._bm25(identifiers(words), pool),
            }
            return self._fuse(ranked, k)

    def _add_batch(self, spans: Sequence[IndexedSpan]) -> None:
        groups = _alike(spans)
        first = [group[0] for group in groups]
        vectors = self._embedder.embed([span.text for span in first])
        self._collection.add(
            ids=[span.id for span in first],
            embeddings=cast(Any, vectors),
            documents=[_storable(span.text) for span in first],
            metadatas=[_metadata(group) for group in groups],
        )
        self._spans.update((span.id, span) for span in spans)
        self._alike.update((group[0].id, [span.id for span in group]) for group in groups)

    def _dense(self, text: str, pool: int) -> list[str]:
        vector = self._embedder.embed([text])
        if not vector.any():
            return []
        found = self._collection.query(
            query_embeddings=cast(Any, vector),
            n_results=min(pool, len(self._alike), _WIDEST_POOL),
            include=["distances"],
        )
        distances = (found["distances"] or [[]])[0]
        # Rounded, so that equal texts tie and the id decides, whatever order the graph gave them in.
        nearest = sorted(
            (round(far, 6), id_)
            for first, far in zip(found["ids"][0], distances, strict=True)
            for id_ in self._alike[first]
        )
        return [id_ for _, id_ in nearest[:pool]]

    def _bm25(self, words: Sequence[str], pool: int) -> list[str]:
        if self._lexical is None:
            from runtime.search.lexical import Lexical

            for span in self._spans.values():
                if span.id not in self._words:
                    self._words[span.id] = tokenise(span.text)
            # In the order of ids, because the lexical index gives ties in the order of positions.
            self._order = sorted(self._spans)
            self._lexical = Lexical([self._words[id_] for id_ in self._order])
        return [self._order[position] for position in self._lexical.query(words, pool)]

    def _fuse(self, ranked: dict[Retriever, list[str]], k: int) -> list[Hit]:
        scores: dict[str, float] = {}
        found_by: dict[str, list[Retriever]] = {}
        for retriever, ids in ranked.items():
            for place, id_ in enumerate(ids, start=1):
                scores[id_] = scores.get(id_, 0.0) + 1.0 / (_RRF + place)
                found_by.setdefault(id_, []).append(retriever)
        best = sorted(scores, key=lambda id_: (-scores[id_], id_))[:k]
        return [_hit(self._spans[id_], scores[id_], tuple(found_by[id_])) for id_ in best]

    def _changed(self) -> None:
        self._lexical = None
        self._revision = uuid4().hex
        self._collection.modify(metadata={**(self._collection.metadata or {}), "revision": self._revision})

    def _refresh(self) -> None:
        """Read again what another opening of this case changed meanwhile."""
        if self._closed:
            raise IndexClosedError
        current = self._client.get_collection(self._collection.name, embedding_function=None)
        if (current.metadata or {}).get("revision") != self._revision:
            self._load()

    def _load(self) -> None:
        self._collection = self._client.get_collection(self._collection.name, embedding_function=None)
        self._revision = (self._collection.metadata or {}).get("revision")
        groups = list(_stored(self._collection))
        self._spans = {span.id: span for group in groups for span in group}
        self._alike = {group[0].id: [span.id for span in group] for group in groups}
        self._words = {id_: words for id_, words in self._words.items() if id_ in self._spans}
        self._lexical = None


def _hit(span: IndexedSpan, score: float, from_: tuple[Retriever, ...]) -> Hit:
    return Hit(span.id, span.evidence, span.locator, span.text, score, from_)


def _alike(spans: Sequence[IndexedSpan]) -> list[list[IndexedSpan]]:
    """Spans of one item that say the same, together; each group is one record of the collection."""
    open_: dict[tuple[str, str, int | None], list[IndexedSpan]] = {}
    groups: list[list[IndexedSpan]] = []
    for span in spans:
        group = open_.get((span.evidence, span.text, span.rank))
        if group is None or len(group) == _ALIKE:
            group = open_[span.evidence, span.text, span.rank] = []
            groups.append(group)
        group.append(span)
    return groups


def _metadata(group: Sequence[IndexedSpan]) -> dict[str, str | int]:
    first, *others = group
    metadata: dict[str, str | int] = {"evidence": first.evidence, "locator": first.locator}
    if first.rank is not None:
        metadata["rank"] = first.rank
    if others:
        metadata["alike"] = json.dumps([[span.id, span.locator] for span in others])
    return metadata


def _storable(text: str) -> str:
    # Lone surrogates, as broken mails have them, cannot be stored as UTF-8.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _stored(collection: Collection) -> Iterator[list[IndexedSpan]]:
    for start in range(0, collection.count(), _PAGE):
        stored = collection.get(include=["documents", "metadatas"], limit=_PAGE, offset=start)
        rows = zip(stored["ids"], stored["documents"] or [], stored["metadatas"] or [], strict=True)
        for id_, text, metadata in rows:
            given, evidence = metadata.get("rank"), str(metadata["evidence"])
            rank = given if isinstance(given, int) else None
            places = [[id_, str(metadata["locator"])], *json.loads(str(metadata.get("alike", "[]")))]
            yield [IndexedSpan(one, evidence, locator, text, rank) for one, locator in places]
