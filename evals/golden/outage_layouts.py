"""How ticket systems, bridge templates, schemas and recorders write what an outage packet holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from evals.golden import forms, times
from evals.golden.draw import Draw
from evals.golden.tables import heading
from evals.golden.world import Person, World

Pairs = list[tuple[str, str]]
Comment = tuple[Person, datetime, str]

LABELS: Mapping[str, list[str]] = {
    "tenant_id": ["Tenant ID", "Tenant", "Customer tenant", "Tenant identifier"],
    "environment": ["Environment", "Affected environment", "Env", "Environment affected"],
    "surface": [
        "Product surface",
        "Affected product",
        "Impacted service",
        "Affected component",
        "Product",
        "Service affected",
    ],
    "first": [
        "First observed",
        "First seen",
        "Outage start",
        "Started at",
        "Incident start",
        "First occurrence",
        "Issue began",
    ],
    "impact": ["Business impact", "Declared business impact", "Impact", "Customer impact", "Impact statement"],
    "host": ["Login host", "Login URL", "Host"],
}


def labels(draw: Draw) -> dict[str, str]:
    """One system's name for each field."""
    return {key: draw.one(options) for key, options in LABELS.items()}


def ticket(
    draw: Draw, world: World, number: str, values: Mapping[str, str], comments: Sequence[Comment]
) -> tuple[str, bytes]:
    """A ticket in the layout of one of the systems."""
    named = labels(draw)
    pairs = [(named[key], value) for key, value in values.items()]
    return draw.one(_TICKETS)(draw, world, number, pairs, comments)


def _zendesk(draw: Draw, world: World, number: str, pairs: Pairs, comments: Sequence[Comment]) -> tuple[str, bytes]:
    fields = [{"id": 360000 + n, "title": label, "value": value} for n, (label, value) in enumerate(pairs)]
    told = [
        {
            "id": n,
            "author": {"name": by.name, "email": by.email},
            "public": True,
            "created_at": times.utc(at),
            "plain_body": text,
        }
        for n, (by, at, text) in enumerate(comments, 1)
    ]
    ticket = {
        "id": number,
        "organization": world.customer.name,
        "status": "open",
        "via": {"channel": "web"},
        "custom_fields": fields,
    }
    return f"zd_{number}.json", forms.json_bytes({"ticket": ticket, "comments": told})


def _jira(draw: Draw, world: World, number: str, pairs: Pairs, comments: Sequence[Comment]) -> tuple[str, bytes]:
    told = [{"author": {"displayName": by.name}, "created": times.utc(at), "body": text} for by, at, text in comments]
    fields = {
        "summary": "Sign-in down",
        "status": {"name": "Waiting for support"},
        "comment": {"comments": told, "total": len(told)},
    }
    names = {"summary": "Summary", "status": "Status", "comment": "Comment"}
    for n, (label, value) in enumerate(pairs, 10201):
        fields[f"customfield_{n}"] = value
        names[f"customfield_{n}"] = label
    return f"{number}.json", forms.json_bytes({"key": number, "expand": "names", "names": names, "fields": fields})


def _flat(draw: Draw, world: World, number: str, pairs: Pairs, comments: Sequence[Comment]) -> tuple[str, bytes]:
    case = draw.one(["snake", "camel", "title"])
    told = {heading("_".join(label.lower().split()), case): value for label, value in pairs}
    body = {
        "case": number,
        **told,
        "notes": [{"by": by.name, "at": times.utc(at), "text": text} for by, at, text in comments],
    }
    if draw.maybe():
        return f"case_{number}.json", forms.json_bytes(body)
    return f"case_{number}.yaml", forms.yaml_bytes(body)


def _row(draw: Draw, world: World, number: str, pairs: Pairs, comments: Sequence[Comment]) -> tuple[str, bytes]:
    heads = ["Ticket", "Organisation", *(label for label, _ in pairs), "Last comment"]
    row = [number, world.customer.name, *(value for _, value in pairs), comments[-1][2] if comments else ""]
    if draw.maybe(0.4):
        return f"export_{number}.xlsx", forms.xlsx_bytes({"Tickets": [heads, row]})
    return f"export_{number}.csv", forms.csv_bytes([heads, row], draw.one([",", ";", "\t"]))


def _sheet(draw: Draw, world: World, number: str, pairs: Pairs, comments: Sequence[Comment]) -> tuple[str, bytes]:
    rows = [["Ticket", number], ["Customer", world.customer.name], *map(list, pairs)]
    told = [["When", "Who", "Comment"], *([times.utc(at), by.name, text] for by, at, text in comments)]
    return f"{number}.xlsx", forms.xlsx_bytes({"Ticket": rows, "Comments": told})


def _page(draw: Draw, world: World, number: str, pairs: Pairs, comments: Sequence[Comment]) -> tuple[str, bytes]:
    told = [f"{by.name}, {times.utc(at)}: {text}" for by, at, text in comments]
    pairs = [("Ticket", number), ("Customer", world.customer.name), *pairs]
    if draw.maybe(0.5):
        return f"{number}.html", forms.html_bytes(f"Ticket {number}", pairs, told, draw.one(["table", "dl", "bold"]))
    if draw.maybe(0.5):
        return f"{number}.docx", forms.docx_bytes(f"Ticket {number}", told, pairs)
    return f"{number}.pdf", forms.pdf_bytes(
        f"Ticket {number}", [*(f"{label}: {value}" for label, value in pairs), *told]
    )


