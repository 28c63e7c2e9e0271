"""What is augmented: keyframes of one scene with its record. Words are never carried over; they are measured anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.errors import SpecError
from pairforge.sample import Box3D, CameraFrame, Keyframe, LidarFrame, SceneRecord
from pairforge.seeding import Stream

Json = Mapping[str, Any]
HISTORY = "augmented"
"""Where ``SceneRecord.extra`` holds what has been done, so that it is stored with the sample."""


class AugmentError(SpecError):
    """A transform that this clip forbids, since its words or its world would become untrue."""


@dataclass(frozen=True, eq=False)
class Clip:
    """Keyframes of one scene, in order of time, and the record that they belong to. A picture is a clip of one."""

    record: SceneRecord
    frames: tuple[Keyframe, ...]

    @property
    def history(self) -> tuple[Json, ...]:
        """What has been done to it, oldest first: each as ``Transform.to_json`` gives it."""
        return tuple(self.record.extra.get(HISTORY, ()))

    @property
    def frame(self) -> Keyframe:
        """The only keyframe; ValueError where there are several."""
        (one,) = self.frames
        return one

    def after(self, done: Json, record: SceneRecord, frames: Sequence[Keyframe]) -> Clip:
        """The outcome of a transform, without words, its 3D boxes' counts taken anew."""
        extra = {**record.extra, HISTORY: [*self.history, dict(done)]}
        bare = (replace(recounted(f), facts=(), captions=()) for f in frames)
        return Clip(replace(record, extra=extra), tuple(bare))

    def cameras(self, change: Callable[[CameraFrame], CameraFrame]) -> tuple[Keyframe, ...]:
        """The keyframes with every camera's frame changed, those of the sweeps too."""

        def swept(frame: Any) -> Any:
            return change(frame) if isinstance(frame, CameraFrame) else frame

        return tuple(
            replace(
                f,
                cameras={n: change(c) for n, c in f.cameras.items()},
                sweeps={n: tuple(swept(s) for s in sweep) for n, sweep in f.sweeps.items()},
            )
            for f in self.frames
        )

    def lidars(self, change: Callable[[Keyframe, LidarFrame], LidarFrame]) -> tuple[Keyframe, ...]:
        """The keyframes with every LiDAR's frame changed, those of the sweeps too."""
        return tuple(
            replace(
                f,
                lidars={n: change(f, x) for n, x in f.lidars.items()},
                sweeps={
                    n: tuple(change(f, s) if isinstance(s, LidarFrame) else s for s in sweep)
                    for n, sweep in f.sweeps.items()
                },
            )
            for f in self.frames
        )


def retold(clip: Clip, stream: Stream) -> Clip:
    """The clip with facts measured in what it holds now, and its own kinds of captions written from them."""
    concrete, told = clip.record.concrete, []
    kinds, languages = tuple(concrete.get("captions", ())), tuple(concrete.get("languages", ("en",)))
    for frame in clip.frames:
        frame = replace(frame, facts=measure(frame, clip.record), captions=())
        draws = stream / frame.frame_index
        told.append(replace(frame, captions=write(frame, clip.record, kinds, draws, languages)))
    return Clip(clip.record, tuple(told))


def recounted(frame: Keyframe) -> Keyframe:
    """Its 3D boxes with the pixels and returns that its cameras and LiDARs hold now."""
    most = max((b.instance_id for b in frame.boxes), default=0) + 1
    pixels, points = np.zeros(most, np.int64), np.zeros(most, np.int64)
    for camera in frame.cameras.values():
        pixels = np.maximum(pixels, np.bincount(camera.instance.ravel(), minlength=most)[:most])
    for lidar in frame.lidars.values():
        points += np.bincount(lidar.touched, minlength=most)[:most]

    def counted(box: Box3D) -> Box3D:
        k = box.instance_id
        return replace(box, visible_px=int(pixels[k]), lidar_points=int(points[k]))

    return replace(frame, boxes=tuple(counted(b) for b in frame.boxes))


def with_sensors(
    record: SceneRecord, change: Callable[[dict[str, Any]], dict[str, Any] | None]
) -> SceneRecord:
    """The record whose concrete scene has its sensors changed, without those for which ``change`` gives None.

    ``change`` is given each sensor as JSON, its own copy down to the settings.
    """
    rows = [{**s, "settings": dict(s["settings"])} for s in record.concrete.get("sensors", ())]
    changed = [new for row in rows if (new := change(row)) is not None]
    return replace(record, concrete={**record.concrete, "sensors": changed})
