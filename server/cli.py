"""The command line. Heavy rooms are imported where a command needs them: `--help` answers at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from server.collecting import loading
from server.exits import answers as _answers
from server.keys_group import keys
from server.log_group import log
from server.prompts_group import prompts
from server.receipt_group import receipt

DB_HELP = "Database URL: sqlite:///FILE or postgresql://…"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="casegate")
def main() -> None:
    """Casegate: agents prepare, people decide.

    Example: casegate run scenarios/outage-intake/cases/NAME --out results
    """


@main.command()
@click.argument("slug", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout and nothing else.")
@_answers
def scenarios(slug: str | None, as_json: bool) -> None:
    """The catalogue; with a slug or short name: its sources, gates, outcomes, boundary.

    Example: casegate scenarios outage-intake
    """
    from server.terminal import show_catalogue, show_scenario

    show_scenario(slug, as_json) if slug else show_catalogue(as_json)


@main.command()
@click.argument("packet", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the results.")
@click.option("--json", "as_json", is_flag=True, help="Print outcome.json on stdout and nothing else.")
@click.option("--model", type=click.Choice(["auto", "offline"]), default="auto", help="offline: rules, no model.")
@click.option("--db", default="", help=f"{DB_HELP}; default: a store inside --out.")
@_answers
def run(packet: Path, out: Path | None, as_json: bool, model: str, db: str) -> int:
    """Run a packet through its timeline and write the results.

    The same packet into the same store goes on where it stood, and changes nothing that is done.

    Example: casegate run scenarios/outage-intake/cases/NAME --out results
    """
    with loading():
        from server.run_command import run_packet

    return asyncio.run(run_packet(packet, out, as_json, model, db))


@main.command("eval")
@click.argument("names", nargs=-1, metavar="[SUITE|SLUG|FOLDER]...")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for reports and result files.")
@click.option("--compare", type=click.Path(path_type=Path), help="A baseline: a .jsonl file, or a folder of them.")
@click.option("--repeat", type=click.IntRange(1, 100), default=1, help="Runs of each case; pass^k needs all of them.")
@click.option("--workers", type=click.IntRange(1), help="Processes; default: one for each core.")
@click.option(
    "--keep", is_flag=True, help="Keep it among the evals of this installation, as the Evals page shows them."
)
@click.option("--kept-as", hidden=True, default="")
@click.option("--by", hidden=True, default="")
@_answers
def evaluate(
    names: tuple[str, ...],
    out: Path | None,
    compare: Path | None,
    repeat: int,
    workers: int | None,
    keep: bool,
    kept_as: str,
    by: str,
) -> int:
    """Evaluate offline: every case with its expect.yaml, and the lists of the guardrails.

    Names are scenarios, suites of lists (boundary, boundary-cards, boundary-held, instructions), suites of attacks
    (attack, canary, duties, faults, mutations, quotes) or folders of packets; without names: all but the attacks.
    Exit 1 where an expectation is missed, a figure is worse than the baseline beyond its 95 % interval, or a case
    that was safe is not.

    Example: casegate eval outage-intake --out report --compare evals/baselines
    """
    from server.eval_command import Keep
    from server.eval_command import evaluate as run_eval

    return run_eval(names, out, compare, repeat, workers, Keep(kept_as, by) if keep or kept_as else None)


@main.group()
def lineage() -> None:
    """Print or verify the revision lineage of a case.

    Example: casegate lineage verify CASE-20417 --db sqlite:///results/.casegate/casegate.db
    """


@lineage.command("show")
@click.argument("case")
@click.option("--db", default="", help=DB_HELP)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@_answers
def lineage_show(case: str, db: str, as_json: bool) -> int:
    """Print the lineage of a case, or of a lineage.jsonl file.

    Example: casegate lineage show results/lineage.jsonl
    """
    from server.lineage_command import show

    return asyncio.run(show(case, db, as_json))


@lineage.command("verify")
@click.argument("case")
@click.option("--db", default="", help=DB_HELP)
@_answers
def lineage_verify(case: str, db: str) -> int:
    """Verify the lineage of a case, or of a lineage.jsonl file; exit 1 names each place that is wrong.

    Example: casegate lineage verify CASE-20417 --db sqlite:///results/.casegate/casegate.db
    """
    from server.lineage_command import verify

    return asyncio.run(verify(case, db))


@lineage.command("erase")
@click.argument("case")
@click.option("--entries", default="", help="Numbers of the entries, for example 3,7-9.")
@click.option("--person", default=None, help="Every entry by this person.")
@click.option("--by", required=True, help="Who erases; it is on the record.")
@click.option("--reason", required=True, help="Why; it is on the record.")
@click.option("--db", default="", help=DB_HELP)
@_answers
def lineage_erase(case: str, entries: str, person: str | None, by: str, reason: str, db: str) -> int:
    """Erase the content of entries. Their headers stay: chain and receipts go on verifying, and show it as erased.

    Example: casegate lineage erase CASE-20417 --person u-duty --by u-privacy --reason "request of 12 May"
    """
    from server.erase_command import erase

    return asyncio.run(erase(case, entries, person, by, reason, db))


main.add_command(receipt)
main.add_command(keys)
main.add_command(log)
main.add_command(prompts)


@main.command()
@click.option("--db", default="", help=DB_HELP)
@click.option("--once", is_flag=True, help="One round over what is due, then end.")
@_answers
def deliver(db: str, once: bool) -> int:
    """Take released entries to their lanes, as CASEGATE_LANES says; exit 1 where there are dead letters after --once.

    Example: casegate deliver --once --db sqlite:///results/.casegate/casegate.db
    """
    from server.deliver_command import deliver_entries

    return asyncio.run(deliver_entries(db, once))


@main.command()
@click.option("--db", default="", help=DB_HELP)
@_answers
def doctor(db: str) -> int:
    """Check model, database, search index and readers, and say what to fix.

    Example: casegate doctor
    """
    from server.doctor import examine

    return asyncio.run(examine(db))


@main.group()
def account() -> None:
    """Accounts of the server.

    Example: casegate account add ken@example.com --tenant tn-acme-eu --person u-duty --role duty_manager
    """


@account.command("add")
@click.argument("email")
@click.option("--name", default="", help="The person's name; default: the part of the address before the @.")
@click.option("--tenant", default="", help="A tenant that the account belongs to. Call again for another one.")
@click.option("--tenant-name", default="", help="How the tenant is called.")
@click.option("--person", default="", help="Who the account is on the rosters of that tenant.")
@click.option("--role", "roles", multiple=True, help="A role that rosters there may give. May be repeated.")
@click.option(
    "--global",
    "global_roles",
    multiple=True,
    type=click.Choice(["auditor", "evaluator", "admin"]),
    help="A role over all cases of the account's tenants. May be repeated.",
)
@click.option("--password", is_flag=True, help="Read a password from stdin, or ask for it. Without: OpenID only.")
@click.option("--disable", is_flag=True, help="Let it sign in no more; its sessions and tokens end.")
@click.option("--db", default="", help=DB_HELP)
@_answers
def account_add(
    email: str,
    name: str,
    tenant: str,
    tenant_name: str,
    person: str,
    roles: tuple[str, ...],
    global_roles: tuple[str, ...],
    password: bool,
    disable: bool,
    db: str,
) -> int:
    """Make an account, or change one: what is not named stays.

    Example: casegate account add ken@example.com --tenant tn-acme-eu --person u-duty --role duty_manager --password
    """
    from server.account_command import Wanted, add

    wanted = Wanted(email, name, tenant, tenant_name, person, roles, global_roles, password, disable)
    return asyncio.run(add(wanted, db))


@main.command()
@click.option("--host", default=None, help="Address to listen on; default 127.0.0.1.")
@click.option("--port", type=int, default=None, help="Port to listen on; default 8000.")
@click.option("--db", default="", help=DB_HELP)
@_answers
def serve(host: str | None, port: int | None, db: str) -> int:
    """Serve the API and the workspace, and work on the runs.

    Example: casegate serve --port 8000 --db postgresql://casegate@localhost/casegate
    """
    with loading():
        from server.serving import serve as serve_it

    return serve_it(host, port, db)


@main.command()
@click.option("--url", required=True, help="The running Casegate server that is asked.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="File with an API token; default: the variable CASEGATE_TOKEN.",
)
@click.option("--listen", default="", help="ADDRESS:PORT for streamable HTTP at /mcp; default: stdio.")
@_answers
def mcp(url: str, token_file: Path | None, listen: str) -> int:
    """Let other assistants read cases over MCP, each with the rights of its caller's token. No tool decides or changes.

    Example: casegate mcp --url http://127.0.0.1:8000 --token-file casegate.token
    """
    from server.mcp.serving import serve_mcp

    return serve_mcp(url, token_file, listen)


@main.command()
@click.option("--host", default=None, help="Address to listen on; loopback only.")
@click.option("--port", type=int, default=None, help="Port to listen on; default 8000.")
@click.option("--db", default="", help=DB_HELP)
@_answers
def demo(host: str | None, port: int | None, db: str) -> int:
    """Put in the demo cases and people, and serve them.

    Example: casegate demo
    """
    with loading():
        from server.demo import run_demo

    return run_demo(host, port, db)


if __name__ == "__main__":
    main()
