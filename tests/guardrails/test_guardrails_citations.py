import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casefile.claims import Citation
from casefile.evidence import Reading, Row, Span, Table
from guardrails.citations import check_citation, fold, quote_stands, suggest
from guardrails.places import Places

SOURCE = (
    "Hello Ana,\nproduction federation is broken since 06:12 UTC on 18 April 2026. Retention is 75 days and the\n"
    "upload limit is 14 GB. Houston is not affected. Ingrid Solheim confirmed 4,120 blocked users in Bergen.\n"
    "Tenant tn-halvorsen-eu, plan ENT-PREM-24, host login.halvorsen.example, error rate 10.5 % for 90 minutes.\n"
    "We cannot reproduce it on staging. The response was sent within 30 minutes, never later."
)


@dataclass(frozen=True)
class Cite:
    locator: str
    quote: str


@pytest.mark.parametrize(
    "quote",
    ["Houston is not affected", "since 06:12 UTC on 18 April 2026", "and the upload limit is 14 GB",
     "tn-halvorsen-eu", "10.5 %", "Ingrid Solheim", "  Hello\n Ana ", "ﬁ".join(["a"]) + "nd the"],
)  # fmt: skip
def test_true_quotes_stand(quote):
    assert quote_stands(quote, SOURCE)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("57 days", "kept 157 days"),
        ("5 days", "kept 7.5 days"),
        ("10", "rate 10.5 percent"),
        ("10", "rate 10% today"),
        ("tn-halvorsen", "tenant tn-halvorsen-eu"),
        ("halvorsen-eu", "tenant tn-halvorsen-eu"),
        ("licensed", "the host is unlicensed"),
        ("affected", "Houston is not affected"),
        ("affected by it", "Houston is not yet affected by it"),
        ("can log in", "we cannot; nobody can't log in, they can log inside"),
        ("funktioniert", "die Anmeldung funktioniert nicht"),
        ("08:10", "since 08:10+02:00"),
        ("5 °C", "at -5 °C"),
        ("102", "a factor of 10²"),
        ("11", "takes 1½ hours"),
        ("acme.example", "host staging.acme.example"),
        ("", "anything"),
        ("…", "anything …"),
        ("Premier 24x7 plan", "There is no Premier 24x7 plan"),
        ("The export of Acme Inc.", "The export of Acme Inc. not approved by legal"),
        ("Is the export approved?", "Is the export approved? No."),
        ("Encryption at rest:", "Encryption at rest: No"),
    ],
)
def test_substrings_that_lie_do_not_stand(quote, text):
    assert not quote_stands(quote, text)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("2026-04-18", "at 2026-04-18T06:12:00Z"),
        ("06:12:00Z", "at 2026-04-18T06:12:00Z"),
        ("4711", "ticket no 4711 was opened"),
        ("Acme", "Acme's tenant"),
        ("Bergen", "Not Houston, Bergen"),
        ("The plan ends on 31 March 2026.", "1.2 The plan ends on 31 March 2026. No term of it is carried over."),
        ("Der Vertrag endet am 31. März.", "Der Vertrag endet am 31. März. Keine Frist läuft weiter."),
        ("It is over!", "It is over! Nobody was hurt"),
        ("障害", "本番障害です"),
        ("login is blocked", "Workforce login is blocked: nobody"),
        ("10²", "a factor of 10²"),
        ("ＡＢＣ", "ABC"),
    ],
)
def test_whole_values_stand(quote, text):
    assert quote_stands(quote, text)


def _alter_number(quote: str, rng: random.Random) -> str | None:
    places = [i for i, char in enumerate(quote) if char.isdigit()]
    if not places:
        return None
    at = rng.choice(places)
    return quote[:at] + rng.choice([d for d in "0123456789" if d != quote[at]]) + quote[at + 1 :]


def _alter_negation(quote: str, rng: random.Random) -> str | None:
    for word, other in ((" not ", " "), ("cannot", "can"), (", never", ", always")):
        if word in quote:
            return quote.replace(word, other, 1)
    return quote.replace(" is ", rng.choice([" is not ", " is no longer "]), 1) if " is " in quote else None


def _alter_words(pairs: list[tuple[str, str]]):
    def alter(quote: str, rng: random.Random) -> str | None:
        fitting = [(old, new) for old, new in pairs if old in quote]
        if not fitting:
            return None
        old, new = rng.choice(fitting)
        return quote.replace(old, new, 1)

    return alter


ALTERATIONS = {
    "number": _alter_number,
    "negation": _alter_negation,
    "date": _alter_words([("18 April", "19 April"), ("April", "May"), ("2026", "2025"), ("06:12", "16:12")]),
    "unit": _alter_words([("days", "hours"), ("GB", "MB"), ("minutes", "seconds"), ("UTC", "CET"), (" %", " ‰")]),
    "name": _alter_words(
        [
            ("Ingrid", "Ingvild"),
            ("Bergen", "Hamburg"),
            ("Solheim", "Solheimer"),
            ("-eu", "-us"),
            ("Ana", "Anna"),
        ]
    ),
}


