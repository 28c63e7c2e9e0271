"""The preview renderer: the same world through the ray engine alone, in a fraction of a second.

Sun with hard shadows, a sky that lights by direction, contact shade, reflections of the sky, fog, procedural grain,
smoothed edges; by night lamps that throw no shadows. Glass is not seen through. All camera models; rolling shutters
and motion blur by samples over the exposure; depth of field at quality "high" alone, elsewhere all is sharp.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.errors import RenderError
from pairforge.renderers.protocol import Quality, View
from pairforge.renderers.raycast_exposure import aperture, takes
from pairforge.renderers.raycast_light import F32, light_of
from pairforge.renderers.raycast_rays import PixelRays, in_world
from pairforge.renderers.raycast_shade import Shader, Shot
from pairforge.renderers.raycast_tone import developed
from pairforge.scenes.world import World
from pairforge.sensors.ray_engine import Hits, RayEngine, Snapshot


@dataclass(frozen=True)
class _Preset:
    """``contact_rays`` a pixel feel for contact shade; edge pixels are cast again on a grid of ``edge_grid``
    squared, at most a share ``edge_share`` of the picture: those of the strongest contrast."""

    contact_rays: int
    edge_grid: int
    edge_share: float


_PRESETS: Mapping[Quality, _Preset] = {
    "draft": _Preset(contact_rays=0, edge_grid=1, edge_share=0.0),
    "standard": _Preset(contact_rays=1, edge_grid=2, edge_share=0.1),
    "high": _Preset(contact_rays=8, edge_grid=4, edge_share=1.0),
}

_SEEN_STEP = 0.04
"""Steps of sRGB (0..1) between neighbours that no eye minds are left as they are."""


_SKY_PX: dict[Quality, int] = {"draft": 512, "standard": 1024, "high": 1024}
"""Width of the sky's image: of a small picture it is most of the work."""


