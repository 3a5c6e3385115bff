"""A packet folder on disk: `packet.yaml` checked strictly, its files read once, from inside the folder only."""

from __future__ import annotations

import os
import re
import reprlib
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from casefile.packet import Packet, SourceItem, System
from lineage.canonical import digest_bytes
from runtime.errors import InputError
from tools.stub_script import StubScript

MAX_PACKET_YAML = 4 * 1024 * 1024
MAX_FILE = 64 * 1024 * 1024
MAX_ALIASES = 200
MAX_DEPTH = 50
MAX_VALUES = 200_000  # of packet.yaml, aliases counted each time they stand for something
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class PacketFile:
    """A source file: its bytes and hash, or why it is not there."""

    source: SourceItem
    data: bytes | None
    sha256: str | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PacketFolder:
    """A checked packet. `sha256` is over `packet.yaml` and every file that it names, also those of the timeline.

    `files` are by source id; `prior` are the earlier revisions, each as an item whose id is the revision's name.
    `scripts` are those of the stub systems, by the system's id.
    """

    path: Path
    packet: Packet
    files: dict[str, PacketFile]
    prior: list[PacketFile]
    sha256: str
    scripts: dict[str, StubScript] = field(default_factory=dict)


def load(path: Path) -> PacketFolder:
    """Read a packet folder. Raises InputError for what makes the packet as a whole unusable.

    A source file that is missing, or not a plain file, is no error here: it becomes an exception on the record. A
    script of a stub system is part of the packet itself, and must be right.
    """
    if not path.is_dir():
        raise InputError(str(path), "", "a packet folder was expected; there is none")
    packet = _model(Packet, path / "packet.yaml", "a mapping with scenario, case, tenant, … was expected")
    wanted: list[tuple[str, SourceItem]] = [(f"sources[{n}].file", s) for n, s in enumerate(packet.sources)]
    wanted += [(f"timeline[{n}].arrives.file", step.arrives) for n, step in enumerate(packet.timeline) if step.arrives]
    _consistent(packet, str(path / "packet.yaml"))
    files = {source.id: _file(path, place, source) for place, source in wanted}
    prior = [
        _file(path, f"prior_revisions[{n}].file", SourceItem(id=one.revision, file=one.file, system="prior_revision"))
        for n, one in enumerate(packet.prior_revisions)
    ]
    stubs = [(n, system) for n, system in enumerate(packet.systems) if system.kind == "http-stub"]
    scripts = {system.id: _script(path, n, system) for n, system in stubs}
    lines = [f"{source_id} {one.sha256}" for source_id, one in sorted(files.items())]
    lines += [f"prior {one.source.id} {one.sha256}" for one in prior]
    lines += [f"script {system.id} {digest_bytes((path / system.script).read_bytes())}" for _, system in stubs]
    whole = digest_bytes((path / "packet.yaml").read_bytes() + "\n".join(lines).encode())
    return PacketFolder(path, packet, files, prior, whole, scripts)


def _script(folder: Path, n: int, system: System) -> StubScript:
    where, place = str(folder / "packet.yaml"), f"systems[{n}].script"
    path = _inside(folder, where, place, system.script)
    if not path.is_file():
        expected = f"a script inside the packet folder was expected; {system.script!r} is not there"
        raise InputError(where, place, expected)
    return _model(StubScript, path, "a mapping with system, base_url and rules was expected")


def _model(model: type[M], path: Path, expected: str) -> M:
    """A YAML document as a checked model. Raises InputError with the place of the first fault."""
    if not path.is_file():
        raise InputError(str(path), "", "a packet folder has a packet.yaml; it was not found")
    if path.stat().st_size > MAX_PACKET_YAML:
        raise InputError(str(path), "", f"at most {MAX_PACKET_YAML} bytes were expected")
    try:
        return model.model_validate(_yaml(path, expected))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        message = first["msg"].removeprefix("Value error, ")
        shown = "" if first["type"] == "value_error" else f", found {reprlib.repr(first.get('input'))}"
        raise InputError(str(path), place, f"{message}{shown}") from error


def _yaml(path: Path, expected: str) -> Any:
    text = path.read_bytes()
    try:
        _check_shape(text, path)
        loaded = yaml.load(text, Loader=_PacketLoader)  # noqa: S506  a subclass of the safe loader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark is not None else "the document"
        what = getattr(error, "problem", None) or "YAML was expected"
        raise InputError(str(path), place, str(what)) from error
    if not isinstance(loaded, dict):
        raise InputError(str(path), "the document", expected)
    if _exceeds(loaded, MAX_VALUES):
        raise InputError(str(path), "the document", f"at most {MAX_VALUES} values were expected, aliases expanded")
    return loaded


