"""Four-legged animals: dog, cat, horse, cow, sheep and deer, one anatomy with different proportions.

Body frame: origin on the ground below the middle of the trunk, x forward, y left, z up. Lengths of the anatomy are in
units of the height at the withers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from pairforge.frames import F64, Pose
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.materials import material, material_of
from pairforge.scenes.shapes.meshing import combine, ellipsoid, loft, mirrored, moved, tube, turned
from pairforge.scenes.world import Collider, Limb, Material, Mesh, Shape, ShapePart
from pairforge.seeding import Stream

Params = dict[str, Any]
Range = tuple[float, float]

DARK = material_of("fabric", (0.02, 0.017, 0.015), "animal_dark")
HORN = material_of("plastic", (0.42, 0.36, 0.27), "animal_horn")
EYE = material_of("plastic", (0.01, 0.008, 0.006), "animal_eye")
NOSE = material_of("plastic", (0.03, 0.022, 0.02), "animal_nose")
MUZZLE = material_of("fabric", (0.55, 0.47, 0.40), "animal_muzzle")
COAT = material("fabric", "brown")


@dataclass(frozen=True)
class Anatomy:
    """Proportions in withers heights; angles in degrees above level.

    ``density_kg_m3``: the whole animal's mass over the box of its trunk. ``trunk``: length, depth, width;
    ``waist``: the depth behind the ribs over the chest's. ``neck``: length, angle, thickness. ``head``:
    length, height, width, and how far the nose points down. ``leg``: thickness above and below the knee.
    ``tail``: length, thickness, angle at its root. ``ears``: length, width, angle.
    """

    withers_m: Range
    density_kg_m3: float
    trunk: tuple[float, float, float]
    waist: float
    neck: tuple[float, float, float]
    head: tuple[float, float, float, float]
    muzzle: float
    leg: tuple[float, float]
    tail: tuple[float, float, float]
    ears: tuple[float, float, float]
    hooves: bool
    colours: tuple[str, ...]


SPECIES: dict[str, Anatomy] = {
    "dog": Anatomy(
        (0.46, 0.64), 1010.0, (1.10, 0.46, 0.34), 0.72, (0.30, 48.0, 0.26), (0.42, 0.21, 0.20, 14.0), 0.55,
        (0.120, 0.066), (0.62, 0.055, 35.0), (0.17, 0.11, -60.0), False,
        ("brown", "black", "beige", "white", "grey"),
    ),
    "cat": Anatomy(
        (0.24, 0.29), 1010.0, (1.42, 0.52, 0.42), 0.90, (0.24, 52.0, 0.27), (0.38, 0.31, 0.32, 8.0), 0.60,
        (0.145, 0.088), (1.15, 0.075, 40.0), (0.16, 0.10, 62.0), False,
        ("grey", "black", "orange", "white", "brown"),
    ),
    "horse": Anatomy(
        (1.42, 1.66), 1010.0, (1.06, 0.44, 0.34), 0.86, (0.50, 42.0, 0.24), (0.44, 0.20, 0.15, 48.0), 0.55,
        (0.125, 0.060), (0.66, 0.075, -66.0), (0.12, 0.05, 70.0), True,
        ("brown", "black", "white", "grey", "beige"),
    ),
    "cow": Anatomy(
        (1.28, 1.46), 1010.0, (1.24, 0.56, 0.44), 0.98, (0.34, 12.0, 0.32), (0.42, 0.24, 0.19, 38.0), 0.70,
        (0.130, 0.070), (0.72, 0.045, -80.0), (0.15, 0.08, 5.0), True,
        ("brown", "black", "white", "beige", "brown"),
    ),
    "sheep": Anatomy(
        (0.60, 0.74), 620.0, (1.22, 0.62, 0.54), 0.98, (0.26, 28.0, 0.30), (0.34, 0.20, 0.16, 30.0), 0.60,
        (0.105, 0.058), (0.22, 0.09, -50.0), (0.13, 0.06, -5.0), True,
        ("white", "beige", "white", "black", "grey"),
    ),
    "deer": Anatomy(
        (0.82, 1.05), 1010.0, (1.10, 0.42, 0.30), 0.78, (0.46, 52.0, 0.15), (0.36, 0.18, 0.14, 22.0), 0.50,
        (0.095, 0.042), (0.16, 0.07, -30.0), (0.19, 0.09, 40.0), True,
        ("brown", "brown", "beige"),
    ),
}  # fmt: skip


def draw(species: str, stream: Stream) -> Params:
    """Its size, build and what only some of its kind have."""
    anatomy = SPECIES[species]

    def number(name: str, low: float, high: float) -> float:
        return round(float((stream / name).rng().uniform(low, high)), 4)

    return {
        "withers_m": number("withers_m", *anatomy.withers_m),
        "girth": number("girth", 0.93, 1.08),
        "head_up_deg": number("head_up_deg", -8.0, 10.0),
        "crowned": bool(number("crowned", 0.0, 1.0) < 0.5),
        "points": bool(number("points", 0.0, 1.0) < 0.4),
    }


def build(species: str, p: Params, paint: Material | None) -> Shape:
    """A standing animal; ``paint`` is its coat. ``crowned``: horns or antlers; ``points``: a dark muzzle and legs."""
    anatomy, coat = SPECIES[species], paint or COAT
    h, points = p["withers_m"], p["points"] or species == "sheep"
    body = _body(species, anatomy, p, coat, DARK if points else coat)
    parts = [ShapePart("body", body, Pose.of((0.0, 0.0, 0.0)))]
    lower = DARK if points else coat
    for which in ("front", "hind"):
        upper_mesh, lower_mesh = _leg(anatomy, h, which, coat, lower)
        x, y, z = _hip(anatomy, p, which)
        knee = _knee(which)
        for side, sign in (("left", 1.0), ("right", -1.0)):
            up, down = (m if sign > 0 else mirrored(m, "y") for m in (upper_mesh, lower_mesh))
            parts.append(ShapePart(f"{which}_upper_{side}", up, Pose.of((x, sign * y, z))))
            at = (x + knee[0] * h, sign * y, z + (knee[1] - _TOP[which]) * h)
            parts.append(ShapePart(f"{which}_lower_{side}", down, Pose.of(at)))
    corners = np.concatenate([q.body_from_part.points(q.mesh.vertices) for q in parts])
    low, high = corners.min(axis=0), corners.max(axis=0)
    size, centre = high - low, (high + low) / 2
    length, depth, width = (v * h for v in anatomy.trunk)
    return Shape(
        parts=tuple(parts),
        size_m=(float(size[0]), float(size[1]), float(size[2])),
        centre_m=(float(centre[0]), float(centre[1]), float(centre[2])),
        mass_kg=round(anatomy.density_kg_m3 * length * depth * width * p["girth"], 2),
        colliders=(Collider("box", Pose.of((0.0, 0.0, 0.52 * h)), (length, width, 0.96 * h)),),
        limbs=_gait(),
        stride_m=round(1.02 * h, 4),
        friction=0.8,
    )


_TOP = {"front": 0.60, "hind": 0.66}
"""Heights at which the legs hang, inside the trunk."""


def _knee(which: str) -> tuple[float, float]:
    """Where the lower leg starts: forward of the hip, and its height, in withers heights."""
    return (0.0, 0.30) if which == "front" else (-0.085, 0.30)


def _hip(anatomy: Anatomy, p: Params, which: str) -> tuple[float, float, float]:
    h, (length, _, width) = p["withers_m"], anatomy.trunk
    x = (0.335 if which == "front" else -0.345) * length * h
    return x, 0.5 * (width * p["girth"] - 1.05 * anatomy.leg[0]) * h, _TOP[which] * h


def _skin(path: F64, radii: F64, what: Material, rows: int = 18, sides: int = 16) -> Mesh:
    """A smooth skin along (x, z) points (S, 2) in the animal's plane, with radii (S, 2) across and upright."""
    t = np.linspace(0.0, 1.0, len(path))
    fine = np.linspace(0.0, 1.0, rows)
    line, r = PchipInterpolator(t, path)(fine), np.maximum(PchipInterpolator(t, radii)(fine), 1e-4)
    tangent = np.gradient(line, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    turn = np.arange(sides) * (2 * np.pi / sides)
    up = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    y = r[:, :1] * np.cos(turn)
    off = r[:, 1:] * np.sin(turn)
    rings = np.stack([line[:, :1] + up[:, :1] * off, y, line[:, 1:] + up[:, 1:] * off], axis=2)
    return loft(rings, what)


def _body(species: str, anatomy: Anatomy, p: Params, coat: Material, face: Material) -> Mesh:
    """Trunk, neck, head, ears and tail in the body frame."""
    h = p["withers_m"]
    pieces = [_trunk(anatomy, p, coat), *_neck_and_head(species, anatomy, p, coat, face)]
    length, thick, angle = anatomy.tail
    root = np.array([-0.485 * anatomy.trunk[0], 0.93 if species != "cat" else 0.86])
    bend = np.radians(angle) + np.array([0.0, 0.15, 0.25]) * (1 if angle > 0 else -0.6)
    steps = length / 3 * np.stack([-np.cos(bend), np.sin(bend)], axis=1)
    path = np.vstack([root, root + np.cumsum(steps, axis=0)])
    full = 1.0 if species in ("horse", "sheep", "deer") else 0.62
    radii = thick * np.array([[0.5, 0.5], [0.5, 0.5], [0.42 * full, 0.48 * full], [0.10, 0.10]])
    pieces.append(_skin(path * h, radii * h, DARK if species == "horse" else coat, rows=12, sides=10))
    return combine(pieces)


def _trunk(anatomy: Anatomy, p: Params, coat: Material) -> Mesh:
    """From the rump to the breast, its back nearly level, its belly drawn up behind the ribs."""
    h, (length, depth, width) = p["withers_m"], anatomy.trunk
    width *= p["girth"]
    x = np.array([-0.50, -0.47, -0.36, -0.20, 0.0, 0.20, 0.34, 0.46, 0.50]) * length
    top = np.array([0.86, 0.95, 0.985, 0.955, 0.935, 0.955, 0.985, 0.90, 0.80])
    deep = (
        np.array([0.18, 0.48, 0.80, 0.5 * (0.82 + anatomy.waist), anatomy.waist, 0.97, 1.0, 0.72, 0.30])
        * depth
    )
    wide = np.array([0.16, 0.56, 0.90, 0.94, 0.97, 1.0, 0.88, 0.62, 0.26]) * width
    path = np.stack([x, top - deep / 2], axis=1)
    return _skin(path * h, np.stack([wide, deep], axis=1) / 2 * h, coat, rows=30, sides=22)


def _neck_and_head(species: str, anatomy: Anatomy, p: Params, coat: Material, face: Material) -> list[Mesh]:
    h, (length, depth, _) = p["withers_m"], anatomy.trunk
    reach, angle, thick = anatomy.neck
    rise = np.radians(angle + p["head_up_deg"])
    # The root lies well inside the trunk and is thinner than it, so that no rim shows.
    root = np.array([0.22 * length, 0.95 - 0.50 * depth])
    start = np.array([0.37 * length, 0.96 - 0.42 * depth])
    poll = np.array([0.40 * length, 0.93 - 0.10 * depth]) + reach * np.array([np.cos(rise), np.sin(rise)])
    path = np.stack([root, start, (start * 0.55 + poll * 0.45), poll])
    wool = 1.15 if species == "sheep" else 1.0
    broad = 0.40 * anatomy.trunk[2]
    radii = (
        np.array(
            [
                [0.6 * broad, 0.26 * depth],
                [broad, 0.44 * depth],
                [0.5 * thick, 0.62 * thick],
                [0.40 * thick, 0.46 * thick],
            ]
        )
        * wool
    )
    neck = _skin(path * h, radii * h, coat, rows=14)
    made = [neck, *_head(species, anatomy, p, poll, coat, face)]
    if species == "horse":
        crest = np.stack(
            [
                start + np.array([0.0, 0.30 * depth]),
                0.5 * (start + poll) + np.array([-0.05, 0.12]),
                poll + np.array([-0.02, 0.05]),
            ]
        )
        made.append(
            _skin(
                crest * h, np.array([[0.012, 0.05], [0.02, 0.07], [0.015, 0.05]]) * h, DARK, rows=10, sides=8
            )
        )
    return made


def _head(species: str, anatomy: Anatomy, p: Params, poll: F64, coat: Material, face: Material) -> list[Mesh]:
    """Skull, muzzle, nose, eyes, ears, and what crowns it."""
    h = p["withers_m"]
    long, tall, wide, down = anatomy.head
    drop = np.radians(down - 0.5 * p["head_up_deg"])
    ahead = np.array([np.cos(drop), -np.sin(drop)])
    over = np.array([np.sin(drop), np.cos(drop)])
    back, nose = poll - 0.22 * long * ahead, poll + 0.78 * long * ahead
    at = np.array([0.0, 0.12, 0.34, 0.56, 0.86, 1.0])
    path = (
        back
        + at[:, None] * (nose - back)
        - over * (np.array([0.0, 0.0, 0.02, 0.10, 0.14, 0.14]) * tall)[:, None]
    )
    m = anatomy.muzzle
    deep = np.array([0.30, 0.78, 1.0, 0.80 * (0.4 + 0.6 * m), m, 0.42 * m]) * tall / 2
    broad = np.array([0.30, 0.80, 1.0, 0.72 * (0.4 + 0.6 * m), 0.86 * m, 0.40 * m]) * wide / 2
    skull = _skin(
        path * h, np.stack([broad, deep], axis=1) * h, face if species == "sheep" else coat, rows=20
    )
    tip = path[-1] + 0.004 * ahead
    made = [skull, _ball(tip * h, 0.0, (0.20 * wide * m * h, 0.30 * wide * m * h, 0.20 * tall * m * h), NOSE)]
    if species in ("cow", "deer", "horse") and face is coat:
        snout = path[-2] + 0.06 * long * ahead
        made.append(
            _ball(snout * h, 0.0, (0.12 * long * h, 0.46 * wide * m * h, 0.50 * tall * m * h), MUZZLE)
        )
    brow = back + 0.46 * (nose - back) + over * 0.16 * tall
    for sign in (1.0, -1.0):
        size = max(0.012, 0.055 * wide) * h
        made.append(_ball(brow * h, sign * 0.40 * wide * h, (size, size * 0.7, size), EYE))
        made.append(_ear(anatomy, poll, over, ahead, h, sign, coat if species != "sheep" else face))
        if p["crowned"] and species == "cow":
            made.append(_horn(poll + over * 0.40 * tall, h, sign, 0.17, 0.024))
        if p["crowned"] and species == "deer":
            made += _antler(poll + over * 0.42 * tall, h, sign)
    return made


def _ball(xz: F64, y: float, radii: tuple[float, float, float], what: Material) -> Mesh:
    return moved(ellipsoid(radii, what, segments=10, rings=8), (float(xz[0]), y, float(xz[1])))


def _ear(anatomy: Anatomy, poll: F64, over: F64, ahead: F64, h: float, sign: float, what: Material) -> Mesh:
    """A leaf that leaves the skull sideways, at its angle above level."""
    long, wide, angle = (v * (np.pi / 180 if k == 2 else h) for k, v in enumerate(anatomy.ears))
    leaf = moved(
        ellipsoid((0.10 * long, wide / 2, long / 2), what, segments=10, rings=8), (0.0, 0.0, 0.42 * long)
    )
    leaf = turned(leaf, "x", -sign * (np.pi / 2 - angle))
    root = (poll + over * 0.30 * anatomy.head[1] - ahead * 0.03) * h
    return moved(leaf, (float(root[0]), sign * 0.34 * anatomy.head[2] * h, float(root[1])))


def _horn(root: F64, h: float, sign: float, long: float, thick: float) -> Mesh:
    """A horn that leaves sideways and curves up."""
    turn = np.linspace(0.0, 1.1, 6)
    y = sign * (0.05 + long * np.sin(turn))
    z = root[1] + long * (1 - np.cos(turn))
    x = root[0] + 0.05 * np.linspace(0, 1, 6)
    return _rod(np.stack([x, y, z], axis=1) * h, np.linspace(thick, 0.004, 6) * h, HORN)


def _antler(root: F64, h: float, sign: float) -> list[Mesh]:
    """A beam with two tines."""
    t = np.linspace(0.0, 1.0, 7)
    beam = np.stack([root[0] - 0.16 * t + 0.20 * t**2, sign * (0.04 + 0.20 * t), root[1] + 0.36 * t], axis=1)
    rods = [_rod(beam * h, np.linspace(0.018, 0.006, 7) * h, HORN)]
    for k in (2, 4):
        tine = beam[k] + np.linspace(0, 1, 4)[:, None] * np.array([0.13, 0.02 * sign, 0.09])
        rods.append(_rod(tine * h, np.linspace(0.012, 0.004, 4) * h, HORN))
    return rods


def _rod(path: F64, radii: F64, what: Material) -> Mesh:
    return tube(path, radii, what, sides=8)


def _leg(anatomy: Anatomy, h: float, which: str, coat: Material, lower: Material) -> tuple[Mesh, Mesh]:
    """The left upper leg from the hip down to the knee or hock, and what is below, each from its own joint down."""
    thick, thin = anatomy.leg
    (x, z), top = _knee(which), _TOP[which]
    if which == "front":
        path = np.array([[0.02, 0.10], [0.01, -0.02], [0.0, -0.12], [0.0, z - top + 0.10], [0.0, z - top]])
        radii = np.array([[0.18, 0.40], [0.50, 0.85], [0.52, 0.74], [0.36, 0.42], [0.33, 0.38]]) * thick
    else:
        path = np.array([[0.03, 0.14], [0.02, 0.0], [0.045, -0.15], [-0.05, z - top + 0.09], [x, z - top]])
        radii = np.array([[0.15, 0.5], [0.62, 1.25], [0.64, 1.0], [0.36, 0.52], [0.32, 0.40]]) * thick
    upper = _skin(path * h, radii * h, coat, rows=14, sides=12)
    foot = 0.045 if which == "hind" else 0.0
    down = np.array([[0.0, 0.015], [0.0, -0.05], [foot * 0.8, -z + 0.07], [foot, -z + 0.015]])
    slim = np.array([[0.56, 0.62], [0.48, 0.54], [0.42, 0.46], [0.48, 0.52]]) * thin
    shank = _skin(down * h, slim * h, lower, rows=12, sides=12)
    wide = 0.62 * thin * h
    if anatomy.hooves:
        hoof = moved(
            ellipsoid((1.2 * wide, wide, 0.038 * h), DARK, segments=12, rings=6), (0.0, 0.0, 0.019 * h)
        )
        hoof = _flat_soled(hoof)
    else:
        paw = moved(
            ellipsoid((1.5 * wide, 1.05 * wide, 0.034 * h), lower, segments=12, rings=6),
            (0.0, 0.0, 0.017 * h),
        )
        hoof = _flat_soled(paw)
    return upper, combine([shank, moved(hoof, ((foot + 0.012) * h, 0.0, -z * h))])


def _flat_soled(m: Mesh) -> Mesh:
    """Pressed flat where it stands."""
    v = m.vertices.copy()
    v[:, 2] = np.maximum(v[:, 2], 0.0)
    return Mesh(v, m.faces, m.face_material, m.materials, m.smooth)


def _gait() -> tuple[Limb, ...]:
    """The walk of four-legged animals, in lateral sequence: each foot a quarter of the stride after the last."""
    limbs = []
    for which, side, quarter in (
        ("hind", "left", 0),
        ("front", "left", 1),
        ("hind", "right", 2),
        ("front", "right", 3),
    ):
        lead = -quarter * np.pi / 2
        upper = f"{which}_upper_{side}"
        swing, fold = (0.30, 0.24) if which == "front" else (0.28, 0.18)
        limbs.append(Limb(upper, swing, lead))
        limbs.append(Limb(f"{which}_lower_{side}", fold, lead - 0.2 * np.pi, bias=fold, parent=upper))
    return tuple(limbs)


def _family(species: str) -> ShapeFamily:
    drawn: Callable[[Stream], Params] = partial(draw, species)
    return ShapeFamily(
        species,
        "animal",
        species,
        drawn,
        partial(build, species),
        has_front=True,
        size_key="",
        colours=SPECIES[species].colours,
        materials=("fabric",),
    )


DOG, CAT, HORSE, COW, SHEEP, DEER = (
    _family(name) for name in ("dog", "cat", "horse", "cow", "sheep", "deer")
)
