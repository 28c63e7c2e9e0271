"""KITTI's files read anew from their published description, sharing nothing with what writes them.

Formulae: x = P2 R0_rect Tr_velo_to_cam y (the object benchmark's readme); a box stands on its bottom centre in
rectified camera 0, x along its length turned about the y axis (down) by rotation_y.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def calibration(path: Path) -> dict[str, F64]:
    """Name -> matrix: (3, 4) or (3, 3)."""
    found = {}
    for line in path.read_text().splitlines():
        name, *values = line.replace(":", " ").split()
        found[name] = np.array([float(v) for v in values]).reshape(3, -1)
    return found


def to_rect(calib: dict[str, F64], velo: F64) -> F64:
    """Points (N, 3) of the Velodyne in rectified camera 0."""
    r0 = calib["R0_rect"] if "R0_rect" in calib else calib["R_rect"]
    tr = calib["Tr_velo_to_cam"] if "Tr_velo_to_cam" in calib else calib["Tr_velo_cam"]
    return (r0 @ (tr @ np.column_stack([velo, np.ones(len(velo))]).T)).T


def to_image(p: F64, rect: F64) -> F64:
    """Pixels (N, 2) of points of rectified camera 0; the first pixel's centre is (0, 0)."""
    u, v, w = p @ np.column_stack([rect, np.ones(len(rect))]).T
    return np.column_stack([u / w, v / w])


@dataclass(frozen=True)
class Thing:
    """A line of labels; ``track`` is -1 where the layout has none."""

    frame: int
    track: int
    kind: str
    truncated: float
    occluded: int
    alpha: float
    box: F64
    h: float
    w: float
    l: float  # noqa: E741  (KITTI's own name)
    xyz: F64
    ry: float

    def inside(self, rect: F64, margin_m: float = 0.0) -> NDArray[np.bool_]:
        """Which points (N, 3) of rectified camera 0 are in the box."""
        x, y, z = self.own_axes(rect).T
        return (
            (np.abs(x) <= self.l / 2 + margin_m)
            & (np.abs(z) <= self.w / 2 + margin_m)
            & (y <= margin_m)
            & (y >= -self.h - margin_m)
        )

    def own_axes(self, rect: F64) -> F64:
        """Points (N, 3) in the box's axes: x along its length, y down, from its bottom centre."""
        c, s = np.cos(self.ry), np.sin(self.ry)
        return (rect - self.xyz) @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])

    def corners(self) -> F64:
        """(8, 3) in rectified camera 0."""
        c, s = np.cos(self.ry), np.sin(self.ry)
        x = np.array([1, 1, 1, 1, -1, -1, -1, -1]) * self.l / 2
        y = np.array([0, 0, -1, -1, 0, 0, -1, -1]) * self.h
        z = np.array([1, -1, 1, -1, 1, -1, 1, -1]) * self.w / 2
        return np.column_stack([c * x + s * z, y, -s * x + c * z]) + self.xyz


def things(text: str, tracked: bool) -> list[Thing]:
    """All lines but DontCare's."""
    found = []
    for line in text.splitlines():
        fields = line.split()
        head = fields[:2] if tracked else ["0", "-1"]
        kind, *rest = fields[2:] if tracked else fields
        v = [float(x) for x in rest]
        assert len(v) == 14
        if kind != "DontCare":
            found.append(
                Thing(int(head[0]), int(head[1]), kind, v[0], int(v[1]), v[2], np.array(v[3:7]), *v[7:10],
                      np.array(v[10:13]), v[13])
            )  # fmt: skip
    return found
