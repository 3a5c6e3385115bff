"""National ids: their forms, and which of them need a label beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass

LABEL = re.compile(
    r"(?i)\b(?:national id|id[ -]?(?:card|number|no)|identity (?:card|number)|personal (?:id|number|code)|social security|"
    r"s[ée]curit[ée] sociale|ssn|tax[ _-]?(?:no|id|number)|taxno|steuer(?:-?id|nummer|id)?|ust-?id|vat[ _-]?(?:no|id)|nir|"
    r"insee|bsn|burgerservicenummer|dni|nie|nif|codice fiscale|nhs|nino|national insurance|f[øo]dselsnummer|personnummer|"
    r"cpr|hetu|henkil[öo]tunnus|pesel|passport|ausweis\w*)\b"
)


@dataclass(frozen=True, slots=True)
class NationalId:
    """One kind: `module` of stdnum proves it. Bare digits pass a checksum by chance, so those need a label."""

    module: str
    form: str
    pattern: re.Pattern[str]
    labelled: bool


def _alone(form: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{form})(?![\w-])")


def _kind(module: str, form: str, labelled: bool = False) -> NationalId:
    return NationalId(module, form, _alone(form), labelled)


IDS = (
    _kind("us.ssn", r"\d{3}-\d\d-\d{4}"),
    _kind("es.dni", r"\d{8}-?[A-Z]"),
    _kind("es.nie", r"[XYZ]-?\d{7}-?[A-Z]"),
    _kind("it.codicefiscale", r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]"),
    _kind("fi.hetu", r"\d{6}[-+A]\d{3}[0-9A-Y]"),
    _kind("fr.nir", r"[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d"),
    _kind("se.personnummer", r"(?:\d\d)?\d{6}[-+]\d{4}", labelled=True),
    _kind("dk.cpr", r"\d{6}-?\d{4}", labelled=True),
    _kind("de.idnr", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", labelled=True),
    _kind("nl.bsn", r"\d{9}", labelled=True),
    _kind("gb.nhs", r"\d{3} ?\d{3} ?\d{4}", labelled=True),
    _kind("no.fodselsnummer", r"\d{6} ?\d{5}", labelled=True),
    _kind("pl.pesel", r"\d{11}", labelled=True),
)
# Any of them: one look tells that a line has none, where most lines have none.
ANY_ID = _alone("|".join(kind.form for kind in IDS))
# Without a checksum that stdnum knows, or of people who are their own company: only beside a label.
LABELLED_FORMS = (
    re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]\b"),
    re.compile(r"\b(?:DE\d{9}|ATU\d{8}|FR[\dA-Z]{2}\d{9}|NL\d{9}B\d\d|ES[A-Z0-9]\d{7}[A-Z0-9]|IT\d{11}|GB\d{9})\b"),
)
