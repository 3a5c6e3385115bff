"""A figure beside its bare baseline of the same run, and the table that shows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`ours` and `bare` in the unit that `name` says.

    `most` and `least` bound the ratio ours/bare, `limit` and `floor` ours itself.
    """

    name: str
    ours: float
    bare: float | None = None
    against: str = ""
    most: float | None = None
    least: float | None = None
    limit: float | None = None
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        """ours / bare."""
        return self.ours / self.bare if self.bare else None

    @property
    def holds(self) -> bool:
        """Whether it is within its bounds."""
        ratio = self.ratio
        return (
            (self.most is None or (ratio is not None and ratio <= self.most))
            and (self.least is None or (ratio is not None and ratio >= self.least))
            and (self.limit is None or self.ours <= self.limit)
            and (self.floor is None or self.ours >= self.floor)
        )

    def bound(self) -> str:
        """The bound in words."""
        parts = [f"ratio ≤ {self.most}"] if self.most is not None else []
        parts += [f"ratio ≥ {self.least}"] if self.least is not None else []
        parts += [f"≤ {self.limit:g}"] if self.limit is not None else []
        parts += [f"≥ {self.floor:g}"] if self.floor is not None else []
        return ", ".join(parts)


def show(figures: list[Figure]) -> None:
    """Print the table as Markdown."""
    print("| figure | ours | baseline | ratio | bound | holds |")
    print("| --- | ---: | ---: | ---: | --- | --- |")
    for one in figures:
        bare = f"{one.bare:.4g} ({one.against})" if one.bare is not None else ""
        ratio = f"{one.ratio:.2f}" if one.ratio is not None else ""
        print(f"| {one.name} | {one.ours:.4g} | {bare} | {ratio} | {one.bound()} | {'yes' if one.holds else 'NO'} |")
