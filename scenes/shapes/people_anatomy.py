"""Organic pieces of a person: head, hair, limbs, hands, shoes. Body axes: x forward, y left, z up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from pairforge.scenes.shapes import people_materials as stuff
from pairforge.scenes.shapes.meshing import (
    both_sides,
    combine,
    creased,
    ellipsoid,
    extrude,
    loft,
    moved,
    rounded,
    scaled,
    tube,
    turned,
    welded,
)
from pairforge.scenes.shapes.vehicle_shell import split
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


def limb(path: ArrayLike, radii: ArrayLike, material: Material, *, rows: int = 9, sides: int = 10) -> Mesh:
    """A smooth limb through points (N, 3), radii (N, 2) across and along x, with round ends."""
    p, r = np.asarray(path, dtype=np.float64), np.asarray(radii, dtype=np.float64)
    if r.ndim == 1:
        r = np.stack([r, r], axis=1)
    knots = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    at = np.linspace(0, knots[-1], rows)
    pp, rr = PchipInterpolator(knots, p)(at), PchipInterpolator(knots, r)(at)
    bulge = np.array([[0.3, 0.95], [0.72, 0.69], [0.98, 0.16]])
    first, last = pp[0] - pp[1], pp[-1] - pp[-2]
    first, last = first / np.linalg.norm(first), last / np.linalg.norm(last)
    head = [(pp[0] + first * k * rr[0].mean(), rr[0] * w) for k, w in bulge[::-1]]
    tail = [(pp[-1] + last * k * rr[-1].mean(), rr[-1] * w) for k, w in bulge]
    points = np.array([q for q, _ in head] + list(pp) + [q for q, _ in tail])
    sizes = np.array([w for _, w in head] + list(rr) + [w for _, w in tail])
    return tube(points, sizes, material, sides=sides)


@dataclass(frozen=True)
class HeadStyle:
    """``hair``: "short", "bob", "long", "bun", "bald" or "cap"."""

    skin: str
    hair_tone: str
    hair: str
    cap: Material


_HEAD = (
    (0.00, 0.20, 0.70, 0.20), (0.03, 0.40, 0.84, 0.02), (0.10, 0.56, 0.90, -0.22), (0.20, 0.70, 0.91, -0.55),
    (0.32, 0.82, 0.90, -0.76), (0.45, 0.91, 0.91, -0.92), (0.58, 0.96, 0.89, -1.00), (0.70, 1.00, 0.93, -1.03),
    (0.82, 0.95, 0.82, -0.95), (0.91, 0.79, 0.60, -0.77), (0.97, 0.50, 0.32, -0.48), (1.00, 0.14, 0.02, -0.16),
)  # fmt: skip
"""(height 0 chin .. 1 crown, half width, front, back) in units of the head's half width and half depth."""


def head(height: float, style: HeadStyle) -> Mesh:
    """A head whose chin stands at z = 0 and crown at ``height``; the neck's axis is the origin."""
    wide, deep = 0.335 * height, 0.42 * height
    table = np.array(_HEAD) * np.array([height, wide, deep, deep])
    material = stuff.skin(style.skin)
    skull = loft(rings(table, sides=18, rows=16, power=2.25), material)
    pieces = [skull, *_face(height, wide, deep, style, material)]
    return moved(combine(pieces + _hair(height, deep, skull, style)), (0.012, 0.0, 0.0))


def face_points(height: float) -> F64:
    """Tip of the nose, left eye, right eye, left ear and right ear (5, 3) of a ``head`` of this height."""
    w, d = 0.335 * height, 0.42 * height
    nose, eye, ear = (1.12 * d, 0.0, 0.385), (0.865 * d, 0.40 * w, 0.515), (-0.06 * d, 1.04 * w, 0.47)
    rows = [nose, eye, (eye[0], -eye[1], eye[2]), ear, (ear[0], -ear[1], ear[2])]
    return np.array([(x + 0.012, y, z * height) for x, y, z in rows])


def _face(h: float, w: float, d: float, style: HeadStyle, material: Material) -> list[Mesh]:
    nose = loft(
        [
            [(x + 0.0, y, z) for x, y, z in ring]
            for ring in (
                _tri(0.86 * d, 0.045 * w, 0.56 * h, 0.02 * d),
                _tri(0.88 * d, 0.10 * w, 0.46 * h, 0.10 * d),
                _tri(0.87 * d, 0.19 * w, 0.385 * h, 0.25 * d),
                _tri(0.86 * d, 0.15 * w, 0.345 * h, 0.16 * d),
            )
        ][::-1],
        material,
    )
    eye = ellipsoid((0.05 * d, 0.145 * w, 0.032 * h), stuff.EYE_WHITE, segments=10, rings=6)
    iris = ellipsoid((0.03 * d, 0.062 * w, 0.028 * h), stuff.EYE_DARK, segments=8, rings=6)
    brow = ellipsoid((0.05 * d, 0.20 * w, 0.014 * h), stuff.hair(style.hair_tone), segments=8, rings=4)
    ear = ellipsoid((0.15 * d, 0.09 * w, 0.105 * h), material, segments=10, rings=6)
    mouth = ellipsoid((0.05 * d, 0.24 * w, 0.02 * h), stuff.lips(style.skin), segments=10, rings=6)
    x, y = 0.80 * d, 0.40 * w
    side = combine(
        [
            moved(turned(eye, "z", 0.35), (x, y, 0.515 * h)),
            moved(iris, (x + 0.035 * d, y, 0.515 * h)),
            moved(turned(brow, "z", 0.35), (x + 0.035 * d, y, 0.59 * h)),
            moved(turned(ear, "y", 0.15), (-0.06 * d, 0.95 * w, 0.47 * h)),
        ]
    )
    return [creased(nose, 60.0), both_sides(side), moved(mouth, (0.875 * d, 0.0, 0.215 * h))]


