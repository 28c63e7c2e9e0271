"""Augmentation in a loader: the hook that a dataset calls with each sample and the stream of (seed, epoch, key).

    KeyframeDataset(root, select, transform=Synchronized(root, [RandomFlip(), RandomCrop(), Resize(224, 224)]))

What is drawn depends on that stream alone, so any number of workers gives the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.reader import Dataset
from pairforge.learning.augment.clip import Clip
from pairforge.learning.augment.protocol import Augment, RandomTransform, Transform
from pairforge.learning.sample import Boxes2D, Boxes3D, Sample, View
from pairforge.sample import Box2D, Box3D, CameraFrame, LidarFrame, Reading, SceneRecord
from pairforge.scenes.taxonomy import BY_NAME
from pairforge.seeding import Stream

Frame = CameraFrame | LidarFrame | Reading


class Synchronized:
    """Gives each sample anew from its whole keyframe, augmented and told anew, with the arrays, boxes, kinds and
    languages of captions, and sensors, that the sample had. What a transform leaves out is missing from the sample.

    The whole keyframe is read beside what was selected: select little (``arrays=("rgb",)``), and local data. A
    sample's ``text`` is drawn among the captions of the kinds and languages that it had.
    """

    def __init__(
        self, root: Path | str, transforms: Sequence[Transform | RandomTransform], scenes_kept: int = 4
    ) -> None:
        self._root, self._augment, self._most = Path(root), Augment(tuple(transforms)), scenes_kept
        self._dataset: Dataset | None = None
        self._records: OrderedDict[int, SceneRecord] = OrderedDict()

    def __getstate__(self) -> dict[str, Any]:
        """Workers open the dataset themselves."""
        return {**self.__dict__, "_dataset": None, "_records": OrderedDict()}

    def __call__(self, sample: Sample, stream: Stream) -> Sample:
        return resampled(sample, self._augment(self.clip(sample), stream), stream / "text")

    def clip(self, sample: Sample) -> Clip:
        """The sample's keyframe as it is stored."""
        if self._dataset is None:
            self._dataset = Dataset(self._root)
        index = sample.scene_index
        if index not in self._records:
            self._records[index] = self._dataset.record(index)
            while len(self._records) > self._most:
                self._records.popitem(last=False)
        self._records.move_to_end(index)
        return Clip(self._records[index], (self._dataset.frame(index, sample.frame_index),))


def resampled(sample: Sample, clip: Clip, stream: Stream) -> Sample:
    """A sample of the same selection with what a clip of its keyframe holds."""
    frame = clip.frame
    sensed: dict[str, Frame] = {**frame.cameras, **frame.lidars, **frame.readings}
    said = {(c.kind, c.language) for c in sample.captions}
    captions = tuple(c for c in frame.captions if (c.kind, c.language) in said or not said)
    texts = [c.text for c in captions]
    text = texts[int(stream.rng().integers(len(texts)))] if sample.text and texts else ""
    boxes = sample.boxes
    return replace(
        sample,
        views={n: _view(v, sensed[n], clip.record) for n, v in sample.views.items() if n in sensed},
        sweeps={
            n: tuple(_view(v, s, clip.record) for v, s in zip(views, frame.sweeps[n], strict=True))
            for n, views in sample.sweeps.items()
            if n in frame.sweeps
        },
        boxes=None if boxes is None else boxes3d(frame.boxes, clip.record),
        captions=captions if sample.captions else (),
        facts=frame.facts if sample.facts else (),
        text=text,
    )


def _view(view: View, frame: Frame, record: SceneRecord) -> View:
    held = _arrays(frame)
    arrays = {n: held[n] for n in view.arrays if n in held}
    pose = frame.world_from_camera if isinstance(frame, CameraFrame) else None
    if isinstance(frame, LidarFrame):
        pose = frame.world_from_lidar
    elif isinstance(frame, Reading):
        pose = frame.world_from_sensor
    assert pose is not None
    new = replace(
        view,
        time_ns=frame.time_ns,
        position_m=pose.position_m,
        quaternion_wxyz=pose.quaternion_wxyz,
        arrays=arrays,
    )
    if not isinstance(frame, CameraFrame):
        return new
    return replace(
        new,
        intrinsics=frame.intrinsics,
        flow_dt_ns=frame.flow_dt_ns,
        next_position_m=frame.world_from_camera_next.position_m,
        next_quaternion_wxyz=frame.world_from_camera_next.quaternion_wxyz,
        boxes=None if view.boxes is None else boxes2d(frame.boxes, record),
    )


def _arrays(frame: Frame) -> Mapping[str, NDArray[Any]]:
    if isinstance(frame, Reading):
        return frame.arrays
    names = vars(frame)
    return {**{n: v for n, v in names.items() if isinstance(v, np.ndarray)}, **frame.extra}


def boxes2d(boxes: Sequence[Box2D], record: SceneRecord) -> Boxes2D:
    """A camera's boxes in columns."""
    return Boxes2D(
        instance_id=_whole([b.instance_id for b in boxes]),
        class_id=_classes(record, [b.instance_id for b in boxes]),
        visible_px=_whole([b.visible_px for b in boxes]),
        solo_px=_whole([b.solo_px for b in boxes]),
        visible_box=_real([b.visible_box for b in boxes], 4),
        full_box=_real([b.full_box for b in boxes], 4),
        occlusion=_real([b.occlusion for b in boxes]),
        truncation=_real([b.truncation for b in boxes]),
    )


def boxes3d(boxes: Sequence[Box3D], record: SceneRecord) -> Boxes3D:
    """A keyframe's boxes in columns."""
    return Boxes3D(
        instance_id=_whole([b.instance_id for b in boxes]),
        class_id=_classes(record, [b.instance_id for b in boxes]),
        centre_m=_real([b.centre_m for b in boxes], 3),
        size_m=_real([b.size_m for b in boxes], 3),
        quaternion_wxyz=_real([b.quaternion_wxyz for b in boxes], 4),
        velocity_mps=_real([b.velocity_mps for b in boxes], 3),
        acceleration_mps2=_real([b.acceleration_mps2 for b in boxes], 3),
        lidar_points=_whole([b.lidar_points for b in boxes]),
        visible_px=_whole([b.visible_px for b in boxes]),
    )


def _classes(record: SceneRecord, ids: Sequence[int]) -> NDArray[np.int64]:
    return _whole([BY_NAME[record.instance(i).semantic].semantic_id for i in ids])


def _whole(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _real(values: Sequence[Any], width: int = 0) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64).reshape((len(values), width) if width else (len(values),))
