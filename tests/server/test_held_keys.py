"""Keys that people hold: registered with a proof, and from then on nothing is decided without their own signature."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from house import Client, House
from packets import TENANT
from sqlalchemy import select, update

from lineage import dsse
from lineage.encoding import to_base64url
from lineage.keys import KeySet, thumbprint
from lineage.receipt.verify import verify
from runtime.store.database import Database
from runtime.store.tables import envelopes, person_keys, signing_requests

GATE = "exception_release"
KEY = f"/api/admin/{TENANT}/signing-key"


@dataclass(frozen=True)
class Held:
    """A private key that no server ever sees."""

    jwk: dict[str, str]
    sign: Callable[[bytes], bytes]

    @property
    def kid(self) -> str:
        return thumbprint(base64.urlsafe_b64decode(self.jwk["x"] + "=")) if "y" not in self.jwk else self.kid_of_point

    @property
    def kid_of_point(self) -> str:
        x, y = (base64.urlsafe_b64decode(self.jwk[name] + "=") for name in ("x", "y"))
        return thumbprint(b"\4" + x + y)

    def over(self, asked: dict[str, Any]) -> dict[str, str]:
        """The second step's body."""
        return {"kid": self.kid, "signature": base64.b64encode(self.sign(base64.b64decode(asked["sign"]))).decode()}


def ed25519() -> Held:
    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes_raw()
    return Held({"kty": "OKP", "crv": "Ed25519", "x": to_base64url(raw)}, private.sign)


def es256() -> Held:
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_numbers()

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    x, y = (to_base64url(one.to_bytes(32)) for one in (point.x, point.y))
    return Held({"kty": "EC", "crv": "P-256", "x": x, "y": y}, sign)


def registered(person: Client, held: Held) -> Held:
    proof = person.post(f"{KEY}/proof", json={"key": held.jwk})
    assert proof.status_code == 200, proof.text
    signature = held.over(proof.json())["signature"]
    answer = person.post(KEY, json={"key": held.jwk, "signature": signature})
    assert answer.status_code == 201, answer.text
    assert answer.json()["kid"] == held.kid == proof.json()["kid"]
    return held


def ask(person: Client, run: str, key: str, **body: Any) -> httpx.Response:
    shown = {"decision": "approve", "revision": "r1", **body}
    headers = {"Idempotency-Key": key}
    return person.post(f"/api/runs/{run}/gates/{GATE}/signing-requests", json=shown, headers=headers)


