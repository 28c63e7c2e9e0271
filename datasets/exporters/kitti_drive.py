"""A scene as a KITTI sequence: its frames, one at a time, and the files that all layouts share."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pairforge.datasets.exporters.ego_motion import points_of
from pairforge.datasets.exporters.kitti_oxts import Unit
from pairforge.datasets.exporters.kitti_rig import KittiRig, rig_of
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import member_prefix
from pairforge.frames import Pose
from pairforge.sample import Keyframe, SceneRecord

_GREY = (0, 1)


@dataclass(frozen=True)
class Drive:
    """``number``: place of the scene in the dataset; ``first_frame``: how many frames stand before its own."""

    dataset: Dataset
    scene_index: int
    number: int
    first_frame: int
    record: SceneRecord
    rig: KittiRig
    options: Mapping[str, str]

    @staticmethod
    def of(dataset: Dataset, scene_index: int, options: Mapping[str, str]) -> Drive:
        calibration = dataset.table("calibration", scene_index).to_pylist()
        before = [i for i in dataset.scenes if i < scene_index]
        return Drive(
            dataset,
            scene_index,
            len(before),
            sum(dataset.scene(i).frames for i in before),
            dataset.record(scene_index),
            rig_of(calibration, options["cameras"], options["lidar"]),
            options,
        )

    @property
    def folder(self) -> str:
        """``testing`` for a scene of a split's part of that name, else ``training``."""
        return "testing" if self.part == "test" else "training"

    @property
    def part(self) -> str:
        """The part of a split that the scene belongs to; "" for none."""
        return str(self.record.concrete.get("split", {}).get("part", ""))

    def frames(self) -> Iterator[tuple[Keyframe, Mapping[str, bytes]]]:
        """Keyframes with their members."""
        for k in range(self.dataset.scene(self.scene_index).frames):
            members = self.dataset.members(self.scene_index, k)
            yield self.dataset.frame(self.scene_index, k, members), members

    def pictures(self, frame: Keyframe, members: Mapping[str, bytes]) -> Iterator[tuple[int, bytes]]:
        """Number -> PNG, of the cameras there are. Cameras 0 and 1 are grey, as KITTI's are."""
        rows = self.dataset.rows("sensors", self.scene_index, frame.frame_index)
        slugs = {r["sensor"]: r["slug"] for r in rows}
        for number, camera in self.rig.cameras.items():
            png = members[f"{member_prefix(frame.key, slugs[camera.sensor], 0)}rgb.png"]
            yield number, _grey(png) if number in _GREY else png

    def scan(self, frame: Keyframe) -> bytes:
        """A sweep as velodyne/*.bin: float32 x, y, z, reflectance."""
        sweep = frame.lidars[self.rig.lidar["sensor"]]
        xyz = points_of(sweep, self.record, self.rig.lidar, self.options["points"])
        return np.column_stack([xyz, sweep.intensity]).astype("<f4").tobytes()

    def unit(self) -> Unit:
        """Its OXTS unit, at its first frame."""
        return Unit(self.rig, self.record.concrete["place"], self.options["earth"], self.options["oxts"])

    def world_from_rect(self, frame: Keyframe) -> Pose:
        """The pose of rectified camera 0."""
        return frame.cameras[self.rig.cameras[self.rig.reference].sensor].world_from_camera


def text(target: Target, name: str, content: str) -> None:
    """A text file."""
    target.write(name, content.encode())


def _grey(png: bytes) -> bytes:
    """By the luma of ITU-R BT.601, as Pillow has it."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("L").save(out, "PNG")
    return out.getvalue()
