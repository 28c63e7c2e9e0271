"""Do a camera's arrays agree with each other, with the tracks and with the calibration?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.document import document, parse
from pairforge.datasets.finding import Problem
from pairforge.datasets.vectors import largest
from pairforge.datasets.verify_rows import grouped
from pairforge.datasets.verify_view import CameraView, FrameView
from pairforge.frames import F64, Pose
from pairforge.sample import CameraFrame, LidarFrame, Reading
from pairforge.scenes.concrete import ConcreteSensor, frame_times_ns, intrinsics_of

POSE_TOLERANCE_M = 1e-6
FLOW_TOLERANCE_PX = 1e-2
BOX_MARGIN_M = 0.05


def metadata(view: FrameView) -> Iterator[Problem]:
    """The JSON member says what the tables say."""
    name = f"{view.frame.key}.json"
    member = f"{view.scene.shard}:{name}"
    data = view.stored.get(name)
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
    views: list[CameraFrame | LidarFrame | Reading] = [*view.frame.cameras.values()]
    views += [*view.frame.lidars.values(), *view.frame.readings.values()]
    for sensed in views:
        sensor, held = view.scene.sensor(sensed.sensor), view.frame.sweeps.get(sensed.sensor, ())
        if sensor is None or k >= len(times):
            continue
        due_ns = frame_times_ns(view.scene.concrete, sensor, k)
        at_ns = tuple(s.time_ns for s in (*held, sensed))
        if at_ns != due_ns:
            yield Problem(sensors, f"{sensed.sensor} has frames at {at_ns} ns, due at {due_ns}")
    for camera in view.frame.cameras.values():
        sensor = view.scene.sensor(camera.sensor)
        if sensor and camera.flow_dt_ns != round(1e9 / float(sensor.settings["rate_hz"])):
            yield Problem(
                sensors, f"{camera.sensor}: flow_dt_ns {camera.flow_dt_ns} is not one camera period"
            )


def calibration(view: FrameView) -> Iterator[Problem]:
    """The sensors are the concrete scene's, with its intrinsics, where tracks and mounts put them."""
    sensors = view.scene.table("sensors")
    made = {"camera": set(view.frame.cameras), "lidar": set(view.frame.lidars)}
    for kind in sorted({s.kind for s in view.scene.concrete.sensors} - set(made)):
        made[kind] = set()
    for r in view.frame.readings.values():
        made.setdefault(r.kind, set()).add(r.sensor)
    for kind, have in made.items():
        due = {s.name for s in view.scene.concrete.sensors if s.kind == kind}
        if (have != due) if view.sweep == 0 else not (have <= due):
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
        if c.intrinsics != intrinsics_of(sensor):
            yield Problem(sensors, f"{c.sensor}: its camera model is not as specified")
        yield from _placed(view, sensor, c.world_from_camera, c.time_ns, "world_from_camera")
        later = c.time_ns + c.flow_dt_ns
        yield from _placed(view, sensor, c.world_from_camera_next, later, "world_from_camera_next")
    for x in view.frame.lidars.values():
        if (sensor := view.scene.sensor(x.sensor)) is not None:
            yield from _placed(view, sensor, x.world_from_lidar, x.time_ns, "world_from_lidar")
    for r in view.frame.readings.values():
        if (sensor := view.scene.sensor(r.sensor)) is not None:
            yield from _placed(view, sensor, r.world_from_sensor, r.time_ns, "world_from_sensor")


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
    for cam in view.cameras:
        c = cam.camera
        instance, semantic = view.scene.instance_of_part[c.part], view.scene.semantic_of_part[c.part]
        yield from pixels(cam, "part.png", instance < 0, "hold a part that does not exist")
        known = instance >= 0
        yield from pixels(
            cam, "instance.png", known & (instance != c.instance), "hold an instance other than their part's"
        )
        yield from pixels(
            cam, "semantic.png", known & (semantic != c.semantic), "hold another class than their part's"
        )
        seen = np.isfinite(c.depth) & (c.depth > 0)
        yield from pixels(
            cam, "depth.npy", (c.part > 0) != seen, "have a depth without a part, or a part without a depth"
        )
        blind = ~np.isfinite(cam.rays[..., 0]) & (c.part > 0)
        yield from pixels(cam, "part.png", blind, "hold a part though the camera's model sees nothing there")
        yield from pixels(
            cam, "depth.npy", np.isnan(c.depth) | (c.depth <= 0), "have a depth that is no distance"
        )


def pixels(cam: CameraView, array: str, wrong: NDArray[np.bool_], what: str) -> Iterator[Problem]:
    """One problem that counts the pixels (H, W) that are wrong and names the first."""
    if wrong.any():
        row, column = (int(x) for x in np.argwhere(wrong)[0])
        yield Problem(
            cam.member(array), f"{int(wrong.sum())} pixels {what}, the first at row {row}, column {column}"
        )


def surfaces_in_boxes(view: FrameView) -> Iterator[Problem]:
    """Every pixel of an instance is a point inside that instance's upright box, wherever its track has carried it."""
    for cam in view.cameras:
        c = cam.camera
        owned = cam.hit & np.isin(c.instance, sorted(view.scene.ids))
        ids, which = np.unique(c.instance[owned], return_inverse=True)
        if not len(ids):
            continue
        poses = [view.record.world_from_body(int(i), c.time_ns).inverse @ c.world_from_camera for i in ids]
        reach = np.stack([box_reach_m(view, int(i)) for i in ids])
        centres = np.stack([view.record.instance(int(i)).centre_m for i in ids])
        local = moved(poses, which, cam.carried_points[owned]) - centres[which]
        outside = np.max([np.abs(local[:, k]) - reach[which, k] for k in range(3)], axis=0)
        for k in np.unique(which[outside > 0]):
            own = outside[which == k]
            yield Problem(
                cam.member("depth.npy"),
                f"{int((own > 0).sum())} pixels of instance {ids[k]} lie up to {own.max():.2f} m outside its 3D box",
            )


