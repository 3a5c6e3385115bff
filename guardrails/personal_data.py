"""Personal data beyond what a support case needs: bank and card numbers, national ids, dates of birth, private phones.

Checksums and labels, not guesses: an order number is no card, a timestamp no phone. Business contacts (names and
addresses) are what a case consists of; they are findings only where the caller asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from importlib import import_module

from casefile.evidence import Span
from guardrails.finding import Finding, excerpt, place_of

RULE = "personal-data"
EFFECT = "item quarantined, privacy flag"
MASK = "▓▓▓▓"

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])")
_BIRTH = re.compile(
    r"\b(?:date of birth|dob|d\.o\.b\.|born(?: on)?|geburtsdatum|geboren(?: am)?|date de naissance|fecha de nacimiento)\b"
    r"\W{0,4}(?P<value>\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}\.? \w{3,9} \d{4})",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.-])[A-Z]{0,2}\d[\dA-Z .\-/]{6,18}[\dA-Z](?![\w-])")
# A national id counts where its checksum fits and a word beside it says what it is: digits alone prove little.
_ID_WORDS = re.compile(
    r"\b(?:ssn|social security|national id|national insurance|nino?|personnummer|fødselsnummer|fodselsnummer|cpr|"
    r"steuer-?id|steuernummer|nir|sécurité sociale|securite sociale|bsn|burgerservicenummer|dni|nie|nif|codice fiscale|"
    r"pesel|henkilötunnus|hetu|id number|passport|ausweis\w*|identity (?:card|number))\b",
    re.IGNORECASE,
)
_ID_CHECKS = (
    "us.ssn", "gb.nhs", "de.idnr", "fr.nir", "nl.bsn", "es.dni", "es.nie", "it.codicefiscale", "no.fodselsnummer",
    "se.personnummer", "dk.cpr", "fi.hetu", "pl.pesel",
)  # fmt: skip
_NINO = re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b")
_PHONE_WORDS = re.compile(r"\b(?:private|personal|home|mobile|cell|privat\w*|handy|domicile)\b", re.IGNORECASE)
_MAYBE = re.compile(r"\d{3}|birth|born|gebor|naiss|nacim", re.IGNORECASE)


def find_personal_data(spans: Iterable[Span], evidence: str = "") -> list[Finding]:
    """A finding (rule `personal-data`) for each span that holds such data; `detail["kind"]` says which. Masked."""
    findings = []
    for span in spans:
        if not _MAYBE.search(span.text):
            continue
        hits = list(_hits(span.text, span.label))
        if hits:
            kinds = ", ".join(dict.fromkeys(kind for kind, _, _ in hits))
            shown = excerpt(_masked(span.text, hits))
            findings.append(Finding(RULE, place_of(evidence, span.locator), EFFECT, shown, {"kind": kinds}))
    return findings


def mask_personal(text: str) -> str:
    """The text with each such piece replaced by a mask of fixed length."""
    return _masked(text, list(_hits(text, "")))


def _masked(text: str, hits: list[tuple[str, int, int]]) -> str:
    for _, start, end in sorted(hits, key=lambda hit: hit[1], reverse=True):
        text = f"{text[:start]}{MASK}{text[end:]}"
    return text


def _hits(text: str, label: str) -> Iterator[tuple[str, int, int]]:
    """Kind, start and end of each piece, without overlaps."""
    taken: list[tuple[int, int]] = []
    for kind, start, end in _all(text, label):
        if not any(start < b and a < end for a, b in taken):
            taken.append((start, end))
            yield kind, start, end


def _all(text: str, label: str) -> Iterator[tuple[str, int, int]]:
    for match in _IBAN.finditer(text):
        if _valid("iban", match[0]):
            yield "bank account (IBAN)", *match.span()
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if digits[0] in "3456" and len(digits) in (13, 14, 15, 16, 19) and _valid("luhn", digits):
            yield "payment card", *match.span()
    for match in _BIRTH.finditer(text):
        yield "date of birth", match.start("value"), match.end("value")
    if _ID_WORDS.search(text) or _ID_WORDS.search(label):
        for match in [*_NINO.finditer(text), *_NUMBER.finditer(text)]:
            if _NINO.fullmatch(match[0].strip()) or any(_valid(kind, match[0]) for kind in _ID_CHECKS):
                yield "national id", *match.span()
    if _PHONE_WORDS.search(text) or _PHONE_WORDS.search(label):
        yield from _phones(text)


def _phones(text: str) -> Iterator[tuple[str, int, int]]:
    """Numbers in international form beside a word that says they are private."""
    import phonenumbers

    for found in phonenumbers.PhoneNumberMatcher(text, None):
        yield "private phone", found.start, found.end


def _valid(kind: str, text: str) -> bool:
    return _check(kind)(text.strip())


@lru_cache(maxsize=32)
def _check(kind: str) -> Callable[[str], bool]:
    check: Callable[[str], bool] = import_module(f"stdnum.{kind}").is_valid
    return check
