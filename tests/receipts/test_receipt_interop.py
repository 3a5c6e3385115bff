"""Well-formed receipts are SD-JWTs for others too: the public `sd-jwt` package reads the same claims from them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from jwcrypto.jwk import JWK
from receipt_samples import ISSUER, TRUST, build, public
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from lineage import sd_jwt
from lineage.encoding import to_base64url
from lineage.receipt.disclose import disclose

FULL = build().issue()
COPIES = {"full": FULL, "copy": disclose(FULL, ["approvals", "intent/purpose", "evidence/2"])}
ISSUER_JWK = JWK(kty="OKP", crv="Ed25519", x=to_base64url(public("receipt", "receipt", ISSUER).raw))


def _key(issuer: str, header: dict[str, Any]) -> JWK:
    assert issuer == ISSUER
    found = TRUST.find(header["kid"])
    assert found is not None
    return JWK(kty="OKP", crv="Ed25519", x=to_base64url(found.raw))


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("form", ["compact", "json"])
def test_the_package_reads_what_we_disclose(name: str, form: str) -> None:
    value = orjson.loads(COPIES[name])
    disclosures = value["header"]["disclosures"]
    if form == "compact":
        signed = f"{value['protected']}.{value['payload']}.{value['signature']}"
        token = "~".join([signed, *disclosures, ""])
    else:
        # The package expects the disclosures beside the header, as drafts of RFC 9901 had them.
        jws = {part: value[part] for part in ("protected", "payload", "signature")}
        token = orjson.dumps({**jws, "disclosures": disclosures}).decode()
    read = SDJWTVerifier(token, _key, serialization_format=form).get_verified_payload()
    assert read == value["disclosed"]


def test_we_read_what_the_package_issues() -> None:
    from sd_jwt.common import SDObj

    private = JWK.generate(kty="OKP", crv="Ed25519")
    claims = {SDObj("purpose"): "a purpose", SDObj("by"): "u-1"}
    issued = SDJWTIssuer({"iss": "x", "intent": claims}, private, sign_alg="EdDSA", serialization_format="json")
    made = orjson.loads(issued.sd_jwt_issuance)
    digests = orjson.loads(sd_jwt.from_base64url(made["payload"]))["intent"]["_sd"]
    assert sorted(sd_jwt.digest_of(text) for text in made["disclosures"]) == sorted(digests)
