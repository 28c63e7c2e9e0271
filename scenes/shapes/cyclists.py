"""The cyclist family: a bicycle and its rider as one body that rolls, pedals and leans on the handlebar.

Body frame: origin on the ground midway between the wheels, x forward, y left, z up. Wheels are ``Shape.wheels``; the
cranks spin and the legs follow them: a crank turns once in ``stride_m``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import Pose
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes import people_figure as figure
from pairforge.scenes.shapes import people_materials as stuff
from pairforge.scenes.shapes.cyclist_bicycle import Bicycle, bicycle_wheel, crank, frame
from pairforge.scenes.shapes.meshing import combine, ellipsoid, mirrored, moved, turned
from pairforge.scenes.shapes.people import CLOTH_COLOURS, draw_figure, pick, triple
from pairforge.scenes.world import Collider, Limb, Material, Mesh, Shape, ShapePart, Wheel
from pairforge.seeding import Stream

Params = dict[str, Any]
F64 = NDArray[np.float64]

_GEAR = 2.6
"""Turns of the wheel per turn of the crank."""
_LEAN = 0.62
"""How far the trunk leans forward, radians."""
_TOE_DOWN = 0.12
"""Pitch of the feet on the pedals, radians."""


def draw(stream: Stream) -> Params:
    """A rider in a jersey, and a bicycle of the rider's size."""
    p = draw_figure(stream)
    p["legs"] = pick(stream, "riding_legs", ("trousers", "shorts", "trousers"))
    p["trousers"] = pick(stream, "riding_trousers", ("denim", "dark_denim", "black", "charcoal", "olive"))
    p["top"] = "shirt"
    p["sleeves"] = pick(stream, "sleeves", ("short", "long"))
    p["hair"] = "short" if p["figure"] == "man" else "bob"
    p["bag"] = pick(stream, "bag", ("none", "none", "backpack"))
    p["helmet"] = pick(stream, "helmet", ("white", "black", "blue", "red"))
    p["bike"] = pick(stream, "bike", ("black", "red", "blue", "green", "silver", "white"))
    p["mudguards"] = bool((stream / "mudguards").rng().random() < 0.5)
    p["wheel_radius_m"] = 0.345
    p["wheelbase_m"] = round(0.585 * p["height_m"], 4)
    p["mass_kg"] = 90.0
    return p


def build(p: Params, paint: Material | None) -> Shape:
    """The bicycle with its rider, left foot down; ``paint`` is the jersey."""
    bike = Bicycle(p["wheel_radius_m"], p["wheelbase_m"], p["height_m"])
    parts = [*_bike_parts(bike, p), *_rider_parts(bike, p, paint or stuff.SHIRT)]
    points = np.concatenate([q.body_from_part.points(q.mesh.vertices) for q in parts])
    low, high = points.min(axis=0), points.max(axis=0)
    r = bike.wheel_radius
    half = bike.wheelbase / 2
    wheels = (
        Wheel("wheel_rear", (-half, 0.0, r), r, 0.034, steered=False, driven=True),
        Wheel("wheel_front", (half, 0.0, r), r, 0.034, steered=True, driven=False),
    )
    tall = float(high[2])
    return Shape(
        parts=tuple(parts),
        size_m=triple(high - low),
        centre_m=triple((high + low) / 2),
        mass_kg=float(p["mass_kg"]),
        colliders=(
            Collider("box", Pose.of((0, 0, 0.5)), (bike.wheelbase + 2 * r, 0.4, 0.9)),
            Collider("box", Pose.of((-0.05, 0, (tall + 0.9) / 2)), (0.8, 0.5, tall - 0.95)),
        ),
        wheels=wheels,
        limbs=_pedalling(bike, p),
        stride_m=round(float(2 * np.pi * r * _GEAR), 4),
        friction=0.8,
        keypoints=figure.keypoints(p, lambda points: _bent(points, p["height_m"])),
    )


def _bike_parts(bike: Bicycle, p: Params) -> list[ShapePart]:
    colour = stuff.bike_paint(p["bike"])
    made = bicycle_wheel(bike.wheel_radius)
    arm = crank(bike.crank)
    half, r = bike.wheelbase / 2, bike.wheel_radius
    return [
        ShapePart("bicycle", frame(bike, colour, p["mudguards"]), Pose.of()),
        ShapePart("wheel_rear", made, Pose.of((-half, 0.0, r))),
        ShapePart("wheel_front", made, Pose.of((half, 0.0, r))),
        ShapePart("cranks", arm, Pose.of((bike.bottom[0], 0.0, bike.bottom[2]))),
    ]


