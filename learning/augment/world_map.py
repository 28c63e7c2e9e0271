"""The whole world mirrored, turned about the vertical and scaled: every sensor, track, lane and box by one map.

A mirrored world is a right one again: where the map turns handedness over, each body is mirrored in its own y axis
(each camera in its own x), so that every pose stays a rotation. World: ``p' = scale Rz(yaw) M p``, M = diag(1, -1, 1)
where ``mirror``. A rotation R of a body becomes Rz(yaw) M R M, which negates the x and z of its quaternion; of a
camera Rz(yaw) M R diag(-1, 1, 1), the same and half a turn about its own z.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pairforge.captioners.happenings import happenings_of
from pairforge.frames import F64, Pose, Track
from pairforge.learning.augment import readings
from pairforge.learning.augment.clip import Clip, Json, with_sensors
from pairforge.learning.augment.labels import MASKS, PIXEL_LABELS, carried, only_labels_held
from pairforge.sample import Box2D, Box3D, CameraFrame, Controls, Keyframe, LidarFrame, SceneRecord

MIRROR: F64 = np.array([1.0, -1.0, 1.0])
_SIDES = re.compile(r"(?<![a-z])(left|right)(?![a-z])", re.IGNORECASE)
_SWAPPED = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class WorldMap:
    """``mirror`` over the plane y = 0 of the world, then a turn by ``yaw`` radians about its z, then ``scale``."""

    mirror: bool = False
    yaw: float = 0.0
    scale: float = 1.0

    def vectors(self, xyz: ArrayLike) -> F64:
        """World vectors (..., 3), not scaled."""
        v = np.asarray(xyz, dtype=np.float64) * (MIRROR if self.mirror else 1.0)
        if self.yaw == 0.0:
            return v
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return np.stack([c * v[..., 0] - s * v[..., 1], s * v[..., 0] + c * v[..., 1], v[..., 2]], axis=-1)

    def points(self, xyz: ArrayLike) -> F64:
        """World points (..., 3)."""
        return self.vectors(xyz) * self.scale

    def local(self, xyz: ArrayLike) -> F64:
        """Points (..., 3) in a body's own frame, or in that of a sensor with x forward."""
        return np.asarray(xyz, dtype=np.float64) * ((MIRROR if self.mirror else 1.0) * self.scale)

    def turns(self, wxyz: ArrayLike, camera: bool = False, world: bool = True) -> F64:
        """Quaternions (..., 4) of frames in the world, or (``world`` False) in a body's frame."""
        q = np.array(wxyz, dtype=np.float64)
        if self.mirror:
            q = q * [1.0, -1.0, 1.0, -1.0]
            if camera:
                w, x, y, z = np.moveaxis(q, -1, 0)
                q = np.stack([-z, y, -x, w], axis=-1)
        if world and self.yaw != 0.0:
            c, s = math.cos(self.yaw / 2), math.sin(self.yaw / 2)
            w, x, y, z = np.moveaxis(q, -1, 0)
            q = np.stack([c * w - s * z, c * x - s * y, c * y + s * x, c * z + s * w], axis=-1)
        return q

    def pose(self, pose: Pose, camera: bool = False) -> Pose:
        """``world_from_body``, or ``world_from_camera``."""
        return Pose(self.points(pose.position_m), self.turns(pose.quaternion_wxyz, camera))

    def track(self, track: Track) -> Track:
        return Track(track.times_ns, self.points(track.positions_m), self.turns(track.quaternions_wxyz))

    def name(self, name: str) -> str:
        """A sensor's name, left and right exchanged where sides are: CAM_FRONT_LEFT becomes CAM_FRONT_RIGHT."""
        return _SIDES.sub(_swap, name) if self.mirror else name

    def side(self, word: Any) -> Any:
        return _SWAPPED.get(word, word) if self.mirror else word


def _swap(found: re.Match[str]) -> str:
    old = found[0]
    new = _SWAPPED[old.lower()]
    if old.isupper():
        return new.upper()
    return new.capitalize() if old[0].isupper() else new


def mapped(clip: Clip, how: WorldMap, done: Json) -> Clip:
    """A clip in a world that is mapped, all its sensors together.

    Left out, and named in ``SceneRecord.extra["left_out"]``: readings of sensors that the map cannot carry, and
    camera labels that it cannot.
    """
    frames = [_keyframe(f, how) for f in clip.frames]
    gone = sorted({r.sensor for f in clip.frames for r in f.readings.values() if not readings.held(r, how)})
    cameras = frames[0].cameras if frames else {}
    record = only_labels_held(_record(clip.record, how, gone), cameras)
    if gone:
        record = replace(record, extra={**record.extra, "left_out": gone})
    return clip.after(done, record, frames)


