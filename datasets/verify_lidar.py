"""Do the points of a sweep agree with its model, with the tracks, and with what the cameras see?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pairforge.datasets.verify_camera import outside_box_m
from pairforge.datasets.verify_view import CameraView, FrameView, Problem
from pairforge.frames import F64, I64, rotation
from pairforge.sample import LidarFrame
from pairforge.scenes.concrete import ConcreteSensor

RANGE_TOLERANCE_M = 2e-3
NOISE_SIGMAS = 7.0
ANGLE_TOLERANCE = 1e-4
"""Radians between a point and the beam of its ring and firing time."""
DEPTH_TOLERANCE_M = 0.02
DEPTH_SHARE, FRONT_SHARE = 0.8, 0.01


def sweep_clock(view: FrameView) -> Iterator[Problem]:
    """Points are in firing order, within the sweep that ends at the keyframe, each on a column's time stamp."""
    for x, sensor in _sweeps(view):
        period = round(1e9 / float(sensor.settings["rate_hz"]))
        member = view.member(x.sensor, "times_ns.npy")
        t = x.times_ns
        outside = (t <= x.time_ns - period) | (t > x.time_ns)
        if outside.any():
            yield Problem(
                member,
                f"{int(outside.sum())} points were fired outside the sweep that ends at {x.time_ns} ns",
            )
            continue
        if (np.diff(t) < 0).any():
            yield Problem(member, "time stamps do not ascend in firing order")
        columns = int(sensor.settings["columns"])
        due = x.time_ns - period + (np.arange(1, columns + 1, dtype=np.int64) * period) // columns
        if not np.isin(t, due).all():
            yield Problem(
                member, f"{int((~np.isin(t, due)).sum())} time stamps are not those of the {columns} columns"
            )


def beams(view: FrameView) -> Iterator[Problem]:
    """Each point lies on the beam of its ring at its firing time; its range is its length; intensities are shares."""
    for x, sensor in _sweeps(view):
        direction = _directions(x, sensor)
        length = np.linalg.norm(x.points.astype(np.float64), axis=1)
        off = np.linalg.norm(x.points / np.maximum(length, 1e-9)[:, None] - direction, axis=1)
        yield from _some(
            view, x, "points.npy", off > ANGLE_TOLERANCE, "do not lie on the beam of their ring and time"
        )
        wrong = np.abs(length - x.range_m) > RANGE_TOLERANCE_M
        yield from _some(view, x, "range_m.npy", wrong, "have a range that is not their distance")
        far = float(sensor.settings["max_range_m"]) + _noise(sensor)
        yield from _some(view, x, "range_m.npy", ~(x.range_m <= far), f"are farther than {far:g} m")
        dull = ~((x.intensity >= 0) & (x.intensity <= 1))
        yield from _some(view, x, "intensity.npy", dull, "have an intensity outside 0..1")
        high = x.ring >= int(sensor.settings["beams"])
        yield from _some(view, x, "ring.npy", high, "name a ring that does not exist")
        pair = x.times_ns.astype(np.int64) * 256 + x.ring
        if len(np.unique(pair)) != len(pair):
            yield Problem(view.member(x.sensor, "ring.npy"), "two points share a ring and a firing time")


def _directions(x: LidarFrame, sensor: ConcreteSensor) -> F64:
    """(N, 3) where the beam of each point's ring looked when it was fired; see docs/store.md for the model."""
    s = sensor.settings
    period = round(1e9 / float(s["rate_hz"]))
    column = np.round((x.times_ns - (x.time_ns - period)) * int(s["columns"]) / period)
    azimuth = np.pi - 2 * np.pi * column / int(s["columns"])
    low, high = s["elevation_deg"]
    elevation = np.radians(low + (high - low) * x.ring.astype(np.float64) / max(int(s["beams"]) - 1, 1))
    flat = np.cos(elevation)
    return np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)], axis=1)


