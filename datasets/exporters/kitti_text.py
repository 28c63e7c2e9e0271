"""KITTI's calibration files: what each layout calls its matrices, and how it writes them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from pairforge.datasets.exporters.kitti_rig import KittiRig
from pairforge.frames import F64, Pose

_CALIB_TIME = "calib_time: 01-Jan-2000 00:00:00"


def numbers(values: ArrayLike) -> str:
    """As KITTI writes them, with as many digits as float64 has use for."""
    return " ".join(f"{v:.15e}" for v in np.asarray(values, dtype=np.float64).ravel())


def top(pose: Pose) -> F64:
    """The first three rows of its matrix."""
    return pose.matrix[:3]


def object_calibration(rig: KittiRig) -> str:
    """calib/NNNNNN.txt of the object benchmark."""
    return _named(
        [
            *_projections(rig),
            ("R0_rect:", np.eye(3)),
            ("Tr_velo_to_cam:", top(rig.rect_from_velo)),
            ("Tr_imu_to_velo:", top(rig.velo_from_imu)),
        ]
    )


def tracking_calibration(rig: KittiRig) -> str:
    """calib/NNNN.txt of the tracking benchmark, which writes three of its names without a colon."""
    return _named(
        [
            *_projections(rig),
            ("R_rect", np.eye(3)),
            ("Tr_velo_cam", top(rig.rect_from_velo)),
            ("Tr_imu_velo", top(rig.velo_from_imu)),
        ]
    )


def odometry_calibration(rig: KittiRig) -> str:
    """calib.txt of an odometry sequence."""
    return _named([*_projections(rig), ("Tr:", top(rig.rect_from_velo))])


def raw_calibrations(rig: KittiRig) -> dict[str, str]:
    """The three files of a day of raw data, by name."""
    return {
        "calib_cam_to_cam.txt": _cam_to_cam(rig),
        "calib_velo_to_cam.txt": _rigid(rig.rect_from_velo)
        + f"delta_f: {numbers([0, 0])}\ndelta_c: {numbers([0, 0])}\n",
        "calib_imu_to_velo.txt": _rigid(rig.velo_from_imu),
    }


def _projections(rig: KittiRig) -> list[tuple[str, F64]]:
    return [(f"P{n}:", rig.projection(n)) for n in range(4)]


def _named(rows: Iterable[tuple[str, F64]]) -> str:
    return "".join(f"{name} {numbers(values)}\n" for name, values in rows)


def _rigid(pose: Pose) -> str:
    return f"{_CALIB_TIME}\nR: {numbers(pose.rotation)}\nT: {numbers(pose.position_m)}\n"


def _cam_to_cam(rig: KittiRig) -> str:
    """Pictures were never bent: what they were before rectification is what they are after."""
    lines = [_CALIB_TIME, f"corner_dist: {numbers([0.0])}"]
    for n in range(4):
        camera, p = rig.cameras.get(n, rig.cameras[2]), rig.projection(n)
        size = numbers([camera.intrinsics.width_px, camera.intrinsics.height_px])
        values = {
            "S": size,
            "K": numbers(p[:, :3]),
            "D": numbers(np.zeros(5)),
            "R": numbers(np.eye(3)),
            "T": numbers(-camera.offset_m),
            "S_rect": size,
            "R_rect": numbers(np.eye(3)),
            "P_rect": numbers(p),
        }
        lines += [f"{name}_{n:02d}: {value}" for name, value in values.items()]
    return "\n".join(lines) + "\n"
