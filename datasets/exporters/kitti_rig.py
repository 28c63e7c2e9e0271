"""Which sensors are KITTI's cameras 0 to 3, its Velodyne and its OXTS unit, and how they stand to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pairforge.datasets.exporters.protocol import ExportError
from pairforge.errors import did_you_mean
from pairforge.frames import F64, Intrinsics, Pose, rotation

Row = dict[str, Any]
LABELLED = 2
"""The camera whose picture the labels are about."""
HALF_PX = 0.5
"""KITTI's first pixel has its centre at 0, ours at 0.5."""
_AHEAD_DEG = 30.0
_PARALLEL_RAD = 1e-6


@dataclass(frozen=True, eq=False)
class RigCamera:
    """``offset_m`` (3,): where it is in rectified camera 0."""

    sensor: str
    intrinsics: Intrinsics
    offset_m: F64

    @property
    def projection(self) -> F64:
        """(3, 4): pixels, KITTI's, from points of rectified camera 0."""
        k = self.intrinsics.matrix
        k[:2, 2] -= HALF_PX
        return k @ np.column_stack([np.eye(3), -self.offset_m])


@dataclass(frozen=True, eq=False)
class KittiRig:
    """``reference``: the number of the camera that is rectified camera 0; ``inertial`` and ``satellite`` are None
    where there is none. Without an inertial unit ``velo_from_imu`` is that of what carries the rig."""

    cameras: Mapping[int, RigCamera]
    reference: int
    lidar: Row
    inertial: Row | None
    satellite: Row | None
    rect_from_velo: Pose
    velo_from_imu: Pose

    def projection(self, number: int) -> F64:
        """P0 to P3; the labelled camera's where there is no such camera."""
        return self.cameras.get(number, self.cameras[LABELLED]).projection


def rig_of(calibration: Iterable[Row], cameras: str, lidar: str) -> KittiRig:
    """The rig of a scene by its calibration table and the options of these names; ExportError when there is none."""
    rows = list(calibration)
    velodyne = _lidar([r for r in rows if r["kind"] == "lidar"], lidar)
    chosen = _cameras([r for r in rows if r["kind"] == "camera"], velodyne, cameras)
    reference = 0 if 0 in chosen else LABELLED
    rect = _pose(chosen[reference])
    for row in chosen.values():
        _same_mount(row, velodyne)
        _rectified(row, chosen[reference])
    inertial, satellite = (_aboard(rows, kind, velodyne) for kind in ("imu", "gnss"))
    return KittiRig(
        cameras={
            n: RigCamera(
                r["sensor"], _lens(r), np.asarray((rect.inverse @ _pose(r)).position_m, dtype=np.float64)
            )
            for n, r in sorted(chosen.items())
        },
        reference=reference,
        lidar=velodyne,
        inertial=inertial,
        satellite=satellite,
        rect_from_velo=rect.inverse @ _pose(velodyne),
        velo_from_imu=_pose(velodyne).inverse @ (_pose(inertial) if inertial else Pose.of()),
    )


def _pose(row: Row) -> Pose:
    return Pose.of(row["position_m"], row["quaternion_wxyz"])


def _lens(row: Row) -> Intrinsics:
    return Intrinsics(**{**row["intrinsics"], "distortion": tuple(row["intrinsics"]["distortion"])})


def _aboard(rows: list[Row], kind: str, velodyne: Row) -> Row | None:
    return next((r for r in rows if r["kind"] == kind and r["mount"] == velodyne["mount"]), None)


def _lidar(found: list[Row], name: str) -> Row:
    """The LiDAR asked for, the one called velodyne, or the only one."""
    by_name = {r["sensor"]: r for r in found}
    if not found:
        raise ExportError("KITTI needs a LiDAR and this dataset has none: add one to the scene's sensors.")
    if name and name not in by_name:
        raise ExportError(f'there is no LiDAR "{name}". {did_you_mean(name, by_name)}')
    if name or "velodyne" in by_name:
        return by_name[name or "velodyne"]
    if len(found) > 1:
        raise ExportError(
            f"KITTI has one LiDAR and this dataset {len(found)}: choose with --set lidar={found[0]['sensor']}"
        )
    return found[0]


def _cameras(found: list[Row], velodyne: Row, said: str) -> dict[int, Row]:
    """Number -> camera: as said, or by KITTI's names, or the one that looks ahead as the labelled one."""
    by_name = {r["sensor"]: r for r in found}
    if not found:
        raise ExportError(
            "KITTI needs a camera and this dataset has none: add one that looks ahead to the scene."
        )
    if said:
        return _said(by_name, said)
    named = {n: by_name[f"image_{n}"] for n in range(4) if f"image_{n}" in by_name}
    if LABELLED in named:
        return named
    if len(found) == 1:
        return {LABELLED: found[0]}
    ahead = [r for r in found if _looks_ahead(r, velodyne)]
    if len(ahead) != 1:
        names = [r["sensor"] for r in ahead or found]
        raise ExportError(
            f"{len(ahead)} cameras look ahead of {velodyne['sensor']}; say which is image_2: "
            f"--set cameras=2={names[0]} (there are {', '.join(names)})"
        )
    return {LABELLED: ahead[0]}


def _said(by_name: dict[str, Row], said: str) -> dict[int, Row]:
    chosen: dict[int, Row] = {}
    for text in said.split(","):
        number, equals, name = text.strip().partition("=")
        if not equals or number not in ("0", "1", "2", "3") or int(number) in chosen:
            raise ExportError(
                f'cameras "{said}": say each of image_0 to image_3 once, as in cameras=2=left,3=right'
            )
        if name not in by_name:
            raise ExportError(f'there is no camera "{name}". {did_you_mean(name, by_name)}')
        chosen[int(number)] = by_name[name]
    if LABELLED not in chosen:
        raise ExportError(f'cameras "{said}" leaves out image_2, which the labels are about: add 2=NAME')
    return chosen


def _looks_ahead(camera: Row, velodyne: Row) -> bool:
    forward = _pose(velodyne).inverse.vectors(_pose(camera).vectors([0.0, 0.0, 1.0]))
    return float(forward[0]) > float(np.cos(np.radians(_AHEAD_DEG)))


def _same_mount(camera: Row, velodyne: Row) -> None:
    if camera["mount"] != velodyne["mount"]:
        places = [f"on {r['mount']}" if r["mount"] else "fixed in the world" for r in (camera, velodyne)]
        raise ExportError(
            f"{camera['sensor']} is {places[0]}, {velodyne['sensor']} is {places[1]}: KITTI has one calibration "
            "for a whole drive. Choose sensors that one body carries."
        )


def _rectified(camera: Row, reference: Row) -> None:
    """KITTI's pictures are those of pinholes that look the same way."""
    if camera["intrinsics"]["model"] != "pinhole":
        raise ExportError(
            f"{camera['sensor']} is a {camera['intrinsics']['model']} camera; KITTI's pictures are rectified. "
            "Choose a pinhole camera with --set cameras=2=NAME, or give the scene one."
        )
    one, other = (rotation(r["quaternion_wxyz"]) for r in (camera, reference))
    if float((one.inv() * other).magnitude()) > _PARALLEL_RAD:
        raise ExportError(
            f"{camera['sensor']} and {reference['sensor']} do not look the same way; KITTI's cameras are rectified "
            "pairs. Leave one out with --set cameras=2=NAME"
        )
