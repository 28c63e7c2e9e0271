"""Augmentation in a loader: the hook that a dataset calls with each sample and the stream of (seed, epoch, key).

    KeyframeDataset(root, select, transform=Synchronized(root, [RandomFlip(), RandomCrop(), Resize(224, 224)]))

What is drawn depends on that stream alone, so any number of workers gives the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pairforge.datasets.reader import Dataset
from pairforge.learning.augment.clip import Clip
from pairforge.learning.augment.protocol import Augment, RandomTransform, Transform
from pairforge.learning.convert import Frame, classes_of, columns, view_of
from pairforge.learning.sample import Boxes3D, Sample
from pairforge.sample import SceneRecord
from pairforge.seeding import Stream


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
    classes = classes_of(clip.record)
    return replace(
        sample,
        views={
            n: view_of(sensed[n], v.arrays, classes, v.boxes is not None)
            for n, v in sample.views.items()
            if n in sensed
        },
        sweeps={
            n: tuple(
                view_of(s, v.arrays, classes, v.boxes is not None)
                for v, s in zip(views, frame.sweeps[n], strict=True)
            )
            for n, views in sample.sweeps.items()
            if n in frame.sweeps
        },
        boxes=None if sample.boxes is None else columns(Boxes3D, frame.boxes, classes),
        captions=captions if sample.captions else (),
        facts=frame.facts if sample.facts else (),
        text=text,
    )