class RaycastRenderer:
    """Previews a world through the ray engine; see ``pairforge.renderers.protocol``."""

    name = "raycast"

    def __init__(self) -> None:
        self._shader: Shader | None = None
        self._quality: Quality = "standard"
        self._preset = _PRESETS["standard"]

    def open(self, world: World, quality: Quality) -> None:
        engine = RayEngine(world)
        self._shader = Shader(world, engine, light_of(world.sky, _SKY_PX[quality]))
        self._quality, self._preset = quality, _PRESETS[quality]

    def render(self, view: View) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 sRGB of what the camera sees."""
        if self._shader is None:
            raise RenderError("the raycast renderer has no world. Call open(world, quality) first.")
        shader, k = self._shader, view.intrinsics
        shape = (k.height_px, k.width_px)
        rays = PixelRays(k)
        if view.instants or (view.lens is not None and self._quality == "high"):
            return _printed(self._gathered(view, rays), rays, shape)
        world = Snapshot(shader.engine, view.part_poses)
        shot = Shot.of(view, k.rays().reshape(-1, 3), world)
        hits = shader.cast(shot)
        contact = shader.contact_shade(shot, hits, shape, self._preset.contact_rays)
        picture = developed(shader.radiance(shot, hits, contact), shader.exposure)
        if self._preset.edge_grid > 1:
            sharp = _edges(hits, shader.engine.material_of(hits), shader.folds(hits), shape)
            edges = _strongest(sharp, _contrast(picture.reshape(*shape, 3)), self._preset.edge_share)
            picture[edges] = self._smoothed(view, rays, world, edges, contact[edges])
        return _printed(picture, rays, shape)

    def close(self) -> None:
        self._shader = None

    def _gathered(self, view: View, rays: PixelRays) -> F32:
        """sRGB (H * W, 3) of light gathered while the shutter is open, and through all of the aperture."""
        assert self._shader is not None
        shader, k = self._shader, view.intrinsics
        light = np.zeros((k.height_px, k.width_px, 3), dtype=np.float32)
        count = np.zeros((k.height_px, 1, 1), dtype=np.float32)
        lens = view.lens if self._quality == "high" else None
        for take in takes(view, self._quality):
            pixels = np.arange(take.rows.start * k.width_px, take.rows.stop * k.width_px)
            shape = (take.rows.stop - take.rows.start, k.width_px)
            aside = None if lens is None else aperture(lens, take, pixels)
            world = Snapshot(shader.engine, take.part_poses)
            cast = in_world(
                take.world_from_camera, rays.at(pixels, *take.aside_px), aside, lens, not k.z_depth
            )
            shot = Shot(*cast, 1.0 / k.fx, take.part_poses, world)
            hits = shader.cast(shot)
            contact = shader.contact_shade(shot, hits, shape, min(self._preset.contact_rays, 1))
            light[take.rows] += shader.radiance(shot, hits, contact).reshape(*shape, 3)
            count[take.rows] += 1
        return developed((light / np.maximum(count, 1)).reshape(-1, 3), shader.exposure)

    def _smoothed(
        self, view: View, rays: PixelRays, world: Snapshot, pixels: NDArray[np.intp], contact: F32
    ) -> F32:
        """Edge pixels (n,) cast again on a grid within each and averaged, as the eye sees them (n, 3)."""
        assert self._shader is not None
        grid = self._preset.edge_grid
        total = np.zeros((len(pixels), 3), dtype=np.float32)
        for dy in range(grid):
            for dx in range(grid):
                within = rays.at(pixels, (dx + 0.5) / grid - 0.5, (dy + 0.5) / grid - 0.5)
                shot = Shot.of(view, within, world)
                seen = self._shader.radiance(shot, self._shader.cast(shot), contact)
                total += developed(seen, self._shader.exposure)
        return total / np.float32(grid * grid)


def _printed(picture: F32, rays: PixelRays, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """sRGB (H * W, 3) as uint8 (H, W, 3), black where the camera sees nothing."""
    pixels: NDArray[np.uint8] = np.rint(picture * 255).astype(np.uint8)
    pixels[~rays.seen] = 0
    return pixels.reshape(*shape, 3)


def _edges(
    hits: Hits, material: NDArray[np.int32], folds: NDArray[np.bool_], shape: tuple[int, int]
) -> NDArray[np.bool_]:
    """(H * W,) pixels beside another part or material, or across a fold of a surface that ``folds``."""
    key = (hits.part.astype(np.int64) * 4096 + material).reshape(shape)
    sharp = folds.reshape(shape)
    normal = hits.normal.reshape(*shape, 3)
    edge = np.zeros(shape, dtype=np.bool_)
    for axis in (0, 1):
        a, b = _pairs(axis)
        differs = key[a] != key[b]
        differs |= np.einsum("ijk,ijk->ij", normal[a], normal[b]) < 0.9 * sharp[a]
        edge[a] |= differs
        edge[b] |= differs
    return edge.ravel()


def _contrast(picture: F32) -> F32:
    """(H * W,) greatest step of any colour to a neighbour in an sRGB picture (H, W, 3)."""
    step = np.zeros(picture.shape[:2], dtype=np.float32)
    for axis in (0, 1):
        a, b = _pairs(axis)
        difference = np.abs(picture[a] - picture[b]).max(axis=2)
        step[a] = np.maximum(step[a], difference)
        step[b] = np.maximum(step[b], difference)
    return step.ravel()


def _strongest(edges: NDArray[np.bool_], contrast: F32, share: float) -> NDArray[np.intp]:
    """Indices, ascending, of the edge pixels one can see, at most this share of all pixels."""
    seen = np.flatnonzero(edges & (contrast > _SEEN_STEP))
    most = int(share * len(edges))
    return np.sort(seen[np.argsort(-contrast[seen], kind="stable")[:most]])


def _pairs(axis: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    everything, low, high = slice(None), slice(None, -1), slice(1, None)
    return ((low, everything), (high, everything)) if axis == 0 else ((everything, low), (everything, high))


def preview(world: World, view: View, quality: Quality = "standard") -> NDArray[np.uint8]:
    """One picture (H, W, 3) uint8 sRGB of a world, without keeping a renderer."""
    renderer = RaycastRenderer()
    renderer.open(world, quality)
    return renderer.render(view)
