"""A sound receipt is accepted; one that is wrong in a named way is refused with that reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from receipt_samples import CONTENT, GATE, ISSUER, SIGNED_AT, TENANT, TRUST, Case, build, key, public

from lineage.canonical import CanonicalError, canonical
from lineage.encoding import from_base64url, to_base64url
from lineage.entry import Actor
from lineage.keys import KeySet
from lineage.receipt.form import layout
from lineage.receipt.issue import Seal
from lineage.receipt.verify import verify

Change = Callable[[Case], None]


def reasons(data: bytes, trust: KeySet = TRUST) -> str:
    report = verify(data, trust)
    assert report.intact == (not report.problems)
    return "; ".join(f"{one.place}: {one.text}" for one in report.problems)


def test_a_sound_receipt_is_intact_and_answers_all_six_questions() -> None:
    report = verify(build().issue(), TRUST)
    assert report.problems == ()
    assert report.count is not None
    assert report.count.line() == "40 entries, 40 shown, 0 sealed, none missing"
    assert {one.question: one.standing for one in report.answers} == dict.fromkeys(
        ("approved", "policy", "actions", "evidence", "integrity", "open"), "shown"
    )
    said = " ".join(line for one in report.answers for line in one.lines)
    assert "u-duty approved r2 (sha256:" in said
    assert ") for exception release at " in said
    assert "seal 1 of 3 in the service log" in said


def test_what_a_run_never_had_is_absent() -> None:
    case = build(end="none")
    case.lists["refusals"] = []
    standing = {one.question: one.standing for one in verify(case.issue(), TRUST).answers}
    assert standing["actions"] == "absent"


def unsigned(case: Case) -> None:
    case.lists["approvals"][0]["envelope"] = None


def by_another_key(case: Case) -> None:
    case.lists["approvals"].pop()
    case.approvals.pop()
    case.entries.pop()
    case.approve("u-second", signer=key("u-duty"))


def one_person_twice(case: Case) -> None:
    case.lists["approvals"].pop()
    case.approvals.pop()
    case.entries.pop()
    case.approve("u-duty", reason="again")


def of_other_content(case: Case) -> None:
    case.lists["approvals"][0]["artifact_sha256"] = "sha256:" + "0" * 64


def with_another_reason(case: Case) -> None:
    case.lists["approvals"][0]["reason"] = "never said"


def refused_called_valid(case: Case) -> None:
    seq = case.add("decision_refused", actor=Actor("person", "u-duty"), base_revision=CONTENT)
    case.lists["approvals"].append({**case.lists["approvals"][0], "entry": seq})


def with_another_envelope(case: Case) -> None:
    """Another statement that the same person signed about the same content: it says that other things were shown."""
    case.approve("u-duty", shown={"open": ["q1"]})
    other = case.lists["approvals"].pop()
    case.approvals.pop()
    case.entries.pop()
    case.lists["approvals"][0]["envelope"] = other["envelope"]


def lapsed_before(case: Case) -> None:
    envelope = orjson.loads(case.entries[-1].header)["envelope"]
    case.add("decision_void", envelope=envelope)


def lapsed_both(case: Case) -> None:
    for seq in case.approvals:
        case.add("decision_void", envelope=orjson.loads(case.entries[seq].header)["envelope"])
    for part in case.lists["approvals"]:
        part["state"] = "void"


def expired_before(case: Case) -> None:
    case.lists["approvals"].pop()
    case.approvals.pop()
    case.entries.pop()
    case.approve("u-second", expires_at="2026-05-04T09:00:00Z")


def by_the_requester(case: Case) -> None:
    case.approve("u-intake")


def of_another_run(case: Case) -> None:
    case.lists["approvals"].pop()
    case.approvals.pop()
    case.entries.pop()
    case.approve("u-second", run="run_0002")


def left_out(case: Case) -> None:
    case.lists["approvals"].pop()
    case.approvals.pop()


def counted_twice(case: Case) -> None:
    case.lists["approvals"].append(case.lists["approvals"][0])


def without_role(case: Case) -> None:
    case.lists["approvals"].pop()
    case.approvals.pop()
    case.entries.pop()
    case.approve("u-second", role="support_intake_specialist")


def system_decides(case: Case) -> None:
    case.add("decided", base_revision=CONTENT, envelope="sha256:" + "1" * 64)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (unsigned, "expected payloadType"),
        (by_another_key, "belongs to u-duty, not to u-second"),
        (one_person_twice, "answers gate:exception_release for the second time"),
        (of_other_content, "not what the person signed: artifact_sha256"),
        (with_another_reason, "not what the person signed: reason"),
        (refused_called_valid, "its envelope is not the one of its entry"),
        (with_another_envelope, "its envelope is not the one of its entry"),
        (lapsed_before, "state 'valid', and the entries say void"),
        (lapsed_both, "no earlier approval of the same content stands"),
        (expired_before, "had expired"),
        (by_the_requester, "u-intake"),
        (of_another_run, "not what the person signed: run"),
        (left_out, "that is not among them"),
        (counted_twice, "rests on the entry of approvals/0"),
        (without_role, "without its role"),
        (system_decides, "only persons decide"),
    ],
)  # fmt: skip
def test_an_approval_that_does_not_hold_is_refused_even_from_the_issuer(change: Change, reason: str) -> None:
    trust = KeySet([*TRUST, public("u-intake", "decision", "u-intake")])
    assert reason in reasons(build(change=change).issue(), trust)


def test_an_issuer_cannot_release_without_approval_or_standing_approval() -> None:
    def none(case: Case) -> None:
        case.lists["approvals"], case.approvals = [], []
        del case.entries[-2:]

    assert "no earlier approval of the same content stands" in reasons(build(change=none).issue())


def test_a_quorum_is_counted_in_people() -> None:
    def one(case: Case) -> None:
        case.lists["approvals"].pop()
        case.approvals.pop()
        case.entries.pop()

    assert f"{GATE} needs 2 people, and 1 approved" in reasons(build(change=one).issue())


def test_two_people_do_not_share_a_key() -> None:
    shared = KeySet([*TRUST, public("u-duty", "decision", "u-second")])
    assert reasons(build(change=by_another_key).issue(), shared)


@pytest.mark.parametrize(
    ("rests_on", "reason"),
    [([37, 38], ""), ([], ""), (None, "does not say"), ([36], "which is no decision"), ([40], "which there is not"),
     (["37"], "which there is not")],
)  # fmt: skip
def test_an_effect_rests_on_decisions(rests_on: Any, reason: str) -> None:
    case = build()
    case.lists["actions"].append({"what": "effect", "id": "e1", "kind": "x", "state": "done", "rests_on": rests_on})
    found = reasons(case.issue())
    assert (reason in found) if reason else not found


def test_open_items_are_recomputed() -> None:
    case = build()
    case.lists["open_items"] = []
    assert "q1 was opened and not closed" in reasons(case.issue())
    case = build()
    case.lists["open_items"].append({"id": "h1", "register": "holds", "entry": 6})
    assert "the entries say that it is not open" in reasons(case.issue())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"valid_until": "2026-09-21T13:00:00Z"}, "after its key had expired"),
        ({"valid_from": "2026-09-22T00:00:00Z"}, "before its key was valid"),
        ({"revoked_at": "2026-09-01T00:00:00Z", "revocation": "lost"}, "after its key was revoked"),
        ({"purpose": "decision", "tenant": TENANT}, "trusted for decision, not for receipt"),
        ({"owner": "casegate-other"}, "is not the owner of the key"),
    ],
)
def test_the_receipt_key_has_to_hold(changes: dict[str, Any], reason: str) -> None:
    others = [one for one in TRUST if one.purpose != "receipt"]
    made = replace(public("receipt", "receipt", ISSUER), **changes)
    assert reason in reasons(build().issue(), KeySet([*others, made]))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"revoked_at": SIGNED_AT, "revocation": "stolen"}, "after its key was revoked"),
        ({"revoked_at": "2026-09-01T00:00:00Z", "revocation": "stolen"}, "after its key was revoked"),
        ({"revoked_at": "2026-09-21T13:30:01Z", "revocation": "stolen"}, ""),
        ({"valid_until": SIGNED_AT}, "after its key had expired"),
        ({"valid_from": "2026-09-21T13:30:01Z"}, "before its key was valid"),
    ],
)
def test_what_a_person_signs_afterwards_counts_for_nothing(changes: dict[str, Any], reason: str) -> None:
    """Revoked or over for one signer: his approval falls, and with it the receipt, whose keys are all good."""
    others = [one for one in TRUST if one.owner != "u-second"]
    found = reasons(build().issue(), KeySet([*others, public("u-second", "decision", "u-second", **changes)]))
    assert (reason in found and "approvals/1" in found) if reason else not found, found


@pytest.mark.parametrize("purpose", ["receipt", "log", "decision"])
def test_a_key_speaks_for_its_purpose_only(purpose: str) -> None:
    swapped = {"receipt": "log", "log": "receipt", "decision": "receipt"}[purpose]
    tenant = TENANT if swapped == "decision" else None
    wrong = [replace(one, purpose=swapped, tenant=tenant) if one.purpose == purpose else one for one in TRUST]
    assert f"trusted for {swapped}, not for {purpose}" in reasons(build().issue(), KeySet(wrong))


def test_what_a_key_signed_before_it_was_revoked_stands_and_says_so() -> None:
    others = [one for one in TRUST if one.purpose != "receipt"]
    later = {"revoked_at": "2026-10-01T00:00:00Z", "revocation": "lost"}
    report = verify(build().issue(), KeySet([*others, public("receipt", "receipt", ISSUER, **later)]))
    assert report.intact
    assert any("revoked later" in line for one in report.answers for line in one.lines)


@pytest.mark.parametrize("left_out", ["receipt", "log", "decision"])
def test_every_key_has_to_be_in_the_trust_file(left_out: str) -> None:
    trust = KeySet([one for one in TRUST if one.purpose != left_out])
    assert "not among the trusted keys" in reasons(build().issue(), trust)


def test_a_log_proof_of_another_seal_is_refused() -> None:
    case = build()
    other = Case("CASE-1", case.entries[:-1])
    seal = orjson.loads(from_base64url(orjson.loads(case.issue())["payload"]))["integrity"]
    wrong = Seal(entries=40, root=seal["root"], head=seal["head"], sealed_at=seal["sealed_at"], log=other.log("00"))
    assert "does not put this seal" in reasons(case.issue(seal=wrong))


def resigned(data: bytes, header: dict[str, Any] | None = None, payload: bytes | None = None, **given: Any) -> bytes:
    """A receipt signed anew by its issuer, with another header or payload."""
    value = orjson.loads(data)
    said = {**orjson.loads(from_base64url(value["protected"])), **(header or {})}
    value["protected"] = to_base64url(canonical(said))
    value["payload"] = value["payload"] if payload is None else to_base64url(payload)
    signed = f"{value['protected']}.{value['payload']}".encode()
    return layout({**value, "signature": to_base64url(key("receipt").sign(signed)), **given})


@pytest.mark.parametrize(
    "header",
    [{"typ": "JWT"}, {"typ": "example+sd-jwt"}, {"alg": "none"}, {"alg": "HS256"}, {"crit": ["b64"], "b64": False}],
)
def test_another_header_is_refused(header: dict[str, Any]) -> None:
    assert "protected" in reasons(resigned(build().issue(), header))


def test_a_duplicate_key_is_refused_at_every_level() -> None:
    data = build().issue()
    value = orjson.loads(data)
    body = from_base64url(value["payload"])
    twice = body.replace(b'"run":', b'"run":"run_0002","run":', 1)
    assert "another layout" in reasons(resigned(data, payload=twice))
    assert "twice" in reasons(data.replace(b'  "payload":', b'  "payload": "x",\n  "payload":', 1))
    assert "twice" in reasons(
        data.replace(b'      "kind": "run_opened",', b'      "kind": "x",\n      "kind": "run_opened",', 1)
    )


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_reserved_claim_names_are_refused(name: str) -> None:
    case = build()
    case.objects["intent"][name] = "x"
    assert "reserved" in reasons(_unchecked(case))
    case = build()
    case.lists["fields"][0][name] = "x"
    assert "expected no" in reasons(_unchecked(case))


def _unchecked(case: Case) -> bytes:
    """Issued without the issuer's own reading of what it wrote."""
    with patch("lineage.receipt.issue.sd_jwt.read") as read:
        read.return_value.processed.return_value = {}
        return case.issue()


