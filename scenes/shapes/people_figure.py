"""A clothed figure in rigid pieces: torso with head, upper arms, forearms, thighs, shins and feet.

Lengths are fractions of the stature (Drillis and Contini's segment proportions, rounded); ``girth`` widens the trunk
and limbs. All part frames are parallel to the body frame at rest: x forward, y left, z up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from pairforge.frames import triple
from pairforge.scenes.keypoints import Keypoint
from pairforge.scenes.shapes import people_materials as stuff
from pairforge.scenes.shapes.meshing import combine, ellipsoid, loft, mirrored, moved, tube
from pairforge.scenes.shapes.people_anatomy import hand, limb, rings, shoe
from pairforge.scenes.shapes.people_clothes import bags, collar, cuff, shirt, skirt
from pairforge.scenes.shapes.people_head import HeadStyle, face_points, head
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
        (0.478, 0.104, 0.078, -0.083), (0.540, 0.098, 0.069, -0.074), (0.610, 0.090, 0.065, -0.062),
        (0.680, 0.097, 0.069, -0.061), (0.740, 0.107, 0.072, -0.067), (0.782, 0.116, 0.060, -0.066),
        (0.806, 0.110, 0.046, -0.056), (0.824, 0.078, 0.035, -0.047), (0.846, 0.044, 0.027, -0.039),
    ),
    "woman": (
        (0.486, 0.105, 0.075, -0.086), (0.540, 0.099, 0.064, -0.077), (0.620, 0.078, 0.057, -0.055),
        (0.680, 0.084, 0.065, -0.055), (0.725, 0.091, 0.081, -0.059), (0.775, 0.100, 0.058, -0.060),
        (0.802, 0.095, 0.041, -0.052), (0.820, 0.066, 0.031, -0.043), (0.842, 0.038, 0.024, -0.035),
    ),
}  # fmt: skip


def shoulder_y(p: Params) -> float:
    """Half breadth between the shoulder joints, metres."""
    return float(p["height_m"] * (0.109 if p["figure"] == "man" else 0.095) * (0.5 + 0.5 * p["girth"]))


def torso(p: Params, paint: Material, origin_z: float) -> Mesh:
    """Trunk, neck and head (and skirt, bags) with its origin on the axis at ``origin_z``."""
    h, g = p["height_m"], p["girth"]
    table = _trunk(p)
    lower = np.array(
        [
            [0.455 * h, 0.072 * h * g, 0.046 * h * g, -0.058 * h * g],
            [0.478 * h, 0.09 * h * g, 0.058 * h * g, -0.07 * h * g],
            *(table[:2] * [1, 0.93, 0.92, 0.92]),
        ]
    )
    bottom = paint if p["legs"] == "dress" else stuff.cloth(p["trousers"])
    skin = stuff.skin(p["skin"])
    neck = tube(
        [(-0.012 * h, 0, 0.81 * h), (-0.004 * h, 0, 0.85 * h), (0.006 * h, 0, 0.885 * h)],
        np.array([0.040, 0.031, 0.031]) * h * (0.8 + 0.2 * g),
        skin,
        sides=12,
    )
    fine = PchipInterpolator(np.arange(len(table)), table)(np.linspace(0, len(table) - 1, 41))
    pieces = [shirt(table, paint), loft(rings(lower, sides=18, rows=6, power=2.3), bottom), neck]
    pieces.append(moved(head(HEAD * h, _head_style(p)), (0.0, 0.0, CHIN_Z * h)))
    pieces += collar(p, fine, paint)
    if p["legs"] in ("skirt", "dress"):
        pieces.append(skirt(p, bottom))
    pieces += bags(p, fine)
    return moved(combine(pieces), (0.0, 0.0, -origin_z))


def _trunk(p: Params) -> F64:
    """Rows (z, half width, front, back) of the trunk in metres, from the hem to the neck."""
    h, g = p["height_m"], p["girth"]
    table = np.array(_TRUNK[p["figure"]])
    belly = 0.030 * p.get("belly", 0.0) * np.exp(-(((table[:, 0] - 0.60) / 0.075) ** 2))
    table[:, 2] += belly
    table[:, 1] += 0.35 * belly
    return np.asarray(table * np.array([h, h * g, h * g, h * g]))


def _head_style(p: Params) -> HeadStyle:
    return HeadStyle(
        p["skin"],
        p["hair_colour"],
        p["hair"],
        stuff.cloth(p["cap"]),
        p["figure"],
        p.get("fringe", False),
        p.get("tied", "bun"),
        p.get("hair_volume", 1.0),
        p.get("beard", "none"),
        p.get("hat", "none"),
    )


def upper_arm(p: Params, paint: Material) -> Mesh:
    """The left upper arm hanging from the shoulder joint at the origin, its elbow a little out."""
    h, g = p["height_m"], p["girth"]
    elbow = elbow_offset(p)
    path = np.array([(0, -0.020 * h, -0.004 * h), elbow * 0.26, elbow * 0.7, elbow])
    radii = np.array([0.0265, 0.0305, 0.027, 0.0235]) * h * (0.45 + 0.55 * g)
    if p["sleeves"] == "long":
        return limb(path, radii * 1.10, paint, rows=11, folds=0.05)
    bare = limb(path[1:], radii[1:], stuff.skin(p["skin"]), rows=7)
    sleeve = limb(path[:3] * [1, 1, 0.88], radii[:3] * 1.17, paint, rows=7, folds=0.03, blunt=True)
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
        shell = np.maximum(radii * 1.16, 0.0195 * h)
        pieces = [limb(path * np.array([1, 1, 0.965]), shell, paint, rows=11, folds=0.06, blunt=True)]
        pieces.append(cuff(wrist, shell[-1], paint))
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
    radii = np.array([(0.046, 0.055), (0.047, 0.051), (0.040, 0.042), (0.033, 0.034)]) * h * g
    bare = p["legs"] in ("skirt", "dress")
    if p["legs"] == "shorts":
        return combine(
            [
                limb(path, radii, stuff.skin(p["skin"])),
                limb(
                    path[:3],
                    radii[:3] * [[0.96], [1.06], [1.13]],
                    stuff.cloth(p["trousers"]),
                    rows=8,
                    folds=0.03,
                    blunt=True,
                ),
            ]
        )
    if bare:
        return limb(path, radii * 0.96, stuff.skin(p["skin"]))
    return limb(path, radii * 1.06, stuff.cloth(p["trousers"]), rows=10, folds=0.03)


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
        radii = np.array([(0.0335, 0.035), (0.034, 0.037), (0.0300, 0.0335), (0.0295, 0.0345)])
        path = path * np.array([1, 1, 1.045])
        cloth = stuff.cloth(p["trousers"])
        leg = limb(path, radii * h * (0.3 + 0.7 * g), cloth, rows=14, folds=0.06, blunt=True)
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