def _keyframe(frame: Keyframe, how: WorldMap) -> Keyframe:
    swept = {
        how.name(n): tuple(_sensed(s, how) for s in sweep)
        for n, sweep in frame.sweeps.items()
        if all(readings.held(s, how) for s in sweep)
    }
    held = (r for r in frame.readings.values() if readings.held(r, how))
    return replace(
        frame,
        cameras={how.name(n): _camera(c, how) for n, c in frame.cameras.items()},
        lidars={how.name(n): _lidar(x, how) for n, x in frame.lidars.items()},
        readings={how.name(r.sensor): readings.mapped(r, how) for r in held},
        sweeps=swept,
        boxes=tuple(_box(b, how) for b in frame.boxes),
        controls=None if frame.controls is None else _controls(frame.controls, how),
    )


def _sensed(frame: Any, how: WorldMap) -> Any:
    if isinstance(frame, CameraFrame):
        return _camera(frame, how)
    return _lidar(frame, how) if isinstance(frame, LidarFrame) else readings.mapped(frame, how)


def _camera(c: CameraFrame, how: WorldMap) -> CameraFrame:
    moved = replace(
        c,
        sensor=how.name(c.sensor),
        world_from_camera=how.pose(c.world_from_camera, camera=True),
        world_from_camera_next=how.pose(c.world_from_camera_next, camera=True),
        depth=c.depth * np.float32(how.scale),
        extra={n: _scaled(n, a, how.scale) for n, a in c.extra.items() if how.scale == 1.0 or n in _METRIC},
    )
    return _mirrored(moved) if how.mirror else moved


_METRIC = frozenset((*PIXEL_LABELS, *MASKS))
"""Labels that a scaled world keeps."""


def _scaled(name: str, array: NDArray[Any], scale: float) -> NDArray[Any]:
    return array * np.float32(scale) if scale != 1.0 and name in ("range", "scene_flow") else array


def _mirrored(c: CameraFrame) -> CameraFrame:
    """Its picture turned over, left to right, with all labels."""
    k = c.intrinsics
    extra = carried(c, _over, tuple(n for n in c.extra if n != "nocs"), _over)
    for name in ("backward_flow", "scene_flow"):
        if name in extra:
            extra[name] = _negated(extra[name])
    return replace(
        c,
        intrinsics=replace(k, cx=k.width_px - k.cx, distortion=mirrored_distortion(k.model, k.distortion)),
        rgb=_over(c.rgb),
        depth=_over(c.depth),
        normal=_negated(_over(c.normal)),
        part=_over(c.part),
        instance=_over(c.instance),
        semantic=_over(c.semantic),
        flow=_negated(_over(c.flow)),
        boxes=tuple(_over_box(b, k.width_px) for b in c.boxes),
        extra=extra,
    )


def mirrored_distortion(model: str, distortion: tuple[float, ...]) -> tuple[float, ...]:
    """The second tangential term of Brown's model pulls along x, so it turns over; all others are even in x."""
    if model == "brown_conrady" and len(distortion) >= 4:
        return (*distortion[:3], -distortion[3], *distortion[4:])
    return distortion


def _over(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array[:, ::-1])


def _negated(array: NDArray[Any]) -> NDArray[Any]:
    """With the first component of the last axis negated."""
    out = array.copy()
    out[..., 0] = -out[..., 0]
    return out


def _over_box(b: Box2D, width: int) -> Box2D:
    (a0, b0, a1, b1), (c0, d0, c1, d1) = b.visible_box, b.full_box
    return replace(b, visible_box=(width - a1, b0, width - a0, b1), full_box=(width - c1, d0, width - c0, d1))


def _lidar(x: LidarFrame, how: WorldMap) -> LidarFrame:
    def points(array: NDArray[Any]) -> NDArray[np.float32]:
        return how.local(array).astype(np.float32)

    metric, s = ("via_m", "velocity_mps", "velocity_true_mps"), np.float32(how.scale)
    extra = {n: a * s if n in metric else points(a) if n == "source" else a for n, a in x.extra.items()}
    return replace(
        x,
        sensor=how.name(x.sensor),
        world_from_lidar=how.pose(x.world_from_lidar),
        points=points(x.points),
        deskewed=points(x.deskewed),
        range_m=x.range_m * s,
        extra=extra,
    )


def _box(b: Box3D, how: WorldMap) -> Box3D:
    x, y, z = (float(v) * how.scale for v in b.size_m)
    return replace(
        b,
        centre_m=_three(how.points(b.centre_m)),
        size_m=(x, y, z),
        quaternion_wxyz=_four(how.turns(b.quaternion_wxyz)),
        velocity_mps=_three(how.points(b.velocity_mps)),
        acceleration_mps2=_three(how.points(b.acceleration_mps2)),
    )


