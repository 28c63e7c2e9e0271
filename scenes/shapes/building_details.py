"""What makes a front: cornices, string courses, shop fascias and awnings, balconies, chimneys, drainpipes."""

from __future__ import annotations

from typing import Any

import numpy as np

from pairforge.scenes import materials as m
from pairforge.scenes.shapes.lettering import text_width_m, write
from pairforge.scenes.shapes.modelling import Modeller
from pairforge.scenes.world import Material


def add_details(
    model: Modeller, params: dict[str, Any], width_m: float, top_m: float, wall: Material, awning: Material
) -> None:
    """Everything on the front that its params ask for."""
    w = width_m / 2
    ground = params["ground_m"]
    model.box((-0.02, -w, ground - 0.12), (0.08, w, ground + 0.06), m.STONE, skip="-x")
    if params["roof"] == "flat":
        for out, low, high in ((0.12, -0.45, -0.3), (0.24, -0.3, -0.12), (0.34, -0.12, 0.05)):
            model.box((-0.02, -w, top_m + low), (out, w, top_m + high), m.STONE, skip="-x")
    if params["ground"] == "shop":
        _fascia(model, w, ground, awning, str(params["trade"]))
        if params["awning"]:
            _awning(model, w, ground, awning)
    if params["balconies"]:
        _balconies(model, params)
    for k in range(int(params["chimneys"])):
        y = (w - 0.7) * (1 if k == 0 else -1)
        _chimney(model, -params["depth_m"] / 2, y, top_m + params["roof_m"])
    y = w - 0.16
    model.tube([(0.09, y, 0.0), (0.09, y, top_m - 0.1)], 0.05, m.IRON_BLACK, sides=6)


def _fascia(model: Modeller, w: float, ground: float, colour: Material, text: str) -> None:
    """The shop's board with its trade in capitals."""
    model.box((-0.02, -w + 0.1, ground - 0.78), (0.12, w - 0.1, ground - 0.16), colour, skip="-x")
    size = min(0.3, 0.26 * (1.7 * w) / max(0.1, text_width_m(text, 0.26)))
    write(model, text, (0.123, 0.0, ground - 0.47), size, m.LETTERING, 0.15)


def _awning(model: Modeller, w: float, ground: float, cloth: Material) -> None:
    """A sloping striped cloth over the shop window with a hanging front."""
    z1, z0, reach = ground - 0.8, ground - 1.25, 1.15
    edges = np.linspace(-w + 0.25, w - 0.25, 2 * max(4, round(w * 1.4)) + 1)
    for k, stripe in enumerate((cloth, m.brighter(m.LETTERING, 0.85, "awning_white"))):
        a, b = edges[k:-1:2], edges[k + 1 :: 2]
        ones = np.ones_like(a)
        strips = []
        for x0, h0, x1, h1 in ((0.02, z1, reach, z0), (reach, z0, reach + 0.01, z0 - 0.2)):
            strips.append(
                np.stack(
                    [
                        np.stack([x1 * ones, a, h1 * ones], -1),
                        np.stack([x1 * ones, b, h1 * ones], -1),
                        np.stack([x0 * ones, b, h0 * ones], -1),
                        np.stack([x0 * ones, a, h0 * ones], -1),
                    ],
                    axis=1,
                )
            )
        quads = np.concatenate(strips)
        model.quads(quads, stripe)
        # Cloth has two sides: the lower one hangs a centimetre below.
        model.quads(quads[:, ::-1] - np.array([0.01, 0.0, 0.01]), stripe)


def _balconies(model: Modeller, params: dict[str, Any]) -> None:
    """A slab with a railing before every other window of the upper floors."""
    bays, bay, storey = int(params["bays"]), params["bay_m"], params["storey_m"]
    reach = 1.05
    for level in range(int(params["storeys"]) - 1):
        z = params["ground_m"] + level * storey
        for k in range(bays % 2, bays, 2):
            y = (k - (bays - 1) / 2) * bay
            half = bay * 0.46
            model.box((-0.02, y - half, z + 0.0), (reach, y + half, z + 0.14), m.CONCRETE, skip="-x")
            _railing(model, y, half, reach - 0.05, z + 0.14)


def _railing(model: Modeller, y: float, half: float, reach: float, z: float) -> None:
    posts = np.arange(-half + 0.03, half, 0.14)
    low = [(reach, y + float(p), z) for p in posts]
    high = [(reach + 0.02, y + float(p) + 0.02, z + 0.95) for p in posts]
    for side in (y - half, y + half - 0.02):
        for x in np.arange(0.1, reach, 0.16):
            low.append((float(x), side, z))
            high.append((float(x) + 0.02, side + 0.02, z + 0.95))
        low.append((-0.02, side, z + 0.95))
        high.append((reach + 0.03, side + 0.03, z + 1.0))
    low.append((reach - 0.01, y - half, z + 0.95))
    high.append((reach + 0.03, y + half, z + 1.0))
    model.boxes(low, high, m.IRON_BLACK)


def _chimney(model: Modeller, x: float, y: float, ridge: float) -> None:
    model.box((x - 0.35, y - 0.5, ridge - 0.9), (x + 0.35, y + 0.5, ridge + 0.9), m.BRICK, skip="-z")
    model.box((x - 0.4, y - 0.55, ridge + 0.9), (x + 0.4, y + 0.55, ridge + 1.0), m.STONE)
    for d in (-0.24, 0.24):
        model.tube([(x, y + d, ridge + 1.0), (x, y + d, ridge + 1.35)], [0.12, 0.1], m.ROOF_TILE, sides=8)
