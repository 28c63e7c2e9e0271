"""What the preview renderer knows of a surface: material tables, shading normals, procedural grain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from pairforge.frames import Pose
from pairforge.renderers.lamps import glow
from pairforge.renderers.snow import SNOW_RGB, slope_share, tracks
from pairforge.scenes.colours import linear_of
from pairforge.scenes.world import Texture, World
from pairforge.seeding import Stream
from pairforge.sensors.ray_engine import Hits, RayEngine

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Grain:
    """How a pattern varies: octaves of (wavelength in metres, strength), and how wetness darkens it."""

    octaves: tuple[tuple[float, float], ...]
    soaks: float = 0.0


GRAINS: Mapping[str, Grain] = {
    "asphalt": Grain(((0.03, 0.45), (0.25, 0.12), (2.5, 0.22)), soaks=0.55),
    "concrete": Grain(((0.06, 0.14), (0.6, 0.14), (3.0, 0.12)), soaks=0.45),
    "plaster": Grain(((0.08, 0.08), (1.6, 0.12)), soaks=0.25),
    "brick": Grain(((0.05, 0.15), (1.2, 0.15)), soaks=0.35),
    "grass": Grain(((0.06, 0.6), (0.4, 0.35), (3.0, 0.3)), soaks=0.2),
    "bark": Grain(((0.05, 0.5), (0.3, 0.3)), soaks=0.4),
    "leaves": Grain(((0.12, 0.7), (0.6, 0.4)), soaks=0.1),
    "wood": Grain(((0.04, 0.15), (0.3, 0.1)), soaks=0.2),
    "fabric": Grain(((0.01, 0.15), (0.1, 0.08)), soaks=0.4),
    "hair": Grain(((0.006, 0.25), (0.05, 0.1)), soaks=0.3),
    "rubber": Grain(((0.05, 0.15),)),
    "brushed": Grain(((0.0008, 0.06), (0.02, 0.05))),
    "turned": Grain(((0.0008, 0.06), (0.02, 0.05))),
    "milled": Grain(((0.0012, 0.06), (0.02, 0.06))),
    "cast": Grain(((0.0012, 0.3), (0.008, 0.15))),
    "powder": Grain(((0.0006, 0.06),)),
    "moulded": Grain(((0.0006, 0.05),)),
    "citrus": Grain(((0.004, 0.12),)),
    "fruit": Grain(((0.006, 0.12), (0.05, 0.08))),
    "crust": Grain(((0.01, 0.15), (0.05, 0.2))),
    "terrazzo": Grain(((0.012, 0.2), (0.4, 0.05))),
}
_PATCHES = Grain(((3.1, 1.0), (0.7, 0.5)))
_BRICK_M, _COURSE_M, _MORTAR_M = 0.24, 0.085, 0.012
_MORTAR = np.array([0.42, 0.40, 0.37], dtype=np.float32)


class Picture:
    """A texture to look colours up in."""

    def __init__(self, texture: Texture) -> None:
        self._linear = linear_of(texture.pixels.astype(np.float32) / np.float32(255))

    def colour(self, uv: F32) -> F32:
        """Linear RGB (N, 3) at texture coordinates (N, 2), between the four nearest texels."""
        h, w = self._linear.shape[:2]
        at = np.stack([(1 - uv[:, 1]) * h - 0.5, uv[:, 0] * w - 0.5])
        channels = [map_coordinates(self._linear[..., k], at, order=1, mode="grid-wrap") for k in range(3)]
        return np.stack(channels, axis=1)


class Surfaces:
    """Per-material numbers of a world, and the look of its surfaces at hit points."""

    def __init__(self, world: World, engine: RayEngine) -> None:
        self._world, self._engine = world, engine
        m = engine.materials
        self.colour = np.array([x.colour for x in m], dtype=np.float32).reshape(-1, 3)
        self.roughness = np.array([x.roughness for x in m], dtype=np.float32)
        self.metallic = np.array([x.metallic for x in m], dtype=np.float32)
        self.transmission = np.array([x.transmission for x in m], dtype=np.float32)
        self.coat = np.array([x.coat for x in m], dtype=np.float32)
        self.f0 = np.array([((x.ior - 1) / (x.ior + 1)) ** 2 for x in m], dtype=np.float32)
        self.emission = np.array([x.emission_w_m2 for x in m], dtype=np.float32)
        self.through = np.array([0.55 if x.pattern == "leaves" else 0.0 for x in m], dtype=np.float32)
        """Share of the light from behind that a thin leaf lets through."""
        self._grained = [(k, x.pattern, GRAINS[x.pattern]) for k, x in enumerate(m) if x.pattern in GRAINS]
        self._textured = [(k, Picture(x.texture)) for k, x in enumerate(m) if x.texture is not None]
        self._rest = np.concatenate(
            [np.eye(3)[None], *(p.world_from_part.rotation[None] for p in world.parts)]
        )
        self._moves = np.array([False, *(p.moves for p in world.parts)])
        self._rests = glow(world).rests
        self._tracks = tracks(world)
        ground = ("asphalt", "concrete", "grass")
        self._ground = np.array([x.pattern in ground or x.name.startswith("paint_") for x in m])

    def turns(self, poses: Mapping[int, Pose]) -> tuple[F32, F32]:
        """world_from_part of every part by its id: rotations (P + 1, 3, 3) and positions (P + 1, 3)."""
        turn, at = self._rest.copy(), np.zeros((len(self._rest), 3))
        for part_id, pose in poses.items():
            turn[part_id], at[part_id] = pose.rotation, pose.position_m
        return turn.astype(np.float32), at.astype(np.float32)

    def normals(self, hits: Hits, turn: F32) -> F32:
        """Shading normals (N, 3), on the side of the geometric ones."""
        corners = self._engine.tables.corner_normals[self._engine.triangle_of(hits)]
        u, v = hits.uv[:, :1], hits.uv[:, 1:]
        local = corners[:, 0] * (1 - u - v) + corners[:, 1] * u + corners[:, 2] * v
        n = np.einsum("nij,nj->ni", turn[hits.part], local)
        n /= np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-12)
        n[np.einsum("ij,ij->i", n, hits.normal) < 0] *= -1
        return np.asarray(n, dtype=np.float32)

    def albedo(self, hits: Hits, points: F32, footprint_m: F32, turn: F32, at: F32) -> tuple[F32, F32, F32]:
        """Base colours (N, 3), how wet-shiny (N,) each hit is and how much of it is snow (N,); ``footprint_m`` (N,)
        is the size of a pixel there, and grain finer than it fades to its mean."""
        material = self._engine.material_of(hits)
        colour, sheen = self.colour[material], np.zeros(len(points), dtype=np.float32)
        wetness = np.float32(self._world.sky.wetness)
        for k, pattern, grain in self._grained:
            mine = np.flatnonzero(material == k)
            if not len(mine):
                continue
            where = self._grain_points(hits.part[mine], points[mine], turn, at)
            tone = _tone(where, grain, footprint_m[mine])
            base = colour[mine] * tone[:, None]
            if pattern == "brick":
                base = _bricks(base, where, hits.normal[mine], footprint_m[mine])
            colour[mine] = base * (1 - wetness * np.float32(grain.soaks))
            sheen[mine] = wetness * np.float32(grain.soaks) * np.maximum(hits.normal[mine, 2], 0.0)
        for k, texture in self._textured:
            mine = np.flatnonzero(material == k)
            if len(mine):
                colour[mine] *= texture.colour(self._texture_points(hits, mine))
        white = self._snow(hits, points, material)
        snow = np.array(SNOW_RGB, dtype=np.float32)
        shown = np.clip(colour * (1 - white[:, None]) + snow * white[:, None], 0.0, 1.0)
        return np.asarray(shown, dtype=np.float32), sheen, white

    def _snow(self, hits: Hits, points: F32, material: NDArray[np.int32]) -> F32:
        """(N,) how much of each hit is snow: by slope, in patches, worn off by wheels, less on what moves."""
        cover = self._world.sky.snow_cover
        if cover <= 0.0:
            return np.zeros(len(points), dtype=np.float32)
        patchy = 0.5 + 0.3 * (_tone(points, _PATCHES, np.zeros(len(points), np.float32)) - 1)
        patches = np.clip((1.3 * cover - patchy) / 0.12 + 0.5, 0.0, 1.0)
        stays = np.where(self.transmission[material] > 0, 0.0, 0.12 + 0.88 * self._rests[hits.part])
        lies: F32 = np.asarray(slope_share(hits.normal[:, 2]) * patches * stays, dtype=np.float32)
        if self._tracks is not None:
            ground = np.flatnonzero(self._ground[material])
            lies[ground] *= 1 - 0.85 * self._tracks.at(points[ground])
        return lies

    def _texture_points(self, hits: Hits, mine: NDArray[np.intp]) -> F32:
        """Texture coordinates (M, 2) of some of the hits."""
        corners = self._engine.tables.corner_uv[self._engine.triangle_of(hits)[mine]]
        u, v = hits.uv[mine, :1], hits.uv[mine, 1:]
        return np.asarray(
            corners[:, 0] * (1 - u - v) + corners[:, 1] * u + corners[:, 2] * v, dtype=np.float32
        )

    def _grain_points(self, part: NDArray[np.uint16], points: F32, turn: F32, at: F32) -> F32:
        """World points, or on moving parts points of the part, so that grain moves with its surface."""
        moving = np.flatnonzero(self._moves[part])
        if not len(moving):
            return points
        out, ids = points.copy(), part[moving]
        out[moving] = np.einsum("nij,ni->nj", turn[ids], points[moving] - at[ids])
        return out


@cache
def _lattice() -> F32:
    noise = Stream(0, "raycast/grain").rng().random((64, 64, 64), dtype=np.float32)
    return noise * 2 - 1


def _tone(points: F32, grain: Grain, footprint_m: F32) -> F32:
    tone = np.ones(len(points), dtype=np.float32)
    for wavelength_m, strength in grain.octaves:
        fade = strength * np.clip(wavelength_m / np.maximum(footprint_m, 1e-6) - 0.5, 0.0, 1.0)
        seen = np.flatnonzero(fade > 0)
        at = (points[seen] * np.float32(1.0 / wavelength_m) + np.float32(17.3)).T
        tone[seen] += fade[seen] * map_coordinates(_lattice(), at, order=1, mode="grid-wrap")
    return tone


def _bricks(colour: F32, points: F32, normals: F32, footprint_m: F32) -> F32:
    """Running bond: courses by height, bricks along the wall, mortar between; each brick its own tone."""
    along_x = np.abs(normals[:, 1]) > np.abs(normals[:, 0])
    s = np.where(along_x, points[:, 0], points[:, 1])
    course = np.floor(points[:, 2] / _COURSE_M)
    s = s / _BRICK_M + 0.5 * (course % 2)
    brick = np.floor(s)
    across = np.minimum((s - brick) * _BRICK_M, (1 - s + brick) * _BRICK_M)
    height = points[:, 2] - course * _COURSE_M
    edge = np.minimum(across, np.minimum(height, _COURSE_M - height))
    fine = np.clip(_COURSE_M / np.maximum(footprint_m, 1e-6) - 1.0, 0.0, 1.0)
    mortar = np.clip((_MORTAR_M / 2 - edge) / np.maximum(footprint_m, 1e-4) + 0.5, 0.0, 1.0)
    mortar = np.where(fine > 0, mortar * fine + (1 - fine) * 0.15, 0.15)
    pick = ((brick.astype(np.int64) * 7 + course.astype(np.int64) * 13) & 63).astype(np.intp)
    tone = 1 + 0.22 * fine * _lattice()[pick, (pick * 5) & 63, 3]
    upright = np.abs(normals[:, 2]) < 0.7
    mortar = np.where(upright, mortar, 0.0)[:, None].astype(np.float32)
    return np.asarray(colour * tone[:, None] * (1 - mortar) + _MORTAR * mortar, dtype=np.float32)
