"""What can go wrong, and what a human does next.

CasegateError
├── InputError        the input cannot be used: names the file, the place in it, what was expected (exit code 2)
├── StoreError        the database is not there, not ours, or refuses: says what to fix
├── SigningError      a decision without the signature it needs: says whose key has to sign what
├── LeaseTaken        another process works on this run: wait, or stop that process
└── ScenarioError     a scenario folder contradicts itself: for whoever edits scenarios
"""

from __future__ import annotations


class CasegateError(Exception):
    """Base of everything that we raise on purpose. Its text is one line for a person."""


class InputError(CasegateError):
    """The input cannot be used."""

    def __init__(self, file: str, place: str, expected: str) -> None:
        self.file, self.place, self.expected = file, place, expected
        where = f"{file}: {place}: " if place else f"{file}: "
        super().__init__(" ".join(f"{where}{expected}".split()))


class StoreError(CasegateError):
    """The database cannot be used."""


class SigningError(CasegateError):
    """A decision is not signed with the key that its person holds: nothing is stored."""


class LeaseTaken(CasegateError):  # noqa: N818  it is the state of the world, not a fault
    """Another process holds the lease of this run."""


class ScenarioError(CasegateError):
    """A scenario folder contradicts itself or the engine."""
