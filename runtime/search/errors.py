"""Errors of search. Each says what a human does next.

SearchError
├── EmbedderMismatchError  the index was built with another embedder
├── EmbeddingError         the embeddings endpoint gave no usable vectors
└── IndexClosedError       the index was used after `close`
"""

from __future__ import annotations


class SearchError(Exception):
    """Base of everything that `runtime.search` raises on purpose."""


class EmbedderMismatchError(SearchError):
    """Vectors of two embedders do not compare, so such an index must not be queried."""

    def __init__(self, built_with: str, configured: str) -> None:
        super().__init__(
            f"this case was indexed with the embedder {built_with}, but {configured} is configured: "
            "configure the first again, or call CaseIndex.erase and add the case's spans anew"
        )


class EmbeddingError(SearchError):
    """The embeddings endpoint failed, or did not answer one vector of the right size per text."""


class IndexClosedError(SearchError):
    """The index was closed."""

    def __init__(self) -> None:
        super().__init__("this index is closed: open it again with CaseIndex.open")
