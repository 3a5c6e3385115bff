"""Search over the evidence spans of one case. Importing this loads neither Chroma nor numpy."""

from runtime.search.embedder import Embedder, HashingEmbedder, OpenAIEmbedder
from runtime.search.errors import EmbedderMismatchError, EmbeddingError, IndexClosedError, SearchError
from runtime.search.index import CaseIndex, Hit, IndexedSpan, Retriever

__all__ = [
    "CaseIndex",
    "Embedder",
    "EmbedderMismatchError",
    "EmbeddingError",
    "HashingEmbedder",
    "Hit",
    "IndexClosedError",
    "IndexedSpan",
    "OpenAIEmbedder",
    "Retriever",
    "SearchError",
]
