"""Uploads: streamed to disk with limits, into a folder that is gone when the request is over, however it ends."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from server.models.problem import Fault
from server.problems import TooLarge, Unusable, WrongType
from server.settings import MEBIBYTE, ServerSettings
from tools.readers.mail_attachments import attachments

PACKET = "packet.yaml"
MAX_FIELD = 64 * 1024
MAX_FIELDS = 50
MAX_NAME = 200


@dataclass(slots=True)
class Upload:
    """What came: files by their relative path inside `folder`, plain fields, and which files a mail brought."""

    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    attached: dict[str, list[str]] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)

    def one(self) -> tuple[str, Path]:
        """The only file. Raises Unusable where there is none, or more than one."""
        if len(self.files) != 1:
            raise _unusable("file", f"exactly one file was expected, found {len(self.files)}")
        return next(iter(self.files.items()))


@asynccontextmanager
async def received(
    request: Request, settings: ServerSettings, uploads: Path, *, unpack: bool = False
) -> AsyncIterator[Upload]:
    """The multipart body of a request, on disk. A cut upload leaves nothing.

    `unpack`: what is attached to mails stands beside them as files of their own, unless a packet says what there is.
    Raises Unusable, WrongType and TooLarge.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise WrongType("multipart/form-data was expected")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > settings.max_upload_mib * MEBIBYTE:
        raise TooLarge(f"at most {settings.max_upload_mib} MiB in one upload")
    folder = Path(tempfile.mkdtemp(dir=uploads, prefix="upload-"))
    try:
        upload = Upload(folder)
        await _receive(request, upload, boundary, settings)
        if unpack and PACKET not in upload.files:
            await asyncio.to_thread(_unpack, upload, settings)
        await _scan(upload, settings)
        yield upload
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, True)


async def _receive(request: Request, upload: Upload, boundary: bytes, settings: ServerSettings) -> None:
    parts = _Parts(upload, settings)
    parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]
    total = 0
    try:
        async for chunk in request.stream():
            total += len(chunk)
            if total > settings.max_upload_mib * MEBIBYTE:
                raise TooLarge(f"at most {settings.max_upload_mib} MiB in one upload")
            parser.write(chunk)
        parser.finalize()
    except FormParserError as error:
        raise _unusable("the body", "complete multipart/form-data") from error
    except ClientDisconnect as error:
        raise _unusable("the body", "all of it; the connection was cut") from error
    finally:
        parts.close()
    if not parts.complete:
        raise _unusable("the body", "all of it; its end is missing")


class _Parts:
    """Takes the parser's calls: a part is a file where it has a file name, else a field."""

    def __init__(self, upload: Upload, settings: ServerSettings) -> None:
        self._upload, self._settings = upload, settings
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._file: BinaryIO | None = None
        self._name = ""
        self._field = bytearray()
        self._size = 0
        self.complete = False

    def callbacks(self) -> dict[str, object]:
        """For the parser."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._all,
        }

    def close(self) -> None:
        """Close the file at hand."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._headers, self._field, self._size = {}, bytearray(), 0

    def _header_end(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        file = options.get(b"filename")
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if file is None:
            if len(self._upload.fields) >= MAX_FIELDS:
                raise _unusable("the body", f"at most {MAX_FIELDS} fields")
            return
        if len(self._upload.files) >= self._settings.max_upload_files:
            raise TooLarge(f"at most {self._settings.max_upload_files} files in one upload")
        self._name = clean_name(file.decode("utf-8", "replace"))
        if self._name in self._upload.files:
            raise _unusable("files", f"each file name once; {self._name!r} stands twice")
        path = self._upload.folder / self._name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("xb")
        except OSError as error:
            raise _unusable("files", f"a name that can be stored, found {self._name!r}") from error
        self._upload.files[self._name] = path

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._file is None:
            if self._size > MAX_FIELD:
                raise TooLarge(f"{self._name}: at most {MAX_FIELD} bytes in a field")
            self._field += data[start:end]
            return
        if self._size > self._settings.max_file_mib * MEBIBYTE:
            raise TooLarge(f"{self._name}: at most {self._settings.max_file_mib} MiB in one file")
        self._file.write(data[start:end])

    def _end(self) -> None:
        if self._file is None:
            self._upload.fields[self._name] = bytes(self._field).decode("utf-8", "replace")
        self.close()

    def _all(self) -> None:
        self.complete = True


def clean_name(name: str) -> str:
    """A file's relative path, as given. Raises Unusable for one that leads out of its folder or is no name."""
    parts = name.split("/")
    bad = (
        not name
        or len(name) > MAX_NAME
        or "\\" in name
        or any(part in ("", ".", "..") or len(part.encode()) > 200 for part in parts)
        or any(ord(character) < 32 or ord(character) == 127 for character in name)
    )
    if bad:
        raise _unusable("files", f"a plain relative file name, found {name[:80]!r}")
    return name


def _unpack(upload: Upload, settings: ServerSettings) -> None:
    for name, path in [(n, p) for n, p in upload.files.items() if n.lower().endswith(".eml")]:
        room = settings.max_upload_files - len(upload.files)
        found = attachments(path.read_bytes(), room + 1)
        if len(found) > room:
            raise TooLarge(f"{name}: at most {settings.max_upload_files} files in one upload, attached ones counted")
        for one in found:
            inside = _free(Path(name).with_name(Path(name).stem[:60]), one.name, upload)
            file = upload.folder / inside
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(one.content)
            upload.files[inside] = file
            upload.attached.setdefault(name, []).append(one.given)


def _free(folder: Path, name: str, upload: Upload) -> str:
    """A name in the folder that no file has; in one beside it where a file has the folder's name."""
    while any(str(one) in upload.files for one in (folder, *folder.parents)):
        folder = folder.with_name(f"{folder.name} attached")
    path, number = folder / name, 1
    while str(path) in upload.files:
        number += 1
        path = (folder / name).with_stem(f"{Path(name).stem}-{number}")
    return str(path)


async def _scan(upload: Upload, settings: ServerSettings) -> None:
    """Ask the installation's scanner about each file. Fails closed: no answer is not clean (R9)."""
    if not settings.scan_command:
        return
    for name, path in upload.files.items():
        process = await asyncio.create_subprocess_exec(
            *shlex.split(settings.scan_command),
            str(path),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            code = await asyncio.wait_for(process.wait(), settings.scan_seconds)
        except TimeoutError as error:
            process.kill()
            await process.wait()
            raise WrongType(f"{name}: the virus scan did not answer in time, so it is not taken") from error
        if code != 0:
            found = "the virus scan found something" if code == 1 else f"the virus scan failed ({code})"
            raise WrongType(f"{name}: {found}; it is not taken")


def _unusable(place: str, expected: str) -> Unusable:
    return Unusable(f"{place}: {expected}", [Fault(place=place, expected=expected)])
