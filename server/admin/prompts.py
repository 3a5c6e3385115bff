"""Prompts of a tenant: versions, their evaluation, and what became of what they worded."""

from __future__ import annotations

from guardrails.secrets import mask
from runtime import prompts as loader
from runtime.model.port import Prompt
from server.admin import settings
from server.admin.acting import OnTenant
from server.admin.settings import Rules, Setting
from server.models.problem import Fault
from server.problems import Unknown, Unusable

RULES = Rules(evaluates=True, returns=True)


def shipped(name: str) -> Prompt:
    """The shipped prompt of that name. Raises Unknown."""
    if name not in loader.names():
        raise Unknown
    return loader.shared(name)


def text_of(setting: Setting, number: int) -> Prompt:
    """A version as a prompt; 0 is the shipped one. Raises Unknown."""
    base = shipped(setting.name)
    one = setting.version(number)
    if number != 0 and one is None:
        raise Unknown
    return loader.of_version(one) if one is not None else base


async def propose(on: OnTenant, name: str, text: str, reason: str) -> int:
    """Propose a text. Raises Unusable for one that holds a secret or is in force already."""
    base = shipped(name)
    body = loader.normal(text)
    setting = await settings.look(on, "prompt", name)
    if not loader.slotted(body) or (loader.SLOT in base.text) != (loader.SLOT in body):
        raise _unusable(f"the slot {loader.SLOT} as the shipped text has it: there stand the parts of each scenario")
    if mask(body) != body:
        raise _unusable("a text without secrets: a prompt is read by everybody who may see it")
    if body == (setting.active.body if setting.active is not None else base.text):
        raise _unusable("a text that differs from the one in force")
    return await settings.propose(on, "prompt", name, body, reason, {})


async def activate(on: OnTenant, name: str, number: int, reason: str) -> None:
    """Put a version in force, or go back to one that was."""
    shipped(name)
    await settings.activate(on, "prompt", name, number, reason, RULES)


def _unusable(expected: str) -> Unusable:
    fault = Fault(place="body.text", expected=expected)
    return Unusable(f"{fault.place}: {expected}", [fault])
