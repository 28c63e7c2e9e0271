"""A world and a view as plain data for the Blender worker: matrices, arrays, materials, nothing of Blender."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.errors import RenderError
from pairforge.frames import F64, Intrinsics
from pairforge.renderers.lamps import Beam, beams, glow
from pairforge.renderers.protocol import View
from pairforge.renderers.snow import Tracks, tracks
from pairforge.scenes.world import Mesh, Sky, World


@dataclass(frozen=True, eq=False)
class PartData:
    """A part: which of the scene's meshes it shows, its (4, 4) ``world_from_part`` at rest, its ``lamps.Glow``."""

    part_id: int
    mesh: int
    world_from_part: F64
    lit: float = 0.0
    seed: float = 0.0
    rests: float = 1.0


@dataclass(frozen=True, eq=False)
class SceneData:
    """All that Blender draws. Every distinct mesh stands here once, however many parts share it."""

    meshes: tuple[Mesh, ...]
    parts: tuple[PartData, ...]
    sky: Sky
    beams: tuple[Beam, ...] = ()
    tracks: Tracks | None = None


@dataclass(frozen=True, eq=False)
class ViewData:
    """One picture: the camera (OpenCV axes, (4, 4)) and the (4, 4) matrices of parts away from rest."""

    intrinsics: Intrinsics
    world_from_camera: F64
    part_matrices: dict[int, F64]


def scene_data(world: World) -> SceneData:
    """The world's parts with their shared meshes, in part id order."""
    slots: dict[int, int] = {}
    meshes: list[Mesh] = []
    parts = []
    shown = glow(world)
    for part in world.parts:
        slot = slots.setdefault(id(part.mesh), len(meshes))
        if slot == len(meshes):
            meshes.append(part.mesh)
        k = part.part_id
        lit, seed, rests = float(shown.lit[k]), float(shown.seed[k]), float(shown.rests[k])
        parts.append(PartData(k, slot, part.world_from_part.matrix, lit, seed, rests))
    return SceneData(tuple(meshes), tuple(parts), world.sky, beams(world), tracks(world))


def view_data(view: View, parts: int) -> ViewData:
    """The view as matrices; RenderError when it moves a part the world does not have."""
    unknown = sorted(p for p in view.part_poses if not 1 <= p <= parts)
    if unknown:
        raise RenderError(f"the view moves part {unknown[0]}, but the open world has parts 1..{parts}")
    moved = {part_id: pose.matrix for part_id, pose in view.part_poses.items()}
    if not all(np.isfinite(m).all() for m in [view.world_from_camera.matrix, *moved.values()]):
        raise RenderError("the view holds a pose that is not finite")
    return ViewData(view.intrinsics, view.world_from_camera.matrix, moved)


_METERED_M2 = 200.0
_SNOWY, _SNOW_ALBEDO = 0.5, 0.8
"""How much of what a camera meters snow may cover, and how bright it is."""
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def metered_albedo(data: SceneData) -> float:
    """How bright the world's surfaces are in 0..1, as a camera's meter would guess: the mean luminance of their
    colours by area, where no part counts for more than 200 m^2 (a plain to the horizon is mostly out of sight)."""
    per_mesh = [_mesh_albedo(mesh) for mesh in data.meshes]
    area = np.array([min(per_mesh[part.mesh][0], _METERED_M2) for part in data.parts])
    albedo = np.array([per_mesh[part.mesh][1] for part in data.parts])
    bare = float((area * albedo).sum() / area.sum()) if area.sum() > 0.0 else 0.18
    white = _SNOWY * data.sky.snow_cover
    return bare * (1.0 - white) + _SNOW_ALBEDO * white


def _mesh_albedo(mesh: Mesh) -> tuple[float, float]:
    """Area in m^2 and mean luminance of the base colours."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(np.float64) for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    colours = np.array([material.mean_colour for material in mesh.materials])
    luminance = (colours @ _LUMINANCE)[mesh.face_material]
    total = float(area.sum())
    return total, float((area * luminance).sum() / total) if total > 0.0 else 0.0
