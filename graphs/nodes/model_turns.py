"""What the agents with a model add to a pass. Offline nothing."""

from __future__ import annotations

from collections.abc import Sequence

from agents.accounts import Loop
from agents.material import Findings
from casefile.artifact import Edit
from casefile.claims import Section
from graphs.asking import Asking


async def model_contributions(
    asking: Asking, loop: Loop, sections: Sequence[Section], findings: Findings
) -> list[Edit]:
    """Edits that the model proposes and the code has checked."""
    return []
