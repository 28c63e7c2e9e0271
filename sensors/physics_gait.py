"""Soles and the ground: how deep a step has them in it, and what lifts the figure over kerbs."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from pairforge.frames import F64, Track, compose, rotation
from pairforge.scenes.gait import Local
from pairforge.scenes.world import Shape
from pairforge.sensors.ground import ExactGround

STEP_KNOTS = 12
"""A step over a kerb starts and ends so many knots (10 ms) before and after a sole would be in it."""
NO_STEP_M = 0.008
_SOLE_M = 0.12
"""Parts that come so near to the ground at rest have soles."""
_FOOT_M = 0.15
"""What of these parts lies lower at rest is a foot."""
_SOLE_REACH_M = 0.5


def step_up(shape: Shape, local: Local, body: Track, lift: F64, ground: ExactGround) -> F64:
    """(T,) metres more by which the figure must rise so that no sole is inside a kerb or a step."""
    return clearance(sunk(shape, [piece.name for piece in shape.parts], local, body, lift, ground))


def sunk(
    shape: Shape, parts: Collection[str], local: Local, body: Track, lift: F64, ground: ExactGround
) -> F64:
    """(T,) metres that the deepest sole among ``parts`` is in the ground, with the figure ``lift`` (T,) up."""
    deepest = np.zeros(len(lift))
    for foot, position, matrix in _feet(shape, parts, local, body, lift):
        deepest = np.maximum(deepest, _deepest(foot, position, matrix, ground))
    return deepest


def footing(shape: Shape, part: str, local: Local, body: Track, lift: F64, ground: ExactGround) -> F64:
    """(T,) height in the world of the highest ground under the rim of a part's sole."""
    heights = [
        _under(_sole(foot), position, matrix, ground)[1].max(axis=1)
        for foot, position, matrix in _feet(shape, (part,), local, body, lift)
    ]
    return np.asarray(np.max(heights, axis=0), dtype=np.float64)


def _feet(
    shape: Shape, parts: Collection[str], local: Local, body: Track, lift: F64
) -> Iterator[tuple[F64, F64, F64]]:
    """Of every part with a sole: its vertices (N, 3) near the ground, world positions (T, 3) and turns (T, 3, 3)."""
    turned = rotation(body.quaternions_wxyz)
    for piece in shape.parts:
        heights = piece.body_from_part.points(piece.mesh.vertices)[:, 2]
        if piece.name not in parts or heights.min() > _SOLE_M:
            continue
        position, turn = compose(body.positions_m, turned, *local[piece.name])
        position[:, 2] += lift
        yield piece.mesh.vertices[heights < _FOOT_M].astype(np.float64), position, turn.as_matrix()


def clearance(deepest: F64) -> F64:
    """(T,) metres to rise by, in time and smoothly, for soles that would be ``deepest`` (T,) in the ground."""
    # What the slope leaves over is no step.
    deepest = np.where(deepest > NO_STEP_M, deepest, 0.0)
    if not deepest.any():
        return deepest
    wide = maximum_filter1d(deepest, 2 * STEP_KNOTS + 1, mode="nearest")
    for _ in range(2):
        wide = uniform_filter1d(wide, STEP_KNOTS + 1, mode="nearest")
    return np.asarray(wide, dtype=np.float64)


def _deepest(vertices: F64, position: F64, matrix: F64, ground: ExactGround) -> F64:
    """(T,) metres that a foot of ``vertices`` (N, 3) is in the ground: by the rim of its sole on even ground, by
    every vertex where an edge runs under it, for that may cut in between any two of the rim."""
    depth, level = _under(_sole(vertices), position, matrix, ground)
    deepest = depth.max(axis=1)
    edge = level.max(axis=1) - level.min(axis=1) > NO_STEP_M
    if edge.any():
        deepest[edge] = _under(vertices, position[edge], matrix[edge], ground)[0].max(axis=1)
    return np.asarray(deepest, dtype=np.float64)


def _under(points: F64, position: F64, matrix: F64, ground: ExactGround) -> tuple[F64, F64]:
    """How deep each of a part's points (N, 3) is in the ground, and the ground's height there: (T, N) metres. Where
    there is no ground, none is deep, and the height is its own."""
    at = np.einsum("tij,nj->tni", matrix, points) + position[:, None]
    above = (
        ground.below(at.reshape(-1, 3) + np.array([0.0, 0.0, _SOLE_REACH_M])).reshape(at.shape[:2])
        - _SOLE_REACH_M
    )
    above = np.where(np.isfinite(above), above, 0.0)
    return np.maximum(-above, 0.0), at[..., 2] - above


def _sole(vertices: F64) -> F64:
    """The rim (N, 3) of a sole: what of its underside lies farthest out in each of 16 directions. Kerbs are met by
    heel and toe tips and by the ball of the foot, which is wider than either."""
    low = vertices[vertices[:, 2] < vertices[:, 2].min() + 0.02]
    angles = np.arange(16) * (2 * np.pi / 16)
    reach = low[:, 0] * np.cos(angles)[:, None] + low[:, 1] * np.sin(angles)[:, None]
    return np.asarray(low[np.unique(reach.argmax(axis=1))], dtype=np.float64)
