"""Rolling shutters, for the verifier: where parts are in a camera's axes when each of its rows is exposed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64, Intrinsics, Pose, Track, rotation
from pairforge.sample import SceneRecord
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.optics import row_times_ns

Eyes = Callable[[I64], tuple[F64, F64]]
"""Times (N,) -> positions (N, 3) and rotations (N, 3, 3) of a camera in the world."""
SETTLED_PX = 1e-7


def readout_s(sensor: ConcreteSensor | None) -> float:
    """How long a camera takes from its first row to its last; 0: all at once."""
    return 0.0 if sensor is None else float(sensor.settings.get("shutter", {}).get("readout_s", 0.0))


class RowPoses:
    """A frame of ``camera`` with that time stamp. Its parts are those of ``record``, 0 the world."""

    def __init__(
        self, record: SceneRecord, eyes: Eyes, camera: Intrinsics, time_ns: int, readout: float
    ) -> None:
        self.camera, self._record = camera, record
        self.times_ns = row_times_ns(time_ns, readout, camera.height_px)
        self._position, self._turn = eyes(self.times_ns)
        self._known: dict[tuple[str, int], tuple[F64, F64]] = {}

    def camera_from(self, kind: str, number: int) -> tuple[F64, F64]:
        """``camera_from_x`` of a "part" or an "instance" at each row's time: (H, 3, 3) and (H, 3)."""
        if (kind, number) not in self._known:
            own: Track | Pose | None
            if kind == "part":
                own = self._record.part_tracks.get(number) or self._record.part_poses.get(number)
            else:
                own = self._record.instance_tracks.get(number) or self._record.instance_poses.get(number)
            at, turn = np.zeros((1, 3)), np.eye(3)[None]
            if isinstance(own, Track):
                at, quaternions = own.sample(self.times_ns)
                turn = rotation(quaternions).as_matrix()
            elif own is not None:
                at, turn = own.position_m[None], own.rotation[None]
            back = np.swapaxes(self._turn, 1, 2)
            self._known[kind, number] = back @ turn, np.einsum("hij,hj->hi", back, at - self._position)
        return self._known[kind, number]

    def local(self, part_id: int, rows: I64, points: F64) -> F64:
        """Points (N, 3) in the camera's axes at their rows' times, in their part's own frame."""
        turns, offsets = self.camera_from("part", part_id)
        return np.asarray(np.einsum("nji,nj->ni", turns[rows], points - offsets[rows]))

    def image(self, kind: str, number: int, points: F64) -> tuple[F64, F64]:
        """Pixels (N, 2) in which points (N, 3) of a part's or an instance's frame show, and they themselves in the
        camera's axes at that moment. Above and below the image the time of its first and last row holds."""
        turns, offsets = self.camera_from(kind, number)
        last = len(turns) - 1
        place = np.full(len(points), last / 2)
        for _ in range(20):
            before = np.floor(place).astype(np.int64)
            after = np.minimum(before + 1, last)
            weight = (place - before)[:, None]
            a = np.einsum("nij,nj->ni", turns[before], points) + offsets[before]
            b = np.einsum("nij,nj->ni", turns[after], points) + offsets[after]
            seen = (1 - weight) * a + weight * b
            uv = self.camera.project(seen)
            next_place = np.where(np.isnan(uv[:, 1]), place, (uv[:, 1] - 0.5).clip(0.0, last))
            step = np.abs(next_place - place).max(initial=0.0)
            place = next_place
            if step <= SETTLED_PX:
                break
        return uv, seen


def grouped(parts: NDArray[np.uint16]) -> list[tuple[int, NDArray[np.intp]]]:
    """Each part id with the places (N,) that hold it."""
    return [(int(k), np.flatnonzero(parts == k)) for k in np.unique(parts)]
