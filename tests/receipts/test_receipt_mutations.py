"""No mutation of a receipt is accepted: at least 5,000, each refused with a reason."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
import pytest
from receipt_samples import TRUST, build, key

from lineage import sd_jwt
from lineage.canonical import canonical
from lineage.encoding import from_base64url, to_base64url
from lineage.receipt.form import layout
from lineage.receipt.verify import verify

FLIPS = 4500
ONE, OTHER = build("CASE-1").issue(), build("CASE-2").issue()


def flips() -> Iterator[tuple[str, bytes]]:
    """Single bytes changed: the first and last of them, and others spread over the file."""
    chance = random.Random(5)
    places = [*range(50), *range(len(ONE) - 50, len(ONE)), *(chance.randrange(len(ONE)) for _ in range(FLIPS - 100))]
    for n, place in enumerate(places):
        data = bytearray(ONE)
        # Every third only in its case bit, which leaves most texts readable; the others in any bits.
        data[place] ^= 0x20 if n % 3 == 0 else chance.randrange(1, 256)
        yield f"byte {place}", bytes(data)


def lists(what: str) -> Iterator[tuple[str, bytes]]:
    """Each element of a list removed, repeated, swapped, or taken from another receipt."""
    for name, mine, others in _lists():
        if name != what:
            continue
        for place in range(len(mine)):
            yield f"{name} {place} removed", _with(name, mine[:place] + mine[place + 1 :])
            yield f"{name} {place} repeated", _with(name, mine[: place + 1] + mine[place:])
            if mine[place] != others[place]:
                yield f"{name} {place} of another", _with(name, [*mine[:place], others[place], *mine[place + 1 :]])
            yield f"{name} {place} added", _with(name, [*mine, others[place]])
            for other in range(place):
                if mine[other] != mine[place]:
                    swapped = list(mine)
                    swapped[place], swapped[other] = swapped[other], swapped[place]
                    yield f"{name} {other}, {place} swapped", _with(name, swapped)


def _lists() -> Iterator[tuple[str, list[Any], list[Any]]]:
    one, other = orjson.loads(ONE), orjson.loads(OTHER)
    yield "entries", one["entries"], other["entries"]
    yield "disclosures", one["header"]["disclosures"], other["header"]["disclosures"]
    for name, value in one["disclosed"].items():
        if isinstance(value, list):
            yield f"disclosed/{name}", value, other["disclosed"][name]


def _with(name: str, value: list[Any]) -> bytes:
    changed = orjson.loads(ONE)
    if name == "entries":
        changed["entries"] = value
    elif name == "disclosures":
        changed["header"]["disclosures"] = value
        # What is readable is made to fit, where it can be: the attacker is careful.
        with suppress(sd_jwt.SdJwtError):
            changed["disclosed"] = sd_jwt.read(changed).processed()
        if len(value) < len(orjson.loads(ONE)["header"]["disclosures"]):
            changed["disclosed"] = orjson.loads(ONE)["disclosed"]
    else:
        changed["disclosed"][name.partition("/")[2]] = value
    return layout(changed)


def members() -> Iterator[tuple[str, bytes]]:
    """Whole members removed, emptied, taken from another receipt, or new ones added."""
    one, other = orjson.loads(ONE), orjson.loads(OTHER)
    for name in one:
        yield f"{name} removed", layout({k: v for k, v in one.items() if k != name})
        if one[name] != other[name]:
            yield f"{name} of another", layout({**one, name: other[name]})
        for value in (None, "", 0, [], {}, [None], {"leaf": 1}, True):
            if value != one[name]:
                yield f"{name} is {value!r}", layout({**one, name: value})
    yield "a member more", layout({**one, "note": "x"})
    for pair in (("payload", "signature"), ("payload", "protected", "signature"), ("entries", "disclosed")):
        yield f"{pair} of another", layout({**one, **{name: other[name] for name in pair}})


def headers() -> Iterator[tuple[str, bytes]]:
    """Each member of each header changed, its hashes left as they are."""
    for place, header in enumerate(orjson.loads(ONE)["entries"]):
        for name in header:
            changed = orjson.loads(ONE)
            changed["entries"][place][name] = "changed"
            yield f"entry {place} {name}", layout(changed)


def signatures() -> Iterator[tuple[str, bytes]]:
    """Signed by somebody else, and payloads changed under the old signature."""
    value = orjson.loads(ONE)
    signed = f"{value['protected']}.{value['payload']}".encode()
    for name in ("log", "u-duty", "u-second", "nobody"):
        yield f"signed by {name}", layout({**value, "signature": to_base64url(key(name).sign(signed))})
        protected = {"alg": "EdDSA", "typ": "casegate-receipt+sd-jwt", "kid": key(name).kid}
        head = to_base64url(canonical(protected))
        own = to_base64url(key(name).sign(f"{head}.{value['payload']}".encode()))
        yield f"by the key of {name}", layout({**value, "protected": head, "signature": own})
    payload = orjson.loads(from_base64url(value["payload"]))
    for name in payload:
        for change in ("changed", 1, None, [], {}):
            body = to_base64url(canonical({**payload, name: change}))
            yield f"payload {name} is {change!r}", layout({**value, "payload": body})


KINDS = {
    "flips": flips,
    "entries": lambda: lists("entries"),
    "disclosures": lambda: lists("disclosures"),
    "disclosed": lambda: (one for name, _, _ in _lists() if name.startswith("disclosed/") for one in lists(name)),
    "members": members,
    "headers": headers,
    "signatures": signatures,
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_mutation_is_accepted(kind: str) -> None:
    for name, data in KINDS[kind]():
        assert data != ONE, name
        report = verify(data, TRUST)
        assert not report.intact, name
        assert all(one.text for one in report.problems), name


def test_there_are_five_thousand() -> None:
    assert sum(1 for make in KINDS.values() for _ in make()) >= 5000
