"""Do joints, forces and touches agree with the stored tracks, with masses and with the table of contacts?

Joint values are read off the tracks of the parts; forces follow from them by Newton's and Euler's laws.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_view import FrameView
from pairforge.frames import F64, I64, Pose, Track, rotation
from pairforge.sample import Reading
from pairforge.scenes.build import shape_of
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.link_mass import link_masses
from pairforge.scenes.world import Shape, ShapeLink

SIGMAS = 6.0
JOINT_TOLERANCE = 2e-3
"""rad or m: tracks turn evenly between knots, joints do not quite."""
RATE_TOLERANCE = 0.05
"""rad/s or m/s in the median: tracks give mean rates, joints the one of the moment."""
FORCE_TOLERANCE = 0.05
"""Share of the weight, in the median, by which physics' reaction may differ from mass times acceleration."""
TORQUE_ARM_M = 0.02
"""That of torques: the force tolerance's counterpart at this lever for the whole weight."""
WEIGHT_TOLERANCE = 0.02
STILL_M, STILL_MPS = 1e-3, 0.01
KNOT_NS = 10_000_000
JOIN_NS = 30_000_000
POINT_TOLERANCE_M = 0.02
G_MPS2 = 9.81


def joint_states(view: FrameView) -> Iterator[Problem]:
    """Every joint stands where the tracks of the two links it joins have it, and moves as fast as they do."""
    for r, s, member in _readings(view, "joint_states"):
        own, shape = view.scene.mount_id(s), _shape(view, s)
        moving = [link for link in shape.links if link.moves]
        if [link.joint for link in moving] != list(s.settings["joints"]):
            yield Problem(
                view.scene.table("scenes"), f"{s.name}: its joints are not those of its mount's shape"
            )
            continue
        times, position = r.arrays["times_ns"], r.arrays["position"]
        for k, link in enumerate(moving):
            at = _joint(view, own, shape, link, times)
            if at is None:
                continue
            step = float(s.settings["resolution_m" if link.kind == "prismatic" else "resolution_rad"])
            off = np.abs(position[:, k] - at)
            if link.kind != "prismatic":
                off = np.abs((off + np.pi) % (2 * np.pi) - np.pi)
            view.measured.add("joint_position_error", off)
            limit = JOINT_TOLERANCE + step / 2 + SIGMAS * float(s.settings["position_noise"])
            if len(off) and off.max() > limit:
                yield Problem(
                    member("position.npy"), f'joint "{link.joint}" is off its links by {off.max():.4f}'
                )
            rate = _rate(view, own, shape, link, times)
            if rate is not None and len(times):
                slow = float(np.median(np.abs(r.arrays["velocity"][:, k] - rate)))
                if slow > RATE_TOLERANCE + SIGMAS * float(s.settings["velocity_noise"]):
                    yield Problem(
                        member("velocity.npy"), f'joint "{link.joint}" moves otherwise than its links'
                    )


def force_torque(view: FrameView) -> Iterator[Problem]:
    """While nothing touches the robot, the force at the joint is the weight and the inertia of what hangs on it."""
    for r, s, member in _readings(view, "force_torque"):
        a = r.arrays
        for name, unit in (("force", "n"), ("torque", "nm")):
            most = float(s.settings[f"{name}_range_{unit}"])
            spread = SIGMAS * sum(float(s.settings[f"{name}_{x}_{unit}"]) for x in ("noise", "bias"))
            off = np.abs(a[f"{name}_{unit}"] - np.clip(a[f"true_{name}_{unit}"], -most, most))
            if (off > spread + 1e-9).any() or (np.abs(a[f"{name}_{unit}"]) > most + 1e-9).any():
                yield Problem(
                    member(f"{name}_{unit}.npy"), f"readings differ from the truth by {off.max():.3g} {unit}"
                )
        free = _untouched(view, view.scene.mount_id(s), a["times_ns"])
        if free.sum() < 5:
            continue
        force, torque, weight = _by_newton(view, s, a["times_ns"][free])
        errors = (
            ("force_n", np.linalg.norm(a["true_force_n"][free] - force, axis=1), FORCE_TOLERANCE * weight),
            ("torque_nm", np.linalg.norm(a["true_torque_nm"][free] - torque, axis=1), TORQUE_ARM_M * weight),
        )
        for name, error, limit in errors:
            view.measured.add(f"wrist_{name}_error_over_weight", error / weight)
            if np.median(error) > limit:
                yield Problem(
                    member(f"true_{name}.npy"),
                    f"in the median {np.median(error):.3f} off mass times acceleration of what hangs there",
                )


