"""How many tokens a text has, or at most has. Never opens a connection."""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

# Address and SHA-256 of each encoding, as tiktoken_ext.openai_public has them. tiktoken loads a missing or
# damaged file from the address, so both are checked here before it is asked.
_ENCODINGS = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}
_ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
# Long texts are bounded and not counted: counting a megabyte takes longer than the answer is worth.
_LONGEST_COUNTED = 200_000


def byte_bound(text: str) -> int:
    """An upper bound for every byte-level encoding: a token has at least one byte."""
    return len(text.encode("utf-8", "replace"))


def count(text: str, model: str) -> int:
    """The tokens of `text` for `model` where its encoding is at hand, else the bound in bytes."""
    encoding = None if len(text) > _LONGEST_COUNTED else _encoding(_encoding_name(model))
    return byte_bound(text) if encoding is None else len(encoding.encode_ordinary(text))


def cached(name: str) -> bool:
    """Whether tiktoken would find the encoding `name` on this machine, whole."""
    folder = os.environ.get("TIKTOKEN_CACHE_DIR", os.environ.get("DATA_GYM_CACHE_DIR"))
    if folder == "" or name not in _ENCODINGS:
        return False  # tiktoken takes an empty folder as "do not cache", which means "load"
    path = Path(folder) if folder else Path(tempfile.gettempdir()) / "data-gym-cache"
    key = hashlib.sha1(_ADDRESS.format(name).encode(), usedforsecurity=False).hexdigest()
    try:
        found = hashlib.sha256((path / key).read_bytes()).hexdigest()
    except OSError:
        return False
    return found == _ENCODINGS[name]


def _encoding_name(model: str) -> str:
    """Only OpenAI's own models are known; the tokens of others are bounded."""
    if model.startswith(("gpt-4-", "gpt-3.5", "text-embedding-")) or model == "gpt-4":
        return "cl100k_base"
    return "o200k_base" if model.startswith(("gpt-", "o1", "o3", "o4", "chatgpt-")) else ""


@lru_cache(maxsize=4)
def _encoding(name: str) -> Encoding | None:
    if not cached(name):
        return None
    import tiktoken

    try:
        return tiktoken.get_encoding(name)
    except (OSError, ValueError):
        return None