def asked(person: Client, run: str, key: str, **body: Any) -> dict[str, Any]:
    answer = ask(person, run, key, **body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def send(person: Client, run: str, request: str, body: dict[str, str], gate: str = GATE) -> httpx.Response:
    return person.post(f"/api/runs/{run}/gates/{gate}/signing-requests/{request}/signature", json=body)


def approvals(person: Client, run: str) -> list[tuple[str, str]]:
    return [(one["by"], one["state"]) for one in person.get(f"/api/runs/{run}").json()["approvals"]]


def test_who_has_no_role_in_the_tenant_may_hold_a_key_too(house: House) -> None:
    admin = house.sign_in("x-ada", global_roles=("admin",))
    registered(admin, ed25519())
    assert "signing_key_held" in admin.get(f"/api/admin/{TENANT}/audit").text
    assert admin.get(KEY).json()["held"] is True


@pytest.mark.parametrize("made", [ed25519, es256])
def test_an_answer_counts_with_the_signature_of_the_key_that_its_person_holds(
    house: House, run: str, duty: Client, made: Callable[[], Held]
) -> None:
    held = registered(duty, made())
    assert duty.decide(run, GATE, "one-step-alone").status_code == 409
    assert approvals(duty, run) == []
    first = asked(duty, run, "held-answer-1", reason="both regions are proven")
    assert first["kid"] == held.kid
    assert first["refusal"] is None
    assert asked(duty, run, "held-answer-1", reason="both regions are proven") == first, "the same key, the same bytes"
    assert approvals(duty, run) == [], "to ask decides nothing"
    counted = send(duty, run, first["request"], held.over(first))
    assert counted.status_code == 201, counted.text
    assert counted.json()["event"] == first["request"]
    house.rest(TENANT, run)
    assert approvals(duty, run) == [("u-duty", "valid")]
    assert send(duty, run, first["request"], held.over(first)).json()["decision"] == counted.json()["decision"]
    assert duty.get(f"/api/runs/{run}").json()["status"] == "finished"

    async def stored(database: Database) -> tuple[list[Any], list[Any], list[Any]]:
        sealed = await database.rows(select(person_keys.c.sealed).where(person_keys.c.owner == "u-duty"))
        rows = await database.rows(select(envelopes.c.body, envelopes.c.kid).where(envelopes.c.run == run))
        return sealed, rows, await database.rows(select(signing_requests))

    sealed, [[body, kid]], waiting = house.store(stored)
    assert [row[0] for row in sealed] == [None], "the service never made or had a key of this person"
    assert waiting == []
    envelope = dsse.read(orjson.loads(bytes(body)))
    assert (kid, base64.b64encode(envelope.body).decode()) == (held.kid, first["payload"])
    receipt = duty.get(f"/api/runs/{run}/receipt").content
    report = verify(receipt, KeySet.read(duty.get("/api/receipt-keys").content))
    assert report.intact, report.problems


def test_a_signature_counts_for_the_bytes_it_is_over_and_by_the_key_they_were_made_for(
    house: House, run: str, duty: Client
) -> None:
    held, other = registered(duty, ed25519()), ed25519()
    approve, reject = asked(duty, run, "held-approve"), asked(duty, run, "held-reject", decision="reject", reason="no")
    theirs = {"kid": held.kid, "signature": other.over(approve)["signature"]}
    for wrong in (theirs, other.over(approve), held.over(reject), {"kid": held.kid, "signature": "AAAA"},
                  {"kid": held.kid, "signature": "no base64!"}):  # fmt: skip
        assert send(duty, run, approve["request"], wrong).status_code == 422, wrong
    assert send(duty, run, "decide:none", held.over(approve)).status_code == 404
    elsewhere = send(duty, run, approve["request"], held.over(approve), "lossy_or_low_confidence_publication")
    assert elsewhere.status_code == 404
    changed = ask(duty, run, "held-approve", decision="reject", reason="no")
    assert changed.status_code == 422, "a key is for one answer"
    assert approvals(duty, run) == []
    assert send(duty, run, approve["request"], held.over(approve)).status_code == 201


def test_what_was_signed_for_one_revision_approves_no_other(
    house: House, run: str, duty: Client, intake: Client
) -> None:
    held = registered(duty, ed25519())
    first = asked(duty, run, "held-for-r1")
    mail = (
        b"From: Bram Aalders <bram.aalders@quillfeather.example>\nTo: intake@lumenary.example\nSubject: QF-1001\n"
        b"Date: Mon, 04 May 2026 10:00:00 +0000\nContent-Type: text/plain\n\nAffected regions: Ghent, Bruges\n"
    )
    files, data = {"file": ("later.eml", mail)}, {"system": "shared_inbox"}
    assert intake.post(f"/api/runs/{run}/evidence", files=files, data=data).status_code == 202
    house.rest(TENANT, run)
    stale = send(duty, run, first["request"], held.over(first))
    assert stale.status_code == 409, stale.text
    assert approvals(duty, run) == []
    now = stale.json()["current"]["revision"]
    assert now != "r1"
    again = asked(duty, run, "held-for-the-new-one", revision=now)
    replayed = {"kid": held.kid, "signature": held.over(first)["signature"]}
    assert send(duty, run, again["request"], replayed).status_code == 422
    assert approvals(duty, run) == []


def test_what_was_not_signed_in_time_is_over(house: House, run: str, duty: Client) -> None:
    held = registered(duty, ed25519())
    late = asked(duty, run, "held-too-late")

    async def pass_by(database: Database) -> None:
        over = update(signing_requests).values(until="2026-01-01T00:00:00Z")
        await database.together(lambda connection: connection.execute(over))

    house.store(pass_by)
    assert send(duty, run, late["request"], held.over(late)).status_code == 410
    assert approvals(duty, run) == []
    anew = asked(duty, run, "held-too-late")
    assert send(duty, run, anew["request"], held.over(anew)).status_code == 201


def test_a_request_is_its_persons_and_a_key_too(house: House, run: str, duty: Client) -> None:
    held = registered(duty, ed25519())
    second = house.sign_in("u-duty-a", ("duty_manager",))
    assert ask(second, run, "no-key-of-mine").status_code == 409
    theirs = registered(second, ed25519())
    mine = asked(duty, run, "held-mine-1")
    assert send(second, run, mine["request"], theirs.over(mine)).status_code == 404
    assert send(second, run, mine["request"], held.over(mine)).status_code == 404
    taken = second.post(f"{KEY}/proof", json={"key": held.jwk}).json()
    proof = {"key": held.jwk, "signature": held.over(taken)["signature"]}
    assert second.post(KEY, json=proof).status_code == 409, "one key signs for one person"
    assert approvals(duty, run) == []


def test_a_key_is_registered_only_by_who_holds_it_and_as_whose_it_is(house: House, duty: Client) -> None:
    held = ed25519()
    second = house.sign_in("u-duty-a", ("duty_manager",))
    for_duty = duty.post(f"{KEY}/proof", json={"key": held.jwk}).json()
    overheard = {"key": held.jwk, "signature": held.over(for_duty)["signature"]}
    assert second.post(KEY, json=overheard).status_code == 422
    assert duty.post(KEY, json={"key": held.jwk, "signature": ed25519().over(for_duty)["signature"]}).status_code == 422
    off_curve = {**es256().jwk, "y": "A" * 43}
    for bad in (off_curve, {**held.jwk, "crv": "X25519"}, {**held.jwk, "y": held.jwk["x"]}):
        assert duty.post(f"{KEY}/proof", json={"key": bad}).status_code == 422, bad
    assert duty.get(KEY).json()["held"] is False
    assert duty.post(KEY, json=overheard).status_code == 201
    assert duty.post(KEY, json=overheard).status_code == 201, "the same again changes nothing"
    wanted = {"name": "t", "scopes": ["read", "decide", "work"], "days": 1}
    token = duty.post("/api/tokens", json=wanted).json()["token"]
    by_token = httpx.post(f"{house.base}{KEY}", json=overheard, headers={"Authorization": f"Bearer {token}"})
    assert by_token.status_code == 403


def test_a_key_that_is_over_is_not_followed_by_one_of_the_services(house: House, run: str, duty: Client) -> None:
    held = registered(duty, ed25519())
    open_one = asked(duty, run, "held-then-lost")

    async def revoke(database: Database) -> None:
        values = {"revoked_at": "2026-05-04T00:00:00Z", "revocation": "lost"}
        lost = update(person_keys).where(person_keys.c.kid == held.kid).values(values)
        await database.together(lambda connection: connection.execute(lost))

    house.store(revoke)
    assert send(duty, run, open_one["request"], held.over(open_one)).status_code == 409
    assert duty.decide(run, GATE, "without-it-then").status_code == 409
    assert "revoked" in duty.get(KEY).json()["over"]
    assert approvals(duty, run) == []
    following = registered(duty, es256())
    next_one = asked(duty, run, "held-the-next")
    assert send(duty, run, next_one["request"], following.over(next_one)).status_code == 201


def test_an_answer_that_counts_for_nothing_is_on_the_record_signed_by_who_gave_it(
    house: House, run: str, intake: Client
) -> None:
    held = registered(intake, ed25519())
    tried = asked(intake, run, "intake-tries-it")
    assert tried["refusal"]
    assert send(intake, run, tried["request"], held.over(tried)).status_code == 403
    assert approvals(intake, run) == [("u-intake", "refused")]


def test_the_sealed_key_of_before_ends_and_what_it_signed_stays(house: House, run: str, duty: Client) -> None:
    assert duty.decide(run, GATE, "sealed-first").status_code == 201
    house.rest(TENANT, run)
    registered(duty, ed25519())
    keys = KeySet.read(duty.get("/api/receipt-keys").content)
    mine = [key for key in keys if key.owner == "u-duty"]
    assert len(mine) == 2
    assert verify(duty.get(f"/api/runs/{run}/receipt").content, keys).intact
    sealed = min(mine, key=lambda key: key.valid_until)
    assert sealed.fault_at(max(key.valid_from for key in mine)) is None
    assert sealed.fault_at(max(key.valid_until for key in mine)) is not None
