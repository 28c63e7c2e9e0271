"""A clip played backwards: times, tracks, velocities and flow turn round, and what is told is measured anew.

Only where the world allows it. Somebody who drives, walks or falls does not do so backwards, and blows, landings and
grips have an order: such clips are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from pairforge.captioners.happenings import happenings_of
from pairforge.frames import Pose, Track
from pairforge.learning.augment.clip import AugmentError, Clip, with_sensors
from pairforge.learning.augment.labels import carried
from pairforge.learning.augment.protocol import Transform, to_json
from pairforge.learning.augment.resample import flow_of
from pairforge.sample import CameraFrame, Contact, Keyframe, SceneRecord
from pairforge.seeding import Stream

_ACTS = ("drive", "walk", "cycle", "pull_out")
_KEPT_LABELS = ("albedo", "material", "panoptic", "range", "nocs")
_STILL_M = 1e-3
_FALLS_MPS2 = 3.0
_BEGINS_NS = 20_000_000


@dataclass(frozen=True)
class Reverse:
    """Time t becomes first + last - t. Sensors that sweep or count are left out: their frames end where, played
    backwards, they would begin."""

    NAME: ClassVar[str] = "reverse"

    def __call__(self, clip: Clip) -> Clip:
        if reason := irreversible(clip):
            raise AugmentError(f"scene {clip.record.scene} cannot be played backwards: {reason}")
        total = clip.frames[0].time_ns + clip.frames[-1].time_ns
        gone = sorted({n for f in clip.frames for n in (*f.lidars, *f.readings)})
        record = _record(clip.record, total)
        record = with_sensors(record, lambda s: None if s["name"] in gone else _plain(s))
        if gone:
            record = replace(record, extra={**record.extra, "left_out": gone})
        turned = [_keyframe(record, f, k, total) for k, f in enumerate(reversed(clip.frames))]
        return clip.after(to_json(self), record, turned)


@dataclass(frozen=True)
class RandomReverse:
    """With a probability; never of what cannot be played backwards."""

    chance: float = 0.5

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        return Reverse() if stream.rng().random() < self.chance and not irreversible(clip) else None


def irreversible(clip: Clip) -> str:
    """Why a clip must not be played backwards; "" when it may be."""
    record, first, last = clip.record, clip.frames[0].time_ns, clip.frames[-1].time_ns
    for f in clip.frames:
        if f.controls is not None:
            return "somebody drives, and would drive backwards"
        for box in f.boxes:
            row = record.instance(box.instance_id)
            if row.behaviour in _ACTS and np.linalg.norm(box.velocity_mps) > 0.1:
                return f'"{row.name}" goes forwards, and would go backwards'
            if box.acceleration_mps2[2] < -_FALLS_MPS2:
                return f'"{row.name}" falls, and would rise by itself'
    for h in record.happenings:
        if h.t1_ns >= first and h.t0_ns <= last:
            return f"{h.kind.replace('_', ' ')} has a before and an after"
    for contact in record.contacts:
        if first < contact.t0_ns - _BEGINS_NS and contact.t0_ns < last and _met(record, contact):
            return f"things {contact.instance_a} and {contact.instance_b} meet"
    needed = max((c.flow_dt_ns for f in clip.frames for c in f.cameras.values()), default=0)
    tracks = (*record.part_tracks.values(), *record.instance_tracks.values())
    if any(t.times_ns[0] > first - needed for t in tracks):
        return "how things moved before its first keyframe, which backward flow leads to, is not known"
    return ""


def _met(record: SceneRecord, contact: Contact) -> bool:
    """Whether either of two bodies has moved by then: things at rest touch on and off."""
    for i in (contact.instance_a, contact.instance_b):
        track = record.instance_tracks.get(i)
        if track is None:
            continue
        before = max(contact.t0_ns - 100_000_000, int(track.times_ns[0]))
        step = track.at(contact.t0_ns).position_m - track.at(before).position_m
        if float(np.linalg.norm(step)) > _STILL_M:
            return True
    return False


def _record(record: SceneRecord, total: int) -> SceneRecord:
    turned = replace(
        record,
        part_tracks={k: _track(t, total) for k, t in record.part_tracks.items()},
        instance_tracks={k: _track(t, total) for k, t in record.instance_tracks.items()},
        contacts=tuple(
            sorted(
                (replace(c, t0_ns=total - c.t1_ns, t1_ns=total - c.t0_ns) for c in record.contacts),
                key=lambda c: (c.t0_ns, c.t1_ns, c.instance_a, c.instance_b),
            )
        ),
        causes=(),
    )
    return replace(turned, happenings=happenings_of(turned))


def _track(track: Track, total: int) -> Track:
    return Track(
        np.ascontiguousarray((total - track.times_ns)[::-1]),
        np.ascontiguousarray(track.positions_m[::-1]),
        np.ascontiguousarray(track.quaternions_wxyz[::-1]),
    )


def _plain(sensor: dict[str, Any]) -> dict[str, Any]:
    """Without sweeps, which are of the time before each keyframe, and labels that look ahead or back."""
    settings = dict(sensor["settings"])
    settings.pop("sweeps", None)
    labels = [name for name in settings.get("labels", ()) if name in _KEPT_LABELS]
    settings.pop("labels", None)
    return {**sensor, "settings": {**settings, **({"labels": labels} if labels else {})}}


def _keyframe(record: SceneRecord, frame: Keyframe, k: int, total: int) -> Keyframe:
    def back(v: tuple[float, float, float]) -> tuple[float, float, float]:
        return -v[0], -v[1], -v[2]

    return replace(
        frame,
        frame_index=k,
        time_ns=total - frame.time_ns,
        cameras={n: _camera(record, c, total) for n, c in frame.cameras.items()},
        lidars={},
        readings={},
        sweeps={},
        boxes=tuple(replace(b, velocity_mps=back(b.velocity_mps)) for b in frame.boxes),
    )


def _camera(record: SceneRecord, c: CameraFrame, total: int) -> CameraFrame:
    """The camera's picture with flow to where things were before."""
    time_ns = total - c.time_ns
    turned = replace(
        c,
        time_ns=time_ns,
        world_from_camera_next=_placed(record, c.sensor, time_ns + c.flow_dt_ns),
        extra=carried(c, lambda a: a, _KEPT_LABELS),
    )
    return replace(turned, flow=flow_of(record, turned))


def _placed(record: SceneRecord, name: str, time_ns: int) -> Pose:
    """Where a sensor is, by its mount in the concrete scene and the tracks."""
    sensor = next(s for s in record.concrete["sensors"] if s["name"] == name)
    own = Pose.of(sensor["position_m"], sensor["quaternion_wxyz"])
    if sensor["mount"] is None:
        return own
    item, _, part = str(sensor["mount"]).partition(":")
    if part:
        row = next(p for p in record.parts if p.name == f"{item}.{part}")
        return record.world_from_part(row.part_id, time_ns) @ own
    carrier = next(r for r in record.instances if r.name == item)
    return record.world_from_body(carrier.instance_id, time_ns) @ own
