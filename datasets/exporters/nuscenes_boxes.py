"""nuScenes' annotations of a scene: boxes with what sees them, and the instances that they are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from pairforge.datasets.exporters.nuscenes_words import attribute, category, visibility
from pairforge.frames import F64, Pose
from pairforge.sample import Box3D, Keyframe, SceneRecord

Row = dict[str, Any]


def inside(box: Box3D, world_from_sensor: Pose, points: F64) -> int:
    """How many points (N, 3) of a sensor's frame lie in a box of the world, its faces included."""
    if not len(points):
        return 0
    box_from_world = Pose.of(box.centre_m, box.quaternion_wxyz).inverse
    local = (box_from_world @ world_from_sensor).points(points)
    return int((np.abs(local) <= np.asarray(box.size_m) / 2).all(axis=1).sum())


class Boxes:
    """Gathers the boxes of a scene's keyframes; ``annotations`` and ``instances`` are rows of the tables."""

    def __init__(self, record: SceneRecord, token: Any, every: bool) -> None:
        self._record, self._token, self._every = record, token, every
        self._named = {r.instance_id: r for r in record.instances if r.name != record.ego}
        self._rows: dict[int, list[Row]] = {}
        self.left_out: dict[str, int] = {}

    def add(
        self,
        frame: Keyframe,
        sample_token: str,
        world_offset: F64,
        clouds: Mapping[str, tuple[Pose, F64]],
        radars: Mapping[str, tuple[Pose, F64]],
    ) -> None:
        """``clouds`` and ``radars``: name -> world_from_sensor and points (N, 3) of this keyframe, as exported."""
        seen: dict[int, list[int]] = {}
        for camera in frame.cameras.values():
            for box in camera.boxes:
                have = seen.setdefault(box.instance_id, [0, 0])
                have[0], have[1] = have[0] + box.visible_px, have[1] + box.solo_px
        for box3d in frame.boxes:
            row = self._named.get(box3d.instance_id)
            name = None if row is None else category(row)
            if row is None or name is None:
                if row is not None:
                    self.left_out[row.semantic] = self.left_out.get(row.semantic, 0) + 1
                continue
            lidar = sum(inside(box3d, *cloud) for cloud in clouds.values())
            radar = sum(inside(box3d, *cloud) for cloud in radars.values())
            visible, solo = seen.get(box3d.instance_id, (0, 0))
            if not (self._every or lidar or radar or visible):
                continue
            speed = float(np.linalg.norm(box3d.velocity_mps))
            said = attribute(row, speed)
            self._rows.setdefault(box3d.instance_id, []).append(
                {
                    "token": self._token("annotation", frame.frame_index, box3d.instance_id),
                    "sample_token": sample_token,
                    "instance_token": self._token("instance", box3d.instance_id),
                    "visibility_token": visibility(visible, solo),
                    "attribute_tokens": [] if said is None else [said],
                    "translation": (np.asarray(box3d.centre_m) + world_offset).tolist(),
                    "size": [box3d.size_m[1], box3d.size_m[0], box3d.size_m[2]],
                    "rotation": list(box3d.quaternion_wxyz),
                    "prev": "",
                    "next": "",
                    "num_lidar_pts": lidar,
                    "num_radar_pts": radar,
                }
            )

    def annotations(self) -> Iterator[Row]:
        """Rows of ``sample_annotation``, by instance, each linked to the one before and after it."""
        for _, rows in sorted(self._rows.items()):
            for before, after in pairwise(rows):
                before["next"], after["prev"] = after["token"], before["token"]
            yield from rows

    def instances(self) -> Iterator[Row]:
        """Rows of ``instance``; the category is named, its token is the same for all scenes."""
        for instance_id, rows in sorted(self._rows.items()):
            yield {
                "token": self._token("instance", instance_id),
                "category_token": category(self._named[instance_id]),
                "nbr_annotations": len(rows),
                "first_annotation_token": rows[0]["token"],
                "last_annotation_token": rows[-1]["token"],
            }
