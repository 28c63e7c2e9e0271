"""KITTI: the object, tracking and odometry benchmarks and the raw data, as their development kits read them.

A. Geiger, P. Lenz and R. Urtasun, Are we ready for autonomous driving? (CVPR 2012); A. Geiger et al., Vision meets
robotics: The KITTI dataset (IJRR 2013). Every keyframe is a frame, every scene a sequence. See docs/exports/kitti.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Protocol

from pairforge.datasets.exporters import kitti_object, kitti_odometry, kitti_raw, kitti_tracking
from pairforge.datasets.exporters.ego_motion import POINTS
from pairforge.datasets.exporters.kitti_drive import Drive
from pairforge.datasets.exporters.kitti_rig import rig_of
from pairforge.datasets.exporters.protocol import ExportError, Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset


class Layout(Protocol):
    """A module that writes the files of one layout."""

    def write(self, drive: Drive, target: Target) -> Part:
        """Those of a scene."""

    def finish(self, parts: Iterator[Part], target: Target) -> None:
        """Those that join the scenes."""


LAYOUTS: Mapping[str, Layout] = {
    "object": kitti_object,
    "tracking": kitti_tracking,
    "odometry": kitti_odometry,
    "raw": kitti_raw,
}


class Kitti:
    """See the module."""

    name: ClassVar[str] = "kitti"
    summary: ClassVar[str] = "KITTI's object, tracking and odometry benchmarks, or its raw drives"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "layout": Option("object", "which of KITTI's layouts", tuple(LAYOUTS)),
        "cameras": Option(
            "",
            "which camera is which of image_0 to image_3, as in 2=left,3=right; empty: by these names, or the one "
            "that looks ahead as image_2",
        ),
        "lidar": Option("", "which LiDAR; empty: velodyne, or the only one"),
        "points": POINTS,
        "others": Option(
            "", "type to label things with that KITTI has no type for, as in Misc; empty: they have none"
        ),
        "oxts": Option(
            "true", "the unit's true position and velocity, or the satellite fix's", ("true", "measured")
        ),
        "earth": Option(
            "mercator",
            "degrees from which KITTI's own projection gives our metres, or those of the ellipsoid",
            ("mercator", "wgs84"),
        ),
        "tilt": Option(
            "no",
            "whether tracklets tell the box's whole rotation, or its heading alone as KITTI's do",
            ("no", "yes"),
        ),
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options
        self._layout = LAYOUTS[options["layout"]]

    def check(self, dataset: Dataset) -> None:
        if " " in self._options["others"]:
            raise ExportError(
                f'others "{self._options["others"]}" has a space; a type is one word, as in Misc'
            )
        for i in dataset.scenes:
            rig = rig_of(
                dataset.table("calibration", i).to_pylist(), self._options["cameras"], self._options["lidar"]
            )
            if self._options["layout"] == "raw" and not (rig.inertial and rig.satellite):
                carrier = rig.lidar["mount"] or "the rig"
                raise ExportError(
                    f"layout=raw needs an imu and a gnss on {carrier} for KITTI's oxts, which scene {i} lacks. "
                    'Add them (rig("kitti", …) has both), or choose layout=tracking.'
                )

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        drive = Drive.of(dataset, scene_index, self._options)
        return self._layout.write(drive, target)

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        self._layout.finish(parts, target)
