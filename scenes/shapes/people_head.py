"""A person's head: skull and features as one skin, eyes, brows, ears, and hair, beard or hat as shells about it.

Axes: x forward, y left, z up. The chin stands at z = 0, the neck's axis is the origin. Places on a face are given as
(y, z) in half widths of the head and in its height; displacements in half depths.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pairforge.scenes.shapes import people_materials as stuff
from pairforge.scenes.shapes.meshing import (
    both_sides,
    combine,
    ellipsoid,
    extrude,
    grid,
    loft,
    mesh,
    moved,
    rounded,
    scaled,
    tube,
    turned,
)
from pairforge.scenes.shapes.people_anatomy import rings
from pairforge.scenes.world import Material, Mesh

F64 = NDArray[np.float64]

_WIDE, _DEEP, _FORWARD_M = 0.335, 0.42, 0.012
_POWER = 2.2
_SIDES, _CROWDED = 28, 0.55
"""Columns of a head, and how much closer they stand in the face than on the whole."""
_SKULL = np.array(
    [
        (0.00, 0.22, 0.68, 0.20), (0.03, 0.42, 0.80, 0.02), (0.10, 0.58, 0.86, -0.22), (0.20, 0.72, 0.885, -0.55),
        (0.32, 0.83, 0.89, -0.76), (0.45, 0.91, 0.90, -0.92), (0.58, 0.96, 0.90, -1.00), (0.70, 1.00, 0.92, -1.03),
        (0.82, 0.95, 0.82, -0.95), (0.91, 0.79, 0.60, -0.77), (0.97, 0.50, 0.32, -0.48), (1.00, 0.14, 0.02, -0.16),
    ]
)  # fmt: skip
"""(height 0 chin .. 1 crown, half width, front, back) in units of the head's half width and half depth."""
_ROWS = np.array(
    [0.0, 0.03, 0.07, 0.115, 0.15, 0.178, 0.196, 0.211, 0.222, 0.236, 0.256, 0.29, 0.325, 0.35, 0.385, 0.43,
     0.47, 0.50, 0.53, 0.56, 0.595, 0.65, 0.73, 0.82, 0.90, 0.96, 1.0]
)  # fmt: skip
_BUMPS = np.array(
    [
        (0.40, 0.512, 0.19, 0.036, -0.055), (0.34, 0.578, 0.24, 0.028, 0.028), (0.55, 0.405, 0.20, 0.065, 0.035),
        (0.62, 0.24, 0.16, 0.07, -0.035), (0.00, 0.239, 0.21, 0.014, 0.034), (0.00, 0.195, 0.19, 0.017, 0.040),
        (0.00, 0.217, 0.26, 0.007, -0.020), (0.00, 0.152, 0.24, 0.020, -0.030), (0.00, 0.070, 0.24, 0.045, 0.050),
    ]
)  # fmt: skip
"""What a face adds to the skull: (y, z, width, height, how far forward); those off the middle stand on both sides."""
_MOUTH_Z, _MOUTH = 0.216, (0.30, 0.030)
_EYE = (0.40, 0.515)


@dataclass(frozen=True)
class HeadStyle:
    """``hair``: "short", "bob", "long", "bun", "bald" or "cap"; ``tied``: "bun" or "ponytail"; ``beard``: "none",
    "stubble" or "full"; ``volume`` of the hair about 1; ``hat``: "none" or "beanie"."""

    skin: str
    hair_tone: str
    hair: str
    cap: Material
    figure: str = "man"
    fringe: bool = False
    tied: str = "bun"
    volume: float = 1.0
    beard: str = "none"
    hat: str = "none"


def head(height: float, style: HeadStyle) -> Mesh:
    """A head whose chin stands at z = 0 and crown at ``height``."""
    pieces = [_skin(height, style), *_eyes(height, style), *_cover(height, style)]
    return moved(combine(pieces), (_FORWARD_M, 0.0, 0.0))


def face_points(height: float) -> F64:
    """Tip of the nose, left eye, right eye, left ear and right ear (5, 3) of a ``head`` of this height."""
    w, d = _WIDE * height, _DEEP * height
    nose, eye, ear = (1.12 * d, 0.0, 0.385), (0.865 * d, 0.40 * w, 0.515), (-0.06 * d, 1.04 * w, 0.47)
    rows = [nose, eye, (eye[0], -eye[1], eye[2]), ear, (ear[0], -ear[1], ear[2])]
    return np.array([(x + _FORWARD_M, y, z * height) for x, y, z in rows])