def test_a_digest_that_stands_twice_is_refused() -> None:
    data = build().issue()
    payload = orjson.loads(from_base64url(orjson.loads(data)["payload"]))
    payload["evidence"].append(payload["evidence"][0])
    assert "one digest stands twice" in reasons(resigned(data, payload=canonical(payload)))


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"null", b"\xff\xfe", b'{"a":' * 2000, b"1" * 100, layout({"payload": 1})]
)
def test_anything_else_is_no_receipt(data: bytes) -> None:
    report = verify(data, TRUST)
    assert not report.intact
    assert all(one.standing == "invalid" for one in report.answers)


def test_times_beyond_the_calendar_are_refused() -> None:
    assert reasons(build().issue(issued_at=2**53 - 1))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**54) | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
SOUND = build().issue()
SOUND_PAYLOAD = orjson.loads(from_base64url(orjson.loads(SOUND)["payload"]))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_whatever_stands_in_a_file_ends_as_a_problem(data: st.DataObject) -> None:
    value = orjson.loads(SOUND)
    changed = _anywhere(value, data)
    if layout(changed) != SOUND:
        assert reasons(layout(changed))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_whatever_an_issuer_signs_ends_as_a_problem_or_is_the_same(data: st.DataObject) -> None:
    payload = _anywhere(orjson.loads(canonical(SOUND_PAYLOAD)), data)
    try:
        signed = resigned(SOUND, payload=canonical(payload))
    except CanonicalError:
        return
    if payload != SOUND_PAYLOAD and not _says_less(payload):
        assert reasons(signed)


def _says_less(payload: object) -> bool:
    """An issuer may leave the log out, and say other things that nothing in a receipt is compared with."""
    free = {"jti", "scenario", "iat"}
    if not isinstance(payload, dict) or payload.keys() != SOUND_PAYLOAD.keys():
        return False
    differs = {name for name in payload if payload[name] != SOUND_PAYLOAD[name]}
    if differs == {"integrity"}:
        return payload["integrity"] == {**SOUND_PAYLOAD["integrity"], "log": None}
    return differs <= free


def _anywhere(value: Any, data: st.DataObject) -> Any:
    """The value with something else at some place in it."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 9)) > 0:
        name = data.draw(st.sampled_from(sorted(value)))
        return {**value, name: _anywhere(value[name], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 9)) > 0:
        place = data.draw(st.integers(0, len(value) - 1))
        return [*value[:place], _anywhere(value[place], data), *value[place + 1 :]]
    return data.draw(JSON)