def lidar_ids(view: FrameView) -> Iterator[Problem]:
    """Instance and class of every point are those of its part."""
    for x in view.lidars():
        instance, semantic = view.scene.instance_of_part[x.part], view.scene.semantic_of_part[x.part]
        yield from _some(
            view, x, "part.npy", (instance < 0) | (x.part == 0), "hit a part that does not exist"
        )
        yield from _some(
            view,
            x,
            "instance.npy",
            (instance >= 0) & (instance != x.instance),
            "name another instance than their part's",
        )
        yield from _some(
            view,
            x,
            "semantic.npy",
            (semantic >= 0) & (semantic != x.semantic),
            "name another class than their part's",
        )


def deskewed(view: FrameView) -> Iterator[Problem]:
    """The true hit lies on the measured ray, off by the range noise alone, once ego motion is undone."""
    for x, sensor in _sweeps(view):
        positions, turn = _sensor_over(view, sensor, x.times_ns)
        world = x.world_from_lidar.points(x.deskewed)
        fired = np.asarray(turn.inv().apply(world - positions))
        direction = _directions(x, sensor)
        along = np.einsum("nk,nk->n", fired, direction)
        across = np.linalg.norm(fired - along[:, None] * direction, axis=1)
        slack = RANGE_TOLERANCE_M + ANGLE_TOLERANCE * x.range_m
        yield from _some(view, x, "deskewed.npy", across > slack, "lie off the ray they were measured along")
        noise = np.abs(along - x.range_m)
        yield from _some(
            view,
            x,
            "deskewed.npy",
            noise > _noise(sensor),
            "differ from the measured range by more than noise",
        )


def _sensor_over(view: FrameView, sensor: ConcreteSensor, times_ns: I64) -> tuple[F64, Rotation]:
    """Positions (N, 3) and rotations of the sensor at each time, from the stored track and mount."""
    unique, where = np.unique(times_ns, return_inverse=True)
    poses = [view.scene.world_from_sensor(sensor, int(t)) for t in unique]
    positions = np.stack([p.position_m for p in poses])[where]
    return positions, rotation(np.stack([p.quaternion_wxyz for p in poses])[where])


def points_in_boxes(view: FrameView) -> Iterator[Problem]:
    """Every point of an instance lies inside its upright box, where its track had it when the ray was fired."""
    for x in view.lidars():
        world = x.world_from_lidar.points(x.deskewed)
        for i in np.unique(x.instance):
            if i not in view.scene.ids:
                continue
            own = x.instance == i
            outside = outside_box_m(view, int(i), x.times_ns[own], world[own])
            if (outside > 0).any():
                yield Problem(
                    view.member(x.sensor, "instance.npy"),
                    f"{int((outside > 0).sum())} points of instance {i} lie up to {float(outside.max()):.2f} m "
                    "outside its 3D box",
                )


def lidar_on_depth(view: FrameView) -> Iterator[Problem]:
    """Where camera and LiDAR see one part, the point lies on the depth map, whatever moved in between.

    Points are carried by their part's track from the time they were fired to the camera's. Compared are points
    whose pixel and its eight neighbours are all of the point's part. The pixel's depth and normal give the plane that
    the point's own ray meets; the tolerance is 2 cm plus the spread of the nine depths. At least
    80 % must agree (a part can hide another piece of itself from the camera), and no more than 1 % may lie in front
    of what the camera sees (something thinner than the pixels' spacing).
    """
    for x in view.lidars():
        for cam in view.cameras():
            z, own, floating = _compared(view, x, cam)
            if not len(z):
                continue
            view.measured.add("lidar_to_depth_m", np.abs(z[:, 0]))
            agree = float((np.abs(z[:, 0]) <= z[:, 1]).mean())
            before = int((z[:, 0] < -z[:, 1]).sum())
            if own >= 10 and (agree < DEPTH_SHARE or before > max(3, FRONT_SHARE * own)):
                yield Problem(
                    cam.member("depth.npy"),
                    f"{1 - agree:.1%} of {own} {x.sensor} points do not lie on the depth of {cam.camera.sensor}, "
                    f"{before} lie in front of it",
                )
            if floating > max(3, FRONT_SHARE * own):
                yield Problem(
                    view.member(x.sensor, "deskewed.npy"),
                    f"{floating} points float in front of what {cam.camera.sensor} sees",
                )


