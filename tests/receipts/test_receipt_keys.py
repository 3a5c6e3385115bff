"""Keys: made once, rotated with an overlap, revoked with effect from then on; and the form of the published set."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from command import casegate
from packets import minimal_packet
from receipt_samples import TRUST, key, public
from running import APART, finish, run

from lineage.keys import KeyFault, KeySet, PrivateKey, SignatureRefused
from lineage.receipt.verify import verify
from runtime.clock import instant
from runtime.errors import SigningError, StoreError
from runtime.installation import OVERLAP, VALIDITY, Installation
from runtime.store import person_keys
from runtime.store.database import Database

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)


def test_the_newest_key_signs_and_the_old_one_holds_through_the_overlap(tmp_path: Path) -> None:
    home = Installation.open(tmp_path)
    first = home.signer("receipt", NOW)
    assert Installation.open(tmp_path).signer("receipt", NOW).kid == first.kid
    second = home.rotate("receipt", NOW)
    assert home.signer("receipt", NOW).kid == second.kid != first.kid
    old = home.public.find(first.kid)
    assert old is not None
    assert old.fault_at(instant(NOW + OVERLAP - timedelta(seconds=1))) is None
    assert "expired" in str(old.fault_at(instant(NOW + OVERLAP)))


def test_a_key_that_is_over_is_followed_by_a_new_one(tmp_path: Path) -> None:
    home = Installation.open(tmp_path)
    first = home.signer("log", NOW)
    assert home.signer("log", NOW + timedelta(days=366)).kid != first.kid


def test_a_revoked_key_signs_no_more(tmp_path: Path) -> None:
    home = Installation.open(tmp_path)
    [first] = [home.public.find(home.signer("receipt", NOW).kid)]
    assert first is not None
    second = home.rotate("receipt", NOW)
    home.revoke(second, NOW, "lost")
    assert home.signer("receipt", NOW).kid not in (first.kid, second.kid)
    home.revoke(first, NOW, "lost too")
    revoked = home.public.find(first.kid)
    assert revoked is not None
    assert "revoked" in str(revoked.fault_at(instant(NOW)))
    assert revoked.fault_at(instant(NOW - timedelta(seconds=1))) is not None, "it was not valid before it was made"


async def test_a_person_has_one_key_until_it_is_rotated_or_revoked(database: Database, tmp_path: Path) -> None:
    home = Installation.open(tmp_path)

    async def kid(owner: str = "u-1", tenant: str = "tn-a") -> str:
        return (await person_keys.signer(database, home, tenant, owner, NOW)).kid

    first = await kid()
    assert await kid() == first
    assert len({first, await kid("u-2"), await kid(tenant="tn-b")}) == 3
    await person_keys.rotate(database, home, "tn-a", "u-1", NOW)
    second = await kid()
    assert second != first
    [named] = [one for one in await person_keys.every(database, "tn-a") if one.kid == second]
    await person_keys.revoke(database, home, named, NOW, "lost")
    assert await kid() not in (first, second)
    published = home.public.find(second)
    assert published is not None
    assert published.revocation == "lost"
    assert {one.tenant for one in await person_keys.every(database, "tn-a")} == {"tn-a"}


async def test_one_person_gets_one_key_from_many_at_once(database: Database, tmp_path: Path) -> None:
    home = Installation.open(tmp_path)
    signers = await asyncio.gather(*(person_keys.signer(database, home, "tn-a", "u-1", NOW) for _ in range(6)))
    known = {one.kid for one in await person_keys.every(database)}
    assert {one.kid for one in signers} <= known


def test_processes_that_set_up_at_once_have_one_installation(tmp_path: Path) -> None:
    processes = [APART.Process(target=_set_up, args=(tmp_path, n)) for n in range(3)]
    assert [finish(one) for one in processes] == [0, 0, 0]
    assert len({(tmp_path / f"id{n}").read_text() for n in range(3)}) == 1


def _set_up(folder: Path, n: int) -> None:
    (folder / f"id{n}").write_text(Installation.open(folder / "data").id)


async def test_who_holds_his_key_is_signed_for_by_nobody_until_the_operator_gives_him_a_sealed_one(
    database: Database, tmp_path: Path
) -> None:
    home, mine = Installation.open(tmp_path), key("a key of my own")
    given = (database, home, "tn-a", "u-1", NOW)
    sealed = await person_keys.signer(*given)
    held = person_keys.offered(mine.public, "tn-a", "u-1", NOW)
    over, new = await database.together(lambda connection: person_keys.register(connection, held, NOW))
    assert (over.kid, new.kid) == (sealed.kid, mine.kid)
    assert over.fault_at(instant(NOW)) is None
    assert over.fault_at(instant(NOW + person_keys.HANDOVER)) is not None
    with pytest.raises(SigningError, match="the service does not have it"):
        await person_keys.signer(*given)
    signer = await person_keys.signer(*given, mine.sign(b"these bytes"))
    assert (signer.kid, signer.public) == (mine.kid, mine.public)
    assert signer.sign(b"these bytes") == mine.sign(b"these bytes")
    with pytest.raises(SignatureRefused):
        signer.sign(b"other bytes")
    with pytest.raises(SigningError, match="registered no key"):
        await person_keys.signer(database, home, "tn-a", "u-2", NOW, b"x" * 64)
    with pytest.raises(SigningError, match="over"):
        await person_keys.signer(database, home, "tn-a", "u-1", NOW + VALIDITY, mine.sign(b"these bytes"))
    await person_keys.rotate(*given)
    again = await person_keys.signer(*given)
    assert again.kid not in (sealed.kid, mine.kid)
    assert await person_keys.held(database, "tn-a", "u-1") is None


async def test_another_installation_cannot_open_a_sealed_key(database: Database, tmp_path: Path) -> None:
    home, other = (Installation.open(tmp_path / name) for name in ("one", "two"))
    await person_keys.signer(database, home, "tn-a", "u-1", NOW)
    with pytest.raises(StoreError, match="not sealed by this installation"):
        await person_keys.signer(database, other, "tn-a", "u-1", NOW)
    sealed = home.seal(key("x").seed, key("x").kid)
    with pytest.raises(StoreError):
        home.unseal(sealed, key("y").kid)


def test_a_private_key_is_not_printed() -> None:
    made = PrivateKey.of(b"7" * 32)
    assert "7777" not in repr(made)
    assert "7777" not in str(made)


def test_the_key_set_is_read_as_it_was_written() -> None:
    data = TRUST.write()
    assert KeySet.read(data).write() == data
    jwk = orjson.loads(data)["keys"][0]
    assert {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA"}.items() <= jwk.items()


@pytest.mark.parametrize("member", sorted(orjson.loads(TRUST.write())["keys"][0]))
def test_a_key_set_with_one_member_wrong_is_refused(member: str) -> None:
    value = orjson.loads(TRUST.write())
    for wrong in (None, 1, "", "x", [], {}, ABSENT):
        one = dict(value["keys"][0])
        if wrong is ABSENT:
            del one[member]
        elif (
            wrong == one[member]
            or (member in ("tenant", "revocation") and wrong in (None, "", "x"))
            or (member == "owner" and wrong == "x")
            or (member == "revoked_at" and wrong is None)
        ):
            continue
        else:
            one[member] = wrong
        with pytest.raises(KeyFault):
            KeySet.read(orjson.dumps({"keys": [one]}))


ABSENT = object()


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1]}', b'{"keys": [], "x": 1}', b"\xff"]
)
def test_anything_else_is_no_key_set(data: bytes) -> None:
    with pytest.raises(KeyFault):
        KeySet.read(data)


def test_one_key_twice_is_refused() -> None:
    jwk = public("receipt", "receipt", "x").jwk()
    with pytest.raises(KeyFault, match="once"):
        KeySet.read(orjson.dumps({"keys": [jwk, jwk]}))


def test_the_commands_show_rotate_and_revoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEGATE_DATA", str(tmp_path / "data"))
    out = tmp_path / "out"
    run(minimal_packet(tmp_path / "packet", exception=True), out)
    where = ("--db", f"sqlite:///{out / '.casegate' / 'casegate.db'}")
    receipt = (out / "receipt.json").read_bytes()
    [kid] = [one.kid for one in KeySet.read((out / "keys.json").read_bytes()) if one.owner == "u-duty"]
    assert casegate("keys", "rotate", "receipt", *where).code == 0
    assert casegate("keys", "rotate", "u-duty", *where).code == 0
    published = KeySet.read(casegate("keys", "show", "--json", *where).out.encode())
    assert verify(receipt, published).intact, "what was signed before a rotation stands"
    assert len([one for one in published if one.owner == "u-duty"]) == 2
    assert casegate("keys", "revoke", kid, "--reason", "lost", *where).code == 0
    # A clock that was wrong, or a thief who writes into the store: what it signed from then on is counted.
    for signed_at, count in (("2020-01-01T00:00:00Z", 0), ("2999-01-01T00:00:00Z", 1)):
        with sqlite3.connect(out / ".casegate" / "casegate.db") as store:
            store.execute("UPDATE envelopes SET signed_at = ? WHERE kid = ?", (signed_at, kid))
        shown = casegate("keys", "show", *where).out
        assert f"signed afterwards, and void: {count} decisions, 0 receipts" in shown
    for bad in (("rotate", "nobody"), ("revoke", "nothing", "--reason", "x"), ("revoke", kid, "--reason", "x")):
        answer = casegate("keys", *bad, *where)
        assert (answer.code, answer.fault) == (2, None)