def _angles() -> F64:
    """(N,) angles about the neck from the front, close together there."""
    even = np.arange(_SIDES) * (2 * np.pi / _SIDES)
    return np.asarray(even - _CROWDED * np.sin(even))


def _from_front(angle: F64) -> F64:
    """How far angles lie from the front, 0..pi."""
    return np.asarray(np.abs((angle + np.pi) % (2 * np.pi) - np.pi))


def _skull_at(z: F64) -> tuple[F64, F64, F64]:
    """Half width, front and back of the skull at heights, as in ``_SKULL``."""
    half, front, back = (np.interp(z, _SKULL[:, 0], _SKULL[:, k]) for k in (1, 2, 3))
    return half, front, back


def _skull(z: F64, angle: F64, figure: str = "man") -> F64:
    """(Z, A, 3) in units of height, half width and half depth: x and y in those, z in heights."""
    half, front, back = _skull_at(z)
    jaw = 1.0 + (0.07 if figure == "man" else -0.05) * np.exp(-(((z - 0.1) / 0.12) ** 2))
    c, s = np.cos(angle), np.sin(angle)
    cx, sy = (np.sign(v) * np.abs(v) ** (2 / _POWER) for v in (c, s))
    middle, reach = (front + back) / 2, (front - back) / 2
    out = np.empty((len(z), len(angle), 3))
    out[..., 0] = middle[:, None] + reach[:, None] * cx
    out[..., 1] = (half * jaw)[:, None] * sy
    out[..., 2] = z[:, None]
    return out


def _relief(y: F64, z: F64) -> F64:
    """How far forward the features of a face stand before its skull."""
    out = np.zeros(np.broadcast_shapes(y.shape, z.shape))
    for at, high, wide, tall, much in _BUMPS:
        away = np.abs(y) - at if at else y
        out += much * np.exp(-((away / wide) ** 2) - ((z - high) / tall) ** 2)
    ridge = np.interp(z, (0.325, 0.35, 0.385, 0.45, 0.53, 0.575), (0.0, 0.13, 0.225, 0.135, 0.05, 0.0))
    width = np.interp(z, (0.33, 0.385, 0.45, 0.55), (0.17, 0.155, 0.11, 0.10))
    wings = np.interp(z, (0.325, 0.35, 0.375, 0.41), (0.0, 0.07, 0.06, 0.0))
    out += ridge * np.exp(-((y / width) ** 2))
    return np.asarray(out + wings * np.exp(-(((np.abs(y) - 0.17) / 0.07) ** 2)))


def _surface(height: float, z: F64, angle: F64, figure: str) -> F64:
    """(Z, A, 3) metres: the skin of a head."""
    p = _skull(z, angle, figure)
    ahead = np.clip(p[..., 0] / 0.5, 0.0, 1.0)
    strength = 1.0 if figure == "man" else 0.85
    relief = _relief(p[..., 1], p[..., 2])
    p[..., 0] += ahead * relief * np.where(relief > 0.06, 1.0, strength)
    return np.asarray(p * np.array([_DEEP, _WIDE, 1.0]) * height)


def _front(height: float, y: F64, z: F64, before: float) -> F64:
    """(N, 3) metres: points ``before`` half depths ahead of the skin at places of the face."""
    half, front, back = _skull_at(z)
    sine = np.clip(np.abs(y) / half, 0, 1) ** (_POWER / 2)
    x = (front + back) / 2 + (front - back) / 2 * np.sqrt(1 - sine**2) ** (2 / _POWER)
    x = x + _relief(y, z) + before
    return np.asarray(np.stack([x * _DEEP, y * _WIDE, z], axis=-1) * height)


def _skin(h: float, style: HeadStyle) -> Mesh:
    """Skull, nose, lips and chin in one skin; ears."""
    material = stuff.skin(style.skin)
    p = _surface(h, _ROWS, _angles(), style.figure)
    made = loft(p, material)
    centre = made.vertices[made.faces].mean(axis=1) / np.array([_DEEP * h, _WIDE * h, h])
    across, up = centre[:, 1] / _MOUTH[0], (centre[:, 2] - _MOUTH_Z) / _MOUTH[1]
    lips = (centre[:, 0] > 0.5) & (across**2 + up**2 < 1.0)
    lip = stuff.lips(style.skin, style.figure)
    # What hair covers for good is left out.
    seen = (centre[:, 2] < 0.76) | (centre[:, 0] > 0.15) | (style.hair == "bald")
    faces, lips = np.ascontiguousarray(made.faces[seen]), lips[seen].astype(np.uint8)
    made = Mesh(made.vertices, faces, lips, (material, lip), np.ones(len(faces), np.bool_))
    ear = scaled(
        ellipsoid((1.0, 1.0, 1.0), material, segments=8, rings=5), (0.14 * _DEEP * h, 0.026 * h, 0.1 * h)
    )
    ear = moved(turned(turned(ear, "z", -0.35), "y", 0.15), (-0.06 * _DEEP * h, 0.95 * _WIDE * h, 0.47 * h))
    return combine([made, both_sides(ear)])