def _rider_parts(bike: Bicycle, p: Params, paint: Material) -> list[ShapePart]:
    """Rider's pieces, posed so that hands lie on the grips and feet on the pedals."""
    h = p["height_m"]
    made, at = figure.pieces(p, paint), figure.joints(p)
    hip = bike.saddle + np.array([0.03, 0.0, 0.055 * h])
    trunk = moved(made["torso"], (0, 0, 0))
    parts = [ShapePart("torso", _leaned(trunk, p), Pose.of(tuple(hip)))]
    shoulder0 = np.array(at["upper_arm"]) - np.array([0, 0, figure.HIP_Z * h])
    for side, sign in (("left", 1.0), ("right", -1.0)):
        flip = np.array([1.0, sign, 1.0])
        shoulder = hip + _tilt(shoulder0 * flip, _LEAN)
        grip = bike.grip * flip
        parts += _arm(made, side, shoulder, grip, p)
        hip_joint = hip + np.array([0, sign * at["thigh"][1], 0.0])
        thigh_angle, knee_angle = leg_angles(bike, p, 0.0 if side == "left" else np.pi)
        parts += _leg(made, side, hip_joint, thigh_angle, knee_angle, p)
    return parts


def _leaned(torso: Mesh, p: Params) -> Mesh:
    """The trunk leaned about the hips with the head held up, and a helmet on it."""
    h = p["height_m"]
    v = _bent(torso.vertices.astype(np.float64), h)
    bent = replace(torso, vertices=v.astype(np.float32))
    pivot = np.array([0.0, 0.0, (0.845 - figure.HIP_Z) * h])
    top = np.array([0.0, 0.0, 0.865 - figure.HIP_Z]) * h - pivot + np.array([0.012, 0, 0.095 * h])
    centre = _tilt(_tilt(top, -0.52) + pivot, _LEAN)
    return combine([bent, moved(turned(_helmet(0.135 * h, p["helmet"]), "y", _LEAN - 0.52), tuple(centre))])


def _bent(v: F64, h: float) -> F64:
    """Points (N, 3) of an upright trunk of stature ``h`` as the lean takes them."""
    # The spine bends: no lean at the pelvis, all of it at the chest, and the neck takes most of it back.
    z = v[:, 2] / h
    neck = 0.845 - figure.HIP_Z
    angle = _LEAN * np.ones(len(v))
    pivot = np.array([0.0, 0.0, neck * h])
    head_back = np.clip((z - neck + 0.01) / 0.035, 0, 1) * 0.52
    rel = v - pivot
    c, s = np.cos(-head_back), np.sin(-head_back)
    v = np.where(
        (head_back > 0)[:, None],
        np.column_stack([c * rel[:, 0] + s * rel[:, 2], rel[:, 1], -s * rel[:, 0] + c * rel[:, 2]]) + pivot,
        v,
    )
    c, s = np.cos(angle), np.sin(angle)
    return np.column_stack([c * v[:, 0] + s * v[:, 2], v[:, 1], -s * v[:, 0] + c * v[:, 2]])


def _helmet(head: float, tone: str) -> Mesh:
    """A bicycle helmet round a head's centre of crown, with dark vents."""
    shell = ellipsoid((0.60 * head, 0.43 * head, 0.40 * head), stuff.bike_paint(tone), segments=20, rings=12)
    v = shell.vertices.astype(np.float64)
    low = v[:, 2] < -0.02 * head
    v[low, 2] = -0.02 * head + 0.05 * head * (v[low, 0] / (0.6 * head)) ** 2
    cap = replace(shell, vertices=v.astype(np.float32))
    slot = ellipsoid((0.26 * head, 0.035 * head, 0.05 * head), stuff.DARK_SOLE, segments=8, rings=6)
    vents = [
        moved(
            turned(slot, "y", tilt),
            (x * head, y * head, z * head),
        )
        for x, y, z, tilt in (
            (0.28, 0.0, 0.335, 0.45), (0.28, 0.17, 0.30, 0.45), (0.28, -0.17, 0.30, 0.45),
            (-0.28, 0.0, 0.335, -0.45), (-0.28, 0.17, 0.30, -0.45), (-0.28, -0.17, 0.30, -0.45),
        )
    ]  # fmt: skip
    return moved(combine([cap, *vents]), (-0.03 * head, 0, 0.06 * head))


def _arm(made: dict[str, Mesh], side: str, shoulder: F64, grip: F64, p: Params) -> list[ShapePart]:
    """Upper arm and forearm from the shoulder to the grip, the elbow hanging a little out."""
    h, sign = p["height_m"], 1.0 if side == "left" else -1.0
    first = figure.elbow_offset(p) * np.array([1, sign, 1])
    second = figure.wrist_offset(p) * np.array([1, sign, 1])
    reach = grip - shoulder + np.array([-0.025, 0, 0.02])
    a, b = float(np.linalg.norm(first)), float(np.linalg.norm(second)) + 0.035 * h
    d = min(float(np.linalg.norm(reach)), 0.985 * (a + b))
    along = reach / np.linalg.norm(reach)
    out = np.array([-0.55, sign * 0.55, -0.62])
    out -= along * (out @ along)
    out /= np.linalg.norm(out)
    t = (a * a - b * b + d * d) / (2 * d)
    elbow = along * t + out * np.sqrt(max(a * a - t * t, 0.0))
    upper, lower = made["upper_arm"], made["forearm"]
    if sign < 0:
        upper, lower = mirrored(upper), mirrored(lower)
    pose_a = Pose.from_matrix(_aim(first, elbow, shoulder))
    pose_b = Pose.from_matrix(_aim(second, along * d - elbow, shoulder + elbow))
    return [ShapePart(f"upper_arm_{side}", upper, pose_a), ShapePart(f"forearm_{side}", lower, pose_b)]


