"""A six-axis robot arm with a parallel gripper and a camera's housing on its hand: a link is a part, a joint is real.

Zero of every joint: the upper arm stands up, the forearm and the tool point ahead (+x). Turned by a positive angle
the waist goes left, shoulder, elbow and wrist go down, roll is by the right hand about +x; fingers open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from pairforge.frames import F64, Pose, triple
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.joints import body_from_links
from pairforge.scenes.shapes.meshing import combine, creased, cylinder, loft, mirrored, moved, revolve, tube
from pairforge.scenes.shapes.solids import hull_collider, rounded_box
from pairforge.scenes.world import Material, Mesh, Shape, ShapeLink, ShapePart
from pairforge.seeding import Stream

SHOULDER_M, UPPER_M, FOREARM_M, TOOL_M = 0.20, 0.28, 0.26, 0.21
"""Height of the shoulder's axis; then from axis to axis: to the elbow, to the wrist, to the tips of the fingers."""
WAIST_M, ROLL_M, FLANGE_M, HAND_M, FINGER_M = 0.11, 0.12, 0.05, 0.02, 0.065
OPEN_M = 0.045
"""How far each finger goes from the middle."""
MASS_KG = 14.0
HOME = {"shoulder": -0.35, "elbow": 0.55, "wrist": 1.3708, "finger_left": 0.02, "finger_right": 0.02}
"""How it stands unless its joints are told otherwise: over the table ahead, the tool straight down."""

BODY = Material("robot_white", (0.70, 0.70, 0.68), roughness=0.32, coat=0.3, lidar_reflectivity=0.7)
DARK = Material("robot_dark", (0.022, 0.023, 0.026), roughness=0.45, lidar_reflectivity=0.08)
GREY = Material("robot_grey", (0.16, 0.165, 0.17), roughness=0.42, lidar_reflectivity=0.25)
ALLOY = Material(
    "robot_alloy", (0.52, 0.53, 0.54), "metal", roughness=0.34, metallic=1.0, lidar_reflectivity=0.5
)
PAD = Material("robot_pad", (0.035, 0.035, 0.035), "rubber", roughness=0.9, lidar_reflectivity=0.06)
LENS = Material("robot_lens", (0.01, 0.012, 0.016), roughness=0.05, coat=1.0, lidar_reflectivity=0.04)


@dataclass(frozen=True, eq=False)
class _Link:
    """A link as it is drawn up: its joint (kind, place on the parent, axis, limits, most effort) and its look."""

    name: str
    parent: int
    joint: str
    kind: str
    offset_m: tuple[float, float, float]
    axis: tuple[float, float, float]
    limits: tuple[float, float]
    effort: float
    mesh: Mesh
    solid: F64


X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
PI = float(np.pi)


def _links(paint: Material) -> list[_Link]:
    left = _finger()
    right = mirrored(left, "y")
    made = [
        ("base", -1, "", "fixed", (0.0, 0.0, 0.0), Z, (0.0, 0.0), 0.0, _base(paint)),
        ("turret", 0, "waist", "revolute", (0.0, 0.0, WAIST_M), Z, (-2.9, 2.9), 150.0, _turret(paint)),
        (
            "upper_arm",
            1,
            "shoulder",
            "revolute",
            (0.0, 0.0, SHOULDER_M - WAIST_M),
            Y,
            (-1.7, 2.2),
            150.0,
            _upper(paint),
        ),
        ("forearm", 2, "elbow", "revolute", (0.0, 0.0, UPPER_M), Y, (-2.6, 2.6), 120.0, _forearm(paint)),
        ("wrist_roll", 3, "roll", "revolute", (ROLL_M, 0.0, 0.0), X, (-PI, PI), 40.0, _roll(paint)),
        (
            "wrist_pitch",
            4,
            "wrist",
            "revolute",
            (FOREARM_M - ROLL_M, 0.0, 0.0),
            Y,
            (-2.1, 2.1),
            40.0,
            _pitch(paint),
        ),
        ("flange", 5, "tool", "revolute", (FLANGE_M, 0.0, 0.0), X, (-2 * PI, 2 * PI), 30.0, _flange()),
        ("hand", 6, "mount", "fixed", (HAND_M, 0.0, 0.0), X, (0.0, 0.0), 0.0, _hand(paint)),
        ("finger_left", 7, "finger_left", "prismatic", (FINGER_M, 0.0, 0.0), Y, (0.0, OPEN_M), 25.0, left),
        (
            "finger_right",
            7,
            "finger_right",
            "prismatic",
            (FINGER_M, 0.0, 0.0),
            (0.0, -1.0, 0.0),
            (0.0, OPEN_M),
            25.0,
            right,
        ),
    ]
    return [_Link(*row, row[-1].vertices.astype(np.float64)) for row in made]


