"""nuScenes' files of one frame: pictures, LiDAR ``.pcd.bin``, radar ``.pcd``, and the labels of points."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pairforge.datasets.exporters.ego_motion import points_of
from pairforge.datasets.exporters.nuscenes_words import CATEGORIES, INDEX, OF_POINTS, category
from pairforge.datasets.exporters.pictures import jpeg
from pairforge.frames import F64, Pose
from pairforge.sample import LidarFrame, Reading, SceneRecord
from pairforge.scenes.taxonomy import CLASSES

OURS_FROM_TOP = Pose.of(yaw=-np.pi / 2)
"""nuScenes' LiDAR looks along its y, with x to the right."""
MOST_INSTANCES = 999
"""Panoptic labels are category index times 1000 plus the number of the instance within its category and scene."""

_RADAR = (
    ("x", "F", "f4"), ("y", "F", "f4"), ("z", "F", "f4"), ("dyn_prop", "I", "i1"), ("id", "I", "i2"),
    ("rcs", "F", "f4"), ("vx", "F", "f4"), ("vy", "F", "f4"), ("vx_comp", "F", "f4"), ("vy_comp", "F", "f4"),
    ("is_quality_valid", "I", "i1"), ("ambig_state", "I", "i1"), ("x_rms", "I", "i1"), ("y_rms", "I", "i1"),
    ("invalid_state", "I", "i1"), ("pdh0", "I", "i1"), ("vx_rms", "I", "i1"), ("vy_rms", "I", "i1"),
)  # fmt: skip
_RADAR_ROW = np.dtype([(name, f"<{kind}") for name, _, kind in _RADAR])
_RMS = np.array(
    [0.005, 0.006, 0.008, 0.011, 0.014, 0.018, 0.023, 0.029, 0.038, 0.049, 0.063, 0.081, 0.105, 0.135, 0.174, 0.224,
     0.288, 0.371, 0.478, 0.616, 0.794, 1.023, 1.317, 1.697, 2.187, 2.817, 3.630, 4.676, 6.025, 7.762, 10.0]
)  # fmt: skip
"""Upper bounds (m or m/s) of the device's codes of deviation, 1 first: the ARS 408's signal table."""
_FALSE = np.array([0.25, 0.5, 0.75, 0.9, 0.99, 0.999])
"""Upper bounds of the codes of false alarm probability, 1 first."""


def picture(rgb_png: bytes, form: str) -> bytes:
    """The stored picture as it is, or as JPEG."""
    if form == "png":
        return rgb_png
    return jpeg(Image.open(io.BytesIO(rgb_png)).convert("RGB"))


def sweep_points(
    frame: LidarFrame, record: SceneRecord, calibration: dict[str, Any], exact: bool
) -> NDArray[np.float32]:
    """(N, 3) float32 in nuScenes' LiDAR axes at the end of the sweep: each as measured, carried there by the ego's
    motion since it was fired; ``exact``: the noise-free hits instead."""
    ours = points_of(frame, record, calibration, "exact" if exact else "carried")
    return np.column_stack([-ours[:, 1], ours[:, 0], ours[:, 2]]).astype(np.float32)


def lidar_bin(points: NDArray[np.float32], frame: LidarFrame) -> bytes:
    """x, y, z, intensity (0..255), ring: float32 each."""
    rows = np.column_stack([points, frame.intensity * np.float32(255.0), frame.ring.astype(np.float32)])
    return rows.astype("<f4").tobytes()


