"""What the command line shows, with rich: the catalogue, a scenario, a result."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from casefile.scenario import Scenario
from graphs import catalogue
from graphs.page import MARKS, shown, standing

MAX_LISTED = 4
HUES = {
    "confirmed": "green",
    "conflicting": "yellow",
    "unverified": "cyan",
    "missing": "red",
    "held": "magenta",
}


def show_catalogue(as_json: bool) -> None:
    """Every scenario, one a line."""
    found = catalogue.all_scenarios()
    if as_json:
        rows = [
            {"slug": s.slug, "short": s.short, "title": s.title, "family": s.family, "pattern": s.pattern}
            for s in found
        ]
        print(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("short name", "slug", "family", "pattern"):
        table.add_column(column, overflow="fold")
    for scenario in found:
        table.add_row(scenario.short, scenario.slug, scenario.family, scenario.pattern)
    Console().print(table)


def show_scenario(name: str, as_json: bool) -> None:
    """One scenario: sources with ranks, gates, outcomes, boundary."""
    scenario = catalogue.find(name, "casegate scenarios")
    if as_json:
        print(orjson.dumps(scenario.model_dump(mode="json", by_alias=True), option=orjson.OPT_INDENT_2).decode())
        return
    console = Console()
    console.print(Text(scenario.title, style="bold"))
    console.print(f"{scenario.short} · {scenario.slug} · {scenario.family} · {scenario.pattern}", style="dim")
    console.print(f"\n{scenario.purpose}\n")
    console.print(_sources(scenario))
    console.print(_gates(scenario))
    _lines(
        console,
        "Outcomes",
        [f"{o.name}: {o.when}{'' if o.final else ' (may still change)'}" for o in scenario.outcomes],
    )
    _lines(console, "Holds", [f"{hold.trigger} → {hold.effect}" for hold in scenario.holds])
    _lines(console, "Boundary: it must not", [line.text for line in scenario.must_not])
    _lines(console, "Lane", [f"{scenario.lane.id}: {scenario.lane.text}"])
    _lines(console, "Parameters", [f"{p.name} = {p.default} ({p.why})" for p in scenario.parameters])


def _sources(scenario: Scenario) -> Table:
    table = Table(
        "rank",
        "source",
        "systems",
        "gives",
        box=None,
        pad_edge=False,
        header_style="dim",
        title_justify="left",
    )
    table.title = "Sources"
    for source in scenario.sources:
        table.add_row(str(source.rank), source.name, ", ".join(source.systems), source.gives)
    return table


def _gates(scenario: Scenario) -> Table:
    table = Table(
        "gate",
        "roles",
        "binds",
        "refuses when",
        box=None,
        pad_edge=False,
        header_style="dim",
        title_justify="left",
    )
    table.title = "\nGates, in the order in which they open"
    for gate in scenario.gates:
        refuses = "; ".join(line.text for line in gate.refuses_when)
        table.add_row(gate.name, ", ".join(gate.roles), ", ".join(gate.binds), refuses)
    return table


def _lines(console: Console, title: str, lines: list[str]) -> None:
    console.print(f"\n[bold]{title}[/bold]")
    for line in lines:
        console.print(Text(f"  {line}"))


def show_result(result: Mapping[str, Any], out: Path) -> None:
    """The result of a run as a person reads it: the record, what stayed open, who decided what, what left."""
    console = Console()
    artifact = result["artifact"]
    console.print()
    console.print(Text(f"{result['case']} · {standing(result)}", style="bold"))
    if artifact is not None:
        console.print(Text(f"{artifact['name']} · {artifact['revision']} · {artifact['sha256'][:23]}…", style="dim"))
        console.print()
        console.print(_fields(artifact))
    _registers(console, result["registers"])
    _people(console, result)
    _lines(console, "Left through the lane", [_release(one) for one in result["releases"]] or ["nothing"])
    mode = "offline: rules only, no language model" if result["model"]["mode"] == "offline" else result["model"]["name"]
    console.print(f"\n{result['lineage']['entries']} lineage entries · {mode} · results in {out}", style="dim")


def _fields(artifact: Mapping[str, Any]) -> Table:
    table = Table("", "field", "value", "says", "where", box=None, pad_edge=False, header_style="dim")
    for name, field in artifact["fields"].items():
        lossy = " ≈" if any(step["lossy"] for step in field["normalization"]) else ""
        mark = Text(MARKS[field["status"]] + lossy, style=HUES[field["status"]])
        first = field["citations"][0] if field["citations"] else None
        value = _value(field)
        quote = " ".join(first["quote"].split())[:48] if first else ""
        where = f"{first['evidence']} {first['locator']}" if first else ""
        more = f" +{len(field['citations']) - 1}" if len(field["citations"]) > 1 else ""
        table.add_row(mark, Text(field["title"] or name), Text(value), Text(quote), Text(where + more, style="dim"))
    return table


def _value(field: Mapping[str, Any]) -> str:
    value = field["value"]
    if value is None:
        return str(field["note"] or "—")
    if isinstance(value, list) and len(value) > MAX_LISTED:
        return f"{len(value)} items"
    return shown(value)


def _registers(console: Console, registers: Mapping[str, list[dict[str, Any]]]) -> None:
    for name, items in registers.items():
        listed = [item for item in items if item["state"] not in ("closed",)]
        if name == "objections" or not listed:
            continue
        console.print(f"\n[bold]{name.replace('_', ' ').capitalize()}[/bold] [dim]{len(listed)}[/dim]")
        for item in listed:
            console.print(Text(f"  {item['id']:<4}{_item(item)}"), Text(item["state"].replace("_", " "), style="dim"))


def _item(item: Mapping[str, Any]) -> str:
    if "sides" in item:
        return f"{item['about']}: " + " ⇄ ".join(shown(side["value"]) for side in item["sides"]) + f" — {item['rule']}"
    if "asks_for" in item:
        return f"{item['evidence']} {item['locator']}: “{item['quote'][:80]}”"
    said = item.get("reason") or item.get("question") or item.get("trigger") or item.get("precondition") or ""
    detail = f" — {item['detail']}" if item.get("detail") else ""
    return f"{said}{detail}"


def _people(console: Console, result: Mapping[str, Any]) -> None:
    lines = [
        f"{one['decision']} {one['gate']} by {one['by']} on {one['revision']}: {one['state']}"
        + (f" ({one['reason']})" if one["reason"] else "")
        for one in result["approvals"]
    ]
    _lines(console, "Decisions", lines or ["none"])
    if result["refusals"]:
        _lines(
            console,
            "Refused",
            [f"{r['asked_by']}: {r['action']} — {r['reason']}" for r in result["refusals"]],
        )


def _release(one: Mapping[str, Any]) -> str:
    under = f" under {one['under']}" if one.get("under") else ""
    return f"{one['lane']}: {one['revision']} {one['artifact_sha256'][:23]}…{under}"
