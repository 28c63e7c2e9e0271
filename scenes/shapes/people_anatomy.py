"""Organic pieces of a person: limbs, hands, shoes. Body axes: x forward, y left, z up."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from pairforge.scenes.shapes.meshing import (
    combine,
    extrude,
    loft,
    rounded,
    tube,
)
from pairforge.scenes.world import Material, Mesh

F64 = NDArray[np.float64]


def rings(table: ArrayLike, *, sides: int = 20, rows: int = 0, power: float = 2.0) -> F64:
    """Superelliptic rings (S, sides, 3) from rows (z, half width y, front x, back x), resampled to ``rows``."""
    t = np.asarray(table, dtype=np.float64)
    if rows:
        at = np.linspace(0, len(t) - 1, rows)
        t = PchipInterpolator(np.arange(len(t)), t)(at)
    a = np.arange(sides) * (2 * np.pi / sides)
    c, s = np.cos(a), np.sin(a)
    bend = 2.0 / power
    cx, sy = np.sign(c) * np.abs(c) ** bend, np.sign(s) * np.abs(s) ** bend
    mid, half = (t[:, 2] + t[:, 3]) / 2, (t[:, 2] - t[:, 3]) / 2
    out = np.empty((len(t), sides, 3))
    out[..., 0] = mid[:, None] + half[:, None] * cx
    out[..., 1] = t[:, 1, None] * sy
    out[..., 2] = t[:, 0, None]
    return out


def limb(
    path: ArrayLike,
    radii: ArrayLike,
    material: Material,
    *,
    rows: int = 9,
    sides: int = 10,
    folds: float = 0.0,
    blunt: bool = False,
) -> Mesh:
    """A smooth limb through points (N, 3), radii (N, 2) across and along x, with round ends; ``blunt``: the far end
    is cut off, as a sleeve is. ``folds``: how deep cloth creases towards both ends, of the radius."""
    p, r = np.asarray(path, dtype=np.float64), np.asarray(radii, dtype=np.float64)
    if r.ndim == 1:
        r = np.stack([r, r], axis=1)
    knots = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    share = np.linspace(0, 1, rows)
    at = knots[-1] * (share - 0.05 * np.sin(4 * np.pi * share) if folds > 0.0 else share)
    pp, rr = PchipInterpolator(knots, p)(at), PchipInterpolator(knots, r)(at)
    if folds > 0.0:
        near_end = np.clip(np.abs(2 * share - 1) - 0.25, 0, 1) * (np.arange(rows) % (rows - 1) > 0)
        crease = folds * near_end * np.where(np.arange(rows) % 2, 1.0, -1.0)
        rr = rr * (1.0 + crease[:, None])
        pp[:, 0] += 0.6 * crease * rr[:, 1]
    bulge = np.array([[0.3, 0.95], [0.72, 0.69], [0.98, 0.16]])
    first, last = pp[0] - pp[1], pp[-1] - pp[-2]
    first, last = first / np.linalg.norm(first), last / np.linalg.norm(last)
    start = [(pp[0] + first * k * rr[0].mean(), rr[0] * w) for k, w in bulge[::-1]]
    tail = [] if blunt else [(pp[-1] + last * k * rr[-1].mean(), rr[-1] * w) for k, w in bulge]
    points = np.array([q for q, _ in start] + list(pp) + [q for q, _ in tail])
    sizes = np.array([w for _, w in start] + list(rr) + [w for _, w in tail])
    return tube(points, sizes, material, sides=sides)


def hand(length: float, material: Material) -> Mesh:
    """A relaxed left hand hanging from the wrist at the origin, thumb forward, palm to -y."""
    palm = np.array(
        [
            (-1.0, 0.06, 0.10, -0.16), (-0.86, 0.09, 0.20, -0.21), (-0.62, 0.115, 0.25, -0.23),
            (-0.45, 0.13, 0.24, -0.22), (-0.22, 0.12, 0.20, -0.18), (0.0, 0.13, 0.155, -0.155),
            (0.08, 0.12, 0.15, -0.15),
        ]
    )  # fmt: skip
    q = rings(palm * length, sides=20, rows=9, power=2.6)
    # Fingers: grooves between them, and a curl.
    fingers = np.clip(-q[..., 2] / length - 0.42, 0, 0.12) / 0.12
    groove = np.exp(
        -(((q[..., 0] / length / np.clip(_span(q, length), 0.02, None) * 2 + 0.5) % 1 - 0.5) ** 2) / 0.012
    )
    q[..., 1] *= 1.0 - 0.55 * fingers * groove
    down = np.clip(-q[..., 2] / length - 0.35, 0, 1)
    q[..., 1] -= 0.45 * length * down**2
    mitten = loft(q, material)
    thumb = limb(
        np.array([(0.14, -0.02, -0.16), (0.27, -0.08, -0.38), (0.28, -0.12, -0.58)]) * length,
        np.array([0.09, 0.075, 0.05]) * length,
        material,
        rows=4,
        sides=6,
    )
    return combine([mitten, thumb])


def _span(q: F64, length: float) -> F64:
    """(S, 1) half the breadth of each ring along x, in hand lengths."""
    return np.asarray(np.ptp(q[..., 0], axis=1)[:, None] / 2 / length)


def shoe(length: float, ankle_z: float, upper: Material, sole: Material) -> Mesh:
    """A shoe flat on the ground, its ankle above the origin, toe forward."""
    heel, toe = -0.27 * length, 0.73 * length
    half, thick = 0.185 * length, 0.085 * length
    outline = rounded(
        [(heel, -0.75 * half), (0.3 * length, -0.85 * half), (0.52 * length, -half), (toe, -0.55 * half),
         (toe, 0.6 * half), (0.52 * length, 0.95 * half), (0.3 * length, 0.72 * half), (heel, 0.75 * half)],
        0.12 * length, steps=2,
    )  # fmt: skip
    centre = np.array([0.2 * length, 0.0])
    bodies = []
    for z, grow, reach in (
        (0.6, 0.97, 1.0),
        (1.4, 0.95, 0.97),
        (2.1, 0.86, 0.86),
        (2.7, 0.72, 0.62),
        (3.2, 0.62, 0.40),
    ):
        ring = centre + (outline - centre) * grow
        ring[:, 0] = heel + (ring[:, 0] - heel) * reach
        bodies.append(np.column_stack([ring, np.full(len(ring), z * thick)]))
    neck = np.column_stack(
        [
            (outline - centre) * np.array([0.30, 0.62]) + np.array([-0.02 * length, 0]),
            np.full(len(outline), max(ankle_z, 3.6 * thick)),
        ]
    )
    top = loft([*bodies, neck], upper)
    return combine([extrude(outline, thick, sole), top])