def radar_pcd(reading: Reading) -> bytes:
    """nuScenes' 18 fields; a scan without detections is one row of NaN, as the devkit expects."""
    a = reading.arrays
    count = len(a["range_m"])
    rows = np.zeros(max(count, 1), dtype=_RADAR_ROW)
    if not count:
        for name, letter, _ in _RADAR:
            if letter == "F":
                rows[name] = np.nan
    else:
        rows["x"], rows["y"], rows["z"] = a["position_m"].T
        rows["dyn_prop"], rows["ambig_state"] = a["dyn_prop"], a["ambig_state"]
        rows["id"], rows["rcs"], rows["is_quality_valid"] = np.arange(count), a["rcs_dbsm"], 1
        rows["vx"], rows["vy"] = a["velocity_mps"].T
        rows["vx_comp"], rows["vy_comp"] = a["velocity_compensated_mps"].T
        rows["pdh0"] = np.searchsorted(_FALSE, a["p_false"]) + 1
        ahead, aside = _spread(a["azimuth_rad"], a["range_std_m"], a["range_m"] * a["azimuth_std_rad"])
        rows["x_rms"], rows["y_rms"] = _code(ahead), _code(aside)
        ahead, aside = _spread(a["azimuth_rad"], a["doppler_std_mps"], np.zeros(count))
        rows["vx_rms"], rows["vy_rms"] = _code(ahead), _code(aside)
    # The devkit wants a byte after the last row.
    return _radar_header(len(rows)) + rows.tobytes() + b"\n"


def _radar_header(count: int) -> bytes:
    sizes = " ".join(kind[1] for _, _, kind in _RADAR)
    lines = (
        "# .PCD v0.7 - Point Cloud Data file format",
        "VERSION 0.7",
        f"FIELDS {' '.join(name for name, _, _ in _RADAR)}",
        f"SIZE {sizes}",
        f"TYPE {' '.join(letter for _, letter, _ in _RADAR)}",
        f"COUNT {' '.join('1' for _ in _RADAR)}",
        f"WIDTH {count}",
        "HEIGHT 1",
        "VIEWPOINT 0 0 0 1 0 0 0",
        f"POINTS {count}",
        "DATA binary",
    )
    return ("\n".join(lines) + "\n").encode()


def _spread(azimuth: NDArray[np.float32], along: F64, across: F64) -> tuple[F64, F64]:
    """Deviations along x and y of those along and across the line of sight."""
    c, s = np.cos(azimuth), np.sin(azimuth)
    return np.hypot(along * c, across * s), np.hypot(along * s, across * c)


def _code(deviation: F64) -> NDArray[np.int64]:
    return np.minimum(np.searchsorted(_RMS, deviation) + 1, 31)


class PointLabels:
    """Which category and which instance the points of a scene are of."""

    def __init__(self, record: SceneRecord) -> None:
        named = {row.instance_id: category(row) for row in record.instances}
        ego = next((r.instance_id for r in record.instances if r.name == record.ego), 0)
        self._category = np.zeros(len(record.instances) + 1, dtype=np.uint8)
        self._number = np.zeros(len(record.instances) + 1, dtype=np.uint16)
        count: dict[str, int] = {}
        for instance_id, name in sorted(named.items()):
            if instance_id == ego:
                self._category[instance_id] = INDEX["vehicle.ego"]
            elif name is not None:
                count[name] = count.get(name, 0) + 1
                self._category[instance_id] = INDEX[name]
                self._number[instance_id] = count[name] if count[name] <= MOST_INSTANCES else 0
        other = INDEX["static.other"]
        self._of_class = np.array([INDEX.get(OF_POINTS.get(c.name, ""), other) for c in CLASSES], np.uint8)

    def of(self, frame: LidarFrame) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
        """Category indices (N,) uint8 and panoptic labels (N,) uint16."""
        own = self._category[frame.instance]
        labels = np.where(own > 0, own, self._of_class[frame.semantic])
        numbers = self._number[frame.instance]
        there = (frame.kind == 0) | (frame.kind == 4)
        labels = np.where(there, labels, INDEX["noise"]).astype(np.uint8)
        numbers = np.where(there, numbers, 0)
        assert labels.max(initial=0) < len(CATEGORIES)
        return labels, (labels.astype(np.uint16) * np.uint16(1000) + numbers).astype(np.uint16)


def panoptic_npz(labels: NDArray[np.uint16]) -> bytes:
    """As ``numpy.savez_compressed`` writes it: no clock is in it."""
    out = io.BytesIO()
    np.savez_compressed(out, data=labels)
    return out.getvalue()