def _build(params: dict[str, Any], paint: Material | None) -> Shape:
    """The arm at home on a base whose middle is the body's origin."""
    drawn = _links(paint or BODY)
    links = tuple(
        ShapeLink(
            link.name,
            link.parent,
            link.joint,
            link.kind,
            Pose.of(link.offset_m),
            link.axis,
            *link.limits,
            position=float(HOME.get(link.joint, 0.0)),
            part=link.name,
            colliders=(hull_collider(link.solid),),
            effort=link.effort or np.inf,
        )
        for link in drawn
    )
    poses = body_from_links(links, {})
    parts = tuple(ShapePart(d.name, d.mesh, pose) for d, pose in zip(drawn, poses, strict=True))
    points = np.concatenate([pose.points(d.solid) for d, pose in zip(drawn, poses, strict=True)])
    low, high = points.min(axis=0), points.max(axis=0)
    return Shape(
        parts=parts,
        size_m=triple(high - low),
        centre_m=triple((high + low) / 2),
        mass_kg=MASS_KG,
        colliders=tuple(hull_collider(pose.points(d.solid)) for d, pose in zip(drawn, poses, strict=True)),
        links=links,
        friction=1.0,
        restitution=0.05,
    )


def _base(paint: Material) -> Mesh:
    """A bolted plate, a round foot, a plug and its cable."""
    plate = rounded_box((0.19, 0.19, 0.016), 0.007, ALLOY, (0.0, 0.0, 0.008))
    bolts = [
        moved(cylinder(0.008, 0.008, DARK, bevel_m=0.001), (x * 0.078, y * 0.078, 0.019))
        for x in (-1, 1)
        for y in (-1, 1)
    ]
    foot = _lathed(
        [
            (0.0, 0.014),
            (0.080, 0.014),
            (0.080, 0.030),
            (0.072, 0.045),
            (0.070, WAIST_M - 0.008),
            (0.066, WAIST_M - 0.004),
            (0.0, WAIST_M - 0.004),
        ],
        paint,
    )
    plug = rounded_box((0.045, 0.06, 0.045), 0.006, DARK, (-0.082, 0.0, 0.045))
    t = np.linspace(0.0, 1.0, 14)
    path = np.stack([-0.10 - 0.12 * t, 0.03 * np.sin(2.0 * t), 0.045 * (1 - t) ** 2 + 0.006], axis=1)
    return combine([plate, *bolts, foot, plug, tube(path, 0.0065, DARK, sides=12)])


def _turret(paint: Material) -> Mesh:
    """A drum with two cheeks that hold the shoulder."""
    drum = _lathed(
        [(0.0, 0.0), (0.070, 0.0), (0.074, 0.004), (0.074, 0.026), (0.070, 0.032), (0.0, 0.032)], paint
    )
    ring = moved(cylinder(0.0705, 0.006, DARK, segments=48), (0.0, 0.0, -0.001))
    top = SHOULDER_M - WAIST_M
    cheeks = [
        moved(_pill((0.0, 0.02), 0.060, (0.0, top), 0.062, 0.026, paint), (0.0, s * 0.060, 0.0))
        for s in (-1, 1)
    ]
    caps = [moved(_cap(0.046, 0.010, DARK), (0.0, s * 0.076, top)) for s in (-1, 1)]
    return combine([drum, ring, *cheeks, *caps])


def _upper(paint: Material) -> Mesh:
    """From the shoulder, between the cheeks, to the elbow."""
    arm = _pill((0.0, 0.0), 0.058, (0.0, UPPER_M), 0.047, 0.088, paint)
    band = _pill((0.0, 0.06), 0.036, (0.0, UPPER_M - 0.075), 0.030, 0.0895, GREY)
    return combine([arm, band])


def _forearm(paint: Material) -> Mesh:
    """The elbow's housing and a tapered tube."""
    elbow = creased(cylinder(0.057, 0.118, paint, axis="y", segments=48, bevel_m=0.006), 30.0)
    caps = [moved(_cap(0.040, 0.010, DARK), (0.0, s * 0.0605, 0.0)) for s in (-1, 1)]
    profile = [
        (0.0, 0.02),
        (0.050, 0.02),
        (0.049, 0.055),
        (0.043, ROLL_M - 0.012),
        (0.041, ROLL_M - 0.006),
        (0.0, ROLL_M - 0.006),
    ]
    tapered = _lathed(profile, paint, "x")
    return combine([elbow, *caps, tapered])


def _roll(paint: Material) -> Mesh:
    """A tube that turns about itself and ends in a fork."""
    reach = FOREARM_M - ROLL_M
    ring = moved(cylinder(0.0405, 0.010, DARK, axis="x", segments=40), (0.0, 0.0, 0.0))
    body = _lathed([(0.0, 0.004), (0.040, 0.004), (0.038, 0.05), (0.034, 0.085), (0.0, 0.085)], paint, "x")
    fork = [
        moved(_pill((0.060, 0.0), 0.030, (reach, 0.0), 0.030, 0.012, paint), (0.0, s * 0.033, 0.0))
        for s in (-1, 1)
    ]
    caps = [moved(_cap(0.021, 0.006, DARK), (reach, s * 0.0405, 0.0)) for s in (-1, 1)]
    return combine([ring, body, *fork, *[moved(c, (0.0, 0.0, 0.0)) for c in caps]])


