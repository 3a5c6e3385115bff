"""A revision and its registers as views have them, and what differs between two revisions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from casefile.artifact import Edit, Revision
from casefile.claims import Claim, FieldValue
from casefile.packet import Packet
from casefile.registers import AnyItem, RegisterName
from graphs.result import artifact_json
from server.models.artifact import ArtifactView, ClaimView, EditView, FieldView, RegistersView
from server.models.runs import Change, ClaimChange, Diff, FieldChange, ItemChange, RevisionRow, Run
from server.views.mask import Mask
from server.views.words import author_name

_WORDS = re.compile(r"\s+|\w+|[^\w\s]", re.UNICODE)
MOST_WORDS = 4_000
# What a change of an item is told by; its places in the evidence are told by the item itself.
_TOLD = ("state", "asks_for", "precondition", "trigger", "question", "text", "reason", "detail", "effect", "owner",
         "settled_by")  # fmt: skip


def artifact_view(revision: Revision, mask: Mask) -> ArtifactView:
    """A revision's document."""
    plain = artifact_json(revision.model_copy(update={"artifact": mask.artifact(revision.artifact)}))
    claims = {(s.id, c.id): c for s in revision.artifact.sections for c in s.claims}
    lossy = {name: value.lossy for name, value in revision.artifact.fields.items()}
    shown = {name: plain[name] for name in ArtifactView.model_fields}
    for name, field in shown["fields"].items():
        field["lossy"] = lossy[name]
    for section in shown["sections"]:
        section["claims"] = [{**claim, "mark": claims[section["id"], claim["id"]].mark} for claim in section["claims"]]
    return ArtifactView.model_validate(shown)


def plain_registers(registers: Mapping[RegisterName, Sequence[AnyItem]]) -> dict[str, list[dict[str, Any]]]:
    """The registers as JSON values."""
    return {name: [item.model_dump(mode="json") for item in items] for name, items in registers.items()}


def registers_view(plain: Mapping[str, list[dict[str, Any]]], packet: Packet, mask: Mask) -> RegistersView:
    """The seven registers."""
    plain = {name: items if mask.view.shows_register(name) else [] for name, items in plain.items()}
    shown = {name: [_item_view(name, item, mask) for item in items] for name, items in plain.items()}
    for before, item in zip(plain["objections"], shown["objections"], strict=True):
        item["by"], item["by_name"] = before["by"], author_name(packet, before["by"])
    return RegistersView.model_validate(shown)


