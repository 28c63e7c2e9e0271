"""Paint on the road: lines, bars, zebras, arrows and triangles, worn away in patches by tyres and weather."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import Polygon, box

from pairforge.frames import F64, I64
from pairforge.scenes import materials as m
from pairforge.scenes.roads.along import AlongLane
from pairforge.scenes.shapes.modelling import Modeller
from pairforge.scenes.shapes.road_pieces import LINE_M
from pairforge.scenes.world import Material

PAINT_Z_M = 0.006
"""Paint lies this high above the asphalt: more than the asphalt's chords may sag on a crest."""
CELL_M = (0.12, 0.065)
"""Worn paint is laid in cells of this length and width, cut where it ends."""
SHADES: tuple[Material, ...] = (
    m.PAINT_WHITE,
    m.brighter(m.PAINT_WHITE, 0.8, "paint_white_dull"),
    m.brighter(m.PAINT_WHITE, 0.6, "paint_white_faded"),
)
_FADING = 0.14
"""Where so much is left, and less, paint fades."""
ARROW_M = 4.2


def _hashed(cells: np.ndarray[tuple[int, ...], np.dtype[np.int64]], seed: int) -> F64:
    """A number 0..1 for each lattice point (..., 2), by an integer hash."""
    with np.errstate(over="ignore"):
        h = cells[..., 0].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        h ^= cells[..., 1].astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
        h ^= np.uint64(seed) * np.uint64(0x165667B19E3779F9)
        h = (h ^ (h >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
        h ^= h >> np.uint64(29)
    return np.asarray((h >> np.uint64(11)).astype(np.float64) / 2.0**53)


def noise(xy: F64, scale_m: float, seed: int) -> F64:
    """Smooth value noise 0..1 at points (N, 2), features about ``scale_m`` wide."""
    at = xy / scale_m
    low = np.floor(at).astype(np.int64)
    f = at - low
    f = f * f * (3 - 2 * f)
    corner = [[_hashed(low + np.array([i, j]), seed) for j in (0, 1)] for i in (0, 1)]
    a = corner[0][0] * (1 - f[:, 1]) + corner[0][1] * f[:, 1]
    b = corner[1][0] * (1 - f[:, 1]) + corner[1][1] * f[:, 1]
    return np.asarray(a * (1 - f[:, 0]) + b * f[:, 0])


@dataclass(frozen=True, eq=False)
class _Cells:
    """A bar cut into cells: ``s`` (R + 1,) along the line and laterals (C + 1,) of their edges.

    At most ``most`` cells of one shade that follow one another make one quad."""

    s: F64
    laterals: F64
    most: int

    @staticmethod
    def of(start: float, stop: float, lateral: float, width: float, worn: bool) -> _Cells:
        along_m, across_m = CELL_M if worn else (1.0, 1e9)
        rows, columns = max(1, round((stop - start) / along_m)), max(1, round(width / across_m))
        edges = np.linspace(lateral - width / 2, lateral + width / 2, columns + 1)
        return _Cells(np.linspace(start, stop, rows + 1), edges, max(1, int(1.0 / along_m)))

    @property
    def corners(self) -> tuple[F64, F64]:
        """s and lateral ((R + 1) (C + 1),) of the cells' corners, row by row."""
        return np.repeat(self.s, len(self.laterals)), np.tile(self.laterals, len(self.s))

    def quads(self, left: F64) -> F64:
        """(from s, to s, from lateral, to lateral, shade) (Q, 5) of cells that are whole, given what is ``left`` at
        corners."""
        rows = len(self.s) - 1
        found: list[tuple[float, float, float, float, int]] = []
        shades = np.where(self._least(left) >= 0.0, _shade(self._mean(left)), -1)
        for (low, high), column in zip(pairwise(self.laterals), shades.T.tolist(), strict=True):
            first = 0
            for row in range(1, rows + 1):
                if row == rows or column[row] != column[first] or row - first >= self.most:
                    if column[first] >= 0:
                        found.append((self.s[first], self.s[row], low, high, column[first]))
                    first = row
        return np.array(found).reshape(-1, 5)

    def rims(self, left: F64) -> list[tuple[F64, int]]:
        """What is left of cells that are worn in part: outlines (N, 2) of s and lateral, counter-clockwise, and their
        shade."""
        at = left.reshape(len(self.s), -1)
        least, most = self._least(left), -self._least(-left)
        found = []
        for i, j in np.argwhere((least < 0.0) & (most > 0.0)).tolist():
            square = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
            ring = np.array([[self.s[a], self.laterals[b]] for a, b in square])
            values = np.array([at[place] for place in square])
            found.append((_kept(ring, values), int(_shade(values.mean()[None])[0])))
        return found

    def _four(self, left: F64) -> F64:
        at = left.reshape(len(self.s), -1)
        return np.stack([at[:-1, :-1], at[1:, :-1], at[1:, 1:], at[:-1, 1:]])

    def _least(self, left: F64) -> F64:
        return np.asarray(self._four(left).min(axis=0))

    def _mean(self, left: F64) -> F64:
        return np.asarray(self._four(left).mean(axis=0))


def _kept(ring: F64, left: F64) -> F64:
    """The part (M, 2) of a convex ring (N, 2) where ``left`` (N,), linear along its edges, is not below 0."""
    out = []
    for k in range(len(ring)):
        n = (k + 1) % len(ring)
        if left[k] >= 0.0:
            out.append(ring[k])
        if (left[k] >= 0.0) != (left[n] >= 0.0):
            out.append(ring[k] + (ring[n] - ring[k]) * (left[k] / (left[k] - left[n])))
    return np.array(out).reshape(-1, 2)


def _fans(sizes: Sequence[int]) -> list[list[int]]:
    """Triangles of convex rings of so many points, one after another."""
    faces, first = [], 0
    for size in sizes:
        faces += [[first, first + k, first + k + 1] for k in range(1, size - 1)]
        first += size
    return faces


def _shade(left: F64) -> I64:
    """Which of the shades paint is in, the paler the more is left."""
    return np.clip(((_FADING - left) * 16.0).astype(np.int64), 0, len(SHADES) - 1)


def _corners(quads: F64) -> tuple[F64, F64]:
    """s and lateral (4 Q,) of the corners of quads, counter-clockwise."""
    s0, s1, l0, l1, _ = quads.T
    return np.stack([s0, s1, s1, s0], axis=1).ravel(), np.stack([l0, l0, l1, l1], axis=1).ravel()


def _cut(outline: Polygon, step_m: float) -> Iterator[F64]:
    """Rings (N, 2), counter-clockwise, of what each cell of a grid holds of an outline."""
    low_x, low_y, high_x, high_y = outline.bounds
    xs, ys = np.arange(low_x, high_x, step_m), np.arange(low_y, high_y, step_m)
    cells = [box(x, y, x + step_m, y + step_m) for x in xs for y in ys]
    for piece in shapely.intersection(outline, np.array(cells)):
        for part in getattr(piece, "geoms", [piece]):
            if isinstance(part, Polygon) and part.area > 1e-5:
                ring = np.asarray(part.exterior.coords)[:-1]
                yield ring if part.exterior.is_ccw else ring[::-1]


@dataclass(frozen=True)
class Painter:
    """Paints into ``model``. ``wear`` 0 (new) .. 1 (mostly gone); ``seed`` says where it has worn."""

    model: Modeller
    wear: float
    seed: int

    def bar(self, line: AlongLane, start: float, stop: float, lateral: float, width: float) -> None:
        """Along a line from ``start`` to ``stop``, its middle ``lateral`` to the line's left."""
        self.bars(line, [start], [stop], lateral, width)

    def bars(
        self,
        line: AlongLane,
        starts: Sequence[float] | F64,
        stops: Sequence[float] | F64,
        lateral: float | F64,
        width: float,
    ) -> None:
        """Several bars of one width; ``lateral`` of all or (N,) of each."""
        laterals = np.broadcast_to(lateral, len(starts)).tolist()
        cells = [
            _Cells.of(float(start), float(stop), middle, width, self.wear > 0.0)
            for start, stop, middle in zip(starts, stops, laterals, strict=True)
            if stop - start >= 0.02
        ]
        left = self._left(line.points_of([c.corners for c in cells]))
        quads = [q for c, at in zip(cells, left, strict=True) if len(q := c.quads(at))]
        corners = line.points_of([_corners(q) for q in quads], PAINT_Z_M)
        for q, points in zip(quads, corners, strict=True):
            for k, material in enumerate(SHADES):
                self.model.quads(points.reshape(-1, 4, 3)[q[:, 4] == k], material)
        self._lay(line, [rim for c, at in zip(cells, left, strict=True) for rim in c.rims(at)])

    def stencil(self, line: AlongLane, outline: Polygon, s: float, lateral: float, forward: bool) -> None:
        """A flat outline (x along the traffic, y to its left) laid down with its origin at ``s`` and ``lateral``."""
        sign = 1.0 if forward else -1.0
        rings = [np.array([s, lateral]) + sign * ring for ring in _cut(outline, 0.12)]
        left = self._left(line.points_of([(ring[:, 0], ring[:, 1]) for ring in rings]))
        pieces = [
            (_kept(ring, at), int(_shade(at.mean()[None])[0])) for ring, at in zip(rings, left, strict=True)
        ]
        self._lay(line, pieces)

    def _lay(self, line: AlongLane, pieces: Sequence[tuple[F64, int]]) -> None:
        """Convex outlines (N, 2) of s and lateral, counter-clockwise, each in its shade."""
        whole = [(ring, shade) for ring, shade in pieces if len(ring) > 2]
        laid = line.points_of([(ring[:, 0], ring[:, 1]) for ring, _ in whole], PAINT_Z_M)
        for k, material in enumerate(SHADES):
            mine = [ring for ring, (_, shade) in zip(laid, whole, strict=True) if shade == k]
            if mine:
                self.model.triangles(np.concatenate(mine), _fans([len(ring) for ring in mine]), material)

    def _left(self, groups: Sequence[F64]) -> list[F64]:
        """How much paint is left at each point (N, 3) of each group: none below 0."""
        if not groups:
            return []
        left = self._paint(np.concatenate(groups))
        return np.split(left, np.cumsum([len(g) for g in groups])[:-1])

    def _paint(self, points: F64) -> F64:
        if self.wear <= 0.0:
            return np.full(len(points), _FADING)
        xy = points[:, :2]
        left = 0.42 * noise(xy, 1.3, self.seed) + 0.33 * noise(xy, 0.4, self.seed + 1)
        left = left + 0.25 * noise(xy, 0.11, self.seed + 2)
        # Blended noise lies mostly in 0.25..0.75; a wear of 1 leaves about half.
        return np.asarray(left - (0.16 + 0.34 * self.wear))


def dash_starts(start: float, stop: float, length: float, gap: float) -> F64:
    """Where dashes begin between two s; the pattern is centred."""
    count = int((stop - start + gap) // (length + gap))
    if count < 1:
        return np.zeros(0)
    spare = stop - start - count * (length + gap) + gap
    return np.asarray(start + spare / 2 + (length + gap) * np.arange(count))


def paint_line(
    painter: Painter,
    line: AlongLane,
    spans: Sequence[tuple[float, float]],
    kind: str,
    lateral: float,
    dash: tuple[float, float],
) -> None:
    """A marking ("solid", "broken" or a double one, inner line first) over spans of s; ``lateral`` as in ``bar``."""
    words = kind.split("_")
    offsets = [0.0] if len(words) == 1 else [-0.12, 0.12]
    for word, offset in zip(words, offsets, strict=True):
        for start, stop in spans:
            if word == "solid":
                painter.bar(line, start, stop, lateral + offset, LINE_M)
            elif word == "broken":
                starts = dash_starts(start, stop, *dash)
                painter.bars(line, starts, starts + dash[0], lateral + offset, LINE_M)


def arrow(turns: frozenset[str]) -> Polygon:
    """A lane arrow for ways "left", "straight" and "right", tail at the origin, x ahead, y left; 4.2 m long."""
    parts = []
    stem_m = 2.6 if "straight" in turns else 2.2
    parts.append(box(0.0, -0.075, stem_m, 0.075))
    if "straight" in turns or not turns:
        parts.append(Polygon([(2.4, -0.38), (ARROW_M, 0.0), (2.4, 0.38)]))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        if side in turns:
            x = 1.3 if "straight" in turns else 2.1
            elbow = [(x - 0.1, 0.0), (x + 0.75, 0.55 * sign), (x + 0.62, 0.68 * sign), (x - 0.22, 0.1 * sign)]
            head = [(x + 0.25, 0.62 * sign), (x + 1.35, 1.15 * sign * 0.8), (x + 0.95, 0.3 * sign)]
            parts += [Polygon(elbow).buffer(0.01), Polygon(head).buffer(0.01)]
    return shapely.unary_union([p.buffer(0) for p in parts])