def _eyes(h: float, style: HeadStyle) -> list[Mesh]:
    """Both eyes with their lids' lines, and brows."""
    y0, z0 = _EYE
    t = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    y, z = (
        y0 + 0.17 * np.cos(t),
        z0 + 0.024 * np.sin(t) * np.where(np.sin(t) > 0, 1.0, 0.75) + 0.004 * np.cos(t),
    )
    rim = _front(h, y, z, 0.012)
    middle = _front(h, np.array([y0]), np.array([z0]), 0.045)
    white = mesh(np.vstack([rim, middle]), [(k, (k + 1) % 10, 10) for k in range(10)], stuff.EYE_WHITE, True)
    ring = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    disc = middle + h * np.stack(
        [-0.005 + 0 * ring, 0.080 * _WIDE * np.cos(ring), 0.0225 * np.sin(ring)], axis=-1
    )
    disc[:, 0] = middle[0, 0] + 0.001 * h - 0.012 * h * (np.cos(ring) ** 2) * 0.35
    iris = mesh(
        np.vstack([disc, middle + np.array([0.004 * h, 0, 0])]),
        [(k, (k + 1) % 8, 8) for k in range(8)],
        stuff.EYE_DARK,
    )
    a = np.linspace(-0.02 * np.pi, np.pi * 1.02, 6)
    up = [y0 + 0.175 * np.cos(a), z0 + 0.024 * np.sin(a) + 0.004 * np.cos(a)]
    lash = _band(h, np.array(up), 0.015 if style.figure == "woman" else 0.011, 0.034, stuff.EYE_DARK, style)
    lean = np.linspace(0.0, 1.0, 5)
    arch = np.array([y0 - 0.21 + 0.44 * lean, 0.572 + 0.020 * np.sin(np.pi * (0.2 + 0.65 * lean))])
    thick = 0.024 if style.figure == "man" else 0.014
    brow = _band(h, arch[:, ::-1], thick, 0.022, stuff.hair(_brow_tone(style)), style)
    return [both_sides(combine([white, iris, lash, brow]))]


def _brow_tone(style: HeadStyle) -> str:
    return "brown" if style.hair_tone == "blond" else style.hair_tone


def _band(h: float, line: F64, thick: float, before: float, material: Material, style: HeadStyle) -> Mesh:
    """A thin band on a face along (2, N) places from its outer end inwards, thinning to both ends."""
    taper = thick * np.sin(np.pi * np.linspace(0.12, 0.88, line.shape[1])) / 2
    rows = [_front(h, line[0], line[1] + k * taper, b) for k, b in ((1, 0.0), (0, before), (-1, 0.0))]
    return grid(np.stack(rows)[:, ::-1], material)


def _cover(h: float, style: HeadStyle) -> list[Mesh]:
    """Hair, beard and hat."""
    tone, pieces = stuff.hair(style.hair_tone), []
    hatted = style.hair == "cap" or style.hat == "beanie"
    if style.hair != "bald":
        pieces.append(_shell(h, style, tone, *_hairline(style, hatted)))
    if style.beard != "none":
        pieces.append(_beard(h, style))
    if style.hair in ("bob", "long"):
        pieces.append(_curtain(h, tone, style))
    if style.hair == "bun" and not hatted:
        pieces += _tied(h, tone, style)
    if style.hair == "cap":
        pieces += _cap(h, style)
    elif style.hat == "beanie":
        pieces += _beanie(h, style)
    return pieces


def _hairline(style: HeadStyle, hatted: bool) -> tuple[F64, float, float]:
    """Heights (7,) of the hairline from the front to the nape, and how thick hair is at the sides and on top."""
    back = {"short": 0.20, "bun": 0.20, "cap": 0.24}.get(style.hair, 0.05)
    side = 0.40 if style.figure == "man" else 0.36
    brow = 0.655 if style.fringe and style.hair in ("bob", "long", "short") else 0.80
    line = np.array([brow, min(brow + 0.02, 0.80), 0.735, 0.56, side, 0.26 + 0.3 * back, back])
    thick = {"short": (0.022, 0.065), "bob": (0.055, 0.070), "long": (0.045, 0.060), "bun": (0.020, 0.034)}
    sides, top = thick.get(style.hair, (0.014, 0.014))
    if style.figure == "woman" and style.hair == "short":
        sides, top = 0.04, 0.075
    return line, sides * style.volume, (0.02 if hatted else top * style.volume)


