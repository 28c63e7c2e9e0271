"""A world and a view as plain data for the Blender worker: matrices, arrays, materials, nothing of Blender."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.errors import RenderError
from pairforge.frames import F64, Intrinsics
from pairforge.renderers.protocol import View
from pairforge.scenes.world import Mesh, Sky, World


@dataclass(frozen=True, eq=False)
class PartData:
    """A part: which of the scene's meshes it shows and its (4, 4) ``world_from_part`` at rest."""

    part_id: int
    mesh: int
    world_from_part: F64


@dataclass(frozen=True, eq=False)
class SceneData:
    """All that Blender draws. Every distinct mesh stands here once, however many parts share it."""

    meshes: tuple[Mesh, ...]
    parts: tuple[PartData, ...]
    sky: Sky


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
    for part in world.parts:
        slot = slots.setdefault(id(part.mesh), len(meshes))
        if slot == len(meshes):
            meshes.append(part.mesh)
        parts.append(PartData(part.part_id, slot, part.world_from_part.matrix))
    return SceneData(tuple(meshes), tuple(parts), world.sky)


def view_data(view: View, parts: int) -> ViewData:
    """The view as matrices; RenderError when it moves a part the world does not have."""
    unknown = sorted(p for p in view.part_poses if not 1 <= p <= parts)
    if unknown:
        raise RenderError(f"the view moves part {unknown[0]}, but the open world has parts 1..{parts}")
    moved = {part_id: pose.matrix for part_id, pose in view.part_poses.items()}
    if not all(np.isfinite(m).all() for m in [view.world_from_camera.matrix, *moved.values()]):
        raise RenderError("the view holds a pose that is not finite")
    return ViewData(view.intrinsics, view.world_from_camera.matrix, moved)
