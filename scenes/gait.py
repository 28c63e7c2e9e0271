"""Limbs in step: how legs and pedals turn with the distance travelled, and the box that holds the whole gait."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from weakref import WeakKeyDictionary

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, about, compose, rotation, times, triple
from pairforge.scenes.world import Limb, Shape, Vector

Local = dict[str, tuple[F64, Rotation]]
NO_BENDS: Mapping[str, F64] = MappingProxyType({})
GAITS = ("walker", "cyclist", "replay")
"""Motions in which limbs swing."""
PHASES = 72
"""Moments of a stride at which its box is measured: between two of them no limb reaches 1 mm further."""
HARDLY_M = 1e-4
"""Limbs that reach no further out than this leave the box as it is: legs on pedals stay within the bicycle's."""


def limb_poses(
    shape: Shape, phase: F64, swing: F64, distance: F64, bends: Mapping[str, F64] = NO_BENDS
) -> Local:
    """part name -> body_from_part over T phases: positions (T, 3) and rotations.

    ``swing`` (T,) scales the amplitude of limbs that swing; wheels of a bicycle roll by ``distance`` (T,) metres.
    ``bends``: what limbs turn further, part name -> (T,) radians.
    """
    limbs = {limb.part: limb for limb in shape.limbs}
    wheels = {wheel.part: wheel for wheel in shape.wheels}
    rest = {piece.name: piece.body_from_part for piece in shape.parts}
    done: Local = {}

    def pose(name: str) -> tuple[F64, Rotation]:
        if name not in done:
            angle = np.zeros_like(phase)
            if name in limbs:
                angle = limb_angle(limbs[name], phase, swing) + bends.get(name, 0.0)
            elif name in wheels:
                angle = distance / wheels[name].radius_m
            spin = times(rotation(rest[name].quaternion_wxyz), about(1, angle))
            parent = limbs[name].parent if name in limbs else ""
            if parent:
                parent_from_body = rest[parent].inverse
                local = parent_from_body.points(rest[name].position_m)
                here = times(rotation(parent_from_body.quaternion_wxyz), spin)
                done[name] = compose(*pose(parent), local, here)
            else:
                done[name] = (np.tile(rest[name].position_m, (len(phase), 1)), spin)
        return done[name]

    for piece in shape.parts:
        pose(piece.name)
    return done


def limb_angle(limb: Limb, phase: F64, swing: F64) -> F64:
    """(T,) radians about the limb's own y axis; see ``world.Limb``. Bias fades with the swing: at rest legs hang."""
    if limb.spins:
        return phase + limb.offset
    return np.asarray(swing * (limb.bias + limb.amplitude * np.sin(phase + limb.offset)), dtype=np.float64)


def lowest(shape: Shape, local: Local, slopes: F64) -> F64:
    """(T,) height of the lowest vertex over ground through the body's origin that rises by ``slopes`` (T,) ahead."""
    low = []
    for piece in shape.parts:
        points = _extremes(piece.mesh.vertices.astype(np.float64))
        position, rot = local[piece.name]
        matrix = rot.as_matrix()
        rows = matrix[:, 2, :] - slopes[:, None] * matrix[:, 0, :]
        low.append((rows @ points.T).min(axis=1) + position[:, 2] - slopes * position[:, 0])
    return np.asarray(np.min(low, axis=0), dtype=np.float64)


def _extremes(vertices: F64) -> F64:
    """The vertices near the underside: enough to find the lowest one at any stride."""
    order = np.argsort(vertices[:, 2], kind="stable")
    return np.asarray(vertices[order[: max(40, len(order) // 4)]], dtype=np.float64)


def body_box(shape: Shape, motion: str) -> tuple[Vector, Vector]:
    """Size and centre of the 3D box of what moves so: of its whole gait where limbs swing, else the shape's own."""
    if shape.limbs and motion in GAITS:
        size, centre = gait_box(shape)
        return triple(size), triple(centre)
    return shape.size_m, shape.centre_m


def gait_box(shape: Shape) -> tuple[F64, F64]:
    """Size and centre (3,), in the body frame, of the upright box that holds the figure at rest and all through its
    gait on level ground, where its lowest point is on the ground: one box for as long as it is followed."""
    if (box := _HELD.get(shape)) is None:
        box = _HELD[shape] = _gait_box(shape)
    return box


_HELD: WeakKeyDictionary[Shape, tuple[F64, F64]] = WeakKeyDictionary()
"""The box of every shape that a world still holds."""


def _gait_box(shape: Shape) -> tuple[F64, F64]:
    size, centre = np.asarray(shape.size_m, dtype=np.float64), np.asarray(shape.centre_m, dtype=np.float64)
    low, high = _strides(shape)
    low, high = np.minimum(low, centre - size / 2), np.maximum(high, centre + size / 2)
    if (high - low - size).max() < HARDLY_M:
        return size, centre
    return high - low, (low + high) / 2


def _strides(shape: Shape) -> tuple[F64, F64]:
    """Lowest and highest corner (3,) of all vertices over a stride."""
    phase = np.arange(PHASES) * (2 * np.pi / PHASES)
    full = np.ones(PHASES)
    local = limb_poses(shape, phase, full, phase * shape.stride_m / (2 * np.pi))
    up = np.zeros((PHASES, 3))
    if not shape.wheels:
        up[:, 2] = -lowest(shape, local, 0.0 * full)
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for piece in shape.parts:
        position, turn = local[piece.name]
        points = turn.as_matrix() @ piece.mesh.vertices.astype(np.float64).T
        low = np.minimum(low, (points.min(axis=2) + position + up).min(axis=0))
        high = np.maximum(high, (points.max(axis=2) + position + up).max(axis=0))
    return low, high
