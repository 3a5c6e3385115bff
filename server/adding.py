"""Adding a file to a case: its type by its content, its bytes by their hash, and a turn in the background."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from casefile import policy_sets
from casefile.packet import SourceItem, Step
from lineage.canonical import digest_bytes
from server import turns
from server.api.access import OnRun
from server.models.evidence import EvidenceAccepted
from server.models.problem import Fault
from server.problems import Conflict, Unusable, WrongType
from server.uploads import Upload
from tools.packet_folder import PacketFile
from tools.readers.kinds import kind_of
from tools.readers.limits import UnreadableError


async def add(on: OnRun, upload: Upload, given: str | None) -> EvidenceAccepted:
    """Put the file into the inbox. Raises WrongType for a lying type, Conflict for an id that is taken."""
    name, path = upload.one()
    data = await asyncio.to_thread(path.read_bytes)
    try:
        kind = kind_of(data, name)
    except UnreadableError as error:
        raise WrongType(f"{name}: {error}") from error
    key = turns.event_key(on, "add", given)
    if policy_sets.own(upload.fields.get("id") or ""):
        raise _unusable("id", policy_sets.RESERVED)
    if policy_sets.own(upload.fields.get("replaces") or ""):
        raise _unusable("replaces", "an item of the case; the organisation's own policy set is changed by its admins")
    known = {item.id: item for item in await on.opened.context.store.evidence()}
    again = await on.opened.context.store.done(f"event:{key}")
    replaces = upload.fields.get("replaces") or None
    if replaces is not None and replaces not in known:
        raise _unusable("replaces", f"the id of an item of this case; there is no {replaces[:100]!r}")
    wanted = upload.fields.get("id")
    if wanted and wanted in known and not again:
        raise Conflict(f"there is evidence {wanted!r} already; name it in `replaces` and give another id")
    source = _source(upload, wanted or _free(name, set(known)), name, replaces)
    step = Step(at=on.now, arrives=source)
    accepted = await turns.submit(on, key, step, PacketFile(source, data, digest_bytes(data)))
    return EvidenceAccepted(
        run=accepted.run,
        event=accepted.event,
        lineage=accepted.lineage,
        id=source.id,
        file=name,
        kind=kind,
        sha256=digest_bytes(data),
        size=len(data),
        replaces=replaces,
    )


def _source(upload: Upload, one: str, name: str, replaces: str | None) -> SourceItem:
    captured = upload.fields.get("captured_at")
    try:
        return SourceItem(
            id=one,
            file=name,
            system=upload.fields.get("system", "")[:200],
            captured_at=datetime.fromisoformat(captured.replace("Z", "+00:00")) if captured else None,
            replaces=replaces,
        )
    except (ValidationError, ValueError) as error:
        place = "captured_at" if captured else "id"
        raise _unusable(place, "a time with its zone, for example 2026-04-18T09:30:00Z") from error


def _free(name: str, taken: set[str]) -> str:
    """An id made of a file name that is not taken."""
    stem = re.sub(r"[^\w.-]+", "-", Path(name).stem)[:80].strip("-.") or "file"
    number, one = 2, f"file-{stem}" if policy_sets.own(stem) else stem
    while one in taken:
        one, number = f"{stem}-{number}", number + 1
    return one


def _unusable(place: str, expected: str) -> Unusable:
    return Unusable(f"{place}: {expected}", [Fault(place=place, expected=expected)])
