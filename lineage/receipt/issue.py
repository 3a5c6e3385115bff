"""Issuing a receipt: every part a claim that can be disclosed alone, over all entries of the case up to its seal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lineage import sd_jwt
from lineage.canonical import Json, parse_canonical
from lineage.keys import Signer
from lineage.receipt.form import ALG, LISTS, OBJECTS, TYP, VCT, layout
from lineage.sd_jwt import Concealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The end of the chain that a receipt commits to. `log` is the proof that the service log has it, or None."""

    entries: int
    root: str
    head: str
    sealed_at: str
    log: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a receipt says. `issued_at` is in seconds since 1970, by the machine's clock: keys are valid by that.

    `parts` has the claims of `form.OBJECTS` (name to value) and `form.LISTS`. What is absent is empty.
    """

    issuer: str
    issued_at: int
    tenant: str
    case: str
    run: str
    scenario: str
    policy_version: str
    seal: Seal
    headers: Sequence[bytes]
    objects: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    lists: Mapping[str, list[Json]] = field(default_factory=dict)


def issue(facts: Facts, signer: Signer) -> bytes:
    """The receipt file, with everything shown. Raises CanonicalError for values outside the domain."""
    concealed = Concealed()
    seal: dict[str, Json] = {
        "entries": facts.seal.entries,
        "root": facts.seal.root,
        "head": facts.seal.head,
        "sealed_at": facts.seal.sealed_at,
        "log": dict(facts.seal.log) if facts.seal.log is not None else None,
    }
    payload: dict[str, Json] = {
        "iss": facts.issuer,
        "iat": facts.issued_at,
        "jti": f"{facts.tenant}/{facts.run}",
        "vct": VCT,
        "tenant": facts.tenant,
        "case": facts.case,
        "run": facts.run,
        "scenario": facts.scenario,
        "policy_version": facts.policy_version,
        "integrity": seal,
        **{name: concealed.members(facts.objects.get(name, {})) for name in OBJECTS},
        **{name: concealed.elements(facts.lists.get(name, [])) for name in LISTS},
    }
    token = sd_jwt.sign({"alg": ALG, "typ": TYP}, payload, concealed, signer)
    entries: list[Json] = [parse_canonical(header) for header in facts.headers]
    return layout({**token, "entries": entries, "disclosed": sd_jwt.read(token).processed(), "erasures": []})
