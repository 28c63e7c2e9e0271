"""What one camera's arrays say of each instance, and where each body stands: read once, measured many times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, rotation
from pairforge.sample import Box2D, CameraFrame, InstanceRow, Keyframe, SceneRecord


@dataclass(frozen=True)
class Mask:
    """One instance in one camera: visible pixels, mean column and row, and the box around them (pixel edges)."""

    instance_id: int
    px: int
    col: float
    row: float
    box: tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Eye:
    """One camera's image, indexed by instance id."""

    camera: CameraFrame

    @property
    def width(self) -> int:
        return int(self.camera.instance.shape[1])

    @property
    def height(self) -> int:
        return int(self.camera.instance.shape[0])

    @cached_property
    def masks(self) -> dict[int, Mask]:
        """Instance id -> mask figures, ascending ids, background left out."""
        ids = self.camera.instance
        by_col, by_row = _histogram(ids), _histogram(ids.T)
        cols, rows = np.arange(self.width) + 0.5, np.arange(self.height) + 0.5
        found = {}
        for instance_id in np.flatnonzero(by_col.sum(axis=1)):
            if instance_id == 0:
                continue
            in_col, in_row = by_col[instance_id], by_row[instance_id]
            px = int(in_col.sum())
            xs, ys = np.flatnonzero(in_col), np.flatnonzero(in_row)
            found[int(instance_id)] = Mask(
                int(instance_id),
                px,
                float(in_col @ cols) / px,
                float(in_row @ rows) / px,
                (int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1),
            )
        return found

    @cached_property
    def boxes(self) -> dict[int, Box2D]:
        return {b.instance_id: b for b in self.camera.boxes}

    def showing(self, at_least_px: int) -> frozenset[int]:
        """Ids of the masks of so many pixels."""
        counts = np.bincount(self.camera.instance.ravel())
        return frozenset(np.flatnonzero(counts >= at_least_px).tolist()) - {0}


def _histogram(ids: NDArray[np.uint16]) -> NDArray[np.int64]:
    """(max id + 1, columns) pixels of each id in each column of ``ids``."""
    width = ids.shape[1]
    flat = ids.astype(np.int64) * width + np.arange(width)
    most = int(ids.max()) + 1
    return np.bincount(flat.ravel(), minlength=most * width).reshape(most, width)


@dataclass(frozen=True, eq=False)
class Body:
    """One instance in the world at the keyframe: its upright box and its velocity."""

    row: InstanceRow
    centre: F64
    size: tuple[float, float, float]
    rotation: F64
    velocity: F64

    @property
    def instance_id(self) -> int:
        return self.row.instance_id

    @property
    def speed(self) -> float:
        return float(np.linalg.norm(self.velocity))

    @cached_property
    def forward(self) -> F64:
        """(2,) unit heading on the ground."""
        heading = self.rotation[:2, 0]
        unit: F64 = heading / max(float(np.linalg.norm(heading)), 1e-9)
        return unit

    @cached_property
    def corners(self) -> F64:
        """(8, 3) corners of the box in the world."""
        signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
        placed: F64 = self.centre + (signs * np.asarray(self.size) / 2) @ self.rotation.T
        return placed

    @cached_property
    def footprint(self) -> F64:
        """(4, 2) corners of the box seen from above, in order around it."""
        a, b = self.size[0] / 2, self.size[1] / 2
        local = np.array([[a, b, 0.0], [-a, b, 0.0], [-a, -b, 0.0], [a, -b, 0.0]])
        flat: F64 = (self.centre + local @ self.rotation.T)[:, :2]
        return flat

    @property
    def bottom(self) -> float:
        return float(self.corners[:, 2].min())

    @property
    def top(self) -> float:
        return float(self.corners[:, 2].max())


def bodies_of(frame: Keyframe, record: SceneRecord) -> dict[int, Body]:
    """Instance id -> body, for everything with a 3D box at this keyframe."""
    found = {
        b.instance_id: Body(
            record.instance(b.instance_id),
            np.asarray(b.centre_m, dtype=np.float64),
            b.size_m,
            np.asarray(rotation(b.quaternion_wxyz).as_matrix(), dtype=np.float64),
            np.asarray(b.velocity_mps, dtype=np.float64),
        )
        for b in frame.boxes
    }
    ego_id = ego_id_of(record)
    if ego_id is not None and ego_id not in found:
        found[ego_id] = _body_on_track(record, ego_id, frame.time_ns)
    return found


def _body_on_track(record: SceneRecord, instance_id: int, time_ns: int) -> Body:
    row, pose = record.instance(instance_id), record.world_from_body(instance_id, time_ns)
    step_ns = 20_000_000
    before = record.world_from_body(instance_id, time_ns - step_ns).position_m
    after = record.world_from_body(instance_id, time_ns + step_ns).position_m
    return Body(
        row, pose.points(row.centre_m), row.size_m, pose.rotation, (after - before) / (2e-9 * step_ns)
    )


def footprint_gap(a: F64, b: F64) -> float:
    """Metres between two convex outlines (N, 2) and (M, 2) on the ground; 0 when they overlap."""
    if _overlap(a, b):
        return 0.0
    return min(_points_to_outline(a, b), _points_to_outline(b, a))


def _overlap(a: F64, b: F64) -> bool:
    # Separating axes: two convex outlines are apart exactly when some edge's normal separates them.
    for outline in (a, b):
        edges = np.roll(outline, -1, axis=0) - outline
        for nx, ny in zip(-edges[:, 1], edges[:, 0], strict=True):
            pa, pb = a @ np.array([nx, ny]), b @ np.array([nx, ny])
            if pa.max() < pb.min() or pb.max() < pa.min():
                return False
    return True


def _points_to_outline(points: F64, outline: F64) -> float:
    start, edge = outline, np.roll(outline, -1, axis=0) - outline
    offset = points[:, None] - start[None]
    along = np.clip((offset * edge).sum(-1) / np.maximum((edge * edge).sum(-1), 1e-12), 0.0, 1.0)
    return float(np.linalg.norm(offset - along[..., None] * edge, axis=-1).min())


def ego_id_of(record: SceneRecord) -> int | None:
    """The ego's instance id, None when the scene has no ego."""
    return next((r.instance_id for r in record.instances if r.name == record.ego), None)
