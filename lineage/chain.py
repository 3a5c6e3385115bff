"""The chain of a case, verified in one pass and by the bytes alone; it names each place that is wrong.

What each part guards: the entry's hash its header, `prev` the order, the commitments the content, the
head and the seals the end. Without head and seals a cut-off tail cannot be seen.
"""

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, Final, TypeAlias

from lineage import merkle
from lineage.canonical import CanonicalError, digest_bytes, parse_canonical
from lineage.commitment import Opening, check
from lineage.entry import GENESIS, Entry, EntryError, commitments, leaf, parse_line
from lineage.header import is_count, read

# A wrecked chain of a million entries is reported by its first findings and a count of the others.
MAX_FINDINGS: Final = 1000

Content: TypeAlias = tuple[str | None, bytes | None]


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the store keeps it. `contents`: name to (salt in hex, canonical value bytes).

    An erased content has None for both, because with its salt kept a short value can be guessed.
    """

    seq: int
    prev: str
    hash: str
    header: bytes
    contents: dict[str, Content]

    @staticmethod
    def of(entry: Entry) -> "Row":
        contents = {name: (opening.salt, opening.value) for name, opening in entry.openings.items()}
        return Row(entry.seq, entry.prev, entry.hash, entry.header, contents)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain, written with each append: entries, hash of the last one, tree root in hex.

    `peaks` is the frontier that the next entry is appended to, where the head is kept with it.
    """

    size: int
    hash: str
    root: str
    peaks: str | None = None


EMPTY_HEAD: Final = Head(0, GENESIS, merkle.EMPTY_ROOT.hex())


@dataclass(frozen=True, slots=True)
class Seal:
    """A tree root (hex) over the first `size` entries, committed to outside the case at time `at`."""

    size: int
    root: str
    at: str


