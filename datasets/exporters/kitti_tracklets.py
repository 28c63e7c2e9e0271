"""``tracklet_labels.xml`` of KITTI's raw data: each thing's size once, and its pose in every frame it is labelled in.

The file is a Boost archive; its elements and flags are those of the raw data's development kit. Poses are bottom
centres in the Velodyne's frame with the angle ``rz`` from its x axis to the box's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import numpy as np

from pairforge.datasets.exporters.kitti_labels import kind_of
from pairforge.datasets.exporters.kitti_rig import LABELLED, KittiRig
from pairforge.frames import Pose, rotation
from pairforge.sample import Box3D, Keyframe, SceneRecord

_LABELLED, _UNSET = 2, -1
_IN_PICTURE, _CUT, _OUT = 0, 1, 2
_SEEN, _PARTLY, _HIDDEN = 0, 1, 2


@dataclass(frozen=True)
class Place:
    """Where a thing is in one frame: its centre, angles about x, y, z, and how well image_02 shows it."""

    frame_index: int
    centre_m: tuple[float, float, float]
    angles: tuple[float, float, float]
    occlusion: int
    truncation: int


@dataclass
class Tracklet:
    """``size_m``: length, width, height, the largest of all frames, where a robot's changes."""

    kind: str
    size_m: tuple[float, float, float]
    places: list[Place] = field(default_factory=list)


class Tracklets:
    """Those of a drive, frame by frame: what image_02 shows or the LiDAR hits in any frame, from the first such frame
    to the last."""

    def __init__(self, rig: KittiRig, record: SceneRecord, others: str, tilt: bool) -> None:
        self._rig, self._record, self._others, self._tilt = rig, record, others, tilt
        self._found: dict[int, Tracklet] = {}
        self._sensed: dict[int, list[int]] = {}

    def add(self, frame: Keyframe) -> None:
        camera = frame.cameras[self._rig.cameras[LABELLED].sensor]
        seen = {b.instance_id: b for b in camera.boxes}
        velo_from_world = frame.lidars[self._rig.lidar["sensor"]].world_from_lidar.inverse
        for box in frame.boxes:
            kind = kind_of(self._record, box.instance_id, self._others)
            if not kind:
                continue
            own = self._found.setdefault(box.instance_id, Tracklet(kind, box.size_m))
            view = seen.get(box.instance_id)
            if box.lidar_points or (view and view.visible_px):
                self._sensed.setdefault(box.instance_id, []).append(frame.frame_index)
            occlusion = _PARTLY if view and view.occlusion >= 0.1 else _SEEN
            if not view or not view.visible_px:
                occlusion = _HIDDEN
            truncation = _OUT if view is None else _CUT if view.truncation > 0 else _IN_PICTURE
            own.size_m = _larger(own.size_m, box.size_m)
            own.places.append(self._place(frame.frame_index, box, velo_from_world, occlusion, truncation))

    def xml(self) -> str:
        """The file."""
        kept = [
            _whole(own, self._sensed[number])
            for number, own in sorted(self._found.items())
            if number in self._sensed
        ]
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>\n<!DOCTYPE boost_serialization>\n'
            '<boost_serialization signature="serialization::archive" version="9">\n'
            '<tracklets class_id="0" tracking_level="0" version="0">\n'
            f"\t<count>{len(kept)}</count>\n\t<item_version>1</item_version>\n"
            + "".join(_item(own, first=k == 0) for k, own in enumerate(kept))
            + "</tracklets>\n</boost_serialization>\n"
        )

    def _place(
        self, frame_index: int, box: Box3D, velo_from_world: Pose, occlusion: int, truncation: int
    ) -> Place:
        pose = velo_from_world @ Pose.of(box.centre_m, box.quaternion_wxyz)
        angles = np.array([0.0, 0.0, pose.yaw])
        if self._tilt:
            angles = rotation(pose.quaternion_wxyz).as_euler("ZYX")[::-1]
        return Place(
            frame_index,
            _three(pose.position_m),
            _three(angles),
            occlusion,
            truncation,
        )


def _whole(own: Tracklet, sensed: list[int]) -> Tracklet:
    """From the first frame in which it was sensed to the last."""
    places = [p for p in own.places if sensed[0] <= p.frame_index <= sensed[-1]]
    return Tracklet(own.kind, own.size_m, places)


def _larger(one: tuple[float, float, float], other: tuple[float, float, float]) -> tuple[float, float, float]:
    return _three(np.maximum(one, other))


def _three(values: Iterable[float]) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in values)
    return x, y, z


def _item(own: Tracklet, first: bool) -> str:
    length_m, width_m, height_m = own.size_m
    head = ' class_id="1" tracking_level="0" version="1"' if first else ""
    poses = ' class_id="2" tracking_level="0" version="0"' if first else ""
    return (
        f"\t<item{head}>\n\t\t<objectType>{escape(own.kind)}</objectType>\n"
        f"\t\t<h>{height_m:.9g}</h>\n\t\t<w>{width_m:.9g}</w>\n\t\t<l>{length_m:.9g}</l>\n"
        f"\t\t<first_frame>{own.places[0].frame_index}</first_frame>\n\t\t<poses{poses}>\n"
        f"\t\t\t<count>{len(own.places)}</count>\n\t\t\t<item_version>2</item_version>\n"
        + "".join(_pose(p, height_m, first and k == 0) for k, p in enumerate(own.places))
        + "\t\t</poses>\n\t\t<finished>1</finished>\n\t</item>\n"
    )


def _pose(place: Place, height_m: float, first: bool) -> str:
    x, y, z = place.centre_m
    values: dict[str, float | int] = {
        "tx": x,
        "ty": y,
        "tz": z - height_m / 2.0,
        **dict(zip(("rx", "ry", "rz"), place.angles, strict=True)),
        "state": _LABELLED,
        "occlusion": place.occlusion,
        "occlusion_kf": 0,
        "truncation": place.truncation,
        "amt_occlusion": 0,
        "amt_occlusion_kf": _UNSET,
        "amt_border_l": 0,
        "amt_border_r": 0,
        "amt_border_kf": _UNSET,
    }
    head = ' class_id="3" tracking_level="0" version="2"' if first else ""
    told = "".join(f"\t\t\t\t<{name}>{value:.9g}</{name}>\n" for name, value in values.items())
    return f"\t\t\t<item{head}>\n{told}\t\t\t</item>\n"
