"""Settings as their pages show them: versions, who wrote them, who put them in force, what the viewer may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import select

from casefile.choices import Parameter
from casefile.parameters import chosen
from casefile.scenario import Scenario
from casefile.settings import Wish, refusal
from casefile.tool_scopes import narrower
from evals.prompt_trial import scenarios_using
from graphs import catalogue
from lineage.canonical import digest_bytes
from runtime import prompts as loader
from runtime.store import use_rows
from runtime.store.account_tables import memberships
from runtime.store.setting_rows import Mark
from runtime.store.use_rows import Use, Worth
from server.admin import choices, connectors, prompts, settings, tools
from server.admin.acting import OnTenant
from server.admin.choices import Choices
from server.admin.evaluating import Evaluations
from server.admin.settings import Rules, Setting
from server.models.admin import (
    EvaluationView,
    GrantCount,
    ParameterField,
    ParameterList,
    ParameterPage,
    ParameterRow,
    ParameterVersion,
    ProgressView,
    PromptPage,
    PromptRow,
    Prompts,
    PromptVersion,
    ScenarioScopes,
    ScopeVersion,
    ToolMatrix,
    ToolRow,
    UseCounts,
    UseRow,
    VersionRow,
)
from server.views.words import visible
from tools.toolbox import tools_of

MOST_USES = 50
Names = Mapping[str, str]


async def names_of(on: OnTenant) -> Names:
    """Account → name, of everybody who is or was a member of the tenant."""
    mine = select(memberships.c.account, memberships.c.name).where(memberships.c.tenant == on.tenant)
    return {str(account): str(name) for account, name in await on.database.rows(mine)}


def members_of_row(
    on: OnTenant, setting: Setting, number: int, rules: Rules, names: Names, shipped: str
) -> dict[str, Any]:
    """The members of a `VersionRow`."""
    one = setting.version(number)
    history = setting.history
    wish = Wish(
        number=number,
        by=on.account,
        author=one.author if one is not None else "",
        evaluates=rules.evaluates,
        returns=rules.returns,
        narrows=number in rules.narrows,
    )
    refused = refusal(history, wish)
    put = next((m for m in reversed(setting.marks) if m.mark == "activated" and m.version == number), None)
    return {
        "version": number,
        "state": history.state(number),
        "author": names.get(one.author, one.author) if one is not None else "shipped",
        "reason": one.reason if one is not None else "comes with the program",
        "at": one.at if one is not None else None,
        "sha256": one.sha256 if one is not None else digest_bytes(shipped.encode()),
        "activated_by": names.get(put.by, put.by) if put is not None else None,
        "activated_at": put.at if put is not None else None,
        "may_activate": refused is None,
        "why_not": refused[1] if refused is not None else "",
    }


def version_row(on: OnTenant, setting: Setting, number: int, names: Names) -> VersionRow:
    """A version of a person's record."""
    return VersionRow(**members_of_row(on, setting, number, Rules(), names, ""))


def _numbers(setting: Setting) -> list[int]:
    """Newest first, and the shipped one last."""
    return [*(one.version for one in reversed(setting.versions)), 0]


def _drafts(setting: Setting) -> int:
    return sum(setting.history.state(one.version) in ("draft", "evaluated") for one in setting.versions)


# --- prompts -----------------------------------------------------------------------------------------------------


async def prompts_view(on: OnTenant) -> Prompts:
    """Every prompt."""
    kept = await settings.look_all(on, "prompt")
    rows = []
    for name in loader.names():
        setting, head = kept.get(name, Setting("prompt", name)), loader.header(name)
        used = await use_rows.used_versions(on.database, on.tenant, name)
        worth = await use_rows.worth(on.database, on.tenant, name)
        rows.append(
            PromptRow(
                name=name,
                agent=head.get("agent", name),
                task=head.get("task", ""),
                active=setting.history.active,
                versions=len(setting.versions),
                drafts=_drafts(setting),
                scenarios=[one.short for one in scenarios_using(name)],
                counts=_counts(setting.history.active, used, worth),
            )
        )
    return Prompts(prompts=rows, model=_model(on))


async def prompt_view(on: OnTenant, name: str, evaluations: Evaluations) -> PromptPage:
    """One prompt. Raises Unknown."""
    shipped, setting = prompts.shipped(name), await settings.look(on, "prompt", name)
    used = await use_rows.used_versions(on.database, on.tenant, name)
    worth = await use_rows.worth(on.database, on.tenant, name)
    names, head = await names_of(on), loader.header(name)
    versions = []
    for number in _numbers(setting):
        text = prompts.text_of(setting, number)
        found = setting.evaluation(number)
        versions.append(
            PromptVersion(
                **members_of_row(on, setting, number, prompts.RULES, names, shipped.text),
                text=text.text,
                evaluation=_evaluation(found, names) if found is not None else None,
                counts=_counts(number, used, worth),
            )
        )
    running = next(
        (
            ProgressView(version=key[2], cases=one.cases, done=one.done, failed=one.failed)
            for key, one in evaluations.running.items()
            if key[:2] == (on.tenant, name)
        ),
        None,
    )
    return PromptPage(
        name=name,
        agent=head.get("agent", name),
        task=head.get("task", ""),
        active=setting.history.active,
        versions=versions,
        scenarios=[one.short for one in scenarios_using(name)],
        cases=len(evaluations.cases(name)),
        running=running,
        model=_model(on),
        uses=[use_row(one) for one in await use_rows.uses(on.database, on.tenant, "prompt", name, most=MOST_USES)],
    )


def _model(on: OnTenant) -> str | None:
    return None if on.service.model.mode == "offline" else on.service.model.name