def _pitch(paint: Material) -> Mesh:
    hub = creased(cylinder(0.027, 0.052, GREY, axis="y", segments=36, bevel_m=0.002), 30.0)
    neck = _lathed(
        [
            (0.0, 0.01),
            (0.026, 0.01),
            (0.027, FLANGE_M - 0.006),
            (0.025, FLANGE_M - 0.003),
            (0.0, FLANGE_M - 0.003),
        ],
        paint,
        "x",
    )
    return combine([hub, neck])


def _flange() -> Mesh:
    disc = moved(
        cylinder(0.030, HAND_M, ALLOY, axis="x", segments=40, bevel_m=0.0015), (HAND_M / 2, 0.0, 0.0)
    )
    ring = moved(cylinder(0.031, 0.005, DARK, axis="x", segments=40), (0.002, 0.0, 0.0))
    return combine([disc, ring])


def _hand(paint: Material) -> Mesh:
    """The gripper's body with its rails, and on top the housing of a camera with two eyes and a projector."""
    body = rounded_box((0.056, 0.112, 0.052), 0.008, GREY, (0.030, 0.0, 0.0))
    stripe = rounded_box((0.020, 0.1135, 0.0535), 0.006, paint, (0.026, 0.0, 0.0))
    rail = rounded_box((0.010, 0.106, 0.018), 0.002, ALLOY, (0.060, 0.0, 0.0))
    bracket = rounded_box((0.018, 0.030, 0.030), 0.003, DARK, (0.020, 0.0, 0.036))
    camera = rounded_box((0.024, 0.092, 0.025), 0.010, ALLOY, (0.024, 0.0, 0.060))
    front = rounded_box((0.004, 0.084, 0.018), 0.0018, DARK, (0.0355, 0.0, 0.060))
    eyes = [
        moved(cylinder(r, 0.003, LENS, axis="x", segments=24), (0.0372, y, 0.060))
        for y, r in ((0.030, 0.0055), (0.008, 0.004), (-0.006, 0.0045), (-0.026, 0.0055))
    ]
    return combine([body, stripe, rail, bracket, camera, front, *eyes])


def _finger() -> Mesh:
    """The left one, closed: its pad's face lies in the plane y = 0."""
    foot = rounded_box((0.018, 0.030, 0.026), 0.003, GREY, (0.004, 0.018, 0.0))
    blade = rounded_box((0.070, 0.010, 0.022), 0.003, GREY, (0.040, 0.011, 0.0))
    pad = rounded_box((0.034, 0.006, 0.020), 0.0015, PAD, (0.058, 0.003, 0.0))
    return combine([foot, blade, pad])


def _lathed(
    profile: Sequence[tuple[float, float]], material: Material, axis: Literal["x", "z"] = "z"
) -> Mesh:
    """A profile (radius, along) turned about an axis, its edges crisp."""
    return creased(revolve(profile, material, segments=44, axis=axis), 30.0)


def _cap(radius_m: float, depth_m: float, material: Material) -> Mesh:
    """A round lid on an axis along y."""
    return creased(cylinder(radius_m, depth_m, material, axis="y", segments=40, bevel_m=0.003), 30.0)


def _pill(
    a_xz: tuple[float, float],
    ra: float,
    b_xz: tuple[float, float],
    rb: float,
    width_m: float,
    material: Material,
) -> Mesh:
    """The hull of two discs in the plane (x, z), ``width_m`` thick along y, its edges chamfered."""
    bevel = min(0.006, width_m / 4)
    half = width_m / 2
    sections = [
        _outline(a_xz, ra - inset, b_xz, rb - inset, y)
        for y, inset in ((-half, bevel), (-half + bevel, 0.0), (half - bevel, 0.0), (half, bevel))
    ]
    return creased(loft(sections, material), 40.0)


def _outline(a_xz: ArrayLike, ra: float, b_xz: ArrayLike, rb: float, y: float, count: int = 20) -> F64:
    """(2 * count, 3) round two circles, counter-clockwise seen from +y."""
    a, b = (np.array([p[1], p[0]]) for p in (np.asarray(a_xz, dtype=float), np.asarray(b_xz, dtype=float)))
    along = b - a
    heading = np.arctan2(along[1], along[0])
    open_by = np.arccos((ra - rb) / np.linalg.norm(along))
    far = np.linspace(heading - open_by, heading + open_by, count)
    near = np.linspace(heading + open_by, heading - open_by + 2 * np.pi, count)
    zx = np.concatenate(
        [
            b + rb * np.stack([np.cos(far), np.sin(far)], axis=1),
            a + ra * np.stack([np.cos(near), np.sin(near)], axis=1),
        ]
    )
    return np.stack([zx[:, 1], np.full(len(zx), y), zx[:, 0]], axis=1)


def _draw(stream: Stream) -> dict[str, Any]:
    """Its proportions are fixed, so that joint angles mean the same of every arm."""
    return {}


ROBOT_ARM = ShapeFamily(
    "robot_arm",
    semantic="object",
    noun="robot arm",
    draw=_draw,
    build=_build,
    has_front=True,
    colours=("orange", "white", "yellow", "grey", "blue"),
    materials=("plastic",),
)
