"""Pieces that roads are made of: bands, kerbs, paving slabs, painted bars and tree pits along a line."""

from __future__ import annotations

from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from pairforge.frames import F64
from pairforge.scenes import materials as m
from pairforge.scenes.shapes.modelling import Modeller
from pairforge.scenes.world import Material

KERB_HEIGHT_M = 0.12
KERB_WIDTH_M = 0.16
PAINT_M = 0.004
"""Markings lie this high above the asphalt."""
LOT_HEIGHT_M = 0.11
LINE_M = 0.13
PAVING_SHADES = (
    m.PAVING,
    m.brighter(m.PAVING, 1.1, "paving_light"),
    m.brighter(m.PAVING, 0.88, "paving_dull"),
)
KERB_SHADES = (m.KERB, m.brighter(m.KERB, 0.87, "kerb_dull"))


class Line(Protocol):
    """Anything that pieces can follow: points beside it, ``z_m`` above the road's surface there."""

    @property
    def length_m(self) -> float: ...

    def points(self, s_m: ArrayLike, lateral_m: ArrayLike = 0.0, z_m: ArrayLike = 0.0) -> F64: ...

    def stations(self, start_m: float, stop_m: float, step_m: float = 2.0) -> F64: ...


def sign_of(side: str) -> float:
    """+1 for "left" of the line, -1 for "right"."""
    return 1.0 if side == "left" else -1.0


def lay_band(
    model: Modeller, line: Line, s: F64, inner: float, outer: float, z: float, what: Material
) -> None:
    """A level band along the line between two lateral offsets."""
    low, high = min(inner, outer), max(inner, outer)
    model.ribbon(line.points(s, high, z), line.points(s, low, z), what)


def lay_kerb(model: Modeller, line: Line, start: float, stop: float, face: float, side: float) -> None:
    """Kerb stones a metre long with a bevelled edge; ``face`` is the lateral offset of the face."""
    edges = line.stations(start, stop, 1.0)
    profile = [
        (0.0, 0.0),
        (0.012, KERB_HEIGHT_M - 0.025),
        (0.035, KERB_HEIGHT_M),
        (KERB_WIDTH_M, KERB_HEIGHT_M),
    ]
    for (d0, z0), (d1, z1) in pairwise(profile):
        a, b = line.points(edges, face + side * d0, z0), line.points(edges, face + side * d1, z1)
        left, right = (b, a) if side > 0 else (a, b)
        stones = np.stack([right[:-1], right[1:], left[1:], left[:-1]], axis=1)
        for k, shade in enumerate(KERB_SHADES):
            model.quads(stones[(np.arange(len(stones)) * 7 // 3) % 2 == k], shade)


def lay_slabs(model: Modeller, line: Line, start: float, stop: float, inner: float, outer: float) -> None:
    """Paving slabs of about 0.6 m in a running bond, with dark joints below them."""
    low, high = min(inner, outer), max(inner, outer)
    lay_band(model, line, line.stations(start, stop), low, high, KERB_HEIGHT_M - 0.006, m.PAVING_JOINT)
    across = max(1, round((high - low) / 0.6))
    along = max(1, round((stop - start) / 0.75))
    i, j = np.meshgrid(np.arange(along), np.arange(across), indexing="ij")
    ds, dl, gap = (stop - start) / along, (high - low) / across, 0.005
    s0 = np.clip(start + (i + 0.5 * (j % 2) - 0.5) * ds + gap, start, stop)
    s1 = np.clip(start + (i + 0.5 * (j % 2) + 0.5) * ds - gap, start, stop)
    l0, l1 = low + j * dl + gap, low + (j + 1) * dl - gap
    z = KERB_HEIGHT_M
    slabs = np.stack(
        [line.points(s0, l0, z), line.points(s1, l0, z), line.points(s1, l1, z), line.points(s0, l1, z)],
        axis=-2,
    ).reshape(-1, 4, 3)
    shade = (i * 5 + j * 11 + i * j * 3 + (i * i) % 7).ravel() % len(PAVING_SHADES)
    for k, material in enumerate(PAVING_SHADES):
        model.quads(slabs[shade == k], material)


def paint_bars(
    model: Modeller, line: Line, starts: F64, length: float, lateral: float, width: float = LINE_M
) -> None:
    """Painted bars along the line, starting at each of ``starts`` (N,)."""
    if not len(starts):
        return
    s0, s1, l0, l1 = starts, starts + length, lateral - width / 2, lateral + width / 2
    corners = [line.points(s, lat, PAINT_M) for s, lat in ((s0, l0), (s1, l0), (s1, l1), (s0, l1))]
    model.quads(np.stack(corners, axis=1), m.PAINT_WHITE)


def lay_tree_pits(model: Modeller, line: Line, pits: list[list[float]]) -> None:
    """Squares of open soil in the pavement, edged with stone."""
    for half, height, what in ((0.56, 0.003, m.KERB), (0.48, 0.005, m.SOIL)):
        for s, lateral in pits:
            around = np.array([s - half, s + half])
            lay_band(model, line, around, lateral - half, lateral + half, KERB_HEIGHT_M + height, what)
