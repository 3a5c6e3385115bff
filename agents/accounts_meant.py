"""Whom a case is about: the accounts that people name, and those that the lead's new direction leaves behind.

What is named is looked up in the identity records, never believed: a name that no record has is no account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.compared import Account, Loop

# Words that leave behind what follows them, with up to three words between: "not usr-7", "instead of Mr Reyer".
_LEFT = re.compile(
    r"\b(?:not|no longer|isn.t|instead of|rather than|other than|forget|drop|"
    r"wrong (?:person|contractor|account|user|one))\W+(?:\w+\W+){0,3}$",
    re.I,
)


def meant(loop: Loop, accounts: Sequence[Account]) -> list[Account]:
    """The accounts in question, the one that the case is about first.

    A new direction that names an account decides: those that it leaves behind are no part of the case any more. It
    leaves nobody behind where it names nobody, so that no account disappears from view by a turn of phrase.
    """
    now = [account for account in accounts if any(not left for left in _mentions(account, loop.goal))]
    before = [account for account in accounts if any(_mentions(account, loop.goal)) and account not in now]
    named = [a for a in accounts if a in now or any(True for _ in _mentions(a, loop.asked))]
    chosen = [a for a in named if not now or a not in before]
    chosen = chosen or [a for a in accounts if a.deactivations] or list(accounts)
    return sorted(chosen, key=lambda a: (a not in now, a not in named, not a.deactivations))


def _mentions(account: Account, text: str) -> Iterator[bool]:
    """Where the text names the account by id or name: for each place, whether the words before leave it behind."""
    for part in (account.id, account.name):
        for found in re.finditer(rf"(?<![\w-]){re.escape(part)}(?![\w-])", text) if part else ():
            yield _LEFT.search(text[: found.start()]) is not None
