"""Who stands near a place: what is placed so far, by squares of the ground, so that the thousandth thing asks few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.footprint import Body

CELL_M = 2.0
_ROUNDING_M = 1e-6
MOST_CELLS = 64
"""A body over more squares is near everything: a house among mugs would be written down a thousand times."""


class Neighbours:
    """Bodies in the order they were added, found by where they stand in plan."""

    def __init__(self, bodies: Iterable[Body] = ()) -> None:
        self._bodies = list(bodies)
        self._noted = 0
        self._wide: list[int] = []
        self._cells: dict[tuple[int, int], list[int]] = {}

    def add(self, body: Body) -> None:
        self._bodies.append(body)

    def near(self, body: Body, margin_m: float) -> Iterator[Body]:
        """Every body that might come closer than ``margin_m`` to this one, and some others, oldest first."""
        self._note()
        cells = _cells(body.bounds_m, margin_m + _ROUNDING_M)
        if cells is None:
            yield from self._bodies
            return
        numbers = {n for cell in cells for n in self._cells.get(cell, ())}
        for number in sorted(numbers.union(self._wide)):
            yield self._bodies[number]

    def _note(self) -> None:
        """Writes down where those stand that came since somebody last asked."""
        for number in range(self._noted, len(self._bodies)):
            cells = _cells(self._bodies[number].bounds_m, 0.0)
            if cells is None:
                self._wide.append(number)
            for cell in cells or ():
                self._cells.setdefault(cell, []).append(number)
        self._noted = len(self._bodies)


def _cells(bounds_m: F64, margin_m: float) -> list[tuple[int, int]] | None:
    """The squares that a rectangle (2, 2) and a margin around it touch; None when they are too many."""
    (x0, y0), (x1, y1) = (bounds_m + np.array([[-margin_m], [margin_m]])) // CELL_M
    if (x1 - x0 + 1) * (y1 - y0 + 1) > MOST_CELLS:
        return None
    return [(x, y) for x in range(int(x0), int(x1) + 1) for y in range(int(y0), int(y1) + 1)]
