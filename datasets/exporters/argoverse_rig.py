"""Which sensors are Argoverse 2's ring cameras and its upper LiDAR."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pairforge.datasets.exporters.protocol import ExportError
from pairforge.errors import did_you_mean
from pairforge.frames import Pose

Row = dict[str, Any]
RING: Mapping[str, float] = {
    "ring_front_center": 0.0,
    "ring_front_left": 45.0,
    "ring_front_right": -45.0,
    "ring_side_left": 99.0,
    "ring_side_right": -99.0,
    "ring_rear_left": 153.0,
    "ring_rear_right": -153.0,
}
"""Where each looks, degrees to the left of ahead, to the nearest few."""
STEREO = ("stereo_front_left", "stereo_front_right")
HALF_PX = 0.5


@dataclass(frozen=True, eq=False)
class Rig:
    """``cameras``: Argoverse's name -> our row of the calibration table."""

    cameras: Mapping[str, Row]
    lidar: Row

    @property
    def ego_from_lidar(self) -> Pose:
        return _pose(self.lidar)

    def extrinsics(self) -> Iterator[tuple[str, Pose]]:
        """Name -> ``ego_from_sensor``. There is one LiDAR: the lower one is the upper."""
        for name, row in self.cameras.items():
            yield name, _pose(row)
        yield "up_lidar", self.ego_from_lidar
        yield "down_lidar", self.ego_from_lidar


def rig_of(calibration: Iterable[Row], cameras: str, lidar: str, fill: bool) -> Rig:
    """The rig of a scene by its calibration table and the options of these names; ExportError when there is none."""
    rows = list(calibration)
    top = _lidar([r for r in rows if r["kind"] == "lidar"], lidar)
    if ":" in (top["mount"] or ""):
        raise ExportError(
            f"{top['sensor']} is mounted on {top['mount']}, a part; Argoverse wants one on the ego's body. "
            "Choose another with --set lidar=NAME"
        )
    found = [r for r in rows if r["kind"] == "camera" and r["mount"] == top["mount"]]
    named = _said(found, cameras, top) if cameras else _by_yaw([r for r in found if _pinhole(r)])
    for name, row in named.items():
        if not _pinhole(row):
            raise ExportError(
                f"{row['sensor']} is a {row['intrinsics']['model']} camera and cannot be {name}: Argoverse's are "
                "pinholes. Leave it out of --set cameras=…"
            )
    if not named:
        raise ExportError(
            f"Argoverse needs a pinhole camera on {top['mount'] or 'the world'}, where {top['sensor']} is, and there "
            "is none. Add one to the scene."
        )
    if fill:
        seen = dict(named)
        for name, yaw in RING.items():
            nearest = min(sorted(seen), key=lambda n: abs(_turn(_yaw_deg(seen[n]), yaw)))
            named.setdefault(name, seen[nearest])
    return Rig(dict(sorted(named.items())), top)


def _pose(row: Row) -> Pose:
    return Pose.of(row["position_m"], row["quaternion_wxyz"])


def _pinhole(row: Row) -> bool:
    return bool(row["intrinsics"]["model"] == "pinhole")


def _yaw_deg(row: Row) -> float:
    forward = _pose(row).vectors([0.0, 0.0, 1.0])
    return float(np.degrees(np.arctan2(forward[1], forward[0])))


def _turn(one_deg: float, other_deg: float) -> float:
    """From one heading to another by the shorter way."""
    return (one_deg - other_deg + 180.0) % 360.0 - 180.0


def _lidar(found: list[Row], name: str) -> Row:
    by_name = {r["sensor"]: r for r in found}
    if not found:
        raise ExportError(
            "Argoverse needs a LiDAR and this dataset has none: add one to the scene's sensors."
        )
    if name and name not in by_name:
        raise ExportError(f'there is no LiDAR "{name}". {did_you_mean(name, by_name)}')
    if not name and len(found) > 1:
        raise ExportError(
            f"there are {len(found)} LiDARs; say which is up_lidar: --set lidar={found[0]['sensor']}"
        )
    return by_name[name] if name else found[0]


def _said(found: list[Row], said: str, top: Row) -> dict[str, Row]:
    by_name = {r["sensor"]: r for r in found}
    chosen: dict[str, Row] = {}
    for text in said.split(","):
        name, equals, own = text.strip().partition("=")
        if not equals:
            raise ExportError(f'cameras "{said}": say NAME=CAMERA, as in ring_front_center=front')
        if name not in (*RING, *STEREO):
            raise ExportError(f'Argoverse has no camera "{name}". {did_you_mean(name, (*RING, *STEREO))}')
        if own not in by_name:
            raise ExportError(
                f'there is no camera "{own}" on {top["mount"] or "the world"}. {did_you_mean(own, by_name)}'
            )
        if name in chosen:
            raise ExportError(f'cameras "{said}" names {name} twice; once is enough')
        chosen[name] = by_name[own]
    return chosen


def _by_yaw(found: list[Row]) -> dict[str, Row]:
    """Every ring camera is the camera that looks most its way, nearest pairs first; no camera is two."""
    pairs = sorted(
        (abs(_turn(_yaw_deg(row), yaw)), k, name) for k, row in enumerate(found) for name, yaw in RING.items()
    )
    chosen: dict[str, Row] = {}
    for _, k, name in pairs:
        if name not in chosen and all(found[k] is not row for row in chosen.values()):
            chosen[name] = found[k]
    return chosen
