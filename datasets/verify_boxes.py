"""Do 2D boxes fit the masks, 3D boxes the tracks, and ego controls the ego's motion?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_view import CameraView, FrameView
from pairforge.frames import F64, Pose, Track
from pairforge.sample import Box2D, Box3D
from pairforge.scenes.taxonomy import BY_NAME

CENTRE_TOLERANCE_M = 1e-6
VELOCITY_TOLERANCE_MPS = 0.2
ACCELERATION_TOLERANCE_MPS2 = 5.0
EDGE_TOLERANCE_PX = 1.0
JOINT_TOLERANCE_M = 0.05
WINDOW_NS = 50_000_000


def boxes2d(view: FrameView) -> Iterator[Problem]:
    """Each seen instance of a boxed class has one box that bounds and counts its mask; its shares follow."""
    table = view.scene.table("boxes2d")
    for cam in view.cameras:
        sensor = view.scene.sensor(cam.camera.sensor)
        carrier = view.scene.mount_id(sensor) if sensor else 0
        seen = {int(i) for i in np.unique(cam.camera.instance)} & _boxed(view) - {carrier}
        have = [b.instance_id for b in cam.camera.boxes]
        if sorted(have) != sorted(seen):
            yield Problem(
                table, f"{cam.camera.sensor}: boxes of instances {sorted(have)}, masks of {sorted(seen)}"
            )
        for b in cam.camera.boxes:
            for message in (*_mask_box(cam, b), *_shares(cam, b), *_within_3d(view, cam, b)):
                yield Problem(table, f"{cam.camera.sensor}, instance {b.instance_id}: {message}")


def _mask_box(cam: CameraView, b: Box2D) -> Iterator[str]:
    rows, columns = np.nonzero(cam.camera.instance == b.instance_id)
    if len(rows) != b.visible_px:
        yield f"visible_px is {b.visible_px}, the mask has {len(rows)}"
    if len(rows):
        bounds = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        if tuple(float(x) for x in bounds) != b.visible_box:
            yield f"visible_box {b.visible_box} does not bound the mask {tuple(int(x) for x in bounds)}"


def _shares(cam: CameraView, b: Box2D) -> Iterator[str]:
    width, height = cam.camera.intrinsics.width_px, cam.camera.intrinsics.height_px
    x0, y0, x1, y1 = b.full_box
    inside = max(min(x1, width) - max(x0, 0.0), 0.0) * max(min(y1, height) - max(y0, 0.0), 0.0)
    area = (x1 - x0) * (y1 - y0)
    if b.solo_px < b.visible_px or b.solo_px > inside + 2 * (x1 - x0 + y1 - y0) + 4:
        yield f"solo_px {b.solo_px} is less than visible_px or more than its full box holds"
    elif abs(b.occlusion - (1 - b.visible_px / max(b.solo_px, 1))) > 1e-6:
        yield f"occlusion {b.occlusion:.4f} is not 1 - visible_px / solo_px"
    if not area > 0 or abs(b.truncation - (1 - inside / area)) > 1e-6:
        yield f"truncation {b.truncation:.4f} is not the share of the full box outside the image"
    v = b.visible_box
    reach = EDGE_TOLERANCE_PX
    if v[0] < x0 - reach or v[1] < y0 - reach or v[2] > x1 + reach or v[3] > y1 + reach:
        yield "full_box does not contain visible_box"


def _within_3d(view: FrameView, cam: CameraView, b: Box2D) -> Iterator[str]:
    """The full box lies within the projected 3D box, grown by the margin that its parts have."""
    row = view.record.instance(b.instance_id)
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
    corners = np.array(row.centre_m) + signs * (np.array(row.size_m) / 2 + 0.05)
    if not cam.straight:
        yield from _within_bent(cam, b, corners)
        return
    pose = view.record.world_from_body(b.instance_id, cam.camera.time_ns)
    seen = cam.camera.world_from_camera.inverse.points(pose.points(corners))
    if (seen[:, 2] < 0.2).any():
        return
    uv = cam.camera.intrinsics.project(seen)
    low, high = uv.min(axis=0) - EDGE_TOLERANCE_PX, uv.max(axis=0) + EDGE_TOLERANCE_PX
    if b.full_box[0] < low[0] or b.full_box[1] < low[1] or b.full_box[2] > high[0] or b.full_box[3] > high[1]:
        yield "full_box reaches out of the projected 3D box"


def _within_bent(cam: CameraView, b: Box2D, corners: F64) -> Iterator[str]:
    """``_within_3d`` for corners (8, 3) in the body's frame where straight edges are not seen straight: they are
    followed in steps. Nothing is said of boxes that reach out of the model, or around its seam or poles."""
    ends = np.array([(i, j) for i in range(8) for j in range(i) if _apart(corners[i], corners[j]) == 1])
    steps = np.linspace(0.0, 1.0, 65)[:, None, None]
    edges = corners[ends[:, 0]] + steps * (corners[ends[:, 1]] - corners[ends[:, 0]])
    uv, seen = _imaged(cam, b.instance_id, edges.reshape(-1, 3))
    k = cam.camera.intrinsics
    if not (np.isfinite(uv).all() and (k.depth_of(seen) > 0.2).all()):
        return
    along = uv.reshape(*edges.shape[:2], 2)
    if not k.z_depth and (np.abs(np.diff(along[..., 0], axis=0)).max() > k.width_px / 8 or _holds_axis(seen)):
        return
    low, high = uv.min(axis=0) - EDGE_TOLERANCE_PX, uv.max(axis=0) + EDGE_TOLERANCE_PX
    if b.full_box[0] < low[0] or b.full_box[1] < low[1] or b.full_box[2] > high[0] or b.full_box[3] > high[1]:
        yield "full_box reaches out of the projected 3D box"


def _apart(a: F64, b: F64) -> int:
    """Along how many axes two corners differ."""
    return int((np.abs(a - b) > 1e-9).sum())


def _holds_axis(points: F64) -> bool:
    """Whether a box with these points on its edges may reach over or under the camera, or around behind it."""
    low, high = points.min(axis=0), points.max(axis=0)
    return bool(
        low[0] <= 0 <= high[0] and (low[2] <= 0 <= high[2] or (low[1] <= 0 <= high[1] and high[2] < 0))
    )


def _imaged(cam: CameraView, instance_id: int, local: F64) -> tuple[F64, F64]:
    """Pixels (N, 2) of points (N, 3) in a body's frame, and they themselves in the camera's."""
    if cam.rows is not None:
        return cam.rows.image("instance", instance_id, local)
    pose = cam.view.record.world_from_body(instance_id, cam.camera.time_ns)
    seen = cam.camera.world_from_camera.inverse.points(pose.points(local))
    return cam.camera.intrinsics.project(seen), seen


def boxes3d(view: FrameView) -> Iterator[Problem]:
    """Each instance of a boxed class but the ego has one 3D box, at its track's pose, with its size and counts."""
    table = view.scene.table("boxes3d")
    due = _boxed(view) - {view.scene.ego_id}
    have = [b.instance_id for b in view.frame.boxes]
    if sorted(have) != sorted(due):
        yield Problem(table, f"3D boxes of instances {sorted(have)}, expected {sorted(due)}")
    for b in view.frame.boxes:
        if b.instance_id in view.scene.ids:
            yield from (
                Problem(table, f"instance {b.instance_id}: {m}") for m in (*_pose(view, b), *_counts(view, b))
            )


