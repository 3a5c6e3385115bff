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

    A new direction that names an account decides which that is. One that it leaves behind comes last and is still
    watched: what it did after its deactivation forces the formal process, whatever direction the case has taken.
    """
    now = [account for account in accounts if any(not left for left in _mentions(account, loop.goal))]
    for account in accounts:
        account.left = bool(now) and account not in now and any(True for _ in _mentions(account, loop.goal))
    named = [a for a in accounts if a in now or any(True for _ in _mentions(a, loop.asked))]
    chosen = named or [a for a in accounts if a.deactivations] or list(accounts)
    return sorted(chosen, key=lambda a: (a.left, a not in now, not a.deactivations))


def _mentions(account: Account, text: str) -> Iterator[bool]:
    """Where the text names the account by id or name: for each place, whether the words before leave it behind."""
    for part in (account.id, account.name):
        for found in re.finditer(rf"(?<![\w-]){re.escape(part)}(?![\w-])", text) if part else ():
            yield _LEFT.search(text[: found.start()]) is not None
