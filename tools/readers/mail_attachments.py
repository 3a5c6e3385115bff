"""Files that are attached to a mail, as files of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from itertools import islice
from pathlib import PurePosixPath
from typing import Final

from tools.readers.kinds import READERS

_MAX_BYTES: Final = 120
_NOT_IN_NAMES: Final = re.compile(r"[\x00-\x1f\x7f/\\:]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail under a name that can be stored; `given` is the name that the mail has for it."""

    given: str
    name: str
    content: bytes


def attachments(data: bytes, most: int) -> list[Attachment]:
    """The attached files of kinds that can be read, also of mails within the mail, in order; at most so many.

    What a page shows inline (a logo) is left out, and so are mails that are attached as mails: those are read with
    the mail. Nothing is taken of what is no mail.
    """
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(data)
        return list(islice(filter(None, map(_attachment, _files(message))), most))
    except (MessageError, ValueError, LookupError, RecursionError):
        return []


def not_read(name: str) -> str:
    """What a reader of the mail says of its file."""
    return f"attachment {name} is listed, not read: it counts as a source of its own"


def file_name(part: Message) -> str | None:
    """The name that a part gives its file."""
    try:
        name = part.get_filename()
    except Exception:  # noqa: BLE001  malformed parameters make the standard library raise anything
        return "unnamed"
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if name else None


def _files(message: Message) -> Iterator[Message]:
    for part in message.walk():
        shown = part.get_content_disposition() == "inline" or part["content-id"] is not None
        image = part.get_content_maintype() == "image"
        if not part.is_multipart() and not (shown and image) and PurePosixPath(file_name(part) or "").suffix:
            yield part


def _attachment(part: Message) -> Attachment | None:
    given = file_name(part) or ""
    name = _NOT_IN_NAMES.sub("_", given).strip(" ._")
    path, payload = PurePosixPath(name), part.get_payload(decode=True)
    if path.suffix.lower() not in READERS or not isinstance(payload, bytes) or not payload:
        return None
    stem = path.stem.encode()[:_MAX_BYTES].decode(errors="ignore")
    return Attachment(given, stem + path.suffix, payload)