def _compared(view: FrameView, x: LidarFrame, cam: CameraView) -> tuple[F64, int, int]:
    """(M, 2) depth error and tolerance of comparable points, their number, and how many points float."""
    c = cam.camera
    h, w = c.depth.shape
    seen = c.world_from_camera.inverse.points(_carried(view, x, c.time_ns))
    ahead = seen[:, 2] > 0.1
    uv = np.zeros((len(seen), 2))
    uv[ahead] = c.intrinsics.project(seen[ahead])
    u, v = np.floor(uv[:, 0]).astype(np.int64), np.floor(uv[:, 1]).astype(np.int64)
    inside = ahead & (u >= 1) & (v >= 1) & (u < w - 1) & (v < h - 1)
    u, v, z, part = u[inside], v[inside], seen[inside, 2], x.part[inside]
    offsets = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)]
    around = np.stack([c.part[v + a, u + b] for a, b in offsets])
    depths = np.stack([c.depth[v + a, u + b] for a, b in offsets]).astype(np.float64)
    one = (around == around[:1]).all(axis=0) & np.isfinite(depths).all(axis=0)
    same = one & (around[0] == part)
    depths = np.where(np.isfinite(depths), depths, 0.0)
    tolerance = DEPTH_TOLERANCE_M + (depths.max(axis=0) - depths.min(axis=0))
    error = z - _plane_depth(cam, u, v, uv[inside])
    nearest = depths.min(axis=0)
    # A point nearer than all of an even neighbourhood should have been seen, unless it sits on something thin.
    floating = one & ~same & (z < 0.8 * nearest - 0.5) & _thick(view, x.instance[inside])
    return np.stack([error, tolerance], axis=1)[same], int(same.sum()), int(floating.sum())


def _plane_depth(cam: CameraView, u: I64, v: I64, uv: F64) -> F64:
    """(M,) z-depth at image positions ``uv`` (M, 2) of the planes that pixels (v, u) see; the pixel's own depth where
    the plane is seen edge on."""
    k = cam.camera.intrinsics
    n = cam.camera.normal[v, u].astype(np.float64)
    ray = np.stack([(uv[:, 0] - k.cx) / k.fx, (uv[:, 1] - k.cy) / k.fy, np.ones(len(uv))], axis=1)
    facing = np.einsum("nk,nk->n", ray, n)
    height = np.einsum("nk,nk->n", cam.points_camera[v, u], n)
    steep = np.abs(facing) > 0.02
    return np.where(steep, height / np.where(steep, facing, 1.0), cam.points_camera[v, u, 2])


def _thick(view: FrameView, instance: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Which points belong to an instance at least half a metre wide each way."""
    wide = np.zeros(1 << 16, dtype=bool)
    for r in view.record.instances:
        wide[r.instance_id] = min(r.size_m) >= 0.5
    return wide[instance].astype(bool)


def _carried(view: FrameView, x: LidarFrame, time_ns: int) -> F64:
    """(N, 3) the hits in the world as their parts' tracks have carried them to ``time_ns``."""
    world = x.world_from_lidar.points(x.deskewed)
    moved = world.copy()
    for i in np.unique(x.part):
        if int(i) in view.record.part_tracks:
            own = x.part == i
            local = view.scene.into("part", int(i), x.times_ns[own], world[own])
            moved[own] = view.record.world_from_part(int(i), time_ns).points(local)
    return moved


def _sweeps(view: FrameView) -> Iterator[tuple[LidarFrame, ConcreteSensor]]:
    for x in view.lidars():
        sensor = view.scene.sensor(x.sensor)
        if sensor is not None and len(x.points):
            yield x, sensor


def _noise(sensor: ConcreteSensor) -> float:
    return NOISE_SIGMAS * float(sensor.settings["range_noise_m"]) + RANGE_TOLERANCE_M


def _some(
    view: FrameView, x: LidarFrame, array: str, wrong: NDArray[np.bool_], what: str
) -> Iterator[Problem]:
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        yield Problem(
            view.member(x.sensor, array), f"{int(wrong.sum())} points {what}, the first number {first}"
        )


CHECKS = (sweep_clock, beams, lidar_ids, deskewed, points_in_boxes, lidar_on_depth)