def _pose(view: FrameView, b: Box3D) -> Iterator[str]:
    row = view.record.instance(b.instance_id)
    pose = view.record.world_from_body(b.instance_id, view.frame.time_ns)
    if row.name in {item.name for item in view.scene.concrete.items if item.motion == "jointed"}:
        yield from _jointed_pose(view, b)
        return
    off = float(np.linalg.norm(pose.points(row.centre_m) - np.array(b.centre_m)))
    if not off <= CENTRE_TOLERANCE_M:
        yield f"its centre is {off:.3g} m off its track"
    if b.size_m != row.size_m:
        yield f"its size {b.size_m} is not the instance's {row.size_m}"
    yield from _turned(b, pose)


def _jointed_pose(view: FrameView, b: Box3D) -> Iterator[str]:
    """A thing whose joints move fills some of the box that holds all its poses."""
    row = view.record.instance(b.instance_id)
    pose = view.record.world_from_body(b.instance_id, view.frame.time_ns)
    off = np.abs(pose.inverse.points(b.centre_m) - np.array(row.centre_m))
    if (off + np.array(b.size_m) / 2 > np.array(row.size_m) / 2 + JOINT_TOLERANCE_M).any():
        yield f"its box of {b.size_m} reaches out of what holds all its poses, {row.size_m}"
    if not min(b.size_m) > 0.0:
        yield f"its size {b.size_m} is no size"
    yield from _turned(b, pose)


def _turned(b: Box3D, pose: Pose) -> Iterator[str]:
    if not abs(abs(float(np.dot(b.quaternion_wxyz, pose.quaternion_wxyz))) - 1) <= 1e-9:
        yield "its rotation is not its track's"


