"""Do a camera's arrays agree with each other, with the tracks and with the calibration?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.document import document, parse
from pairforge.datasets.verify_view import CameraView, FrameView, Problem
from pairforge.frames import F64, Pose
from pairforge.sample import CameraFrame, LidarFrame
from pairforge.scenes.concrete import ConcreteSensor

POSE_TOLERANCE_M = 1e-6
FLOW_TOLERANCE_PX = 1e-2
BOX_MARGIN_M = 0.05
LIMB_MARGIN_M = 0.6
"""Swinging limbs reach out of the upright box, which is that of the rest pose."""
FLAT_TOLERANCE = 0.03
"""Sine of the angle between a flat surface and the step to the neighbouring pixel's point."""
FLAT_SHARE, FLAT_STEPS, TILE_PX = 0.35, 80, 32
LIMBED = ("pedestrian", "cyclist")


def metadata(view: FrameView) -> Iterator[Problem]:
    """The JSON member says what the tables say."""
    name = f"{view.frame.key}.json"
    member = f"{view.scene.shard}:{name}"
    data = view.scene.dataset.members(view.frame.scene_index, view.frame.frame_index).get(name)
    if data is None:
        yield Problem(member, f"{name} is missing from the shard")
    elif data != document(view.frame):
        said, truth = parse(data), parse(document(view.frame))
        keys = [k for k in sorted({*said, *truth}) if said.get(k) != truth.get(k)]
        yield Problem(member, f"{', '.join(keys) or 'its bytes'} differ from the tables")


def clock(view: FrameView) -> Iterator[Problem]:
    """Time stamps are those of the concrete scene."""
    times = view.scene.concrete.keyframe_times_ns
    k = view.frame.frame_index
    if k >= len(times) or view.frame.time_ns != times[k]:
        due = times[k] if k < len(times) else None
        yield Problem(view.scene.table("frames"), f"keyframe {k} is at {view.frame.time_ns} ns, due at {due}")
    sensors = view.scene.table("sensors")
    views: list[CameraFrame | LidarFrame] = [*view.frame.cameras.values(), *view.frame.lidars.values()]
    for sensed in views:
        if sensed.time_ns != view.frame.time_ns:
            yield Problem(
                sensors, f"{sensed.sensor} is at {sensed.time_ns} ns, its keyframe at {view.frame.time_ns}"
            )
    for camera in view.frame.cameras.values():
        sensor = view.scene.sensor(camera.sensor)
        if sensor and camera.flow_dt_ns != round(1e9 / float(sensor.settings["rate_hz"])):
            yield Problem(
                sensors, f"{camera.sensor}: flow_dt_ns {camera.flow_dt_ns} is not one camera period"
            )


def calibration(view: FrameView) -> Iterator[Problem]:
    """The sensors are the concrete scene's, with its intrinsics, where tracks and mounts put them."""
    sensors = view.scene.table("sensors")
    for kind, have in (("camera", set(view.frame.cameras)), ("lidar", set(view.frame.lidars))):
        due = {s.name for s in view.scene.concrete.sensors if s.kind == kind}
        if have != due:
            yield Problem(sensors, f"{kind}s are {sorted(have)}, the concrete scene has {sorted(due)}")
    for c in view.frame.cameras.values():
        sensor = view.scene.sensor(c.sensor)
        if sensor is None:
            continue
        for name in ("width_px", "height_px", "fx", "fy", "cx", "cy"):
            if getattr(c.intrinsics, name) != sensor.settings[name]:
                yield Problem(
                    sensors, f"{c.sensor}: {name} is {getattr(c.intrinsics, name)}, not as specified"
                )
        yield from _placed(view, sensor, c.world_from_camera, c.time_ns, "world_from_camera")
        later = c.time_ns + c.flow_dt_ns
        yield from _placed(view, sensor, c.world_from_camera_next, later, "world_from_camera_next")
    for x in view.frame.lidars.values():
        if (sensor := view.scene.sensor(x.sensor)) is not None:
            yield from _placed(view, sensor, x.world_from_lidar, x.time_ns, "world_from_lidar")