@pytest.mark.parametrize("kind", ALTERATIONS)
def test_200_altered_quotes_of_each_kind_none_accepted(kind):
    rng = random.Random(kind)
    words = SOURCE.split()
    made = 0
    while made < 200:
        start = rng.randrange(len(words) - 3)
        quote = " ".join(words[start : start + rng.randint(3, 14)])
        altered = ALTERATIONS[kind](quote, rng)
        if altered is None or altered == quote:
            continue
        made += 1
        assert not quote_stands(altered, SOURCE), altered


@given(st.text(min_size=1, max_size=60))
def test_a_whole_text_always_quotes_itself_and_folding_is_stable(text):
    assert fold(fold(text)) == fold(text)
    if any(char.isalnum() for char in fold(text)):
        assert quote_stands(text, text)


READINGS = {
    "json": Reading("json", [Span("/comments/3/body", "it is down", "leaf")], data={"a": [{"b~/": 7}]}),
    "log": Reading("log", lines=["one", "two 06:12", "three"]),
    "table": Reading(
        "xlsx",
        tables=[
            Table(
                ["name", "e-mail, work"],
                [Row(2, {"name": "Ana", "e-mail, work": "ana@x.example"})],
                "Contacts",
            ),
            Table(["A", "B"], [Row(1, {"A": "left", "B": "right"})], "table 1"),
        ],
    ),
    "pdf": Reading("pdf", [Span("page=2,char=0-9", "Plan name", "text"), Span("page=2,char=10-17", "Premier", "text")]),
    "image": Reading("png", [Span("box=10,10,20,5", "SAML", "ocr"), Span("box=40,10,30,5", "rejected", "ocr")]),
    "mail": Reading(
        "eml",
        [
            Span("/parts/0/messages/1/lines/0", "this is the same for", "line"),
            Span("/parts/0/messages/1/lines/1", "all of them", "line"),
        ],
    ),
    "docx": Reading("docx", [Span("line=1", "first", "paragraph"), Span("line=3", "third", "paragraph")]),
}


@pytest.mark.parametrize(
    ("kind", "locator", "quote"),
    [
        ("json", "/comments/3/body", "it is down"),
        ("json", "/a/0/b~0~1", "7"),
        ("log", "line=2", "06:12"),
        ("log", "line=2-3", "two 06:12 three"),
        ("table", "sheet=Contacts,row=2,col=name", "Ana"),
        ("table", "sheet=Contacts,row=2,col=e-mail, work", "ana@x.example"),
        ("table", "sheet=table 1,row=1,col=B", "right"),
        ("pdf", "page=2,char=10-17", "Premier"),
        ("pdf", "page=2,char=5-17", "name Premier"),
        ("pdf", "page=2,char=12-17", "emier"),
        ("image", "box=10,10,20,5", "SAML"),
        ("image", "box=0,0,100,20", "SAML rejected"),
        ("mail", "/parts/0/messages/1/lines/1", "all of them"),
        ("mail", "/parts/0/messages/1/lines", "the same for all of them"),
        ("docx", "line=1-3", "first third"),
    ],
)
def test_every_kind_of_locator_resolves(kind, locator, quote):
    assert check_citation(Cite(locator, quote), READINGS[kind], "e1") == []


@pytest.mark.parametrize(
    ("kind", "locator"),
    [("json", "/comments/4/body"), ("json", "/a"), ("json", "/a/00"), ("log", "line=0"), ("log", "line=4"),
     ("log", "line=3-2"), ("log", "line=2-9"), ("table", "row=2,col=name"), ("table", "sheet=Contacts,row=3,col=name"),
     ("table", "sheet=Contacts,row=2"), ("pdf", "page=3"), ("pdf", "page=2,char=90-99"), ("image", "box=0,0,5,5"),
     ("docx", "line=2"), ("docx", "line=2-3"), ("log", ""), ("log", "nonsense")],
)  # fmt: skip
def test_places_that_do_not_exist_are_findings(kind, locator):
    found = check_citation(Cite(locator, "Ana"), READINGS[kind], "e1")
    assert [f.rule for f in found] == ["citation-place"]


def test_wrong_quote_is_a_finding_and_an_unusable_reading_has_no_places():
    assert [f.rule for f in check_citation(Cite("line=2", "06:13"), READINGS["log"])] == ["citation-quote"]
    broken = Reading("log", lines=["06:12"], unusable=True)
    assert [f.rule for f in check_citation(Cite("line=1", "06:12"), broken)] == ["citation-place"]


def test_suggest_gives_the_nearest_real_place():
    found = suggest("tow 06:12", READINGS["log"])
    assert found is not None
    assert (found.locator, found.text) == ("line=2", "two 06:12")
    assert suggest("completely different words", READINGS["log"]) is None


def test_each_of_several_values_of_one_line_stands_at_it():
    """Front matter of Markdown gives one line the spans of its leaves."""
    lines = ["---", "clusters: [QC-7, QC-5]", "merged: no", "---"]
    spans = [Span("line=2", "QC-7", "leaf", "clusters"), Span("line=2", "QC-5", "leaf", "clusters")]
    places = Places(Reading("md", spans, lines=lines))
    for quote in ("QC-7", "QC-5"):
        assert check_citation(Citation(evidence="v2", locator="line=2", quote=quote, sha256="x"), places) == []
    assert check_citation(Citation(evidence="v2", locator="line=3", quote="QC-5", sha256="x"), places)
