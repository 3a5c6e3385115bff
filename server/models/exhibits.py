"""What the workspace draws of a revision: typed rows, masked for the viewer."""

from __future__ import annotations

from pydantic import Field

from casefile.exhibits import Drawn, Kind
from server.models.problem import Shape


class ExhibitHead(Shape):
    """An exhibit that the scenario declares. `sections` of the document are those that it draws."""

    name: str
    kind: Kind
    title: str
    note: str
    sections: list[str]


class ExhibitView(ExhibitHead):
    """An exhibit. `drawn` is None where the pass made none, or where the viewer may not see what feeds it."""

    drawn: Drawn | None
    withheld: bool = Field(description="whether there is one that this view does not show")


class ExhibitsView(Shape):
    """All exhibits of one revision. They are drawn from the pass that made it, and are no part of what is approved."""

    revision: str
    exhibits: list[ExhibitView]
