"""The land around: open ground out to the horizon and a ring of wooded hills that closes every view."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from pairforge.scenes import materials as m
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.modelling import Modeller, whole
from pairforge.scenes.world import Material, Shape
from pairforge.seeding import Stream

_GROUND_M = -0.06
_SECTORS = 96


def build(params: dict[str, Any], paint: Material | None = None) -> Shape:
    """A disc a little below the street's level, rising into hills at its rim; ``waves`` give the skyline."""
    radius, height = params["radius_m"], params["hills_m"]
    angle = 2 * np.pi * np.arange(_SECTORS) / _SECTORS
    skyline = np.ones(_SECTORS)
    for k, (size, phase) in enumerate(params["waves"]):
        skyline += size * np.sin((k + 2) * angle + phase)
    crest = height * np.clip(skyline, 0.25, None)
    rings = [(0.5, 0.0), (0.62, 0.12), (0.75, 0.45), (0.88, 0.85), (1.0, 1.0), (1.2, 0.6)]
    ring = np.stack([np.cos(angle), np.sin(angle), np.zeros(_SECTORS)], axis=1)
    heights = [ring * (share * radius) + [0.0, 0.0, _GROUND_M] for share, _ in rings]
    for points, (_, rise) in zip(heights, rings, strict=True):
        points[:, 2] += rise * crest
    land = Modeller()
    land.disc((0.0, 0.0, _GROUND_M), 0.5 * radius, m.GRASS, _SECTORS)
    for inner, outer in pairwise(heights):
        a1, b1 = np.roll(inner, -1, 0), np.roll(outer, -1, 0)
        land.quads(np.stack([inner, outer, b1, a1], axis=1), m.HILL)
    return whole({"terrain": land}, 0.0)


def draw(stream: Stream) -> dict[str, Any]:
    rng = stream.rng()
    waves = [[float(rng.uniform(0.08, 0.3) / (1 + 0.3 * k)), float(rng.uniform(0, 6.28))] for k in range(7)]
    return {"radius_m": 700.0, "hills_m": float(rng.uniform(25.0, 55.0)), "waves": waves}


HORIZON = ShapeFamily("horizon", semantic="terrain", noun="hills", draw=draw, build=build, stuff=True)
