"""A disclosed copy: it proves the whole, and shows only what is named. Needs no key: nothing is signed anew."""

from collections.abc import Sequence

from lineage import sd_jwt
from lineage.canonical import Json
from lineage.receipt.form import LISTS, OBJECTS, WITH_HEADER, Receipt, ReceiptError, layout, members, read, sealed_entry
from lineage.rules import DECIDED, LAPSES
from lineage.sd_jwt import Claim

ENTRIES = "entries"


def disclose(data: bytes, only: Sequence[str]) -> bytes:
    """The copy that shows only these paths: `approvals`, `approvals/0`, `intent/requested_by`, `entries/12`.

    An approval, action or piece of evidence brings its entry's header along, an approval also the header that says that
    it lapsed: without that, a later answer of the same person could not be told from a second one.
    Raises ReceiptError for a path that the receipt does not have, with those that it has.
    """
    value, receipt = members(data), read(data)
    paths = [path.strip().strip("/") for path in only]
    chosen: list[Claim] = []
    headers: set[int] = set()
    for path in paths:
        if path.partition("/")[0] == ENTRIES:
            headers |= _entries(receipt, path)
            continue
        found = [c for c in receipt.token.claims if c.shown and (c.path == path or c.path.startswith(f"{path}/"))]
        if not found:
            raise ReceiptError(f"there is nothing at {path!r} to show; there is {', '.join(available(receipt))}")
        chosen += found
    for claim in chosen:
        if claim.path.partition("/")[0] in WITH_HEADER and type(claim.value) is dict:
            seq = claim.value.get("entry")
            headers |= {seq, *_lapses(receipt, seq)} if type(seq) is int else set()
    texts = {claim.disclosure for claim in chosen}
    kept: list[Json] = [text for text in value["header"]["disclosures"] if text in texts]
    value["header"] = {"disclosures": kept}
    value["entries"] = [
        one if seq in headers or receipt.entries[seq] is None else sealed_entry(one)
        for seq, one in enumerate(value["entries"])
    ]
    value["disclosed"] = sd_jwt.read(value).processed()
    return layout(value)


def _lapses(receipt: Receipt, seq: int) -> set[int]:
    """The shown entries that say that the decision in entry `seq` is over."""
    decided = receipt.entries[seq] if 0 <= seq < len(receipt.entries) else None
    if decided is None or decided["kind"] != DECIDED:
        return set()
    return {
        place
        for place, header in enumerate(receipt.entries)
        if header is not None and header["kind"] in LAPSES and header["envelope"] == decided["envelope"]
    }


def available(receipt: Receipt) -> list[str]:
    """The paths that can be named: whole lists and objects, with how many parts are shown in each."""
    counts = {
        name: sum(claim.shown and claim.path.startswith(f"{name}/") for claim in receipt.token.claims)
        for name in (*OBJECTS, *LISTS)
    }
    found = [f"{name} ({count})" for name, count in counts.items() if count]
    return [*found, f"{ENTRIES} ({sum(header is not None for header in receipt.entries)})"]


def _entries(receipt: Receipt, path: str) -> set[int]:
    """`entries` for all, `entries/12` for one. Raises ReceiptError."""
    _, _, number = path.partition("/")
    if not number:
        return set(range(len(receipt.entries)))
    if not number.isascii() or not number.isdigit() or int(number) >= len(receipt.entries):
        raise ReceiptError(f"there is no {path!r} to show; the case has {len(receipt.entries)} entries, from 0")
    if receipt.entries[int(number)] is None:
        raise ReceiptError(f"{path!r} is sealed in this file")
    return {int(number)}