def touches(view: FrameView) -> Iterator[Problem]:
    """Every touch belongs to a contact of the table, is no stronger than its peak, and lies where both are."""
    for r, s, member in _readings(view, "contact"):
        own, a = view.scene.mount_id(s), r.arrays
        total = np.zeros((len(a["times_ns"]), 3))
        np.add.at(total, a["touch_sample"], a["touch_force_n"])
        if np.abs(total - a["force_n"]).max(initial=0.0) > 1e-6:
            yield Problem(member("force_n.npy"), "a sample's force is not the sum of its touches")
        if not set(np.unique(a["other_instance"]).tolist()) <= view.scene.ids - {own} | {0}:
            yield Problem(member("other_instance.npy"), "something that does not exist touches it")
            continue
        yield from _in_table(view, r, s, own, member)
        for number in sorted({own, *np.unique(a["other_instance"]).tolist()} - {0}):
            mine = np.ones(len(a["touch_sample"]), bool) if number == own else a["other_instance"] == number
            off = _outside_m(view, int(number), a["times_ns"][a["touch_sample"][mine]], a["point_m"][mine])
            if off.max(initial=0.0) > POINT_TOLERANCE_M:
                yield Problem(
                    member("point_m.npy"), f"touches lie {off.max():.3f} m outside instance {number}"
                )


def _in_table(view: FrameView, r: Reading, s: ConcreteSensor, own: int, member: Any) -> Iterator[Problem]:
    a, slack = r.arrays, 1.0 + SIGMAS * float(s.settings["force_noise"])
    times = a["times_ns"][a["touch_sample"]]
    # Physics keeps no table of what robots, walkers and wheels do to the ground.
    for other in np.unique(a["other_instance"][a["other_instance"] > 0]).tolist():
        rows = [c for c in view.record.contacts if {c.instance_a, c.instance_b} == {own, other}]
        mine = a["other_instance"] == other
        peak = max((c.peak_force_n for c in rows), default=0.0)
        t = times[mine]
        within = np.zeros(len(t), dtype=np.bool_)
        for c in rows:
            within |= (t >= c.t0_ns - KNOT_NS) & (t - KNOT_NS <= c.t1_ns + JOIN_NS)
        if not within.all():
            yield Problem(
                member("touch_sample.npy"), f"touches of instance {other} are in no contact of the table"
            )
        if (a["normal_force_n"][mine] > peak * slack + 1e-6).any():
            yield Problem(
                member("normal_force_n.npy"), f"touches of instance {other} are stronger than its peak"
            )


def weight_at_rest(view: FrameView) -> Iterator[Problem]:
    """What rests and feels all of its touches is held up by its own weight."""
    for r, s, member in _readings(view, "contact"):
        own, a = view.scene.mount_id(s), r.arrays
        track = view.record.instance_tracks.get(own)
        whole = not view.scene.mount_part(s) and len(a["times_ns"]) >= 10
        if track is None or not whole or _shape(view, s).links or not _still(track, a["times_ns"]):
            continue
        weight = view.record.instance(own).mass_kg * G_MPS2
        off = float(np.linalg.norm(a["force_n"].mean(axis=0) - [0.0, 0.0, weight])) / weight
        view.measured.add("weight_error_share", np.array([off]))
        spread = SIGMAS * float(s.settings["force_noise"]) / np.sqrt(len(a["times_ns"]))
        lost = float(s.settings["threshold_n"]) * 4 / weight
        if off > WEIGHT_TOLERANCE + spread + lost:
            yield Problem(
                member("force_n.npy"), f"at rest it is held by {1 - off:.2f} to {1 + off:.2f} of its weight"
            )


def _still(track: Track, times: I64) -> bool:
    positions, _ = track.sample(times)
    moved = np.linalg.norm(positions - positions[0], axis=1).max()
    speed = np.linalg.norm(np.diff(positions, axis=0), axis=1) / (np.diff(times) * 1e-9)
    return bool(moved < STILL_M and speed.max(initial=0.0) < STILL_MPS)


def _joint(view: FrameView, own: int, shape: Shape, link: ShapeLink, times: I64) -> F64 | None:
    """(N,) the value of a joint by the tracks of the part it moves and of the one before; None without both."""
    before, offset = _parent_part(shape, link)
    track, base = _track(view, own, link.part), _track(view, own, before)
    if track is None or base is None:
        return None
    (p, q), (p0, q0) = track.sample(times), base.sample(times)
    joint = offset @ link.parent_from_joint
    turn = rotation(q0) * rotation(joint.quaternion_wxyz)
    place = p0 + rotation(q0).apply(joint.position_m)
    if link.kind == "prismatic":
        return np.asarray(turn.inv().apply(p - place) @ np.asarray(link.axis), dtype=np.float64)
    relative: Rotation = turn.inv() * rotation(q)
    return np.asarray(relative.as_rotvec() @ np.asarray(link.axis), dtype=np.float64)


