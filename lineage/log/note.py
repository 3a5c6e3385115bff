"""Signed notes and checkpoints in the forms of C2SP (signed-note, tlog-checkpoint), with Ed25519 keys."""

import hashlib
from dataclasses import dataclass
from typing import Final

from lineage.encoding import from_base64, to_base64
from lineage.keys import PublicKey, Signer
from lineage.merkle import EMPTY_ROOT

ED25519: Final = b"\x01"
_DASH: Final = "\N{EM DASH} "
_ID_BYTES: Final = 4


class NoteError(ValueError):
    """Not a checkpoint of that form. The message says what was expected."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: its origin, how many leaves, the root of their tree."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note's text, which the signature is over."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def key_id(name: str, raw: bytes) -> bytes:
    """The four bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + raw).digest()[:_ID_BYTES]


def verifier_key(name: str, raw: bytes) -> str:
    """The key in the form that other C2SP tools take (`vkey`)."""
    return f"{name}+{key_id(name, raw).hex()}+{to_base64(ED25519 + raw)}"


def sign(checkpoint: Checkpoint, signer: Signer) -> str:
    """The signed note. The key's name is the log's origin."""
    signature = key_id(checkpoint.origin, signer.public) + signer.sign(checkpoint.text().encode())
    return f"{checkpoint.text()}\n{_DASH}{checkpoint.origin} {to_base64(signature)}\n"


def read(note: str) -> Checkpoint:
    """Reads a checkpoint, strictly. Raises NoteError; verifies nothing."""
    return _parts(note)[0]


def signed_by(note: str, key: PublicKey) -> bool:
    """Whether one of the note's signatures is that key's. Raises NoteError for another form."""
    checkpoint, lines = _parts(note)
    wanted = key_id(checkpoint.origin, key.raw)
    mine = [sig[_ID_BYTES:] for name, sig in lines if name == checkpoint.origin and sig[:_ID_BYTES] == wanted]
    return len(mine) == 1 and key.signed(checkpoint.text().encode(), mine[0])


def _parts(note: str) -> tuple[Checkpoint, list[tuple[str, bytes]]]:
    text, gap, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) != 3 or not lines[0] or not signatures.endswith("\n"):
        raise NoteError("expected a checkpoint: origin, size, root, an empty line, signatures")
    try:
        size, root = int(lines[1]), from_base64(lines[2])
        found = [_signature(line) for line in signatures[:-1].split("\n")]
    except ValueError as error:
        raise NoteError(f"expected a checkpoint: {error}") from None
    if str(size) != lines[1] or size < 0 or len(root) != len(EMPTY_ROOT):
        raise NoteError("expected a checkpoint with a size and a root of 32 bytes")
    return Checkpoint(lines[0], size, root), found


def _signature(line: str) -> tuple[str, bytes]:
    name, gap, text = line.removeprefix(_DASH).rpartition(" ")
    if not line.startswith(_DASH) or not gap or not name:
        raise ValueError("a signature line without a name")
    return name, from_base64(text)
