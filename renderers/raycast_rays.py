"""The preview renderer's rays: of any camera model, at sub-pixel places, from any point of the aperture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Intrinsics, Pose
from pairforge.renderers.protocol import ThinLens

_AWAY_M = 1e9
"""Where rays of pixels that see nothing start, going up: what the ray engine does with nan is slow and its own."""


@dataclass(frozen=True, eq=False)
class PixelRays:
    """Rays of all pixels, row by row."""

    camera: Intrinsics

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        """(N,) which pixels see anything."""
        return np.asarray(np.isfinite(self._centres[:, 0]))

    @cached_property
    def _centres(self) -> F64:
        return self.camera.rays().reshape(-1, 3)

    @cached_property
    def _steps(self) -> tuple[F64, F64]:
        """How rays (N, 3) change a pixel to the right, and down; 0 at what sees nothing."""
        rays = self.camera.rays()
        if min(rays.shape[:2]) < 2:
            return np.zeros_like(self._centres), np.zeros_like(self._centres)
        down, right = np.gradient(rays, axis=(0, 1))
        return np.nan_to_num(right).reshape(-1, 3), np.nan_to_num(down).reshape(-1, 3)

    def at(self, pixels: NDArray[np.intp], right: float, down: float) -> F64:
        """Directions (n, 3) in camera axes, nan for none, through points ``right`` and ``down`` of the centres."""
        rays = np.array(self._centres[pixels])
        k = self.camera
        if k.is_pinhole:
            rays[:, 0] += right / k.fx
            rays[:, 1] += down / k.fy
        elif right or down:
            across, along = self._steps
            rays += right * across[pixels] + down * along[pixels]
        return rays


def in_world(
    pose: Pose, rays: F64, aside_m: F64 | None = None, lens: ThinLens | None = None, by_range: bool = False
) -> tuple[F64, F64]:
    """Origins and unit directions (n, 3) in the world of rays (n, 3) of a camera at ``pose``.

    With ``aside_m`` (n, 2): from these points of the aperture of a ``lens``, through where the rays meet the depth
    that it is sharp at: z-depth, or with ``by_range`` the distance.
    """
    blind = np.isnan(rays[:, 0])
    if aside_m is not None and lens is not None:
        length = np.linalg.norm(rays, axis=1, keepdims=True)
        z = length if by_range else np.maximum(rays[:, 2:], 0.05 * length)
        start = np.concatenate([aside_m, np.zeros((len(rays), 1))], axis=1)
        rays = rays * (lens.focus_m / z) - start
        origins = pose.points(start)
    else:
        origins = np.broadcast_to(pose.position_m, rays.shape)
    directions = pose.vectors(rays)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    if blind.any():
        origins = np.where(blind[:, None], [0.0, 0.0, _AWAY_M], origins)
        directions[blind] = (0.0, 0.0, 1.0)
    return origins, directions
