import pytest
from hypothesis import given
from hypothesis import strategies as st
from pace import bare, spent

from casefile.evidence import Span
from guardrails.finding import Finding
from guardrails.personal_data import find_personal_data, mask_personal

MASK = "▓▓▓▓"


def _kinds(text: str, label: str = "", **given_lists) -> str:
    found = find_personal_data([Span("line=1", text, "line", label)], "note", **given_lists)
    assert len(found) <= 1
    return found[0].detail["kind"] if found else ""


PRIVATE = {
    "IBAN DE89 3704 0044 0532 0130 00 for the refund": ("iban", "0532"),
    "account NO9386011117947": ("iban", "9386011117947"),
    "card 4111 1111 1111 1111 exp 12/27": ("card", "1111"),
    "paid with 5500-0000-0000-0004": ("card", "5500"),
    "amex 378282246310005": ("card", "378282246310005"),
    "SSN 536-90-4399": ("national id", "536-90-4399"),
    "DNI 12345678Z": ("national id", "12345678Z"),
    "CF RCCMNL83S18D969H": ("national id", "RCCMNL83S18D969H"),
    "hetu 131052-308T": ("national id", "131052-308T"),
    "NIR 2 95 10 99 126 111 93": ("national id", "126 111"),
    "personnummer 880320-0016": ("national id", "880320-0016"),
    "CPR 211062-5629": ("national id", "211062-5629"),
    "Steuer-ID 36 574 261 809": ("national id", "36 574 261 809"),
    "BSN 111222333": ("national id", "111222333"),
    "fødselsnummer 15108695088": ("national id", "15108695088"),
    "PESEL 44051401359": ("national id", "44051401359"),
    "NHS number 943 476 5870": ("national id", "943 476 5870"),
    "national insurance AB 12 34 56 C": ("national id", "12 34 56"),
    "sigval REJECT taxno=DE811229477": ("national id", "DE811229477"),
    "date of birth: 12.03.1985": ("date of birth", "1985"),
    "geboren am 3. Mai 1979 in Kiel": ("date of birth", "1979"),
    "My private line for questions is +49 151 5550 0188.": ("private phone", "5550"),
}


@pytest.mark.parametrize("text", PRIVATE)
def test_what_no_support_case_needs_is_found_and_masked(text):
    kind, secret = PRIVATE[text]
    assert _kinds(text) == kind
    assert secret not in mask_personal(text)
    assert MASK in mask_personal(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-04-18T06:12:00.123Z request 1776493921000 took 127.5 ms",
        "epoch 1776493921 and 1776493921123",
        "order 4711-2026-0001 and 4111111111111112",
        "ticket LUM-88213, CS-77142, ACC-40716, INC0012345678",
        "version 8.14.2.1776493921",
        "id 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "from 203.0.113.17 to 2001:db8::8a2e:370:7334",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "4,120 users, 18 April 2026, 06:12 UTC, +02:00, UTC+8",
        "invoice 36574261809 of 2026",
        "build 211062-5629",
        "born in the cloud",
        "amount 11340.00 EUR, 4 500 000 000 requests",
        "window 2026-04-18 06:00 to 2026-04-18 09:00",
        "seq 401 at 2026-04-18 actor 12345678",
        "trace=4bf92f3577b34da6a3ce929d0e0e4736",
    ],
)
def test_numbers_of_a_support_case_are_no_personal_data(text):
    assert _kinds(text, known=()) == ""
    assert mask_personal(text) == text


def test_labels_of_columns_and_keys_count():
    assert _kinds("1985-03-12", "date_of_birth") == "date of birth"
    assert _kinds("1985-03-12", "valid_until") == ""
    assert _kinds("44051401359", "pesel") == "national id"
    assert _kinds("44051401359", "order") == ""
    assert _kinds("030 1234567", "phone", known=()) == "phone"


def test_business_contacts_are_findings_only_against_a_roster():
    text = "Call Ingrid Solheim, ingrid.solheim@halvorsen.example or +47 22 12 34 56"
    assert _kinds(text) == ""
    assert _kinds(text, known=()) == "e-mail, phone"
    assert _kinds(text, known=["@halvorsen.example", "+47 2212 3456"]) == ""
    assert _kinds(text, known=["INGRID.solheim@halvorsen.example"]) == "phone"


def test_names_come_from_a_list_and_known_ones_are_expected():
    text = "Marek  Tollefsen and Rupert Vance were there"
    both = ["Marek Tollefsen", "Rupert Vance"]
    assert _kinds(text, known=(), names=both) == "name"
    assert _kinds(text, known=both, names=both) == ""
    assert mask_personal(text, known=["rupert vance"], names=both) == f"{MASK} and Rupert Vance were there"
    assert _kinds("Vancemore Rupertson", known=(), names=["Rupert", "Vance"]) == ""


def test_message_ids_and_credentials_in_addresses_are_no_mail_addresses():
    assert _kinds("<q7.20260418080531@mail.halvorsen.example>", "message-id", known=()) == ""
    assert _kinds("Message-ID: <q7.2026@mail.halvorsen.example>", known=()) == ""


def test_the_finding_shows_nothing_of_the_value():
    found = find_personal_data([Span("line=1", "card 4111 1111 1111 1111, password = hunter2!", "line")], "n")
    assert found[0].place == "n line=1"
    assert "4111" not in repr(found)
    assert "hunter2" not in repr(found)


@given(st.text(max_size=120))
def test_masking_twice_changes_nothing_more(text):
    assert mask_personal(mask_personal(text)) == mask_personal(text)


def test_a_hundred_thousand_log_lines_at_its_pace():
    line = "2026-04-18T06:{:02d}:{:02d}.004Z INFO gw-eu-2 id=3f2504e0-4f89-11d3-9a0c-{:012d} status=200"
    spans = [Span(f"line={i}", line.format(i % 60, i % 59, i), "line") for i in range(100_000)]
    found: list[Finding] = []
    taken = spent(lambda: found.extend(find_personal_data(spans, "log")))
    assert found == []
    assert taken < 16 * bare([span.text for span in spans])