_LINE_AT = np.array([0.0, 0.45, 0.85, 1.15, 1.45, 2.1, np.pi])


def _shell(h: float, style: HeadStyle, material: Material, line: F64, sides: float, top: float) -> Mesh:
    """What grows on a head above a hairline: it rises from the skin there, and dips under it elsewhere."""
    angle = _angles()
    z = np.array([0.06, 0.14, 0.22, 0.30, 0.38, 0.46, 0.54, 0.61, 0.67, 0.73, 0.79, 0.85, 0.91, 0.96, 1.0])
    p = _surface(h, z, angle, style.figure)
    about = _from_front(angle)
    start = np.interp(about, _LINE_AT, line)
    above = (z[:, None] - start[None, :]) / 0.075
    full = sides + (top - sides) * np.clip((z - 0.6) / 0.25, 0, 1)[:, None]
    # Locks: hair is parted and combed, never a smooth cap.
    locks = (
        1.0 + 0.16 * np.sin(9 * angle + 5 * z[:, None]) + 0.10 * np.sin(17 * angle - 11 * z[:, None] + 1.3)
    )
    grown = np.where(above > 0, full * locks * (1 - np.exp(-1.6 * np.clip(above, 0, None))), 0.03 * above)
    return _grown(p, np.clip(grown, -0.03, None) * h, h, material)


def _grown(p: F64, out_m: F64, h: float, material: Material) -> Mesh:
    """A surface (Z, A, 3) moved outwards by (Z, A) metres, without what lies beneath."""
    centre = np.array([-0.05 * _DEEP * h, 0.0, 0.5 * h])
    way = (p - centre) * np.array([1.0, 1.0, 0.75])
    q = p + way / np.linalg.norm(way, axis=-1, keepdims=True) * out_m[..., None]
    made = loft(q, material)
    count = out_m.size
    inside = np.concatenate([(out_m[::-1] <= 0.0).ravel(), np.zeros(len(made.vertices) - count, np.bool_)])
    lid = np.arange(len(made.vertices)) >= count + len(p[0]) + 1  # the fan at the lower end
    keep = ~(inside[made.faces].all(axis=1) | lid[made.faces].any(axis=1))
    return Mesh(
        made.vertices,
        np.ascontiguousarray(made.faces[keep]),
        made.face_material[keep],
        made.materials,
        np.ones(int(keep.sum()), np.bool_),
    )


def _beard(h: float, style: HeadStyle) -> Mesh:
    """Beard and moustache, or their stubble."""
    angle = _angles()
    z = _ROWS[:15]
    p = _surface(h, z, angle, style.figure)
    about = _from_front(angle)[None, :]
    y = p[..., 1] / (_WIDE * h)
    mouth = (y / 0.33) ** 2 + ((z[:, None] - 0.213) / 0.036) ** 2
    upper = np.interp(about, (0.0, 0.28, 0.5, 0.9, 1.25, 1.5), (0.30, 0.285, 0.22, 0.24, 0.36, 0.40))
    inside = (z[:, None] < upper) & (mouth > 1.0) & (about < 1.5)
    thick = 0.008 if style.beard == "stubble" else 0.030
    tone = (
        stuff.stubble(style.skin, style.hair_tone)
        if style.beard == "stubble"
        else stuff.hair(style.hair_tone)
    )
    return _grown(p, np.where(inside, thick, -0.012) * h, h, tone)


def _curtain(h: float, tone: Material, style: HeadStyle) -> Mesh:
    """Hair falling behind the ears and down the neck, in locks."""
    low = 0.02 if style.hair == "bob" else -0.50
    v = style.volume
    table = np.array(
        [
            (low, 0.50, -0.46, -0.84), (low + 0.05, 0.80, -0.34, -1.06), (0.10, 0.99, -0.16, -1.13),
            (0.30, 1.07, -0.04, -1.16), (0.55, 1.09, 0.08, -1.13), (0.78, 1.00, 0.08, -1.0),
        ]
    )  # fmt: skip
    table[1:5, 1] *= 0.5 + 0.5 * v
    q = rings(table * np.array([h, _WIDE * h, _DEEP * h, _DEEP * h]), sides=26, rows=9, power=2.4)
    a = np.arange(26) * (2 * np.pi / 26)
    z = q[:, :1, 2] / h
    wave = 0.012 * np.sin(6 * a[None, :] + 4 * z) + 0.010 * np.sin(11 * a[None, :] - 7 * z + 0.7)
    q[..., :2] *= (1.0 + 3.0 * wave)[..., None]
    q[..., 0] += 0.012 * h * np.sin(5.0 * z)
    return loft(q, tone)