def _counts(number: int, used: Mapping[str, int], worth: Mapping[str, Worth]) -> UseCounts:
    """What became of a version, in whatever scenarios it was used; 0 stands for all shipped ones."""
    mine = [one for version, one in worth.items() if loader.own_number(version) == number]
    return UseCounts(
        uses=sum(count for version, count in used.items() if loader.own_number(version) == number),
        proposed=sum(one.proposed for one in mine),
        accepted=sum(one.accepted for one in mine),
        rejected=sum(one.rejected for one in mine),
        changed=sum(one.changed for one in mine),
    )


def _evaluation(mark: Mark, names: Names) -> EvaluationView:
    body = orjson.loads(mark.body)
    body.pop("sha256", None)
    return EvaluationView(**body, by=names.get(mark.by, mark.by), at=mark.at)


def use_row(one: Use) -> UseRow:
    """A lineage entry that names a prompt or a tool."""
    return UseRow(
        case=one.case,
        run=one.run,
        seq=one.seq,
        agent=one.agent,
        name=one.name,
        version=one.version,
        refused=one.refused,
        at=one.at,
    )


# --- tools -------------------------------------------------------------------------------------------------------


async def tools_view(on: OnTenant) -> ToolMatrix:
    """The matrix, with how often each place of it was used and refused."""
    kept = await settings.look_all(on, "tools")
    counted = await use_rows.counts(on.database, on.tenant, "tool")
    names = await names_of(on)
    scenarios = [
        _scopes(on, one, kept.get(one.short, Setting("tools", one.short)), counted, names)
        for one in catalogue.all_scenarios()
    ]
    rows = [
        ToolRow(
            name=one.name,
            description=one.tool.description,
            kind=one.kind,
            arguments=sorted(one.schema.get("properties", {})),
        )
        for one in tools_of(on.service.connectors, on.tenant).values()
    ] + await _connected(on)
    uses = [use_row(one) for one in await use_rows.uses(on.database, on.tenant, "tool", most=MOST_USES)]
    return ToolMatrix(tools=rows, scenarios=scenarios, uses=uses)


async def _connected(on: OnTenant) -> list[ToolRow]:
    """The tools of connected servers that agents may be given."""
    return [
        ToolRow(
            name=name,
            description=visible(shape.description),
            kind="read",
            arguments=sorted(shape.input_schema.get("properties", {})),
        )
        for name, shape in (await connectors.readable(on)).items()
    ]


def _scopes(
    on: OnTenant,
    scenario: Scenario,
    setting: Setting,
    counted: Mapping[tuple[str, str, str, bool], int],
    names: Names,
) -> ScenarioScopes:
    now = tools.in_force(scenario, setting)
    bodies = {0: dict(scenario.tools), **{one.version: orjson.loads(one.body) for one in setting.versions}}
    rules = Rules(narrows=frozenset(n for n, grants in bodies.items() if narrower(grants, now.grants)))
    shipped = orjson.dumps(dict(scenario.tools)).decode()
    used: dict[tuple[str, str], list[int]] = {}
    for (version, agent, tool, refused), count in counted.items():
        if version.rpartition("/")[0] == scenario.short:
            used.setdefault((agent, tool), [0, 0])[refused] += count
    return ScenarioScopes(
        scenario=scenario.short,
        title=scenario.title,
        agents=tools.agents_of(scenario),
        active=now.version,
        grants={agent: list(given) for agent, given in now.grants.items()},
        versions=[
            ScopeVersion(**members_of_row(on, setting, number, rules, names, shipped), grants=bodies[number])
            for number in _numbers(setting)
        ],
        counts=[GrantCount(agent=a, tool=t, used=u, refused=r) for (a, t), (u, r) in sorted(used.items())],
    )


# --- parameters and policy sets ----------------------------------------------------------------------------------


async def choices_view(on: OnTenant, kind: Choices) -> ParameterList:
    """Every scenario that has choices of this kind."""
    kept = await settings.look_all(on, kind)
    rows = []
    for one in choices.scenarios_with(kind):
        setting = kept.get(one.short, Setting(kind, one.short))
        own = orjson.loads(setting.active.body) if setting.active is not None else {}
        rows.append(
            ParameterRow(
                scenario=one.short,
                title=one.title,
                parameters=len(choices.choices_of(kind, one)),
                own=len(own),
                active=setting.history.active,
                drafts=_drafts(setting),
            )
        )
    return ParameterList(scenarios=rows)


async def choice_view(on: OnTenant, kind: Choices, short: str) -> ParameterPage:
    """A scenario's choices of this kind. Raises Unknown."""
    scenario = choices.scenario_with(kind, short)
    setting, names = await settings.look(on, kind, short), await names_of(on)
    own = orjson.loads(setting.active.body) if setting.active is not None else {}
    chosen(choices.choices_of(kind, scenario), own)
    bodies: dict[int, dict[str, Any]] = {one.version: orjson.loads(one.body) for one in setting.versions}
    return ParameterPage(
        scenario=short,
        title=scenario.title,
        active=setting.history.active,
        fields=[_field(one, own) for one in choices.choices_of(kind, scenario)],
        versions=[
            ParameterVersion(
                **members_of_row(on, setting, number, Rules(), names, "{}"),
                values={name: _words(value) for name, value in bodies.get(number, {}).items()},
            )
            for number in _numbers(setting)
        ],
    )


def _field(one: Parameter, own: Mapping[str, Any]) -> ParameterField:
    return ParameterField(
        name=one.name,
        type=one.type,
        why=one.why,
        unit=one.unit,
        minimum=one.minimum,
        maximum=one.maximum,
        options=[*one.options],
        default=_words(one.default),
        value=_words(own.get(one.name, one.default)),
        own=one.name in own,
    )


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