def _item_view(register: str, before: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    """An item of a register as this view has it."""
    item: dict[str, Any] = mask.tree(dict(before))
    if "about" in before:
        item["about"] = before["about"] if mask.view.shows_field(before["about"]) else item["about"]
    if register == "contradictions" and not mask.view.shows_field(before["about"]):
        item["sides"] = [{"value": "▓▓▓▓", "citations": []} for _ in item["sides"]]
    return item


def edit_view(edit: Edit, packet: Packet, mask: Mask) -> EditView:
    """A proposed change."""
    shown = mask.tree(edit.model_dump(mode="json"))
    about = edit.target.partition("/")[0]
    if not mask.view.shows_section(about) and not mask.view.shows_field(about):
        shown |= {"before": "▓▓▓▓" if edit.before else "", "after": "▓▓▓▓" if edit.after else "", "citations": []}
    shown |= {"author": edit.author, "author_name": author_name(packet, edit.author), "decided_by": edit.decided_by}
    shown["decided_by_name"] = author_name(packet, edit.decided_by) if edit.decided_by else None
    return EditView.model_validate(shown)


def diff_view(a: Revision, b: Revision, rows: tuple[RevisionRow, RevisionRow], mask: Mask) -> Diff:
    """What differs. Compared before it is masked: two values that look alike in this view may still differ."""
    before, after = artifact_view(a, mask), artifact_view(b, mask)
    titles = {section.id: section.title for section in [*before.sections, *after.sections]}
    return Diff(
        a=rows[0],
        b=rows[1],
        same=a.sha256 == b.sha256,
        fields=_fields(a.artifact.fields, b.artifact.fields, before, after),
        claims=_claims(_claims_of(a), _claims_of(b), _views_of(before), _views_of(after), titles),
        items=_items(a.artifact.registers, b.artifact.registers, mask),
    )


def _fields(
    a: Mapping[str, FieldValue], b: Mapping[str, FieldValue], before: ArtifactView, after: ArtifactView
) -> list[FieldChange]:
    found = []
    for name in dict.fromkeys([*a, *b]):
        if a.get(name) != b.get(name) and (name in before.fields or name in after.fields):
            old, new = before.fields.get(name), after.fields.get(name)
            title = _title(name, new or old)
            found.append(FieldChange(field=name, title=title, change=_change(old, new), before=old, after=new))
    return found


def _title(name: str, field: FieldView | None) -> str:
    return field.title if field is not None and field.title else name


def _claims(
    a: Mapping[tuple[str, str], Claim],
    b: Mapping[tuple[str, str], Claim],
    before: Mapping[tuple[str, str], ClaimView],
    after: Mapping[tuple[str, str], ClaimView],
    titles: Mapping[str, str],
) -> list[ClaimChange]:
    found = []
    for key in dict.fromkeys([*a, *b]):
        if a.get(key) == b.get(key) or (key not in before and key not in after):
            continue
        old, new = before.get(key), after.get(key)
        words = text_diff(old.text if old else "", new.text if new else "")
        title, change = titles.get(key[0]) or key[0], _change(old, new)
        found.append(ClaimChange(
            section=key[0], title=title, claim=key[1], change=change, before=old, after=new, words=words
        ))  # fmt: skip
    return found


def _claims_of(revision: Revision) -> dict[tuple[str, str], Claim]:
    return {(s.id, c.id): c for s in revision.artifact.sections for c in s.claims}


def _views_of(artifact: ArtifactView) -> dict[tuple[str, str], ClaimView]:
    return {(s.id, c.id): c for s in artifact.sections for c in s.claims}


def _items(
    a: Mapping[str, list[dict[str, Any]]], b: Mapping[str, list[dict[str, Any]]], mask: Mask
) -> list[ItemChange]:
    found = []
    for register in filter(mask.view.shows_register, dict.fromkeys([*a, *b])):
        old, new = ({item["id"]: item for item in side.get(register, [])} for side in (a, b))
        for one in dict.fromkeys([*old, *new]):
            if old.get(one) == new.get(one):
                continue
            sides = [_item_view(register, side[one], mask) if one in side else {} for side in (old, new)]
            about, change = str((sides[1] or sides[0]).get("about", "")), _change(old.get(one), new.get(one))
            words = text_diff(*(_item_text(side) for side in sides))
            found.append(ItemChange(register=register, id=one, change=change, about=about, words=words))
    return found


def _item_text(item: Mapping[str, Any]) -> str:
    """What an item says, in the order in which it is read: its state, its texts, and the values that disagree."""
    told = [str(item[name]) for name in _TOLD if item.get(name)]
    sides = " or ".join(str(side["value"]) for side in item.get("sides", ()))
    return " · ".join([*told, sides] if sides else told)


def _change(old: object | None, new: object | None) -> Change:
    if old is None:
        return "added"
    return "removed" if new is None else "changed"


def text_diff(before: str, after: str) -> list[Run]:
    """Words that stay, come and go."""
    a, b = _WORDS.findall(before), _WORDS.findall(after)
    if len(a) > MOST_WORDS or len(b) > MOST_WORDS:
        whole = [("removed", before), ("added", after)]
        return [Run.model_validate({"op": op, "text": text}) for op, text in whole if text]
    runs: list[tuple[str, str]] = []
    for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(("same", "".join(a[a1:a2])))
            continue
        runs += [("removed", "".join(a[a1:a2])), ("added", "".join(b[b1:b2]))]
    return [Run.model_validate({"op": op, "text": text}) for op, text in runs if text]