def _text(draw: Draw, world: World, number: str, pairs: Pairs, comments: Sequence[Comment]) -> tuple[str, bytes]:
    style = draw.one(["colon", "padded", "bullet", "bold", "table"])
    told = forms.labelled_text([("Ticket", number), ("Customer", world.customer.name), *pairs], style)
    notes = "\n".join(f"[{times.utc(at)}] {by.name}: {text}" for by, at, text in comments)
    kind = "md" if style in ("bold", "table", "bullet") else "txt"
    return f"ticket-{number}.{kind}", f"# {number}\n\n{told}\n\n## Comments\n\n{notes}\n".encode()


_TICKETS: list[Callable[[Draw, World, str, Pairs, Sequence[Comment]], tuple[str, bytes]]] = [
    _zendesk,
    _jira,
    _flat,
    _flat,
    _row,
    _sheet,
    _page,
    _page,
    _text,
    _text,
]


def bridge_request(
    draw: Draw, world: World, number: str, tier: str, responders: Sequence[Person], engineer: Person
) -> tuple[str, bytes]:
    """The filled template: what is asked for and who is named."""
    path = draw.one(["Requested tier", "Requested support tier", "Requested path", "Requested response tier"])
    head = [
        ("Template", f"BR-{draw.number(2, 9)}"),
        ("Ticket", number),
        ("Customer", world.customer.name),
        ("Tenant ID", world.customer.tenant),
        ("Environment", "Production"),
        (path, tier),
    ]
    columns = draw.one(
        [
            ["Name", "E-mail", "Role", "Side"],
            ["#", "Responder", "Email", "Function", "Party"],
            ["Full name", "Mail", "Organisation"],
        ]
    )
    rows = [_responder(columns, n, one, "customer") for n, one in enumerate(responders, 1)]
    if draw.maybe(0.3):
        rows.append(_responder(columns, len(rows) + 1, engineer, draw.one(["vendor", world.vendor, "internal"])))
    if draw.maybe(0.25):
        return "bridge_request.csv", forms.csv_bytes([columns, *rows])
    asked: list[Sequence[object]] = [list(pair) for pair in head]
    named: list[Sequence[object]] = [columns, *rows]
    one: dict[str, Sequence[Sequence[object]]] = {"Request": [*asked, [], *named]}
    two: dict[str, Sequence[Sequence[object]]] = {"Request": asked, "Named responders": named}
    return "bridge_request.xlsx", forms.xlsx_bytes(one if draw.maybe(0.5) else two)


def _responder(columns: Sequence[str], number: int, person: Person, side: str) -> list[object]:
    told: dict[str, object] = {
        "#": number,
        "Name": person.name,
        "Responder": person.name,
        "Full name": person.name,
        "E-mail": person.email,
        "Email": person.email,
        "Mail": person.email,
        "Role": "Identity owner",
        "Function": "Admin",
    }
    return [told.get(name, side) for name in columns]


MANDATORY = [
    "tenant_id",
    "affected_environment",
    "impacted_product_surface",
    "first_observed_at",
    "business_impact",
    "entitled_response_tier",
    "approved_contacts",
    "diagnostic_artifacts",
    "privacy_flags",
    "source_evidence_links",
]


def schema(draw: Draw, version: int = 3, built_for: int = 3, more: Sequence[str] = ()) -> tuple[str, bytes]:
    """The staging schema with its mapping. `more` are mandatory fields that nothing maps."""
    fields: list[dict[str, object]] = [
        {"name": name, "mandatory": True, "mapped_from": ["ticket", "admin_mail"]} for name in MANDATORY
    ]
    fields += [{"name": name, "mandatory": True} for name in more]
    fields.append({"name": "affected_regions", "mandatory": False, "mapped_from": ["admin_mail"]})
    approved = draw.one(
        [
            {"active_since": "2025-11-03T00:00:00Z"},
            {"approved_by": "schema board", "approved_at": "2025-11-03"},
            {"active_since": "2025-11-03"},
        ]
    )
    head = {
        "schema": "support-escalation-staging",
        "version": f"v{version}",
        "status": "active",
        **approved,
        "mapping": {"version": f"m{draw.number(4, 20)}", "built_for_schema": f"v{built_for}"},
        "taxonomy": {"business_impact": ["none", "degraded", "major", "blocked workforce login"]},
    }
    if draw.maybe(0.3):
        fields = [{("required" if key == "mandatory" else key): value for key, value in one.items()} for one in fields]
    return f"staging_schema_v{version}.yaml", forms.yaml_bytes({**head, "fields": fields})


def har(draw: Draw, host: str, at: datetime, secret: str = "") -> bytes:
    """A summary of failed assertions; `secret` is a header's value that somebody forgot to take out."""
    headers = [{"name": "accept", "value": "text/html"}, {"name": "authorization", "value": secret or "[REDACTED]"}]
    entries = [
        {
            "startedDateTime": times.utc(times.minutes(at, n)),
            "time": 120 + n,
            "request": {"method": "GET", "url": f"https://{host}/saml/acs", "headers": headers},
            "response": {"status": status, "content": {"mimeType": "text/plain", "text": text}},
        }
        for n, (status, text) in enumerate([(302, ""), (403, "assertion rejected")], 2)
    ]
    return forms.json_bytes(
        {
            "log": {
                "version": "1.2",
                "creator": {"name": f"trace-{draw.letters(4)}", "version": "2.1"},
                "comment": "Sanitized HAR summary.",
                "entries": entries,
            }
        }
    )
