"""Corroboration as a matrix: which independent source carries which proposition about the leading cluster."""

from __future__ import annotations

from collections.abc import Sequence

from agents.signal_analysis import Analysis
from agents.signal_matrix import PROPOSITIONS, RANK_1, RANK_2, Cell, Corroboration
from agents.signal_packet_sections import NAMES, shown_clusters
from casefile.claims import Section
from casefile.exhibits import Argument, Column, Drawn, Matrix, MatrixRow, Shown, Stance

_STANCES: dict[str, Stance] = {"supports": "supports", "contradicts": "disconfirms", "unproven": "open"}


def exhibits(found: Analysis, sections: Sequence[Section]) -> dict[str, Drawn]:
    """The matrix of the leading cluster, over the statements of the packet that it draws."""
    one = found.leading
    if one is None:
        return {}
    stated = {f"{s.id}/{c.id}" for s in sections for c in s.claims}
    place = shown_clusters(found).index(one) + 1
    columns = [
        Column(id=name, title=NAMES[name], note=f"rank {1 if name in RANK_1 else 2}")
        for name in (*RANK_1, *RANK_2)
        if name in RANK_1 or any(cell.source == name for cell in one.cells)
    ]
    rows = [_row(f"P{n}", name, one, place, stated) for n, name in enumerate(PROPOSITIONS, 1)]
    return {"corroboration": Matrix(rows_are="proposition", columns=columns, rows=rows)}


def _row(id_: str, name: str, one: Corroboration, place: int, stated: set[str]) -> MatrixRow:
    mine = [(m, cell) for m, cell in enumerate(one.cells, 1) if cell.proposition == name]
    first = sum(cell.stand == "supports" and cell.source in RANK_1 for _, cell in mine)
    second = sum(cell.stand == "supports" and cell.source not in RANK_1 for _, cell in mine)
    against = sum(cell.stand == "contradicts" for _, cell in mine)
    told = f"{first} of rank 1 and {second} of rank 2 carry it" + (f", {against} against" if against else "")
    return MatrixRow(
        id=id_,
        title=PROPOSITIONS[name],
        standing=Shown(text=told if mine else "no source says anything of it", status="unverified"),
        arguments=[_argument(cell, f"rationale/c{place}-m{m}", stated) for m, cell in mine],
    )


def _argument(cell: Cell, of: str, stated: set[str]) -> Argument:
    status = "confirmed" if cell.citations and cell.stand != "unproven" else "unverified"
    said = Shown.model_validate(
        {"text": cell.why, "status": status, "citations": list(cell.citations), "of": of if of in stated else ""}
    )
    return Argument(column=cell.source, stance=_STANCES[cell.stand], said=said)