def _tied(h: float, tone: Material, style: HeadStyle) -> list[Mesh]:
    d = _DEEP * h
    if style.tied == "bun":
        knot = ellipsoid((0.30 * d, 0.32 * d, 0.30 * d), tone, segments=12, rings=8)
        v = knot.vertices.astype(np.float64)
        turn = np.arctan2(v[:, 1], v[:, 2])
        v *= (1.0 + 0.05 * np.sin(5 * turn + 14 * v[:, 0] / d))[:, None]
        knot = replace(knot, vertices=v.astype(np.float32))
        return [moved(knot, (-1.10 * d, 0, 0.70 * h))]
    path = np.array(
        [(-0.93, 0, 0.70), (-1.20, 0, 0.71), (-1.42, 0.02, 0.55), (-1.45, 0.03, 0.22), (-1.36, 0.0, -0.12)]
    )
    tail = tube(path * np.array([d, d, h]), np.array([0.11, 0.15, 0.22, 0.20, 0.05]) * d, tone, sides=9)
    band = ellipsoid((0.07 * d, 0.17 * d, 0.17 * d), stuff.cloth("charcoal"), segments=8, rings=5)
    return [tail, moved(band, (-1.10 * d, 0, 0.71 * h))]


def _cap(h: float, style: HeadStyle) -> list[Mesh]:
    """A baseball cap: crown, button and a curved peak."""
    d, w = _DEEP * h, _WIDE * h
    line = np.array([0.735, 0.73, 0.715, 0.70, 0.685, 0.665, 0.655])
    crown = _hat(h, style, line, 0.052, style.cap)
    brim = extrude(rounded([(0, -1), (1, -0.75), (1, 0.75), (0, 1)], 0.7, steps=4), 0.016 * h, style.cap)
    v = brim.vertices.astype(np.float64) * np.array([0.70 * d, 0.80 * w, 1.0])
    v[:, 2] -= 0.10 * h * (v[:, 1] / w) ** 2
    brim = replace(brim, vertices=v.astype(np.float32))
    button = moved(
        ellipsoid((0.03 * h, 0.03 * h, 0.014 * h), style.cap, segments=8, rings=4), (-0.05 * d, 0, 1.055 * h)
    )
    return [crown, moved(turned(brim, "y", 0.20), (0.80 * d, 0, 0.745 * h)), button]


def _beanie(h: float, style: HeadStyle) -> list[Mesh]:
    """A knitted hat with its edge turned up."""
    line = np.array([0.72, 0.72, 0.68, 0.60, 0.53, 0.47, 0.44])
    cuff = _hat(h, style, line, 0.066, style.cap, until=0.15)
    return [_hat(h, style, line, 0.045, style.cap), cuff]


def _hat(h: float, style: HeadStyle, line: F64, thick: float, material: Material, until: float = 9.0) -> Mesh:
    """Cloth of a thickness above a line about the head, up to ``until`` heights above it."""
    angle = _angles()
    about = _from_front(angle)
    start = np.interp(about, _LINE_AT, line)[None, :]
    rows = 10 if until > 1.0 else 5
    share = np.linspace(0.0, 1.0, rows)[:, None]
    top = np.minimum(start + until, 1.0)
    z = start + (top - start) * share
    skull = _skull(np.linspace(0.3, 1.0, 40), angle, style.figure)
    p = np.empty((rows, len(angle), 3))
    for k in range(len(angle)):
        for axis in (0, 1):
            p[:, k, axis] = np.interp(z[:, k], skull[:, k, 2], skull[:, k, axis])
    p[..., 2] = z
    p *= np.array([_DEEP, _WIDE, 1.0]) * h
    profile = np.full((rows, len(angle)), thick)
    profile[0] = 0.2 * thick
    if until < 1.0:
        profile[-1] = 0.3 * thick
        ridges = 1.0 + 0.05 * np.sin(14 * angle)
        profile = profile * ridges[None, :]
    return _grown(p, profile * h, h, material)