def _rate(view: FrameView, own: int, shape: Shape, link: ShapeLink, times: I64) -> F64 | None:
    ends = [_joint(view, own, shape, link, np.maximum(times + d, 0)) for d in (-KNOT_NS, KNOT_NS)]
    if ends[0] is None or ends[1] is None:
        return None
    change = ends[1] - ends[0]
    if link.kind != "prismatic":
        change = (change + np.pi) % (2 * np.pi) - np.pi
    return np.asarray(change / (2e-9 * KNOT_NS), dtype=np.float64)


def _parent_part(shape: Shape, link: ShapeLink) -> tuple[str, Pose]:
    """The nearest link before that shows a part, and what leads from it to the link's parent (only fixed joints)."""
    offset, parent = Pose.of(), shape.links[link.parent]
    while not parent.part and parent.parent >= 0 and not parent.moves:
        offset = parent.parent_from_joint @ offset
        parent = shape.links[parent.parent]
    return parent.part, offset


def _by_newton(view: FrameView, s: ConcreteSensor, times: I64) -> tuple[F64, F64, float]:
    """(N, 3) force and torque in the sensor's axes and about its origin of all that hangs on its joint, by the second
    differences of the tracks, and the weight of that."""
    shape, own = _shape(view, s), view.scene.mount_id(s)
    masses = link_masses(shape.links, view.record.instance(own).mass_kg, max(shape.size_m))
    position, turn = view.scene.world_from_sensor_over(s, times)
    force, torque, mass = np.zeros((len(times), 3)), np.zeros((len(times), 3)), 0.0
    for k in _behind(shape, (s.mount or "").partition(":")[2]):
        track = _track(view, own, shape.links[k].part)
        if track is None:
            continue
        centre = [_point(track, masses[k].centre_m, times + d) for d in (-KNOT_NS, 0, KNOT_NS)]
        pull = (centre[0] - 2 * centre[1] + centre[2]) / (KNOT_NS * 1e-9) ** 2 + [0.0, 0.0, G_MPS2]
        force -= masses[k].mass_kg * pull
        torque -= np.cross(centre[1] - position, masses[k].mass_kg * pull)
        mass += masses[k].mass_kg
    back = turn.inv()
    return np.asarray(back.apply(force)), np.asarray(back.apply(torque)), mass * G_MPS2


def _behind(shape: Shape, part: str) -> list[int]:
    """The link that shows a part, and all that hang on it."""
    found = [k for k, link in enumerate(shape.links) if link.part == part]
    for k, link in enumerate(shape.links):
        if link.parent in found:
            found.append(k)
    return found


def _point(track: Track, local: F64, times: I64) -> F64:
    """(N, 3) a point of a part in the world, at the knots nearest to times: second differences want no kinks."""
    last = len(track.times_ns) - 1
    knots = np.clip(np.rint((times - track.times_ns[0]) / KNOT_NS).astype(np.int64), 0, last)
    return np.asarray(track.positions_m[knots] + rotation(track.quaternions_wxyz[knots]).apply(local))


def _untouched(view: FrameView, own: int, times: I64) -> Any:
    """(N,) times at which nothing touches an instance, nor has just now, away from the clock's ends."""
    free = (times > 3 * KNOT_NS) & (times % KNOT_NS == 0)
    for c in view.record.contacts:
        if own in (c.instance_a, c.instance_b):
            free &= (times < c.t0_ns - 3 * KNOT_NS) | (times > c.t1_ns + JOIN_NS + 3 * KNOT_NS)
    return free


def _outside_m(view: FrameView, number: int, times: I64, points: F64) -> F64:
    row = view.record.instance(number)
    if not len(points):
        return np.zeros(0)
    local = view.scene.into("instance", number, times, points) - np.array(row.centre_m)
    return np.asarray(np.maximum(np.abs(local) - np.array(row.size_m) / 2, 0.0).max(axis=1))


def _track(view: FrameView, own: int, part: str) -> Track | None:
    name = f"{view.record.instance(own).name}.{part}"
    row = next((p for p in view.record.parts if p.name == name and p.instance_id == own), None)
    return None if row is None else view.record.part_tracks.get(row.part_id)


def _shape(view: FrameView, s: ConcreteSensor) -> Shape:
    name = (s.mount or "").partition(":")[0]
    return shape_of(next(item for item in view.scene.concrete.items if item.name == name))


def _readings(view: FrameView, kind: str) -> Iterator[tuple[Reading, ConcreteSensor, Any]]:
    """Each reading of a kind, its concrete sensor, and how its members are called."""
    for reading in view.frame.readings.values():
        sensor = view.scene.sensor(reading.sensor)
        if reading.kind == kind and sensor is not None:
            yield reading, sensor, lambda array, name=reading.sensor: view.member(name, array)


CHECKS = (joint_states, force_torque, touches, weight_at_rest)