def _leg(
    made: dict[str, Mesh], side: str, hip: F64, thigh_angle: float, knee_angle: float, p: Params
) -> list[ShapePart]:
    thigh, shin, foot = made["thigh"], made["shin"], made["foot"]
    if side == "right":
        thigh, shin, foot = mirrored(thigh), mirrored(shin), mirrored(foot)
    knee = hip + _tilt(np.array([0.0, 0.0, -_thigh_length(p)]), thigh_angle)
    ankle = knee + _tilt(
        np.array([figure.ANKLE_X * p["height_m"], 0.0, -_shin_length(p)]), thigh_angle + knee_angle
    )
    return [
        ShapePart(f"thigh_{side}", thigh, _about_y(hip, thigh_angle)),
        ShapePart(f"shin_{side}", shin, _about_y(knee, thigh_angle + knee_angle)),
        ShapePart(f"foot_{side}", foot, _about_y(ankle, _TOE_DOWN)),
    ]


def leg_angles(bike: Bicycle, p: Params, phase: float) -> tuple[float, float]:
    """(thigh, knee) angles in radians that put the foot on its pedal; the left crank points down at phase 0.

    Plane two-link geometry; positive angles swing a hanging limb backwards.
    """
    a, b = _thigh_length(p), _shin_length(p)
    pedal = bike.bottom + bike.crank * _tilt(np.array([0.0, 0.0, -1.0]), phase)
    hip = bike.saddle + np.array([0.03, 0.0, 0.055 * p["height_m"]])
    reach = pedal + np.array([-0.075, 0.0, 0.022 + figure.ANKLE_Z * p["height_m"]]) - hip
    d = float(np.clip(np.hypot(reach[0], reach[2]), abs(a - b) + 1e-6, 0.9995 * (a + b)))
    toward = np.arctan2(-reach[0], -reach[2])
    at_hip = np.arccos(np.clip((a * a + d * d - b * b) / (2 * a * d), -1, 1))
    at_knee = np.pi - np.arccos(np.clip((a * a + b * b - d * d) / (2 * a * b), -1, 1))
    return float(toward - at_hip), float(at_knee)


def _pedalling(bike: Bicycle, p: Params) -> tuple[Limb, ...]:
    """Cranks that spin, and the first harmonic of the legs' two-link motion about their rest pose."""
    phases = np.arange(72) * (2 * np.pi / 72)
    limbs = [Limb("cranks", 0.0, 0.0, spins=True)]
    for side, lead in (("left", 0.0), ("right", np.pi)):
        angles = np.array([leg_angles(bike, p, float(f) + lead) for f in phases])
        rest = angles[0]
        waves = angles - rest
        ankle = -waves.sum(axis=1)  # the soles keep their pitch
        above = {"thigh": "", "shin": f"thigh_{side}", "foot": f"shin_{side}"}
        for part, wave in zip(above, (waves[:, 0], waves[:, 1], ankle), strict=True):
            s, c = 2 * (wave * np.sin(phases)).mean(), 2 * (wave * np.cos(phases)).mean()
            limbs.append(
                Limb(
                    f"{part}_{side}",
                    round(float(np.hypot(s, c)), 5),
                    round(float(np.arctan2(c, s)), 5),
                    bias=round(float(wave.mean()), 5),
                    parent=above[part],
                )
            )
    return tuple(limbs)


def _shin_length(p: Params) -> float:
    return float((figure.KNEE_Z - figure.ANKLE_Z) * p["height_m"])


def _thigh_length(p: Params) -> float:
    return float((figure.HIP_Z - figure.KNEE_Z) * p["height_m"])


def _tilt(v: F64, angle: float) -> F64:
    """Rotated about +y."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([c * v[0] + s * v[2], v[1], -s * v[0] + c * v[2]])


def _about_y(at: F64, angle: float) -> Pose:
    return Pose.of(tuple(at), (float(np.cos(angle / 2)), 0.0, float(np.sin(angle / 2)), 0.0))


def _aim(from_v: F64, to_v: F64, at: F64) -> F64:
    """A rigid matrix at ``at`` that turns direction ``from_v`` onto ``to_v`` by the shortest way."""
    a, b = from_v / np.linalg.norm(from_v), to_v / np.linalg.norm(to_v)
    v, c = np.cross(a, b), float(a @ b)
    k = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    m = np.eye(4)
    m[:3, :3] = np.eye(3) + k + k @ k / (1 + c)
    m[:3, 3] = at
    return m


CYCLIST_FAMILY = ShapeFamily(
    "cyclist",
    "cyclist",
    "cyclist",
    draw,
    build,
    has_front=True,
    size_key="",
    colours=CLOTH_COLOURS,
    materials=("fabric",),
)
