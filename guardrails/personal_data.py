"""Personal data in evidence: accounts, cards, national ids, dates of birth, private numbers; contacts on request.

Numbers are taken for personal only where their form proves it (checksum, country code) or a label says so, so
that timestamps, order and ticket numbers, versions, UUIDs and IP addresses stay what they are. Business contacts
are what a case consists of: addresses, phone numbers and names are findings only against a list of known ones.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from importlib import import_module

from casefile.evidence import Span
from guardrails.finding import Finding, excerpt, place_of
from guardrails.national_ids import ANY_ID, IDS, LABEL, LABELLED_FORMS
from guardrails.secrets import MASK
from guardrails.secrets import mask as mask_secrets

RULE = "personal-data"
EFFECT = "item quarantined, privacy flag"

_Hit = tuple[str, int, int]
_CONTACTS = frozenset({"e-mail", "phone", "name"})

_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?![\w-])")
_MESSAGE_LABELS = frozenset({"message-id", "in-reply-to", "references", "message_id", "content-id", "uid"})
_MESSAGE_ID = re.compile(r"(?i)(message-id|in-reply-to|references)\s*:")
_PHONE = re.compile(r"(?<![\w.:+/-])(?:\+|00)[1-9](?:[ ().\-/\u00a0]{0,2}\d){6,14}(?![\w:])")
_PHONE_WORDS = (
    r"(?:tele)?phone|tel|mobile|cell|fax|pager|whatsapp|handy|telefon|mobil|private line|direct line|portable|telefono"
)
_LABELLED_PHONE = re.compile(
    rf"(?i)\b(?:{_PHONE_WORDS})(?:\s*(?:no|nr|number|nummer))?\.?\s*(?:is\s+|[:=]\s*|\s)"
    r"(?P<s>\(?\d(?:[ ().\-/]{0,2}\d){6,14})(?![\w:])"
)
_PHONE_FIELD = re.compile(rf"(?i)(?:^|[\W_])(?:{_PHONE_WORDS})(?:$|[\W_])")
_PRIVATE = re.compile(r"(?i)\b(?:private|personal|home|privat\w*|handy|domicile|casa|particular)\b")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\w.:-])\d(?:[ -]?\d){12,18}(?![\w:-])")
_CARD_GROUPS = re.compile(r"\d+|\d{4}(?:[ -]\d{4}){2,3}(?:[ -]\d{1,3})?|\d{4}[ -]\d{6}[ -]\d{4,5}")
_CARD_START = re.compile(r"4|5[1-5]|2[2-7]|3[47]|6011|65|35|30[0-5]|3[68]")
_DATE = r"(?:\d{1,2}[./ -]\w{1,9}[./ -]\d{2,4}|\d{1,2}\. ?\w{3,9} \d{4}|\d{4}-\d\d-\d\d|[A-Za-z]{3,9} \d{1,2},? \d{4})"
_BIRTH_WORDS = (
    r"date[ _-]?of[ _-]?birth|birth[ _-]?date|birthday|d\.?o\.?b\.?|born(?: on)?|geburts(?:datum|tag)|geboren(?: am)?|"
    r"geb\.|n[ée]e? le|date de naissance|fecha[ _]de[ _]nacimiento|data[ _]di[ _]nascita|geboortedatum|data de nascimento"
)
_BIRTH = re.compile(rf"(?i)\b(?:{_BIRTH_WORDS})\s*(?:[:=]|is|am)?\s*(?P<s>{_DATE})")
_BIRTH_FIELD = re.compile(rf"(?i)(?:{_BIRTH_WORDS})")
# What none of the forms can do without: a cheap test, for logs.
_LIKELY = re.compile(r"@|\+\d|\d[\d -]{6,}\d|[A-Z]\d{7}|\d{6}[-+A]\d{3}|[A-Z]{2}[A-Z\d ]{4}\d\d")
_IBAN_LIKELY = re.compile(r"[A-Z][A-Z]\d\d[ A-Z0-9]{10}")
_BIRTH_LIKELY = (
    "birth",
    "born",
    "dob",
    "d.o.b",
    "gebo",
    "geb.",
    "geburt",
    "ne le",
    "née",
    "né le",
    "naiss",
    "nacim",
    "nascim",
    "nascita",
)


def find_personal_data(
    spans: Iterable[Span],
    evidence: str = "",
    known: Collection[str] | None = None,
    names: Collection[str] = (),
) -> list[Finding]:
    """A finding per span with personal data (rule `personal-data`, `detail["kind"]`), its text masked.

    `known` are the addresses, phone numbers and names that the case expects (its roster); `@domain` expects every
    address of a domain. With it, any other e-mail address, phone number and name of `names` is a finding too;
    without it only what no support case needs: accounts, cards, national ids, dates of birth, private numbers.
    """
    expected = frozenset(_plain(entry) for entry in known or ())
    wanted = _name_pattern(names)
    findings = []
    for span in spans:
        found = list(_reported(span.text, span.label, wanted, None if known is None else expected))
        if found:
            shown = mask_secrets(_masked(span.text, found))
            kinds = ", ".join(dict.fromkeys(kind for kind, _, _ in found))
            place = place_of(evidence, span.locator)
            findings.append(Finding(RULE, place, EFFECT, excerpt(shown), {"kind": kinds}))
    return findings


def mask_personal(text: str, known: Collection[str] | None = (), names: Collection[str] = (), label: str = "") -> str:
    """`text` with personal data and contacts replaced by `▓▓▓▓`, except what `known` lists; None lists every contact.

    `label` is what names the value (a column header, a JSON key), where the text alone would not show it.
    """
    expected = None if known is None else frozenset(_plain(entry) for entry in known)
    return _masked(text, list(_reported(text, label, _name_pattern(names), expected)))


def _reported(text: str, label: str, names: re.Pattern[str] | None, expected: frozenset[str] | None) -> Iterator[_Hit]:
    for kind, start, end in _hits(text, label, names):
        if expected is None and kind in _CONTACTS:
            continue
        if not expected or not _is_expected(text[start:end], expected):
            yield kind, start, end


def _hits(text: str, label: str, names: re.Pattern[str] | None) -> Iterator[_Hit]:
    if names is not None:
        yield from (("name", *match.span()) for match in names.finditer(text))
    low = text.lower()
    if any(word in low for word in _BIRTH_LIKELY):
        yield from (("date of birth", *match.span("s")) for match in _BIRTH.finditer(text))
    if label and _BIRTH_FIELD.fullmatch(label) and (date := re.search(_DATE, text)):
        yield ("date of birth", *date.span())
    if _LIKELY.search(text) or (label and _PHONE_FIELD.search(label)):
        yield from _addresses(text, label)
        yield from _phones(text, label)
        yield from _accounts(text)
        yield from _national_ids(text, label)


def _addresses(text: str, label: str) -> Iterator[_Hit]:
    if label.lower() in _MESSAGE_LABELS or _MESSAGE_ID.match(text):
        return
    for match in _EMAIL.finditer(text):
        if "://" not in text[max(0, match.start() - 80) : match.start()].rsplit(" ", 1)[-1]:
            yield ("e-mail", *match.span())


def _phones(text: str, label: str) -> Iterator[_Hit]:
    spans = [match.span() for match in _PHONE.finditer(text) if _possible(match[0])]
    taken = {index for span in spans for index in range(*span)}
    spans += [m.span("s") for m in _LABELLED_PHONE.finditer(text) if m.start("s") not in taken]
    if not spans and _PHONE_FIELD.search(label) and len(text) < 30 and 7 <= len(re.sub(r"\D", "", text)) <= 15:
        spans = [(0, len(text))]
    if spans:
        private = _PRIVATE.search(text) or _PRIVATE.search(label.replace("_", " "))
        yield from (("private phone" if private else "phone", start, end) for start, end in spans)


def _possible(text: str) -> bool:
    import phonenumbers

    try:
        number = phonenumbers.parse("+" + re.sub(r"\D", "", text.removeprefix("00")), None)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number(number))


def _accounts(text: str) -> Iterator[_Hit]:
    for match in _IBAN.finditer(text) if _IBAN_LIKELY.search(text) else ():
        if _valid("iban", match[0]):
            yield ("iban", *match.span())
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _CARD_GROUPS.fullmatch(match[0]) and _CARD_START.match(digits) and _valid("luhn", digits):
            yield ("card", *match.span())


def _national_ids(text: str, label: str) -> Iterator[_Hit]:
    found = [(kind, match) for kind in IDS for match in kind.pattern.finditer(text)] if ANY_ID.search(text) else []
    forms = [match for form in LABELLED_FORMS for match in form.finditer(text)]
    if not found and not forms:
        return
    labelled = bool(LABEL.search(label.replace("_", " ")) or LABEL.search(text))
    for kind, match in found:
        if (labelled or not kind.labelled) and _valid(kind.module, match[0]):
            yield ("national id", *match.span())
    if labelled:
        yield from (("national id", *match.span()) for match in forms)


def _valid(module: str, value: str) -> bool:
    return bool(import_module(f"stdnum.{module}").is_valid(value.replace(" ", "")))


def _name_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    parts = {r"\s+".join(map(re.escape, name.split())) for name in names if name.strip()}
    longest_first = sorted(parts, key=len, reverse=True)
    return re.compile(rf"(?i)(?<!\w)(?:{'|'.join(longest_first)})(?!\w)") if parts else None


def _is_expected(value: str, expected: frozenset[str]) -> bool:
    plain = _plain(value)
    return plain in expected or ("@" in plain and "@" + plain.rpartition("@")[2] in expected)


def _plain(value: str) -> str:
    """Names and addresses in one form; numbers as their digits, so that spacing does not matter."""
    text = " ".join(value.casefold().split())
    digits = re.sub(r"\D", "", text)
    return digits.removeprefix("00") if len(digits) >= 7 and not re.search(r"[^\W\d]", text) else text


def _masked(text: str, hits: Iterable[_Hit]) -> str:
    pieces, at = [], 0
    for start, end in sorted((start, end) for _, start, end in hits):
        if end <= at:
            continue
        if start >= at:
            pieces.append(text[at:start] + MASK)
        at = end
    return "".join(pieces) + text[at:]
