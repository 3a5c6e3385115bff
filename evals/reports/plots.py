"""The plots of the report, drawn by matplotlib as SVG inside the page: no picture is loaded from anywhere."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.figure import Figure

# Text stays text, ids are the same each time, and the ink is the page's own: light or dark.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "casegate", "font.size": 9})
_INK = "#010203"
_BAR = "#3566b8"
_LINES = ("#3566b8", "#b45309", "#1a7f4b", "#a21caf", "#0e7490", "#b42318", "#6d28d9", "#4d7c0f")
_WIDTH = 7.6

Points = Mapping[str, Sequence[tuple[int, float]]]
"""Of each suite: the place of a version, and the rate there."""


def bars(rows: Sequence[tuple[str, float]], label: str) -> str:
    """Rates by name, in this order from the top: an SVG."""
    figure, axes = _axes(0.45 + 0.24 * len(rows))
    places = range(len(rows))
    axes.barh(places, [value for _, value in rows], color=_BAR, height=0.62)
    axes.set_yticks(places, [name for name, _ in rows])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.12)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    for place, (_, value) in zip(places, rows, strict=True):
        axes.text(value + 0.01, place, f"{value:.3f}", va="center", color=_INK)
    return _svg(figure, label)


def over_versions(points: Points, versions: Sequence[str], label: str) -> str:
    """Rates of suites over versions, oldest first: an SVG. A suite that a version does not have has no point there."""
    figure, axes = _axes(2.6)
    for number, (suite, values) in enumerate(sorted(points.items())):
        places, rates = [place for place, _ in values], [rate for _, rate in values]
        axes.plot(places, rates, marker="o", markersize=3.5, color=_LINES[number % len(_LINES)], label=suite)
    lowest = min((rate for values in points.values() for _, rate in values), default=0.0)
    axes.set_ylim(min(0.9, max(0.0, lowest - 0.05)), 1.02)
    axes.set_xticks(range(len(versions)), versions, rotation=20, ha="right")
    axes.legend(frameon=False, fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.32), labelcolor=_INK)
    return _svg(figure, label)


def intervals(rows: Sequence[tuple[str, float, float, float, bool]], label: str) -> str:
    """Differences about 0 with their intervals: name, mean, low, high, and whether it is worse. An SVG."""
    figure, axes = _axes(0.5 + 0.26 * len(rows))
    axes.axvline(0, color=_INK, linewidth=0.8)
    for place, (_, mean, low, high, worse) in enumerate(rows):
        color = "#b42318" if worse else _BAR
        axes.plot([low, high], [place, place], color=color, linewidth=2)
        axes.plot([mean], [place], marker="o", color=color, markersize=5)
    axes.set_yticks(range(len(rows)), [f"{name} {mean:+.4f}" for name, mean, *_ in rows])
    axes.invert_yaxis()
    axes.margins(x=0.08, y=0.15)
    return _svg(figure, label)


def growth(curves: Sequence[tuple[str, Sequence[float], Sequence[float], float]], label: str) -> str:
    """How figures grow: name, sizes, values, fitted exponent; a power is a line on these axes. An SVG."""
    figure = Figure(figsize=(_WIDTH, 2.3 * len(curves)), layout="constrained")
    plots = figure.subplots(len(curves), 1, squeeze=False)
    for (name, sizes, values, exponent), axes in zip(curves, plots[:, 0], strict=True):
        axes.loglog(sizes, values, marker="o", color=_BAR)
        start = values[0] / sizes[0] ** exponent
        axes.loglog(sizes, [start * size**exponent for size in sizes], color=_INK, linewidth=0.8, linestyle="--")
        axes.set_title(f"{name}: exponent {exponent:.2f}", fontsize=9, color=_INK, loc="left")
        axes.tick_params(colors=_INK, which="both", length=0)
        axes.grid(axis="both", color="#8a94a0", alpha=0.25, linewidth=0.6)
    return _svg(figure, label)


def _axes(height: float) -> tuple[Figure, matplotlib.axes.Axes]:
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    axes = figure.subplots()
    axes.tick_params(colors=_INK, length=0)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="both", color="#8a94a0", alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _svg(figure: Figure, label: str) -> str:
    """The drawing alone, without the head of a document of its own, named for who cannot see it."""
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    drawn = text[text.index("<svg") :].replace(_INK, "currentColor")
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    # Nothing reaches beyond the axes, so nothing has to be cut off there.
    drawn = re.sub(r' clip-path="url\(#[^)]*\)"', "", drawn)
    # Several drawings share one page: what they name inside themselves must not meet.
    mark = re.sub(r"\W", "-", label)
    drawn = re.sub(r'(id="|url\(#|xlink:href="#)', rf"\g<1>{mark}-", drawn).replace("xlink:href", "href")
    # In a page of HTML the names of its name spaces are not needed, and would look like addresses.
    drawn = re.sub(r' xmlns(:\w+)?="[^"]*"', "", drawn)
    return drawn.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
