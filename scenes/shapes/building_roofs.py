"""Roofs: gabled with eaves, or flat behind a parapet."""

from __future__ import annotations

import numpy as np

from pairforge.scenes import materials as m
from pairforge.scenes.shapes.modelling import Modeller
from pairforge.scenes.world import Material

_EAVES_M = 0.4
_SLAB_M = 0.14


def model_roof(
    model: Modeller, kind: str, width_m: float, depth_m: float, top_m: float, rise_m: float, wall: Material
) -> None:
    """A roof over x in -depth..0 and y in -width/2..width/2, from height ``top_m``; ``rise_m`` of ridge or parapet."""
    if kind == "flat":
        _flat(model, width_m, depth_m, top_m, rise_m, wall)
    else:
        _gable(model, width_m, depth_m, top_m, rise_m, wall, m.SLATE if kind == "slate" else m.ROOF_TILE)


def _flat(model: Modeller, width: float, depth: float, top: float, rise: float, wall: Material) -> None:
    w, t, z = width / 2, 0.25, top + rise
    model.quads([[(-depth, -w, top), (0, -w, top), (0, w, top), (-depth, w, top)]], m.ROOF_FELT)
    low = [(-t, -w, top), (-depth, -w, top), (-depth + t, -w, top), (-depth + t, w - t, top)]
    high = [(0, w, z), (-depth + t, w, z), (-t, -w + t, z), (-t, w, z)]
    model.boxes(low, high, wall, skip="-z")
    cap = np.array([0.05, 0.05, 0.0])
    model.boxes(
        np.array([(-t, -w, z), (-depth, -w, z)]) - cap,
        np.array([(0, w, z + 0.08), (-depth + t, w, z + 0.08)]) + cap,
        m.STONE,
    )


def _gable(
    model: Modeller, width: float, depth: float, top: float, rise: float, wall: Material, tile: Material
) -> None:
    """A ridge along y: two sloping slabs with eaves, and gable walls at both ends."""
    w, ridge = width / 2, -depth / 2
    slope = rise / (depth / 2)
    for y, order in ((w, (0, 1, 2)), (-w, (0, 2, 1))):
        corners = np.array([(0, y, top), (ridge, y, top + rise), (-depth, y, top)])
        model.triangles(corners, [order], wall)
    drop = slope * _EAVES_M
    for outer, sign in ((_EAVES_M, 1.0), (-depth - _EAVES_M, -1.0)):
        eaves, peak = top - drop, top + rise
        outline = [(outer, eaves), (ridge, peak), (ridge, peak + _SLAB_M), (outer, eaves + _SLAB_M)]
        # The prism's plane is (z, x); its outline must run counter-clockwise there.
        zx = [(z, x) for x, z in outline]
        model.prism(zx if sign > 0 else zx[::-1], -w, w, "y", tile)
    model.box((0.0, -w, top - 0.28), (0.18, w, top - 0.05), m.WINDOW_FRAME, skip="-x")
