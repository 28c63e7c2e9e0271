"""Facades: a wall with openings, and what fills them: windows, doors, shop fronts, balconies.

A facade is modelled facing +x: y runs along it to the right as seen from the street, z up, the wall's face at x = 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pairforge.scenes import materials as m
from pairforge.scenes.shapes.modelling import Modeller
from pairforge.scenes.world import Material

REVEAL_M = 0.16
"""How far glass stands behind the wall's face."""


@dataclass(frozen=True)
class Opening:
    """A rectangle left out of the wall, metres along (y) and up (z). ``kind``: window, door, shop, gate."""

    y0: float
    y1: float
    z0: float
    z1: float
    kind: str = "window"

    @property
    def low(self) -> tuple[float, float]:
        return (self.y0, self.z0)


@dataclass(frozen=True)
class Row:
    """One storey of a facade: its height band, its wall and its openings, left to right without overlap."""

    z0: float
    z1: float
    wall: Material
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True)
class Trim:
    """What goes round and into openings."""

    frame: Material
    door: Material
    surround: Material | None
    panes: int = 2
    crossbar: bool = True
    curtains: bool = True


def model_facade(model: Modeller, width_m: float, rows: Sequence[Row], trim: Trim) -> None:
    """Walls, reveals and fillings of all rows over y in -width/2..width/2."""
    for row in rows:
        _wall(model, -width_m / 2, width_m / 2, row)
        for k, opening in enumerate(row.openings):
            _reveal(model, opening, row.wall)
            if opening.kind == "window":
                _window(model, opening, trim, k + round(row.z0 * 10))
            elif opening.kind == "shop":
                _shop_window(model, opening, trim)
            else:
                _door(model, opening, trim, glazed=opening.kind == "glass_door")


def _wall(model: Modeller, y0: float, y1: float, row: Row) -> None:
    """The row's wall: full-height piers between openings, and pieces below and above each."""
    pieces = []
    here = y0
    for o in row.openings:
        pieces.append((here, o.y0, row.z0, row.z1))
        pieces.append((o.y0, o.y1, row.z0, o.z0))
        pieces.append((o.y0, o.y1, o.z1, row.z1))
        here = o.y1
    pieces.append((here, y1, row.z0, row.z1))
    solid = [p for p in pieces if p[1] - p[0] > 1e-6 and p[3] - p[2] > 1e-6]
    model.quads([[(0, a, c), (0, b, c), (0, b, d), (0, a, d)] for a, b, c, d in solid], row.wall)


def _reveal(model: Modeller, o: Opening, wall: Material) -> None:
    """The four sides of the hole, facing inwards."""
    d = -REVEAL_M
    model.quads(
        [
            [(0, o.y0, o.z0), (0, o.y0, o.z1), (d, o.y0, o.z1), (d, o.y0, o.z0)],
            [(0, o.y1, o.z1), (0, o.y1, o.z0), (d, o.y1, o.z0), (d, o.y1, o.z1)],
            [(0, o.y1, o.z0), (0, o.y0, o.z0), (d, o.y0, o.z0), (d, o.y1, o.z0)],
            [(0, o.y0, o.z1), (0, o.y1, o.z1), (d, o.y1, o.z1), (d, o.y0, o.z1)],
        ],
        wall,
    )


def _pane(model: Modeller, o: Opening, x: float, what: Material) -> None:
    model.quads([[(x, o.y0, o.z0), (x, o.y1, o.z0), (x, o.y1, o.z1), (x, o.y0, o.z1)]], what)


def _bars(
    model: Modeller, o: Opening, uprights: Sequence[float], rails: Sequence[float], bar: float, what: Material
) -> None:
    """Frame bars: uprights centred at y positions and rails at z positions, kept within the opening."""
    x0, x1 = -REVEAL_M, -REVEAL_M + 0.06
    low, high = [], []
    for y in uprights:
        a = float(np.clip(y - bar / 2, o.y0, o.y1 - bar))
        low.append((x0, a, o.z0))
        high.append((x1, a + bar, o.z1))
    for z in rails:
        a = float(np.clip(z - bar / 2, o.z0, o.z1 - bar))
        low.append((x0, o.y0, a))
        high.append((x1 - 0.008, o.y1, a + bar))
    model.boxes(low, high, what, skip="-x")


def _window(model: Modeller, o: Opening, trim: Trim, index: int) -> None:
    """Panes in a frame, a sill, perhaps a surround; a curtain shows in some."""
    _pane(model, o, -REVEAL_M, m.WINDOW_GLASS)
    uprights = np.linspace(o.y0, o.y1, trim.panes + 1)
    rails = [o.z0, o.z1, *([o.z0 + 0.68 * (o.z1 - o.z0)] if trim.crossbar else [])]
    _bars(model, o, [float(y) for y in uprights], rails, 0.07, trim.frame)
    if trim.curtains and (index * 7) % 5 < 2:
        share = 0.22 if index % 2 else 0.42
        _curtains(model, o, share)
    model.box(
        (-0.02, o.y0 - 0.08, o.z0 - 0.07), (0.09, o.y1 + 0.08, o.z0), trim.surround or m.STONE, skip="-x"
    )
    if trim.surround is not None:
        w, t = 0.14, 0.035
        low = [(0, o.y0 - w, o.z0), (0, o.y1, o.z0), (0, o.y0 - w - 0.04, o.z1)]
        high = [(t, o.y0, o.z1), (t, o.y1 + w, o.z1), (t + 0.03, o.y1 + w + 0.04, o.z1 + 0.2)]
        model.boxes(low, high, trim.surround, skip="-x")