def moved(poses: Sequence[Pose], which: NDArray[np.int64], points: F64) -> F64:
    """(N, 3): each point under its own pose, ``poses[which]``."""
    turns, shifts = np.stack([p.rotation for p in poses]), np.stack([p.position_m for p in poses])
    return np.asarray(np.einsum("nij,nj->ni", turns[which], points) + shifts[which])


def box_reach_m(view: FrameView, instance_id: int) -> F64:
    """(3,) half the size of an instance's box, and its margin."""
    row = view.record.instance(instance_id)
    return np.array(row.size_m) / 2 + BOX_MARGIN_M


def outside_box_m(view: FrameView, instance_id: int, times_ns: NDArray[np.int64], points: F64) -> F64:
    """How far world points (N, 3), each at its own time, lie outside an instance's box and its margin."""
    centre = np.array(view.record.instance(instance_id).centre_m)
    local = view.scene.into("instance", instance_id, times_ns, points) - centre
    return np.asarray(np.maximum(np.abs(local) - box_reach_m(view, instance_id), 0.0).max(axis=1))


def flow(view: FrameView) -> Iterator[Problem]:
    """Flow is what depth, tracks and both camera poses give."""
    for cam in view.cameras:
        c = cam.camera
        empty = np.isnan(c.flow).all(axis=-1)
        yield from pixels(cam, "flow.npy", (c.part == 0) & ~empty, "have a flow where nothing is")
        due, ahead = _flow(view, cam)
        behind = cam.hit & (ahead < -1e-3) & ~empty
        yield from pixels(
            cam, "flow.npy", behind, "have a flow though their point ends where no pixel sees it"
        )
        checked = cam.hit & (ahead > 0.1) & np.isfinite(due[..., 0])
        off = largest(c.flow - due)
        limit = FLOW_TOLERANCE_PX + 1e-5 * largest(due)
        wrong = checked & ~(off <= limit)
        yield from pixels(
            cam,
            "flow.npy",
            wrong,
            f"have a flow that depth and tracks do not give (over {FLOW_TOLERANCE_PX} px)",
        )
        view.measured.add("flow_error_px", off[checked & np.isfinite(off)])


def _flow(view: FrameView, cam: CameraView) -> tuple[F64, F64]:
    """(H, W, 2) flow by the tracks, and (H, W) the depth at which each point ends, -1 where no pixel sees it."""
    c, k = cam.camera, cam.camera.intrinsics
    if not cam.straight:
        return _bent_flow(view, cam)
    due, ahead = np.full((*c.part.shape, 2), np.nan), np.full(c.part.shape, np.nan)
    ids, which = np.unique(c.part[cam.hit], return_inverse=True)
    if not len(ids):
        return due, ahead
    later = c.time_ns + c.flow_dt_ns
    camera_from_world = c.world_from_camera_next.inverse
    still = camera_from_world @ c.world_from_camera  # of what does not move, which is most there is
    steps = [
        camera_from_world
        @ view.world_from_part(int(i), later)
        @ view.world_from_part(int(i), c.time_ns).inverse
        @ c.world_from_camera
        if int(i) in view.record.part_tracks
        else still
        for i in ids
    ]
    end = moved(steps, which, cam.carried_points[cam.hit])
    z = np.where(np.abs(end[:, 2:]) > 1e-6, end[:, 2:], 1e-6)
    due[cam.hit] = (end[:, :2] / z - cam.rays[cam.hit, :2]) * [k.fx, k.fy]
    ahead[cam.hit] = end[:, 2]
    return due, ahead


def _bent_flow(view: FrameView, cam: CameraView) -> tuple[F64, F64]:
    """``_flow`` of any camera model and shutter, each part's points in its own frame."""
    c, k, later = cam.camera, cam.camera.intrinsics, cam.camera.time_ns + cam.camera.flow_dt_ns
    due, ahead = np.full((*c.part.shape, 2), np.nan), np.full(c.part.shape, np.nan)
    places = np.flatnonzero(cam.hit)
    for part_id, own in grouped(c.part.ravel()[places]):
        rows, columns = np.divmod(places[own], c.part.shape[1])
        now = c.world_from_camera.inverse @ view.world_from_part(part_id, c.time_ns)
        local = now.inverse.points(cam.carried_points[rows, columns])
        if cam.rows_next is None:
            end = (c.world_from_camera_next.inverse @ view.world_from_part(part_id, later)).points(local)
            uv = k.project(end)
        else:
            uv, end = cam.rows_next.image("part", part_id, local)
        due[rows, columns] = k.shift(np.stack([columns, rows], axis=1) + 0.5, uv)
        ahead[rows, columns] = np.where(np.isfinite(uv[:, 0]), k.depth_of(end), -1.0)
    return due, ahead


SWEEP_CHECKS = (calibration, ids, surfaces_in_boxes, flow)
CHECKS = (metadata, clock, calibration, ids, surfaces_in_boxes, flow)
