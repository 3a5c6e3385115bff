"""Approvals by keys that people hold: an ES256 key counts like an Ed25519 one, and only in its one form."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from receipt_samples import TRUST, Case, build, public

from lineage.keys import KeyFault, KeySet, Signer, thumbprint
from lineage.receipt.verify import verify


class Es256:
    """A key as a person's device holds it."""

    def __init__(self) -> None:
        self._private = ec.derive_private_key(2026, ec.SECP256R1())
        point = self._private.public_key().public_numbers()
        self.public = b"\4" + point.x.to_bytes(32) + point.y.to_bytes(32)
        self.kid = thumbprint(self.public)

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self._private.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


HELD = Es256()
HELD_TRUST = KeySet([*TRUST, replace(public("u-duty", "decision", "u-held"), raw=HELD.public)])


def reasons(data: bytes, trust: KeySet) -> str:
    return "; ".join(one.text for one in verify(data, trust).problems)


def approved(signer: Signer) -> bytes:
    """A receipt in which that key approved beside another person's."""

    def also(case: Case) -> None:
        case.approve("u-held", signer=signer)

    return build(change=also).issue()


def test_an_approval_by_an_es256_key_that_its_person_holds_counts() -> None:
    whole = approved(HELD)
    assert KeySet.read(HELD_TRUST.write()).write() == HELD_TRUST.write()
    assert reasons(whole, HELD_TRUST) == ""
    assert "not among the trusted keys" in reasons(whole, TRUST)


def test_an_es256_signature_over_other_bytes_or_of_another_form_counts_for_nothing() -> None:
    class Wrong(Es256):
        def sign(self, data: bytes) -> bytes:
            return super().sign(data + b" ")

    class Short(Es256):
        def sign(self, data: bytes) -> bytes:
            return super().sign(data)[:-1]

    class Zero(Es256):
        def sign(self, data: bytes) -> bytes:
            return bytes(64)

    for signer in (Wrong(), Short(), Zero()):
        assert "the signature is not that of the person's key" in reasons(approved(signer), HELD_TRUST)


@pytest.mark.parametrize("wrong", [{"crv": "P-384"}, {"alg": "EdDSA"}, {"y": "A" * 43}, {"purpose": "receipt"}])
def test_a_p256_key_of_another_form_is_no_key(wrong: dict[str, str]) -> None:
    keys = orjson.loads(HELD_TRUST.write())["keys"]
    [mine] = [one for one in keys if one["kty"] == "EC"]
    with pytest.raises(KeyFault):
        KeySet.read(orjson.dumps({"keys": [mine | wrong]}))