def _controls(c: Controls, how: WorldMap) -> Controls:
    steering = -c.steering if how.mirror else c.steering
    return replace(c, steering=steering, speed_mps=c.speed_mps * how.scale)


def _record(record: SceneRecord, how: WorldMap, gone: list[str]) -> SceneRecord:
    moved = replace(
        record,
        instances=tuple(
            replace(r, centre_m=_three(how.local(r.centre_m)), size_m=_times(r.size_m, how.scale))
            for r in record.instances
        ),
        part_tracks={k: how.track(t) for k, t in record.part_tracks.items()},
        instance_tracks={k: how.track(t) for k, t in record.instance_tracks.items()},
        part_poses={k: how.pose(p) for k, p in record.part_poses.items()},
        instance_poses={k: how.pose(p) for k, p in record.instance_poses.items()},
        lanes=tuple((i, width * how.scale, how.points(line)) for i, width, line in record.lanes),
        concrete=_concrete(record.concrete, how),
    )
    moved = with_sensors(moved, lambda s: None if s["name"] in gone else _sensor(s, how))
    return with_happenings(moved, record)


def with_happenings(record: SceneRecord, before: SceneRecord) -> SceneRecord:
    """The record with its happenings measured anew; with the causes of ``before`` where the same things happen."""
    found = happenings_of(record)
    same = [(h.kind, h.subjects) for h in found] == [(h.kind, h.subjects) for h in before.happenings]
    return replace(record, happenings=found, causes=before.causes if same else ())


def _concrete(concrete: Mapping[str, Any], how: WorldMap) -> dict[str, Any]:
    sky, place = dict(concrete["sky"]), dict(concrete["place"])
    sky["sun_azimuth"] = (-1.0 if how.mirror else 1.0) * sky["sun_azimuth"] + how.yaw
    place["x_bearing_deg"] = (place["x_bearing_deg"] + math.degrees(how.yaw)) % 360.0
    return {
        **concrete,
        "items": [_item(i, how) for i in concrete["items"]],
        "lanes": [_lane(x, how) for x in concrete["lanes"]],
        "sky": sky,
        "place": place,
    }


def _item(item: Mapping[str, Any], how: WorldMap) -> dict[str, Any]:
    return {
        **item,
        "position_m": list(_three(how.points(item["position_m"]))),
        "quaternion_wxyz": list(_four(how.turns(item["quaternion_wxyz"]))),
    }


def _lane(lane: Mapping[str, Any], how: WorldMap) -> dict[str, Any]:
    left, right = (lane["right"], lane["left"]) if how.mirror else (lane["left"], lane["right"])
    stop = lane["stop_m"]
    return {
        **lane,
        "centre_m": how.points(lane["centre_m"]).tolist(),
        "width_m": lane["width_m"] * how.scale,
        "left": left,
        "right": right,
        "turn": how.side(lane["turn"]),
        "stop_m": None if stop is None else stop * how.scale,
        "crossings_m": [[a * how.scale, b * how.scale] for a, b in lane["crossings_m"]],
    }


def _sensor(sensor: dict[str, Any], how: WorldMap) -> dict[str, Any]:
    """A sensor of the concrete scene: on a mount it moves with it, and is only mirrored and scaled in its frame."""
    mounted, settings = sensor["mount"] is not None, sensor["settings"]
    camera = "fx" in settings
    place = how.local(sensor["position_m"]) if mounted else how.points(sensor["position_m"])
    sensor["name"] = how.name(sensor["name"])
    sensor["position_m"] = list(_three(place))
    sensor["quaternion_wxyz"] = list(_four(how.turns(sensor["quaternion_wxyz"], camera, not mounted)))
    for name in ("max_range_m", "min_range_m", "range_noise_m"):
        if name in settings:
            settings[name] = settings[name] * how.scale
    if how.mirror:
        readings.mirrored_errors(settings)
    if camera and how.mirror:
        settings["cx"] = settings["width_px"] - settings["cx"]
        bent = mirrored_distortion(settings.get("model", "pinhole"), tuple(settings.get("distortion", ())))
        if bent:
            settings["distortion"] = list(bent)
    if (eye := settings.get("stereo")) is not None:
        right = not eye["right"] if how.mirror else eye["right"]
        base = eye["baseline_m"] * how.scale
        settings["stereo"] = {**eye, "other": how.name(eye["other"]), "right": right, "baseline_m": base}
    return sensor


def _three(v: ArrayLike) -> tuple[float, float, float]:
    x, y, z = (float(c) for c in np.asarray(v))
    return x, y, z


def _four(v: ArrayLike) -> tuple[float, float, float, float]:
    w, x, y, z = (float(c) for c in np.asarray(v))
    return w, x, y, z


def _times(v: tuple[float, float, float], scale: float) -> tuple[float, float, float]:
    return v[0] * scale, v[1] * scale, v[2] * scale