@dataclass(frozen=True, slots=True)
class Finding:
    place: str
    problem: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` saw: entries read, contents erased, hash of the last entry, tree root in hex.

    `tenant` and `case` are those of the first sound entry, which the others must share; the
    caller compares them with what he asked for. `unlisted` counts findings beyond `MAX_FINDINGS`.
    """

    entries: int
    erased: int
    head: str
    root: str
    tenant: str | None
    case: str | None
    findings: tuple[Finding, ...]
    unlisted: int

    @property
    def intact(self) -> bool:
        return not self.findings


def verify(rows: Iterable[Row], head: Head | None, seals: Sequence[Seal] = ()) -> Verdict:
    """Checks the rows of one case in the order of `seq`; holds one row at a time.

    Whatever stands in a row, head or seal ends as a finding and raises nothing; what `rows` itself
    raises while it reads passes through.
    """
    reading = _Reading(seals)
    for row in rows:
        reading.take(row)
    return reading.verdict(head)


async def verify_stream(rows: AsyncIterable[Row], head: Head | None, seals: Sequence[Seal] = ()) -> Verdict:
    """The same for rows that a database gives one after the other."""
    reading = _Reading(seals)
    async for row in rows:
        reading.take(row)
    return reading.verdict(head)


def verify_lines(path: str | PathLike[str], head: Head | None = None, seals: Sequence[Seal] = ()) -> Verdict:
    """Checks a `lineage.jsonl`, one `Entry.line` per line. Raises OSError where it cannot be read."""
    reading = _Reading(seals)
    with open(path, "rb") as lines:
        for line in lines:
            try:
                entry = parse_line(line)
            except EntryError as error:
                reading.take_unreadable(str(error))
            else:
                reading.take(Row.of(entry))
    return reading.verdict(head)


class _Reading:
    """One pass over a chain: what it has seen, and what the next row must fit to."""

    def __init__(self, seals: Sequence[Seal]) -> None:
        self.findings: list[Finding] = []
        self.unlisted = 0
        self.entries = 0
        self.head = GENESIS
        self.erased = 0
        self.expected = 0
        self.tree = merkle.Frontier()
        # What the next `prev` may name: the hash of the last header and, where that was damaged and
        # reported, the hash it had; nothing is asked behind an entry that cannot be read.
        self.links: tuple[str, ...] = (GENESIS,)
        self.identity: tuple[str, str] | None = None
        self.seals: dict[int, list[Seal]] = {}
        for seal in seals:
            if is_count(seal.size):
                self.seals.setdefault(seal.size, []).append(seal)
            else:
                self._find("seals", "a seal without a size")
        self._compare_seals()

    def take(self, row: Row) -> None:
        """Checks one row: by itself, where it stands, and against the chain so far."""
        problem = _type_problem(row)
        if problem:
            self.take_unreadable(problem)
            return
        self.entries += 1
        entry_hash = digest_bytes(row.header)
        self.tree.append(leaf(entry_hash))
        header, problem = read(row.header)
        seq = _place(self.expected, row.seq, header)
        problems = [] if row.hash == entry_hash else [f"hash: not that of the header, which is {entry_hash}"]
        if problem:
            problems.append(problem)
        else:
            problems += _row_problems(row, header)
            problems += self._chain_problems(seq, header, sound=not problems)
            self.erased += sum(value is None for _, value in row.contents.values())
        for problem in problems:
            self._find(f"entry {seq}", problem)
        self._pass(seq, (entry_hash, row.hash))

    def take_unreadable(self, problem: str) -> None:
        """Counts what stands where an entry should, but cannot be read as one."""
        self.entries += 1
        self._find(f"entry {self.expected}", problem)
        self._pass(self.expected, ())

    def verdict(self, head: Head | None) -> Verdict:
        root = self.tree.root().hex()
        if head is not None:
            self._compare_head(head, root)
        for size in sorted(size for size in self.seals if size > self.expected):
            self._find(f"entry {self.expected}", f"missing: a seal counts {size} entries")
        tenant, case = self.identity or (None, None)
        findings = tuple(self.findings)
        return Verdict(self.entries, self.erased, self.head, root, tenant, case, findings, self.unlisted)

    def _chain_problems(self, seq: int, header: Mapping[str, Any], *, sound: bool) -> list[str]:
        problems = []
        if seq == self.expected and self.links and header["prev"] not in self.links:
            problems.append(f"prev: does not name the entry before it, whose hash is {self.links[0]}")
        identity = (header["tenant"], header["case"])
        if self.identity is None and sound:
            self.identity = identity
        if self.identity not in (None, identity):
            problems.append(f"tenant, case: {identity} in a chain of {self.identity}")
        return problems

    def _pass(self, seq: int, links: tuple[str, ...]) -> None:
        """Moves on behind entry `seq`. A gap is reported once; a row out of turn moves nothing."""
        if seq < self.expected:
            self._find(f"entry {seq}", f"stands again or too late, after entry {self.expected - 1}")
            return
        if seq > self.expected:
            self._find(f"entry {self.expected}", f"missing or moved: entry {seq} stands in its place")
        self.expected = seq + 1
        self.links = links
        self.head = links[0] if links else self.head
        self._compare_seals()

    def _compare_seals(self) -> None:
        for seal in self.seals.get(self.expected, ()):
            if seal.root != self.tree.root().hex():
                self._find(f"seal of {seal.size} entries", "its root is not that of the entries here")

    def _compare_head(self, head: Head, root: str) -> None:
        if not is_count(head.size):
            self._find("head", "without a size")
        elif head.size > self.expected:
            self._find(f"entry {self.expected}", f"missing: the head counts {head.size} entries")
        elif head.size < self.expected:
            self._find(f"entry {head.size}", f"stands behind the end: the head counts {head.size} entries")
        else:
            if head.hash != self.head:
                self._find("head", "its hash is not that of the last entry")
            if head.root != root:
                self._find("head", "its root is not that of the entries here")
            if head.peaks is not None and head.peaks != peaks_text(self.tree):
                self._find("head", "its frontier is not that of the entries here")

    def _find(self, place: str, problem: str) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(place, problem))
        else:
            self.unlisted += 1


def peaks_text(tree: merkle.Frontier) -> str:
    """A tree's frontier as it is kept beside the head: a JSON list of hexadecimal hashes, largest subtree first."""
    return "[" + ",".join(f'"{peak}"' for peak in tree.peaks) + "]"


def _type_problem(row: Row) -> str | None:
    """A database can hold any type in any column, whatever the annotations say."""
    if type(row) is not Row:
        return "not a row"
    if not is_count(row.seq):
        return f"seq: expected an integer from 0, found {type(row.seq).__name__}"
    if type(row.prev) is not str or type(row.hash) is not str:
        return "prev, hash: expected text"
    if type(row.header) is not bytes:
        return "header: expected bytes"
    if type(row.contents) is not dict or not all(map(_is_content, row.contents.items())):
        return "contents: expected by name a salt and value bytes, both null where erased"
    return None


def _is_content(item: tuple[object, object]) -> bool:
    name, content = item
    if type(name) is not str or type(content) is not tuple or len(content) != 2:
        return False
    salt, value = content
    return (salt is None and value is None) or (type(salt) is str and type(value) is bytes)


def _row_problems(row: Row, header: Mapping[str, Any]) -> list[str]:
    problems = []
    if header["seq"] != row.seq:
        problems.append(f"seq: {row.seq} in the row, {header['seq']} in the header")
    if header["prev"] != row.prev:
        problems.append("prev: one in the row, another in the header")
    return problems + _content_problems(commitments(header), row.contents)


def _content_problems(committed: Mapping[str, str], contents: Mapping[str, Content]) -> list[str]:
    problems = [f"content {name!r}: committed to, but not here" for name in committed.keys() - contents.keys()]
    for name, (salt, value) in contents.items():
        if name not in committed:
            problems.append(f"content {name!r:.80}: without a commitment in the header")
        elif check(Opening(salt, value, committed[name])) == "invalid":
            problems.append(f"content {name!r}: salt and value do not give the commitment")
        elif value is not None and not _is_canonical(value):
            problems.append(f"content {name!r}: not canonical JSON")
    return problems


def _is_canonical(data: bytes) -> bool:
    try:
        parse_canonical(data)
    except CanonicalError:
        return False
    return True


def _place(expected: int, stored: int, header: Mapping[str, Any]) -> int:
    """Which entry a row is: two of position, `seq` column and header outvote the third."""
    return stored if header.get("seq", stored) == stored else expected
