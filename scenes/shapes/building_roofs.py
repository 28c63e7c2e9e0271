"""Roofs: gabled with eaves, or flat behind a parapet."""

from __future__ import annotations

import numpy as np

from pairforge.frames import Pose
from pairforge.scenes import materials as m
from pairforge.scenes.shapes.building_facade import Opening, Row, Trim, model_facade
from pairforge.scenes.shapes.modelling import Modeller
from pairforge.scenes.world import Material

_EAVES_M = 0.4
_SLAB_M = 0.14


def model_roof(
    model: Modeller,
    kind: str,
    width_m: float,
    depth_m: float,
    top_m: float,
    rise_m: float,
    wall: Material,
    cover: Material,
) -> None:
    """A roof over x in -depth..0 and y in -width/2..width/2 from height ``top_m``; ``rise_m``: ridge or parapet."""
    if kind == "flat":
        _flat(model, width_m, depth_m, top_m, rise_m, wall)
    elif kind == "front_gable":
        _front_gable(model, width_m, depth_m, top_m, rise_m, wall, cover)
    else:
        _gable(model, width_m, depth_m, top_m, rise_m, wall, cover)


def model_dormers(
    model: Modeller, bays: int, bay_m: float, depth_m: float, top_m: float, rise_m: float, trim: Trim
) -> None:
    """A dormer window over every other bay, on the front slope of a gabled roof."""
    slope = rise_m / (depth_m / 2)
    front, half, tall = -0.16 * depth_m, 0.62, 1.35
    foot = top_m - front * slope + 0.05
    back = max(-depth_m / 2, front - (tall + 0.1) / slope)
    for k in range(bays % 2, bays, 2):
        y = (k - (bays - 1) / 2) * bay_m
        model.box((back, y - half, foot - 0.25), (front, y + half, foot + tall), m.SLATE, skip="-x-z+x")
        face = Modeller()
        window = Opening(-half + 0.14, half - 0.14, 0.2, tall - 0.12)
        model_facade(face, 2 * half, [Row(-0.25, tall, m.WINDOW_FRAME, (window,))], trim)
        model.put(face.mesh(), Pose.of((front, y, foot)))
        model.box(
            (back, y - half - 0.1, foot + tall), (front + 0.15, y + half + 0.1, foot + tall + 0.09), m.SLATE
        )


def _flat(model: Modeller, width: float, depth: float, top: float, rise: float, wall: Material) -> None:
    w, t, z = width / 2, 0.25, top + rise
    model.quads([[(-depth, -w, top), (0, -w, top), (0, w, top), (-depth, w, top)]], m.ROOF_FELT)
    low = [(-t, -w, top), (-depth, -w, top), (-depth + t, -w, top), (-depth + t, w - t, top)]
    high = [(0, w, z), (-depth + t, w, z), (-t, -w + t, z), (-t, w, z)]
    model.boxes(low, high, wall, skip="-z")
    for x0, x1 in ((-t, 0.0), (-depth, t - depth)):
        model.box((x0 - 0.05, -w - 0.05, z), (x1 + 0.05, w + 0.05, z + 0.08), m.STONE)


def _front_gable(
    model: Modeller, width: float, depth: float, top: float, rise: float, wall: Material, cover: Material
) -> None:
    """A ridge along x: the gable looks on the street."""
    w, eaves = width / 2, 0.12
    peak, drop = top + rise, rise / (width / 2) * 0.12
    for x, order in ((0.0, (0, 1, 2)), (-depth, (0, 2, 1))):
        model.triangles([(x, -w, top), (x, w, top), (x, 0.0, peak)], [order], wall)
    left = [(0.0, peak + _SLAB_M), (0.0, peak), (w + eaves, top - drop), (w + eaves, top - drop + _SLAB_M)]
    right = [(-y, z) for y, z in left][::-1]
    for outline in (left, right):
        model.prism(outline, -depth - eaves, 0.2, "x", cover)


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