def _tri(x: float, half: float, z: float, out: float) -> list[tuple[float, float, float]]:
    return [
        (x - 0.1 * half, -half, z),
        (x + out, -0.35 * half, z),
        (x + out, 0.35 * half, z),
        (x - 0.1 * half, half, z),
    ]


def _hair(h: float, d: float, skull: Mesh, style: HeadStyle) -> list[Mesh]:
    if style.hair == "bald":
        return []
    tone = stuff.hair(style.hair_tone)
    shell = Mesh(skull.vertices, skull.faces, skull.face_material, (tone,), skull.smooth)
    centre = np.array([-0.04 * d, 0.0, 0.5 * h])
    grown = moved(scaled(moved(shell, tuple(-centre)), (1.085, 1.11, 1.075)), tuple(centre))
    pieces = [_above(grown, d, h, front=0.80, back=0.20)]
    if style.hair in ("bob", "long"):
        pieces += [_curtain(h, d, tone, 0.02 if style.hair == "bob" else -0.55)]
    if style.hair == "bun":
        pieces.append(
            moved(
                ellipsoid((0.33 * d, 0.30 * d, 0.30 * d), tone, segments=12, rings=8),
                (-1.12 * d, 0, 0.72 * h),
            )
        )
    if style.hair == "cap":
        cap = Mesh(skull.vertices, skull.faces, skull.face_material, (style.cap,), skull.smooth)
        cap = moved(scaled(moved(cap, tuple(-centre)), (1.13, 1.16, 1.12)), tuple(centre))
        brim = extrude(rounded([(0, -1), (1, -0.8), (1, 0.8), (0, 1)], 0.6, steps=5), 0.02 * h, style.cap)
        pieces.append(_above(cap, d, h, front=0.72, back=0.62))
        pieces.append(moved(turned(scaled(brim, (0.62 * d, 0.6 * d, 1)), "y", 0.16), (0.78 * d, 0, 0.74 * h)))
    return pieces


def _above(m: Mesh, d: float, h: float, *, front: float, back: float) -> Mesh:
    """The part of a shell above a plane from the hairline at the brow down to the nape."""
    slope = (front - back) * h / (1.9 * d)
    normal = np.array([slope, 0.0, -1.0])
    plane = np.array([[*normal, normal @ np.array([0.88 * d, 0.0, front * h])]])
    inside, _ = split(m, plane)
    return welded(inside) if inside is not None else m


def _curtain(h: float, d: float, tone: Material, low: float) -> Mesh:
    """Hair falling behind the ears and down the neck to ``low`` (in head heights above the chin)."""
    table = np.array(
        [
            (low, 0.62, -0.42, -0.98), (low + 0.06, 0.80, -0.28, -1.08), (0.25, 0.98, -0.10, -1.13),
            (0.55, 1.10, 0.10, -1.12), (0.8, 1.02, 0.1, -1.02),
        ]
    )  # fmt: skip
    return loft(rings(table * np.array([h, 0.335 * h, d, d]), sides=18, rows=9, power=2.4), tone)


def hand(length: float, material: Material) -> Mesh:
    """A relaxed left hand hanging from the wrist at the origin, thumb forward, palm to -y."""
    palm = np.array(
        [
            (-1.0, 0.06, 0.10, -0.16), (-0.86, 0.09, 0.20, -0.21), (-0.62, 0.115, 0.25, -0.23),
            (-0.45, 0.13, 0.24, -0.22), (-0.22, 0.12, 0.20, -0.18), (0.0, 0.13, 0.155, -0.155),
            (0.08, 0.12, 0.15, -0.15),
        ]
    )  # fmt: skip
    mitten = loft(rings(palm * length, sides=12, rows=9, power=2.6), material)
    curl = mitten.vertices.astype(np.float64)
    down = np.clip(-curl[:, 2] / length - 0.35, 0, 1)
    curl[:, 1] -= 0.45 * length * down**2
    mitten = Mesh(
        curl.astype(np.float32), mitten.faces, mitten.face_material, mitten.materials, mitten.smooth
    )
    thumb = limb(
        np.array([(0.14, -0.02, -0.16), (0.27, -0.08, -0.38), (0.28, -0.12, -0.58)]) * length,
        np.array([0.09, 0.075, 0.05]) * length,
        material,
        rows=5,
        sides=8,
    )
    return combine([mitten, thumb])


def shoe(length: float, ankle_z: float, upper: Material, sole: Material) -> Mesh:
    """A shoe flat on the ground, its ankle above the origin, toe forward."""
    heel, toe = -0.27 * length, 0.73 * length
    half, thick = 0.185 * length, 0.085 * length
    outline = rounded(
        [(heel, -0.75 * half), (0.3 * length, -0.85 * half), (0.52 * length, -half), (toe, -0.55 * half),
         (toe, 0.6 * half), (0.52 * length, 0.95 * half), (0.3 * length, 0.72 * half), (heel, 0.75 * half)],
        0.12 * length, steps=3,
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
