"""Verifying a receipt offline. Trust comes from the caller, never from the file.

1. the file has the one form and layout           4. what is readable is what was disclosed
2. key: trusted for receipts, valid at that time  5. the entries give the sealed chain; its rules hold
3. signature; every disclosure is a signed one    6. each part fits its entry, its signer, the other parts
"""

from typing import Any, Final

from lineage.keys import KeyFault, Trust, instant_of, trusted
from lineage.receipt.chain_checks import check_chain, check_log
from lineage.receipt.erasure import Erased, check_erasures
from lineage.receipt.form import QUESTION_OF, QUESTIONS, Receipt, ReceiptError, layout, read
from lineage.receipt.part_checks import check_parts
from lineage.receipt.report import Answer, Count, Findings, Problem, Report, Standing
from lineage.receipt.words import said_of

_NOTHING: Final = Erased(frozenset(), frozenset())


def verify(data: bytes, trust: Trust) -> Report:
    """Checks a receipt file. Whatever stands in it ends as a problem; nothing is raised."""
    findings = Findings()
    try:
        receipt = read(data)
    except ReceiptError as error:
        return _unreadable(str(error))
    try:
        return _verify(receipt, trust, findings)
    except KeyFault as error:
        findings.add("integrity", "trust", str(error))
        return _report(receipt, findings, _NOTHING, ())
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        # A signed part may hold any value in any member: one that no check expects is no proof of anything.
        findings.add("integrity", "file", f"a member has an unexpected type ({type(error).__name__}: {error})")
        return _report(receipt, findings, _NOTHING, ())


def _verify(receipt: Receipt, trust: Trust, findings: Findings) -> Report:
    lines: list[str | None] = [_check_signature(receipt, trust, findings)]
    # As bytes: to Python true, 1 and 1.0 are equal, and to who reads the file they are not.
    if layout(receipt.token.processed()) != layout(receipt.disclosed):
        findings.add("integrity", "disclosed", "differs from what the signed disclosures say")
    check_chain(receipt, findings)
    erased = check_erasures(receipt, trust, findings)
    lines.append(check_log(receipt, trust, findings))
    if not findings.problems:
        check_parts(receipt, trust, findings)
    return _report(receipt, findings, erased, tuple(line for line in lines if line))


def _check_signature(receipt: Receipt, trust: Trust, findings: Findings) -> str:
    issuer, issued = receipt.payload["iss"], instant_of(receipt.payload["iat"])
    key, problem = trusted(trust, receipt.token.header["kid"], "receipt", issued)
    if problem:
        findings.add("integrity", "protected/kid", problem)
    elif key is not None and key.owner != issuer:
        findings.add("integrity", "payload/iss", f"{issuer} is not the owner of the key, {key.owner}")
    elif key is not None and not receipt.token.signed_by(key):
        findings.add("integrity", "signature", "is not that of the key over what is signed here")
    later = f"; the key was revoked later, at {key.revoked_at}" if key and key.revoked_at else ""
    return f"issued by {issuer} at {issued} with key {receipt.token.header['kid']}{later}"


def _report(receipt: Receipt, findings: Findings, erased: Erased, lines: tuple[str, ...]) -> Report:
    payload = receipt.payload
    sealed = sum(header is None for seq, header in enumerate(receipt.entries) if seq not in erased.entries)
    gone = len(erased.entries)
    total = payload["integrity"]["entries"]
    total = total if type(total) is int else len(receipt.entries)
    count = Count(total, len(receipt.entries) - sealed - gone, sealed, gone, total - len(receipt.entries))
    answers = tuple(_answer(receipt, question, findings, erased, lines) for question in QUESTIONS)
    of = {name: payload[name] for name in ("case", "run", "tenant", "scenario", "policy_version", "iss")}
    return Report(of, count, answers, tuple(findings.problems))


def _answer(receipt: Receipt, question: str, findings: Findings, erased: Erased, lines: tuple[str, ...]) -> Answer:
    claims = [c for c in receipt.token.claims if QUESTION_OF[c.path.partition("/")[0]] == question]
    shown = [c for c in claims if c.shown]
    gone = sum(c.digest in erased.digests for c in claims if not c.shown)
    sealed = len(claims) - len(shown) - gone
    standing: Standing = "absent"
    # A file whose signature or chain does not hold proves none of its answers.
    if findings.of(question) or findings.of("integrity"):
        standing = "invalid"
    elif shown or question == "integrity":
        standing = "shown"
    elif sealed:
        standing = "sealed"
    elif gone:
        standing = "erased"
    values: list[tuple[str, Any]] = [(c.path, c.value) for c in shown]
    said = (*lines, *said_of(values)) if question == "integrity" else said_of(values)
    return Answer(question, QUESTIONS[question][0], standing, len(shown), sealed, gone, said)


def _unreadable(reason: str) -> Report:
    answers = tuple(Answer(name, title, "invalid", 0, 0, 0) for name, (title, _) in QUESTIONS.items())
    return Report({}, None, answers, (Problem("integrity", "", reason),))