def _counts(view: FrameView, b: Box3D) -> Iterator[str]:
    there = ((x, np.isin(x.kind, (0, 4))) for x in view.frame.lidars.values())  # neither ghosts nor air
    points = sum(int((touches & (x.instance == b.instance_id)).sum()) for x, touches in there)
    pixels = max((int((c.instance == b.instance_id).sum()) for c in view.frame.cameras.values()), default=0)
    if b.lidar_points != points:
        yield f"lidar_points is {b.lidar_points}, the sweeps have {points}"
    if b.visible_px != pixels:
        yield f"visible_px is {b.visible_px}, the masks have {pixels}"


def motion(view: FrameView) -> Iterator[Problem]:
    """Velocities and accelerations are the track's derivatives.

    A velocity must lie within the slopes of the segments around the time stamp (an impact makes them differ), give
    or take 0.2 m/s; an acceleration within the differences of slopes 50 ms before and after, give or take 5 m/s^2.
    """
    table = view.scene.table("boxes3d")
    for b in view.frame.boxes:
        track = view.record.instance_tracks.get(b.instance_id)
        v, a = np.array(b.velocity_mps), np.array(b.acceleration_mps2)
        if track is None:
            if v.any() or a.any():
                yield Problem(
                    table, f"instance {b.instance_id} never moves, but has a velocity or an acceleration"
                )
            continue
        t = view.frame.time_ns
        low, high = _slopes(track, t, 0)
        slack = VELOCITY_TOLERANCE_MPS + 0.02 * float(np.linalg.norm(v))
        if not ((v >= low - slack) & (v <= high + slack)).all():
            yield Problem(
                table,
                f"instance {b.instance_id}: velocity {_said(v)} m/s is not its track's {_said(low)}..{_said(high)}",
            )
        (l0, h0), (l1, h1) = _slopes(track, t, -WINDOW_NS), _slopes(track, t, WINDOW_NS)
        span = 2e-9 * WINDOW_NS
        least, most = (
            (l1 - h0) / span - ACCELERATION_TOLERANCE_MPS2,
            (h1 - l0) / span + ACCELERATION_TOLERANCE_MPS2,
        )
        if not ((a >= least) & (a <= most)).all():
            yield Problem(
                table, f"instance {b.instance_id}: acceleration {_said(a)} m/s^2 is not its track's"
            )


def _slopes(track: Track, time_ns: int, shift_ns: int) -> tuple[F64, F64]:
    """(3,) least and greatest velocity of the segments about ``time_ns + shift_ns``, two either way."""
    k = int(np.searchsorted(track.times_ns, time_ns + shift_ns))
    lo, hi = max(k - 3, 0), min(k + 3, len(track.times_ns))
    if hi - lo < 2:
        lo, hi = max(len(track.times_ns) - 2, 0), len(track.times_ns)
    seconds = np.diff(track.times_ns[lo:hi])[:, None] * 1e-9
    slopes = np.diff(track.positions_m[lo:hi], axis=0) / seconds
    return slopes.min(axis=0), slopes.max(axis=0)


def controls(view: FrameView) -> Iterator[Problem]:
    """Ego controls are within their limits, and the speed is the ego's own."""
    c, table = view.frame.controls, view.scene.table("frames")
    if c is None:
        return
    if not (0 <= c.throttle <= 1 and 0 <= c.brake <= 1 and abs(c.steering) <= 1.2):
        yield Problem(
            table, f"controls out of range: throttle {c.throttle}, brake {c.brake}, steering {c.steering}"
        )
    track = view.record.instance_tracks.get(view.scene.ego_id)
    if track is None:
        yield Problem(table, "there are controls but no ego that moves")
        return
    low, high = _slopes(track, view.frame.time_ns, 0)
    forward = view.record.world_from_body(view.scene.ego_id, view.frame.time_ns).rotation[:, 0]
    ends = np.stack([low * forward, high * forward])
    slack = VELOCITY_TOLERANCE_MPS + 0.02 * abs(c.speed_mps)
    if not ends.min(axis=0).sum() - slack <= c.speed_mps <= ends.max(axis=0).sum() + slack:
        yield Problem(table, f"ego speed {c.speed_mps:.2f} m/s is not its track's")


def _boxed(view: FrameView) -> set[int]:
    return {
        r.instance_id for r in view.record.instances if r.semantic in BY_NAME and BY_NAME[r.semantic].boxed
    }


def _said(v: F64) -> str:
    return "(" + ", ".join(f"{x:.2f}" for x in v) + ")"


CHECKS = (boxes2d, boxes3d, motion, controls)