def _placed(
    view: FrameView, sensor: ConcreteSensor, pose: Pose, time_ns: int, what: str
) -> Iterator[Problem]:
    due = view.scene.world_from_sensor(sensor, time_ns)
    off = float(np.linalg.norm(pose.position_m - due.position_m))
    turn = float(np.abs(pose.rotation - due.rotation).max())
    if not (off <= POSE_TOLERANCE_M and turn <= POSE_TOLERANCE_M):
        yield Problem(
            view.scene.table("sensors"),
            f"{sensor.name}: {what} is {off:.2g} m and {turn:.2g} rad off what track and mount give",
        )


def ids(view: FrameView) -> Iterator[Problem]:
    """Instance and class of every pixel are those of its part; depth is there exactly where a part is."""
    for cam in view.cameras():
        c = cam.camera
        instance, semantic = view.scene.instance_of_part[c.part], view.scene.semantic_of_part[c.part]
        yield from _pixels(cam, "part.png", instance < 0, "hold a part that does not exist")
        known = instance >= 0
        yield from _pixels(
            cam, "instance.png", known & (instance != c.instance), "hold an instance other than their part's"
        )
        yield from _pixels(
            cam, "semantic.png", known & (semantic != c.semantic), "hold another class than their part's"
        )
        seen = np.isfinite(c.depth) & (c.depth > 0)
        yield from _pixels(
            cam, "depth.npy", (c.part > 0) != seen, "have a depth without a part, or a part without a depth"
        )
        yield from _pixels(
            cam, "depth.npy", np.isnan(c.depth) | (c.depth <= 0), "have a depth that is no distance"
        )


def _pixels(cam: CameraView, array: str, wrong: NDArray[np.bool_], what: str) -> Iterator[Problem]:
    if wrong.any():
        row, column = (int(x) for x in np.argwhere(wrong)[0])
        yield Problem(
            cam.member(array), f"{int(wrong.sum())} pixels {what}, the first at row {row}, column {column}"
        )


def surfaces_in_boxes(view: FrameView) -> Iterator[Problem]:
    """Every pixel of an instance is a point inside that instance's upright box, wherever its track has carried it."""
    for cam in view.cameras():
        c = cam.camera
        for i in np.unique(c.instance[cam.hit]):
            if i not in view.scene.ids:
                continue
            own = cam.hit & (c.instance == i)
            outside = outside_box_m(view, int(i), np.full(int(own.sum()), c.time_ns), cam.points_world[own])
            if (outside > 0).any():
                worst = float(outside.max())
                yield Problem(
                    cam.member("depth.npy"),
                    f"{int((outside > 0).sum())} pixels of instance {i} lie up to {worst:.2f} m outside its 3D box",
                )


def outside_box_m(view: FrameView, instance_id: int, times_ns: NDArray[np.int64], points: F64) -> F64:
    """How far world points (N, 3), each at its own time, lie outside an instance's box and its margin."""
    row = view.record.instance(instance_id)
    local = view.scene.into("instance", instance_id, times_ns, points) - np.array(row.centre_m)
    margin = np.full(3, LIMB_MARGIN_M if row.semantic in LIMBED else BOX_MARGIN_M)
    return np.asarray(np.maximum(np.abs(local) - np.array(row.size_m) / 2 - margin, 0.0).max(axis=1))


def normals(view: FrameView) -> Iterator[Problem]:
    """Normals are unit vectors that face the camera, and agree with the depth where a surface is flat."""
    for cam in view.cameras():
        n = cam.camera.normal.astype(np.float64)
        length = np.linalg.norm(n, axis=-1)
        member = "normal.npy"
        yield from _pixels(
            cam, member, cam.hit & ~(np.abs(length - 1) < 5e-3), "have a normal that is no unit vector"
        )
        yield from _pixels(
            cam, member, (cam.camera.part == 0) & (length != 0), "have a normal where nothing is"
        )
        away = np.einsum("hwk,hwk->hw", n, cam.camera.intrinsics.rays()) > 5e-3
        yield from _pixels(cam, member, cam.hit & away, "have a normal that faces away from the camera")
        yield from _flat(cam, n)


