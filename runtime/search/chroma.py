"""The collection of one case in Chroma. Nothing here opens a connection or loads Chroma's own embedder."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from runtime.search.errors import EmbedderMismatchError

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

# Vectors are of length 1, so squared distance ranks as cosine does, and a zero vector is no special case.
# One thread: with more, the graph and so the neighbours found depend on scheduling (CONTRACT §6: same packet,
# same result). A search width far above the pool keeps recall near 1 at 20,000 spans.
HNSW = {"space": "l2", "num_threads": 1, "ef_construction": 100, "max_neighbors": 16, "ef_search": 256}


def collection_name(tenant: str, case: str) -> str:
    """A name that only this tenant and case have (R12): lengths first, so that no two pairs read the same."""
    parts = b"".join(len(part).to_bytes(8, "big") + part for part in (tenant.encode(), case.encode()))
    return "case-" + hashlib.sha256(parts).hexdigest()


# Clients of one place share a system that Chroma counts, starts and stops without a lock of its own.
_SHARED = threading.Lock()


def connect(directory: Path | None) -> Client:
    """A client on `directory`, or in memory."""
    import chromadb
    from chromadb.config import Settings

    # Set here and not left to the environment: CHROMA_* variables could name a server or a collector.
    settings = Settings(
        _env_file=None,
        anonymized_telemetry=False,
        chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
        chroma_otel_collection_endpoint="",
    )
    with _SHARED:
        if directory is None:
            return cast("Client", chromadb.EphemeralClient(settings))
        directory.mkdir(parents=True, exist_ok=True)
        return cast("Client", chromadb.PersistentClient(directory.resolve(), settings))


def disconnect(client: Client) -> None:
    """Give a client back."""
    with _SHARED:
        client.close()


def open_collection(client: Client, name: str, embedder: str) -> Collection:
    """The collection, made if it is new. EmbedderMismatchError if it holds another embedder's vectors."""
    configuration: Any = {"hnsw": HNSW}
    collection = client.get_or_create_collection(
        name, embedding_function=None, configuration=configuration, metadata={"embedder": embedder}
    )
    built_with = (collection.metadata or {}).get("embedder", "unknown")
    if built_with != embedder:
        raise EmbedderMismatchError(str(built_with), embedder)
    return collection


def ephemeral_name(tenant: str, case: str) -> str:
    """All in-memory clients of a process share one database in Chroma, so each opening gets its own name."""
    return f"{collection_name(tenant, case)}-{uuid4().hex}"
