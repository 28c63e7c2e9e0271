"""What a label is asked about: one camera frame, what each of its pixels hit, and the world around that moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.sample import CameraFrame
from pairforge.scenes.world import World
from pairforge.sensors.camera_labels.protocol import LABELS
from pairforge.sensors.pixels import PixelHits
from pairforge.sensors.protocol import Sensing
from pairforge.sensors.rolling_view import RollingView
from pairforge.sensors.solo import solo_mask


@dataclass(frozen=True, eq=False)
class Shot:
    """One camera frame about to get its labels. ``frame`` has all that every camera gives."""

    at: Sensing
    frame: CameraFrame
    hits: PixelHits
    _solo: dict[int, NDArray[np.uint8]] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.at.engine.world

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.frame.intrinsics.height_px, self.frame.intrinsics.width_px

    @cached_property
    def hit(self) -> NDArray[np.bool_]:
        """(H, W) whether anything is there."""
        return np.asarray(self.frame.part > 0)

    @cached_property
    def points(self) -> F64:
        """(H, W, 3) surface points in camera axes, each at its row's time; 0 where nothing is hit."""
        depth = np.where(self.hit, self.hits.distance.reshape(self.shape), 0.0).astype(np.float64)
        rays = self.frame.intrinsics.depth_rays()
        return np.asarray(np.where(self.hit[..., None], rays, 0.0) * depth[..., None])

    @property
    def rolling(self) -> RollingView | None:
        """The view, if its rows have each their own time."""
        return self.hits.view if isinstance(self.hits.view, RollingView) else None

    def local(self, pixels: NDArray[np.intp], frames: NDArray[Any] | None = None) -> F64:
        """(M, 3) surface points at flat indices (M,) of pixels, in the frames of their parts, or of the parts
        ``frames`` (M,) (0: the world)."""
        ids, points = self.hits.part[pixels] if frames is None else frames, self.points.reshape(-1, 3)[pixels]
        view = self.hits.view
        if not isinstance(view, RollingView):
            return np.asarray(np.einsum("nij,ni->nj", view.turns[ids], points - view.offsets[ids]))
        out, rows = np.empty_like(points), pixels // self.shape[1]
        for part_id in np.unique(ids):
            own, table = np.flatnonzero(ids == part_id), view.rows_of(int(part_id))
            away = points[own] - table.offsets[rows[own]]
            out[own] = np.einsum("nij,ni->nj", table.turns[rows[own]], away)
        return out

    @cached_property
    def triangle(self) -> NDArray[np.int64]:
        """(H, W) row in ``RayEngine.tables`` of the triangle hit; meaningless where nothing is."""
        rows = self.at.engine.tables.first_triangle[self.hits.part] + self.hits.triangle
        return np.asarray(rows.reshape(self.shape))

    @cached_property
    def material(self) -> NDArray[np.uint16]:
        """(H, W) 1 + the index in ``World.materials`` of the surface hit; 0 for nothing."""
        tables = self.at.engine.tables
        found = np.zeros(self.shape, dtype=np.uint16)
        found[self.hit] = tables.material[self.triangle[self.hit]] + 1
        return found

    def texture_points(self, pixels: NDArray[np.intp]) -> F64:
        """(M, 2) texture coordinates at flat indices (M,) of pixels whose surfaces have them."""
        tables, row, local = self.at.engine.tables, self.triangle.ravel()[pixels], self.local(pixels)
        corners = np.concatenate([m.vertices[m.faces] for m in tables.meshes])[row].astype(np.float64)
        a, b, d = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0], local - corners[:, 0]
        aa, ab, bb, da, db = (
            np.einsum("ni,ni->n", x, y) for x, y in ((a, a), (a, b), (b, b), (d, a), (d, b))
        )
        under = np.maximum(aa * bb - ab * ab, 1e-300)
        u, v = ((bb * da - ab * db) / under)[:, None], ((aa * db - ab * da) / under)[:, None]
        uv = tables.corner_uv[row].astype(np.float64)
        return np.asarray(uv[:, 0] * (1 - u - v) + uv[:, 1] * u + uv[:, 2] * v)

    def solo(self, instance_id: int) -> NDArray[np.bool_]:
        """(H, W) the pixels that an instance would fill alone in the world; see ``solo.solo_mask``."""
        if instance_id not in self._solo:
            instance = self.world.instance(instance_id)
            mask = solo_mask(self.at.engine, self.hits, self.frame.instance, instance)
            self._solo[instance_id] = np.packbits(mask)
        return np.unpackbits(self._solo[instance_id], count=self.hit.size).reshape(self.shape).view(np.bool_)


def with_labels(at: Sensing, frame: CameraFrame, hits: PixelHits) -> CameraFrame:
    """The frame with all labels that its camera asks for."""
    names = at.sensor.settings.get("labels", ())
    if not names:
        return frame
    shot = Shot(at, frame, hits)
    extra = {name: array for label in names for name, array in LABELS.load(label).make(shot).items()}
    return replace(frame, extra={**frame.extra, **extra})
