"""A clothed figure in rigid pieces: torso with head, upper arms, forearms, thighs, shins and feet.

Lengths are fractions of the stature (Drillis and Contini's segment proportions, rounded); ``girth`` widens the trunk
and limbs. All part frames are parallel to the body frame at rest: x forward, y left, z up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import triple
from pairforge.scenes.keypoints import Keypoint
from pairforge.scenes.shapes import people_materials as stuff
from pairforge.scenes.shapes.meshing import box, combine, ellipsoid, loft, mirrored, moved, tube
from pairforge.scenes.shapes.people_anatomy import HeadStyle, face_points, hand, head, limb, rings, shoe
from pairforge.scenes.world import Material, Mesh

F64 = NDArray[np.float64]
Params = dict[str, Any]

HIP_Z, KNEE_Z, ANKLE_Z, SHOULDER_Z = 0.515, 0.285, 0.045, 0.790
ANKLE_X = -0.006
HIP_Y, UPPER_ARM, FOREARM, HAND = 0.050, 0.172, 0.150, 0.100
CHIN_Z, HEAD = 0.865, 0.135

# (z, half width, front, back) of the stature; the shirt hangs from the shoulders to the hips.
_TRUNK = {
    "man": (
        (0.495, 0.094, 0.066, -0.074), (0.540, 0.093, 0.066, -0.072), (0.610, 0.089, 0.064, -0.060),
        (0.680, 0.096, 0.067, -0.060), (0.740, 0.105, 0.070, -0.066), (0.782, 0.114, 0.060, -0.066),
        (0.806, 0.106, 0.046, -0.056), (0.824, 0.080, 0.035, -0.046), (0.842, 0.046, 0.028, -0.038),
    ),
    "woman": (
        (0.495, 0.100, 0.064, -0.080), (0.540, 0.098, 0.062, -0.076), (0.620, 0.076, 0.056, -0.054),
        (0.680, 0.083, 0.064, -0.054), (0.725, 0.090, 0.080, -0.058), (0.775, 0.099, 0.058, -0.060),
        (0.802, 0.092, 0.041, -0.052), (0.820, 0.067, 0.031, -0.042), (0.838, 0.039, 0.024, -0.034),
    ),
}  # fmt: skip


def shoulder_y(p: Params) -> float:
    """Half breadth between the shoulder joints, metres."""
    return float(p["height_m"] * (0.109 if p["figure"] == "man" else 0.095) * (0.5 + 0.5 * p["girth"]))


def torso(p: Params, paint: Material, origin_z: float) -> Mesh:
    """Trunk, neck and head (and skirt, backpack) with its origin on the axis at ``origin_z``."""
    h, g = p["height_m"], p["girth"]
    grow = np.array([h, h * g, h * g, h * g])
    table = np.array(_TRUNK[p["figure"]]) * grow
    shirt = loft(rings(table, sides=24, rows=17, power=2.35), paint)
    hips = table[:2].copy()
    lower = np.array(
        [
            [0.455 * h, 0.072 * h * g, 0.046 * h * g, -0.058 * h * g],
            [0.478 * h, 0.09 * h * g, 0.058 * h * g, -0.07 * h * g],
            *(hips * [1, 0.97, 0.95, 0.95]),
        ]
    )
    bottom = paint if p["legs"] == "dress" else stuff.cloth(p["trousers"])
    pieces = [shirt, loft(rings(lower, sides=20, rows=8, power=2.3), bottom)]
    skin = stuff.skin(p["skin"])
    neck_top = 0.885 * h
    pieces.append(
        tube(
            [(-0.012 * h, 0, 0.81 * h), (-0.004 * h, 0, 0.85 * h), (0.006 * h, 0, neck_top)],
            np.array([0.036, 0.031, 0.031]) * h,
            skin,
            sides=14,
        )
    )
    cap = stuff.cloth(p["cap"])
    style = HeadStyle(p["skin"], p["hair_colour"], p["hair"], cap)
    pieces.append(moved(head(HEAD * h, style), (0.0, 0.0, CHIN_Z * h)))
    pieces += _collar(p, paint)
    if p["legs"] in ("skirt", "dress"):
        pieces.append(_skirt(p, paint if p["legs"] == "dress" else stuff.cloth(p["trousers"])))
    if p["bag"] == "backpack":
        pieces += _backpack(p)
    return moved(combine(pieces), (0.0, 0.0, -origin_z))


def _collar(p: Params, paint: Material) -> list[Mesh]:
    """A collar, and for a jacket its zip."""
    h, g = p["height_m"], p["girth"]
    a = np.linspace(0, 2 * np.pi, 17)
    path = np.column_stack(
        [-0.006 * h + 0.036 * h * np.cos(a), 0.04 * h * np.sin(a), 0.842 * h - 0.006 * h * np.cos(a)]
    )
    out = [tube(path, 0.009 * h, paint, sides=6)]
    if p["top"] == "jacket":
        front = np.array([(z, x) for z, _, x, _ in _TRUNK[p["figure"]]][:7])
        line = np.column_stack([front[:, 1] * h * g + 0.001, np.zeros(7), front[:, 0] * h])
        out.append(tube(line, 0.005, stuff.cloth("charcoal"), sides=6))
        w = 0.094 if p["figure"] == "man" else 0.1
        hem = np.array(
            [
                [0.486, w * 1.03, 0.069, -0.078],
                [0.492, w * 1.05, 0.071, -0.080],
                [0.506, w * 1.04, 0.070, -0.079],
                [0.512, w * 0.98, 0.06, -0.07],
            ]
        )
        out.append(loft(rings(hem * np.array([h, h * g, h * g, h * g]), sides=24, power=2.35), paint))
    return out


def _skirt(p: Params, material: Material) -> Mesh:
    h, g = p["height_m"], p["girth"]
    table = np.array(
        [
            (0.315, 0.118, 0.100, -0.104), (0.40, 0.112, 0.088, -0.096), (0.50, 0.105, 0.070, -0.085),
            (0.56, 0.094, 0.063, -0.074), (0.60, 0.082, 0.060, -0.062),
        ]
    )  # fmt: skip
    if p["legs"] == "skirt":  # its waistband goes under the shirt
        table = np.array([*table[:2], (0.475, 0.103, 0.074, -0.087), (0.506, 0.094, 0.058, -0.072)])
    return loft(rings(table * np.array([h, h * g, h * g, h * g]), sides=24, rows=10, power=2.2), material)


def _backpack(p: Params) -> list[Mesh]:
    h, g = p["height_m"], p["girth"]
    material, strap = stuff.cloth(p["bag_colour"]), stuff.cloth("charcoal")
    bag = box((0.085 * h, 0.155 * h, 0.22 * h), material, (-0.105 * h * g, 0, 0.70 * h), bevel_m=0.022 * h)
    pocket = box((0.03 * h, 0.12 * h, 0.085 * h), material, (-0.15 * h * g, 0, 0.655 * h), bevel_m=0.012 * h)
    line = np.array(
        [
            (-0.06, 0.785),
            (-0.02, 0.832),
            (0.035, 0.815),
            (0.066, 0.765),
            (0.064, 0.70),
            (0.0, 0.645),
            (-0.06, 0.63),
        ]
    )
    straps = []
    for side in (1, -1):
        y = side * h * np.array([0.05, 0.055, 0.06, 0.064, 0.075, 0.1, 0.07])
        path = np.column_stack([line[:, 0] * h * g, y, line[:, 1] * h])
        straps.append(tube(path, np.array([[0.004, 0.014]]).repeat(7, 0) * h, strap, sides=6))
    return [bag, pocket, *straps]


def upper_arm(p: Params, paint: Material) -> Mesh:
    """The left upper arm hanging from the shoulder joint at the origin, its elbow a little out."""
    h, g = p["height_m"], p["girth"]
    elbow = elbow_offset(p)
    path = np.array([(0, -0.014 * h, 0.002 * h), elbow * 0.28, elbow * 0.7, elbow])
    radii = np.array([0.0285, 0.0315, 0.027, 0.0235]) * h * (0.45 + 0.55 * g)
    if p["sleeves"] == "long":
        return limb(path, radii * 1.10, paint, rows=10)
    bare = limb(path[1:], radii[1:], stuff.skin(p["skin"]), rows=8)
    sleeve = limb(path[:3] * [1, 1, 0.88], radii[:3] * 1.16, paint, rows=7)
    return combine([bare, sleeve])


def elbow_offset(p: Params) -> F64:
    """The left elbow (3,) from the shoulder joint at rest, metres."""
    h = p["height_m"]
    offset: F64 = np.array([-0.012, 0.024, -0.998 * UPPER_ARM]) * h
    return offset


def forearm(p: Params, paint: Material) -> Mesh:
    """The left forearm and hand from the elbow at the origin, slightly bent forward."""
    h, g = p["height_m"], p["girth"]
    wrist = wrist_offset(p)
    path = np.array([(0, 0, 0), wrist * 0.3, wrist * 0.7, wrist])
    radii = (
        np.array([(0.0225, 0.0225), (0.024, 0.023), (0.0185, 0.017), (0.0155, 0.0135)]) * h * (0.5 + 0.5 * g)
    )
    skin = stuff.skin(p["skin"])
    pieces = [limb(path, radii, skin, rows=8)]
    if p["sleeves"] == "long":
        shell = radii.copy()
        shell[:, :] = np.maximum(radii * 1.16, 0.0195 * h)
        pieces = [limb(path * np.array([1, 1, 0.97]), shell, paint, rows=9)]
    pieces.append(moved(hand(HAND * h, skin), tuple(wrist)))
    return combine(pieces)


def wrist_offset(p: Params) -> F64:
    """The left wrist (3,) from the elbow at rest, metres."""
    offset: F64 = np.array([0.036, 0.002, -0.985 * FOREARM]) * p["height_m"]
    return offset


def thigh(p: Params) -> Mesh:
    """The left thigh from the hip joint at the origin down to the knee."""
    h, g = p["height_m"], p["girth"]
    down = (HIP_Z - KNEE_Z) * h
    path = np.array(
        [
            (0, 0, -0.01 * h),
            (0.002 * h, 0, -0.35 * down),
            (0.004 * h, -0.002 * h, -0.7 * down),
            (0.004 * h, -0.004 * h, -down),
        ]
    )
    radii = np.array([(0.050, 0.056), (0.047, 0.051), (0.040, 0.042), (0.033, 0.034)]) * h * g
    bare = p["legs"] in ("skirt", "dress")
    if p["legs"] == "shorts":
        return combine(
            [
                limb(path, radii, stuff.skin(p["skin"])),
                limb(path[:3], radii[:3] * 1.1, stuff.cloth(p["trousers"]), rows=8),
            ]
        )
    if bare:
        return limb(path, radii * 0.96, stuff.skin(p["skin"]))
    return limb(path, radii * 1.06, stuff.cloth(p["trousers"]))


def shin(p: Params) -> Mesh:
    """The left shin from the knee at the origin down to the ankle."""
    h, g = p["height_m"], p["girth"]
    down = (KNEE_Z - ANKLE_Z) * h
    back = ANKLE_X * h
    path = np.array(
        [
            (0.0, -0.004 * h, 0),
            (back, -0.004 * h, -0.28 * down),
            (back, -0.004 * h, -0.65 * down),
            (back, -0.004 * h, -down),
        ]
    )
    bare = p["legs"] != "trousers"
    if bare:
        radii = np.array([(0.031, 0.032), (0.0315, 0.034), (0.023, 0.025), (0.018, 0.021)])
        leg = limb(path, radii * h * (0.4 + 0.6 * g), stuff.skin(p["skin"]))
    else:
        radii = np.array([(0.0335, 0.035), (0.034, 0.037), (0.0295, 0.033), (0.0285, 0.0335)])
        leg = limb(
            path * np.array([1, 1, 0.985]), radii * h * (0.3 + 0.7 * g), stuff.cloth(p["trousers"]), rows=11
        )
    return leg


def foot(p: Params) -> Mesh:
    """The left shoe (and sock) from the ankle at the origin to the ground."""
    h = p["height_m"]
    sole = stuff.SOLE if p["sole"] == "light" else stuff.DARK_SOLE
    made = moved(
        shoe(0.155 * h, ANKLE_Z * h * 1.15, stuff.leather(p["shoes"]), sole), (0.002 * h, 0.0, -ANKLE_Z * h)
    )
    if p["legs"] == "trousers":
        return made
    sock = ellipsoid((0.024 * h, 0.021 * h, 0.028 * h), stuff.cloth("white"), segments=12, rings=6)
    return combine([made, moved(sock, (0.0, 0.0, -0.002 * h))])


def joints(p: Params) -> dict[str, tuple[float, float, float]]:
    """Joint positions of the left side at rest in the body frame, metres."""
    h = p["height_m"]
    shoulder = np.array([-0.008 * h, shoulder_y(p), SHOULDER_Z * h])
    elbow = shoulder + elbow_offset(p)
    hip_y = HIP_Y * h * (0.6 + 0.4 * p["girth"])
    return {
        "upper_arm": triple(shoulder),
        "forearm": triple(elbow),
        "thigh": (0.0, hip_y, HIP_Z * h),
        "shin": (0.004 * h, hip_y, KNEE_Z * h),
        "foot": ((0.004 + ANKLE_X) * h, hip_y - 0.004 * h, ANKLE_Z * h),
    }


_INSIDE = {"shoulder": 0.06, "elbow": 0.034, "wrist": 0.026, "hip": 0.10, "knee": 0.05, "ankle": 0.045}
"""How far inside the clothed limb a joint lies at most, of the stature."""
_FACE, _EAR = 0.010, 0.026


def keypoints(p: Params, bent: Callable[[F64], F64] = lambda points: points) -> tuple[Keypoint, ...]:
    """COCO's 17 of a person; ``bent`` is what was done to the torso's vertices (N, 3) after ``torso`` made them."""
    h, g = p["height_m"], p["girth"]
    found = [
        Keypoint(name, "torso", triple(at), (_EAR if "ear" in name else _FACE) * h)
        for name, at in zip(*_features(p, bent), strict=True)
    ]
    wrist = wrist_offset(p)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for joint, part, at in (
            ("shoulder", "upper_arm", (0.0, 0.0, 0.0)),
            ("elbow", "forearm", (0.0, 0.0, 0.0)),
            ("wrist", "forearm", triple(wrist * [1.0, sign, 1.0])),
            ("hip", "thigh", (0.0, 0.0, 0.0)),
            ("knee", "shin", (0.0, 0.0, 0.0)),
            ("ankle", "foot", (0.0, 0.0, 0.0)),
        ):
            found.append(Keypoint(f"{side}_{joint}", f"{part}_{side}", at, _INSIDE[joint] * h * max(g, 1.0)))
    return tuple(found)


def _features(p: Params, bent: Callable[[F64], F64]) -> tuple[list[str], F64]:
    """Names and places (N, 3), in the torso's frame, of nose, eyes and ears; see ``people_anatomy.head``."""
    tall = HEAD * p["height_m"]
    names = ["nose", "left_eye", "right_eye", "left_ear", "right_ear"]
    at = face_points(tall) + np.array([0.0, 0.0, (CHIN_Z - HIP_Z) * p["height_m"]])
    return names, bent(at)


def pieces(p: Params, paint: Material) -> dict[str, Mesh]:
    """The left limbs and the torso, each in its part frame. Mirror the limbs for the right side."""
    return {
        "torso": torso(p, paint, HIP_Z * p["height_m"]),
        "upper_arm": upper_arm(p, paint),
        "forearm": forearm(p, paint),
        "thigh": thigh(p),
        "shin": shin(p),
        "foot": foot(p),
    }


def right_of(m: Mesh) -> Mesh:
    """A left limb as a right one."""
    return mirrored(m, "y")