def _curtains(model: Modeller, o: Opening, share: float) -> None:
    """Two drawn curtains right behind the panes, as what the glass lets through."""
    x, width = -REVEAL_M + 0.004, (o.y1 - o.y0) * share
    for a, b in ((o.y0, o.y0 + width), (o.y1 - width, o.y1)):
        _pane(model, Opening(a, b, o.z0, o.z1), x, m.CURTAIN)


def _shop_window(model: Modeller, o: Opening, trim: Trim) -> None:
    """Large panes over a stall riser."""
    riser = o.z0 + 0.45
    model.box((-REVEAL_M, o.y0, o.z0), (-0.03, o.y1, riser), trim.door, skip="-x-z")
    upper = Opening(o.y0, o.y1, riser, o.z1)
    _pane(model, upper, -REVEAL_M, m.SHOP_GLASS)
    _display(model, upper)
    count = max(1, round((o.y1 - o.y0) / 1.6))
    uprights = [float(y) for y in np.linspace(o.y0, o.y1, count + 1)]
    _bars(model, upper, uprights, [riser, o.z1, o.z1 - 0.5], 0.06, trim.door)


_GOODS = tuple(
    Material(f"goods_{k}", rgb, roughness=0.12, lidar_reflectivity=0.15, lamp="shop")
    for k, rgb in enumerate(((0.30, 0.10, 0.05), (0.32, 0.26, 0.14), (0.08, 0.15, 0.22), (0.36, 0.33, 0.28)))
)
_LIT = Material(
    "shop_light", (0.80, 0.62, 0.40), roughness=0.1, emission_w_m2=12.0, lidar_reflectivity=0.1, lamp="shop"
)


def _display(model: Modeller, o: Opening) -> None:
    """What is seen through the pane: goods on two shelves under a lit strip, modelled just before the glass."""
    x, tall = -REVEAL_M + 0.003, o.z1 - o.z0
    _pane(model, Opening(o.y0 + 0.1, o.y1 - 0.1, o.z1 - 0.62, o.z1 - 0.56), x, _LIT)
    count = max(3, round((o.y1 - o.y0) / 0.32))
    edges = np.linspace(o.y0 + 0.08, o.y1 - 0.08, count + 1)
    for shelf, base in enumerate((o.z0 + 0.04, o.z0 + 0.42 * tall)):
        for k in range(count):
            mix = k * 7 + shelf * 5 + round(abs(o.y0) * 10)
            if mix % 4 == 3:
                continue
            top = base + tall * (0.14 + 0.045 * (mix % 5))
            inset = 0.02 + 0.015 * (mix % 3)
            pane = Opening(float(edges[k]) + inset, float(edges[k + 1]) - inset, base, top)
            _pane(model, pane, x, _GOODS[mix % len(_GOODS)])
        _pane(model, Opening(o.y0 + 0.04, o.y1 - 0.04, base - 0.03, base), x, _GOODS[3])


def _door(model: Modeller, o: Opening, trim: Trim, glazed: bool) -> None:
    """A panelled or glazed door under a fanlight, with a step and a knob."""
    head = o.z1 - 0.42
    light = Opening(o.y0, o.y1, head, o.z1)
    _pane(model, light, -REVEAL_M, m.WINDOW_GLASS)
    _bars(model, light, [o.y0, o.y1], [head, o.z1], 0.07, trim.frame)
    leaf = Opening(o.y0 + 0.06, o.y1 - 0.06, o.z0, head)
    _bars(model, Opening(o.y0, o.y1, o.z0, head), [o.y0, o.y1], [], 0.07, trim.frame)
    if glazed:
        _pane(model, leaf, -REVEAL_M, m.SHOP_GLASS)
        _bars(model, leaf, [leaf.y0, leaf.y1], [leaf.z0 + 0.06, leaf.z1], 0.1, trim.door)
    else:
        _pane(model, leaf, -REVEAL_M, trim.door)
        w, h = (leaf.y1 - leaf.y0) / 2, (leaf.z1 - leaf.z0) / 3
        cells = [(i, j) for i in range(2) for j in range(3)]
        low = [(-REVEAL_M, leaf.y0 + i * w + 0.08, leaf.z0 + j * h + 0.08) for i, j in cells]
        high = [
            (-REVEAL_M + 0.025, leaf.y0 + (i + 1) * w - 0.08, leaf.z0 + (j + 1) * h - 0.06) for i, j in cells
        ]
        model.boxes(low, high, trim.door, skip="-x")
    y = leaf.y1 - 0.12
    model.box(
        (-REVEAL_M, y - 0.03, o.z0 + 0.95), (-REVEAL_M + 0.07, y + 0.03, o.z0 + 1.1), m.STEEL, skip="-x"
    )
    model.box((-0.02, o.y0 - 0.1, o.z0 - 0.02), (0.28, o.y1 + 0.1, o.z0 + 0.06), m.STONE, skip="-x-z")
