"""Who and where: vendors, customers, people, places and zones that no case of a scenario has."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from evals.golden.draw import Draw

_VENDORS = [
    "Corvane",
    "Lathiq",
    "Opaldesk",
    "Tessaline",
    "Brightmoor",
    "Veldra",
    "Quorumly",
    "Nimbark",
    "Sablecloud",
    "Ferrowave",
]
_FIRST = [
    "Aurinko",
    "Belmarsh",
    "Castellon",
    "Drumlin",
    "Estrella",
    "Fennimore",
    "Gudvangen",
    "Hallstatt",
    "Ironbridge",
    "Jokkmokk",
    "Kinsale",
    "Lowestoft",
    "Marigot",
    "Norrland",
    "Ostrava",
    "Pemberley",
    "Quillota",
    "Roscoff",
    "Setubal",
    "Trondelag",
    "Ullapool",
    "Vasteras",
    "Wolfsberg",
    "Yellowhead",
    "Zakopane",
]
_TRADE = [
    "Logistics",
    "Kliniken",
    "Freight",
    "Mutual",
    "Pharma",
    "Rail",
    "Water",
    "Foods",
    "Insurance",
    "Textiles",
    "Energy",
    "Shipping",
]
_FORM = ["AG", "GmbH", "Ltd", "plc", "Inc", "AS", "AB", "Oy", "BV", "SpA", "Pty", "LLC", "S.A."]
_GIVEN = [
    "Aino",
    "Bastien",
    "Chidi",
    "Dagny",
    "Emeka",
    "Fiorella",
    "Gunnar",
    "Hanneke",
    "Ioana",
    "Jarek",
    "Kirsi",
    "Lorcan",
    "Mireille",
    "Nadia",
    "Oskar",
    "Pilar",
    "Quentin",
    "Rania",
    "Sølvi",
    "Takumi",
    "Ursula",
    "Vikram",
    "Wanda",
    "Xiomara",
    "Yannick",
    "Zofia",
]
_FAMILY = [
    "Abernethy",
    "Björklund",
    "Castagna",
    "Deschamps",
    "Eze",
    "Fitzgerald",
    "Grünwald",
    "Hakimi",
    "Ibarra",
    "Jansson",
    "Kovács",
    "Lindholm",
    "Mbeki",
    "Novotna",
    "O'Hara",
    "Petrosyan",
    "Quist",
    "Rautio",
    "Shimizu",
    "Tamboli",
    "Ueda",
    "van Rijn",
    "Wójcik",
    "Yilmaz",
    "Zamora",
]
_ZONES = [
    "Europe/Berlin",
    "Europe/Helsinki",
    "America/Chicago",
    "Asia/Tokyo",
    "Asia/Singapore",
    "America/Sao_Paulo",
    "Europe/London",
    "Australia/Sydney",
    "Asia/Kolkata",
]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a roster or on the customer's side."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Company:
    """A customer with its tenant."""

    name: str
    stem: str
    tenant: str
    domain: str


@dataclass(frozen=True, slots=True)
class World:
    """The surroundings of one packet."""

    vendor: str
    vendor_domain: str
    customer: Company
    others: list[Company]
    zone: ZoneInfo
    now: datetime


def world(draw: Draw) -> World:
    """A vendor, a customer, three other tenants and a clock."""
    vendor = draw.one(_VENDORS)
    names = draw.some(_FIRST, 4)
    scheme = draw.one(["tn", "tn", "tn", "tn", "stem", "number"])
    first, *others = [_company(draw, name, scheme) for name in names]
    day = datetime(2026, 1, 12, 0, 0, tzinfo=UTC) + timedelta(days=draw.number(0, 300))
    now = day + timedelta(hours=draw.number(8, 15), minutes=5 * draw.number(0, 11))
    return World(vendor, f"{vendor.lower()}.example", first, others, ZoneInfo(draw.one(_ZONES)), now)


def _company(draw: Draw, name: str, scheme: str) -> Company:
    stem = name.lower()
    region = draw.one(["eu", "us", "apac", "na", "emea"])
    tenant = {"tn": f"tn-{stem}-{region}", "stem": f"{stem}-{region}", "number": f"T-{draw.digits(5)}"}[scheme]
    return Company(f"{name} {draw.one(_TRADE)} {draw.one(_FORM)}", stem, tenant, f"{stem}.example")


def people(draw: Draw, count: int, domain: str, prefix: str = "u-") -> list[Person]:
    """People with different names."""
    given, family = draw.some(_GIVEN, count), draw.some(_FAMILY, count)
    found = []
    for first, last in zip(given, family, strict=True):
        plain = _plain(last)
        found.append(Person(f"{prefix}{plain[:8]}", f"{first} {last}", f"{_plain(first)}.{plain}@{domain}"))
    return found


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("Ø", "O")).encode("ascii", "ignore").decode()
    return "".join(letter for letter in folded.lower() if letter.isalnum())
