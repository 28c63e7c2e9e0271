"""Shading for the preview renderer: sun, sky, contact shade, reflections, air."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Pose
from pairforge.renderers.darkness import gloom
from pairforge.renderers.protocol import View
from pairforge.renderers.raycast_lamps import Lamps
from pairforge.renderers.raycast_light import F32, Light
from pairforge.renderers.raycast_rays import in_world
from pairforge.renderers.raycast_surface import Surfaces
from pairforge.renderers.raycast_tone import exposure
from pairforge.scenes.world import World
from pairforge.sensors.ray_engine import Hits, RayEngine, Snapshot, lifted

_CONTACT_M = 2.5
"""How far away something still shades what is near it."""
_TILE = 4
"""Contact rays turn over a tile of pixels this wide, and are then averaged over it."""


@dataclass(frozen=True, eq=False)
class Shot:
    """Rays (N, 3) of one view in the world: origins, unit directions float64; ``pixel`` is the width of a pixel at
    one metre."""

    origins: F64
    directions: F64
    pixel: float
    poses: Mapping[int, Pose]
    world: Snapshot

    @staticmethod
    def of(view: View, camera_rays: F64, world: Snapshot) -> Shot:
        origins, directions = in_world(view.world_from_camera, camera_rays)
        return Shot(origins, directions, 1.0 / view.intrinsics.fx, view.part_poses, world)


class Shader:
    """Turns hits into radiance."""

    def __init__(self, world: World, engine: RayEngine, light: Light) -> None:
        self.engine, self.light = engine, light
        self._surfaces = Surfaces(world, engine)
        self._lamps = Lamps(world, engine, light.day.horizontal)
        self.exposure = exposure(self._lamps.metered, self._lamps.any) * 0.5 ** gloom(world.sky)

    def cast(self, shot: Shot) -> Hits:
        return shot.world.cast(shot.origins, shot.directions)

    def folds(self, hits: Hits) -> NDArray[np.bool_]:
        """(N,) hits whose creases are edges to be smoothed: not leaves, which crease everywhere."""
        opaque = np.append(self._surfaces.through == 0, False)
        return np.asarray(opaque[self.engine.material_of(hits)], dtype=np.bool_)

    def radiance(self, shot: Shot, hits: Hits, contact: F32) -> F32:
        """(N, 3) towards the camera; ``contact`` (N,) is the share of sky that near things leave open."""
        out = np.empty((len(hits.part), 3), dtype=np.float32)
        sky = np.flatnonzero(~hits.hit)
        out[sky] = self.light.sky(shot.directions[sky].astype(np.float32))
        solid = np.flatnonzero(hits.hit)
        if len(solid):
            seen = _chosen(hits, solid)
            out[solid] = self._lit(shot, solid, seen, contact[solid])
        return out

    def contact_shade(self, shot: Shot, hits: Hits, shape: tuple[int, int], rays: int) -> F32:
        """(H * W,) share of the near hemisphere that is open, 1 where nothing is hit."""
        open_share = np.ones(len(hits.part), dtype=np.float32)
        solid = np.flatnonzero(hits.hit)
        if not rays or not len(solid):
            return open_share
        normal = hits.normal[solid].astype(np.float64)
        start = lifted(shot.origins[solid] + shot.directions[solid] * hits.distance[solid, None], normal)
        rows, columns = np.divmod(solid, shape[1])
        turn = (rows % _TILE) * _TILE + columns % _TILE
        blocked = np.zeros(len(solid), dtype=np.float32)
        for k in range(rays):
            d = _hemisphere(normal, turn * rays + k, _TILE * _TILE * rays)
            blocked += shot.world.occluded(start, d, _CONTACT_M)
        open_share[solid] = 1 - blocked / rays
        return _tile_mean(open_share, hits, shape)

    def _lit(self, shot: Shot, solid: NDArray[np.intp], hits: Hits, contact: F32) -> F32:
        light, look = self.light, self._surfaces
        directions = shot.directions[solid]
        points = shot.origins[solid] + directions * hits.distance[:, None]
        turn, at = look.turns(shot.poses)
        d, p = directions.astype(np.float32), points.astype(np.float32)
        n = look.normals(hits, turn)
        facing = np.maximum(-np.einsum("ij,ij->i", hits.normal, d), 0.05)
        colour, wet, white = look.albedo(hits, p, hits.distance * np.float32(shot.pixel) / facing, turn, at)
        material = self.engine.material_of(hits)
        sun = self._sun(points, hits.normal, n, look.through[material], shot.world)
        sky = light.irradiance(n) * contact[:, None]
        lamps = self._lamps.irradiance(p, n, self._lamps.placed(shot.poses)) * contact[:, None]
        diffuse = ((1 - look.metallic) * (1 - 0.92 * look.transmission))[material]
        body = colour * np.maximum(diffuse, white)[:, None]
        out = body * (sun + sky + lamps) * np.float32(1 / np.pi)
        bare = (1 - white)[:, None]
        out += self._shine(d, points, n, hits, colour, wet, sun, contact, shot.world) * bare
        out += self._lamps.emission(hits, material) * bare
        return light.through_air(out, hits.distance)

    def _sun(self, points: F64, geometric: F32, n: F32, through: F32, world: Snapshot) -> F32:
        """(N, 3) irradiance from the sun, behind hard shadows; thin leaves are lit from behind too."""
        front = geometric @ self.light.to_sun > 0
        cosine = n @ self.light.to_sun
        cosine = np.where(front, np.maximum(cosine, 0.0), -np.minimum(cosine, 0.0) * through)
        lit = np.flatnonzero(cosine > 0)
        if len(lit) and self.light.sun.max() > 0:
            sunward = np.where(front[lit, None], geometric[lit], -geometric[lit])
            start = lifted(points[lit], sunward)
            towards = np.broadcast_to(self.light.to_sun.astype(np.float64), start.shape)
            cosine[lit[world.occluded(start, towards, np.inf)]] = 0.0
        return np.asarray(cosine[:, None] * self.light.sun, dtype=np.float32)

    def _shine(
        self,
        d: F32,
        points: F64,
        n: F32,
        hits: Hits,
        colour: F32,
        wet: F32,
        sun: F32,
        contact: F32,
        world: Snapshot,
    ) -> F32:
        """Mirror light (N, 3): Schlick's Fresnel times the sky, where open, and the sun's highlight."""
        look, material = self._surfaces, self.engine.material_of(hits)
        f0, rough = _gloss(look, material, wet)
        cosine = np.clip(-np.einsum("ij,ij->i", n, d), 0.0, 1.0)
        grazing = ((1 - cosine) ** 5)[:, None]
        metal = look.metallic[material][:, None]
        base = f0[:, None] * (1 - metal) + colour * metal
        fresnel = base + (1 - base) * grazing * (1 - rough[:, None]) ** 2
        out = np.zeros_like(colour)
        shiny = np.flatnonzero((rough < 0.6) | (metal[:, 0] > 0.5))
        if len(shiny):
            mirror = d[shiny] + 2 * cosine[shiny, None] * n[shiny]
            out[shiny] = fresnel[shiny] * self._reflection(points[shiny], hits.normal[shiny], mirror, world)
            out[shiny] *= contact[shiny, None]
        half = self.light.to_sun - d
        half /= np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-6)
        power = 2 / np.maximum(rough, 0.08) ** 4
        lobe = (power + 2) / (8 * np.pi) * np.maximum(np.einsum("ij,ij->i", n, half), 0.0) ** power
        return np.asarray(out + fresnel * sun * np.minimum(lobe, 40.0)[:, None], dtype=np.float32)

    def _reflection(self, points: F64, geometric: F32, mirror: F32, world: Snapshot) -> F32:
        """What a mirror shows (N, 3): the sky, or the dim grey of things in the way."""
        blocked = world.occluded(lifted(points, geometric), mirror.astype(np.float64), np.inf)
        sky = self.light.reflected(mirror)
        dim = self.light.irradiance(mirror) * np.float32(0.18 / np.pi)
        return np.asarray(np.where(blocked[:, None], dim, sky), dtype=np.float32)


def _gloss(look: Surfaces, material: NDArray[np.int32], wet: F32) -> tuple[F32, F32]:
    """Mirror reflectance at normal incidence and roughness (N,) of the outermost layer."""
    coat = look.coat[material]
    rough = look.roughness[material] * (1 - coat) + 0.12 * coat
    rough = rough * (1 - np.minimum(1.2 * wet, 0.75))
    return look.f0[material] * (1 - coat) + 0.04 * coat, rough


def _chosen(hits: Hits, rows: NDArray[np.intp]) -> Hits:
    return Hits(hits.distance[rows], hits.part[rows], hits.triangle[rows], hits.normal[rows], hits.uv[rows])


def _hemisphere(normal: F64, index: NDArray[np.int64], count: int) -> F64:
    """Cosine-weighted directions (N, 3) about normals, the ``index``-th of ``count`` on a Fibonacci spiral."""
    u = (index + 0.5) / count
    angle = index * (np.pi * (3 - np.sqrt(5)))
    r = np.sqrt(u)
    side = np.where(np.abs(normal[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    x = np.cross(side, normal)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = np.cross(normal, x)
    out = (r * np.cos(angle))[:, None] * x + (r * np.sin(angle))[:, None] * y
    return np.asarray(out + np.sqrt(1 - u)[:, None] * normal, dtype=np.float64)


def _tile_mean(values: F32, hits: Hits, shape: tuple[int, int]) -> F32:
    """Averages over the tile around each pixel, weighing only pixels on a like surface."""
    image = values.reshape(shape)
    normal = hits.normal.reshape(*shape, 3)
    total, weight = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    depth = np.where(np.isfinite(hits.distance), hits.distance, 1e6).astype(np.float32).reshape(shape)
    for dy in range(-2, 2):
        for dx in range(-2, 2):
            other = np.roll(image, (dy, dx), (0, 1))
            alike = np.einsum("ijk,ijk->ij", np.roll(normal, (dy, dx), (0, 1)), normal) > 0.9
            alike &= np.abs(np.roll(depth, (dy, dx), (0, 1)) - depth) < 0.03 * depth + 0.02
            w = alike.astype(np.float32)
            total += w * other
            weight += w
    return np.where(weight > 0, total / np.maximum(weight, 1), image).ravel().astype(np.float32)
