"""The land around: open ground out to the horizon and a ring of wooded hills that closes every view."""

from __future__ import annotations

from typing import Any

import numpy as np

from pairforge.frames import F64
from pairforge.scenes import materials as m
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.modelling import Modeller, whole
from pairforge.scenes.shapes.road_paint import noise
from pairforge.scenes.world import Material, Shape
from pairforge.seeding import Stream

_GROUND_M = -0.06
_SECTORS, _RINGS = 360, 15
_RISE = ((0.5, 0.0), (0.62, 0.12), (0.75, 0.45), (0.88, 0.85), (1.0, 1.0), (1.2, 0.6))
"""How much of their height the hills have reached, by the share of the radius."""
_TREES_M = (8.0, 9.0)
"""Woods stand so high at least, and so much higher in places."""


def build(params: dict[str, Any], paint: Material | None = None) -> Shape:
    """A disc a little below the street's level, rising into hills at its rim; ``waves`` give the skyline."""
    radius, height = params["radius_m"], params["hills_m"]
    angle = 2 * np.pi * np.arange(_SECTORS) / _SECTORS
    skyline = np.ones(_SECTORS)
    for k, (size, phase) in enumerate(params["waves"]):
        skyline += size * np.sin((k + 2) * angle + phase)
    crest = height * np.clip(skyline, 0.25, None)
    share = np.linspace(_RISE[0][0], _RISE[-1][0], _RINGS)
    rise = np.interp(share, *np.array(_RISE).T)
    around = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.empty((_RINGS, _SECTORS, 3))
    points[..., :2] = around * (share * radius)[:, None, None]
    points[..., 2] = _GROUND_M + rise[:, None] * crest
    wooded = _wooded(points, rise, int(1e6 * params["waves"][0][1]))
    points[..., 2] += wooded
    land = Modeller()
    land.disc((0.0, 0.0, _GROUND_M), _RISE[0][0] * radius, m.FIELD, 96)
    inner, outer = points[:-1], points[1:]
    quads = np.stack([inner, outer, np.roll(outer, -1, 1), np.roll(inner, -1, 1)], axis=2)
    trees = (wooded[:-1] + wooded[1:] + np.roll(wooded[:-1] + wooded[1:], -1, 1)) > 0.0
    land.quads(quads[~trees], m.HILL)
    land.quads(quads[trees], m.FOREST)
    return whole({"terrain": land}, 0.0)


def _wooded(points: F64, rise: F64, seed: int) -> F64:
    """(R, S) how high trees stand at points (R, S, 3) of the hills: 0 in the open, more woods the higher up."""
    xy = points[..., :2].reshape(-1, 2)
    patch = (0.65 * noise(xy, 150.0, seed) + 0.35 * noise(xy, 55.0, seed + 1)).reshape(points.shape[:2])
    crowns = noise(xy, 6.0, seed + 2).reshape(points.shape[:2])
    low, more = _TREES_M
    here = (patch > 0.66 - 0.26 * rise[:, None]) & (rise[:, None] > 0.0)
    return np.asarray(np.where(here, low + more * crowns, 0.0))


def draw(stream: Stream) -> dict[str, Any]:
    rng = stream.rng()
    waves = [[float(rng.uniform(0.08, 0.3) / (1 + 0.3 * k)), float(rng.uniform(0, 6.28))] for k in range(7)]
    return {"radius_m": 700.0, "hills_m": float(rng.uniform(25.0, 55.0)), "waves": waves}


HORIZON = ShapeFamily("horizon", semantic="terrain", noun="hills", draw=draw, build=build, stuff=True)
