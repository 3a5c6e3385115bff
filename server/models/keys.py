"""The key with which a person signs his answers at gates."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from server.models.problem import Shape

Coordinate = Annotated[str, StringConstraints(min_length=43, max_length=43)]


class PublicJwk(Shape):
    """A public key as a JWK: Ed25519 (`OKP`, RFC 8037) or P-256 for ES256 (`EC`, RFC 7518)."""

    kty: str = Field(max_length=3, examples=["OKP"])
    crv: str = Field(max_length=7, examples=["Ed25519"])
    x: Coordinate
    y: Coordinate | None = Field(default=None, description="of P-256 alone")


class KeyIn(Shape):
    """A key that the caller holds."""

    key: PublicJwk


class KeyProof(Shape):
    """What the key has to sign, to show that the caller holds it."""

    kid: str
    payload: str = Field(description="base64: an in-toto statement that names tenant, person and key")
    sign: str = Field(description="base64: the pre-authentication encoding of DSSE over that payload")


class HeldKeyIn(KeyIn):
    """A key that the caller holds, with its signature over the bytes of `sign`."""

    signature: str = Field(min_length=1, max_length=200, description="base64")


class SigningKey(Shape):
    """With what the caller signs. `held`: he does, with `kid`; else the service does, with a key that it seals."""

    person: str
    held: bool
    kid: str | None = Field(description="of the key that he holds; null: the service signs for him")
    valid_from: str | None
    valid_until: str | None
    over: str | None = Field(description="why it signs nothing any more; null: it is valid")