def _flat(cam: CameraView, n: F64) -> Iterator[Problem]:
    """Where neighbours of one part have one normal, the step between their points is at right angles to it.

    Told tile by tile: recessed windows and the like break some steps (under half of a tile's on the library
    scenes), wrong normals or depths nearly all of them.
    """
    for way, a, b in (("along", np.s_[:, :-1], np.s_[:, 1:]), ("across", np.s_[:-1], np.s_[1:])):
        part = cam.camera.part
        same = cam.hit[a] & (part[a] == part[b]) & (np.abs(n[a] - n[b]).max(axis=-1) < 2e-3)
        step = cam.points_camera[b] - cam.points_camera[a]
        length = np.maximum(np.linalg.norm(step, axis=-1), 1e-9)
        sine = np.abs(np.einsum("hwk,hwk->hw", step, n[a])) / length
        for place, count, good in _tiles(same, same & (sine < FLAT_TOLERANCE)):
            if count >= FLAT_STEPS and good < FLAT_SHARE * count:
                yield Problem(
                    cam.member("normal.npy"),
                    f"{place} only {good} of {count} steps {way} rows on flat surfaces agree with the normals",
                )


def _tiles(counted: NDArray[np.bool_], agreeing: NDArray[np.bool_]) -> Iterator[tuple[str, int, int]]:
    """Each tile's place and its numbers of True in both."""
    for row in range(0, counted.shape[0], TILE_PX):
        for column in range(0, counted.shape[1], TILE_PX):
            tile = np.s_[row : row + TILE_PX, column : column + TILE_PX]
            place = f"at rows {row} to {row + TILE_PX}, columns {column} to {column + TILE_PX}"
            yield place, int(counted[tile].sum()), int(agreeing[tile].sum())


def flow(view: FrameView) -> Iterator[Problem]:
    """Flow is what depth, tracks and both camera poses give."""
    for cam in view.cameras():
        c = cam.camera
        empty = np.isnan(c.flow).all(axis=-1)
        yield from _pixels(cam, "flow.npy", (c.part == 0) & ~empty, "have a flow where nothing is")
        due, ahead = _flow(view, cam)
        behind = cam.hit & (ahead < -1e-3) & ~empty
        yield from _pixels(cam, "flow.npy", behind, "have a flow though their point ends behind the camera")
        checked = cam.hit & (ahead > 0.1)
        off = np.abs(c.flow - due).max(axis=-1)
        limit = FLOW_TOLERANCE_PX + 1e-5 * np.abs(due).max(axis=-1)
        wrong = checked & ~(off <= limit)
        yield from _pixels(
            cam,
            "flow.npy",
            wrong,
            f"have a flow that depth and tracks do not give (over {FLOW_TOLERANCE_PX} px)",
        )
        view.measured.add("flow_error_px", off[checked & np.isfinite(off)])


def _flow(view: FrameView, cam: CameraView) -> tuple[F64, F64]:
    """(H, W, 2) flow by the tracks, and (H, W) the z-depth at which each point ends."""
    c, record = cam.camera, view.record
    due, ahead = np.full((*c.part.shape, 2), np.nan), np.full(c.part.shape, np.nan)
    start = c.intrinsics.rays()[..., :2] * [c.intrinsics.fx, c.intrinsics.fy] + [
        c.intrinsics.cx,
        c.intrinsics.cy,
    ]
    for i in np.unique(c.part[cam.hit]):
        own = cam.hit & (c.part == i)
        now = record.world_from_part(int(i), c.time_ns)
        later = record.world_from_part(int(i), c.time_ns + c.flow_dt_ns)
        step = c.world_from_camera_next.inverse @ later @ now.inverse @ c.world_from_camera
        moved = step.points(cam.points_camera[own])
        z = moved[:, 2:]
        safe = np.where(np.abs(z) > 1e-6, z, 1e-6)
        uv = moved[:, :2] / safe * [c.intrinsics.fx, c.intrinsics.fy] + [c.intrinsics.cx, c.intrinsics.cy]
        due[own] = uv - start[own]
        ahead[own] = moved[:, 2]
    return due, ahead


CHECKS = (metadata, clock, calibration, ids, surfaces_in_boxes, normals, flow)
