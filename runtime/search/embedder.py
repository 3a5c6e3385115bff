"""Where a span's vector comes from: offline by hashing, or from an OpenAI-compatible endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from runtime.search.errors import EmbeddingError

if TYPE_CHECKING:
    import numpy as np
    from httpx import Client
    from numpy.typing import NDArray
    from openai import OpenAI


class Embedder(Protocol):
    """Texts to vectors. `name` and `dimension` are stored with an index, which only takes the same again."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of `dimension` float32 per text, in their order."""
        ...


class HashingEmbedder:
    """Offline: words and character 3-grams, hashed. Finds wording and misspellings, not meaning."""

    def __init__(self, dimension: int = 256) -> None:
        if dimension < 8:
            raise ValueError(f"dimension must be at least 8, not {dimension}")
        self.name = "hashing-1"
        self.dimension = dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One L2-normalised row per text; the same in every process and on every platform."""
        from runtime.search import hashing

        return hashing.embed(texts, self.dimension)


class OpenAIEmbedder:
    """An OpenAI-compatible embeddings endpoint.

    `max_chars` cuts very long texts, because endpoints refuse what is past their model's window.
    The key is handed to the client and kept nowhere else: it is in no message and no `repr`.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str,
        dimension: int,
        *,
        batch: int = 256,
        max_chars: int = 8_000,
        timeout: float = 30.0,
        http_client: Client | None = None,
    ) -> None:
        self.name = f"openai:{model}"
        self.dimension = dimension
        self._model = model
        self._batch = batch
        self._max_chars = max_chars
        self._client = _openai_client(url, key, timeout, http_client)

    def __repr__(self) -> str:
        return f"OpenAIEmbedder({self.name}, dimension={self.dimension})"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One L2-normalised row per text; raises EmbeddingError."""
        import numpy as np

        parts = [self._embed_batch(texts[i : i + self._batch]) for i in range(0, len(texts), self._batch)]
        if not parts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = np.concatenate(parts)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        norms[norms == 0] = 1.0
        normalised: NDArray[np.float32] = (vectors / norms).astype(np.float32)
        return normalised

    def _embed_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np
        from openai import OpenAIError

        # Endpoints refuse an empty string; a blank has no meaning either.
        inputs = [text[: self._max_chars] or " " for text in texts]
        try:
            answer = self._client.embeddings.create(model=self._model, input=inputs, encoding_format="float")
        except OpenAIError as error:
            # The kind only: an endpoint's message may quote the key or the evidence.
            raise EmbeddingError(
                f"the embeddings endpoint failed ({type(error).__name__}): check its address, model and key, "
                "or use the offline embedder"
            ) from None
        rows = sorted(answer.data, key=lambda row: row.index)
        shape = (len(rows), {len(row.embedding) for row in rows})
        if shape != (len(inputs), {self.dimension}):
            raise EmbeddingError(
                f"{len(inputs)} texts gave {shape[0]} vectors of {sorted(shape[1])} numbers, "
                f"{self.dimension} were declared: set the dimension of model {self._model}"
            )
        vectors = np.array([row.embedding for row in rows], dtype=np.float32)
        if not np.isfinite(vectors).all():
            raise EmbeddingError(f"model {self._model} gave a vector with NaN or infinity: use another model")
        return vectors


def _openai_client(url: str, key: str, timeout: float, http_client: Client | None) -> OpenAI:
    import httpx
    from openai import OpenAI

    client = http_client or httpx.Client(timeout=httpx.Timeout(timeout, connect=min(timeout, 5.0)))
    # `openai` types its parameter by httpx2; it accepts httpx clients as well, and respx sees those.
    return OpenAI(base_url=url, api_key=key, max_retries=2, http_client=client)  # type: ignore[arg-type]