def _check_shape(text: bytes, path: Path) -> None:
    """By its tokens alone: the loader would follow every level of nesting, until the process dies of it."""
    aliases = depth = 0
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        aliases += isinstance(token, yaml.AliasToken)
        depth += isinstance(token, _OPENS) - isinstance(token, _CLOSES)
        if depth > MAX_DEPTH:
            place = f"line {token.start_mark.line + 1}"
            raise InputError(str(path), place, f"at most {MAX_DEPTH} levels of nesting were expected")
    if aliases > MAX_ALIASES:
        raise InputError(str(path), "the document", f"at most {MAX_ALIASES} aliases were expected, found {aliases}")


_OPENS = (
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
)
_CLOSES = (yaml.BlockEndToken, yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)


def _exceeds(loaded: Any, most: int) -> bool:
    """Whether a tree has more values than that. A few aliases of aliases make more than any memory holds."""
    waiting, count = [loaded], 0
    while waiting:
        value = waiting.pop()
        count += 1
        if count > most:
            return True
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return False


class _PacketLoader(yaml.CSafeLoader):
    """The safe loader, strict about keys that stand twice: the second would silently win.

    By YAML 1.2 (§10.3.2) only `true` and `false` are booleans: `unless: [off]` names a flag, `state: on` is a word.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = str(getattr(key_node, "value", ""))
            if key in seen and key != "<<":
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice; once was expected", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


_BOOLEAN = "tag:yaml.org,2002:bool"
_PacketLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in told if tag != _BOOLEAN]
    for first, told in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_PacketLoader.add_implicit_resolver(_BOOLEAN, re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF"))


def _consistent(packet: Packet, file: str) -> None:
    """What one member of the packet says about another. Raises InputError for the first that does not fit."""
    ids: set[str] = set()
    named: set[tuple[str, str]] = set()
    for n, source in enumerate(packet.sources):
        if (source.file, source.system) in named:
            problem = f"the file {source.file!r} stands twice for one system; once was expected"
            raise InputError(file, f"sources[{n}].file", problem)
        named.add((source.file, source.system))
        ids.add(source.id)
    for n, source in enumerate(packet.sources):
        _replaced(source, ids - {source.id}, file, f"sources[{n}].replaces")
    revisions: set[str] = set()
    for n, one in enumerate(packet.prior_revisions):
        if one.revision in ids | revisions:
            problem = f"the name {one.revision!r} stands twice; each source id and revision once was expected"
            raise InputError(file, f"prior_revisions[{n}].revision", problem)
        revisions.add(one.revision)
    _in_order(packet, ids, revisions, file)


def _in_order(packet: Packet, ids: set[str], revisions: set[str], file: str) -> None:
    """The timeline: its times, and what each step names must be there by then."""
    before = packet.as_of
    for n, step in enumerate(packet.timeline):
        place = f"timeline[{n}]"
        if step.at < before:
            problem = f"a time from {before.isoformat()} on was expected, found {step.at.isoformat()}"
            raise InputError(file, f"{place}.at", problem)
        before = step.at
        if step.withdraws is not None and step.withdraws.id not in ids:
            problem = f"the id of a source was expected, found {step.withdraws.id!r}"
            raise InputError(file, f"{place}.withdraws.id", problem)
        if step.arrives is None:
            continue
        if step.arrives.id in ids | revisions:
            problem = f"the id {step.arrives.id!r} stands twice; each id once was expected"
            raise InputError(file, f"{place}.arrives.id", problem)
        _replaced(step.arrives, ids, file, f"{place}.arrives.replaces")
        ids.add(step.arrives.id)


def _replaced(source: SourceItem, ids: set[str], file: str, place: str) -> None:
    if source.replaces is not None and source.replaces not in ids:
        raise InputError(file, place, f"the id of another source was expected, found {source.replaces!r}")


def _file(folder: Path, place: str, source: SourceItem) -> PacketFile:
    return _read(_inside(folder, str(folder / "packet.yaml"), place, source.file), source)


def _inside(folder: Path, where: str, place: str, name: str) -> Path:
    """The path of a named file. Raises InputError for a name that leads out of the folder."""
    parts = Path(name).parts
    if Path(name).is_absolute() or ".." in parts or not parts or "\x00" in name:
        raise InputError(where, place, f"a path inside the packet folder was expected, found {name!r}")
    path = folder
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise InputError(where, place, f"a plain file was expected; {name!r} is a symbolic link")
    return path


def _read(path: Path, source: SourceItem) -> PacketFile:
    try:
        # O_NONBLOCK: a named pipe put in place of a file must not hang the run.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        return PacketFile(source, None, None, f"{source.file}: {error.strerror or 'cannot be opened'}")
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        return PacketFile(source, None, None, f"{source.file}: a plain file was expected")
    with os.fdopen(handle, "rb") as file:
        if status.st_size > MAX_FILE:
            problem = f"{source.file}: {status.st_size} bytes; at most {MAX_FILE} were expected"
            return PacketFile(source, None, None, problem)
        data = file.read(MAX_FILE + 1)
    return PacketFile(source, data, digest_bytes(data))
