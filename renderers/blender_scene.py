"""A world and a view as plain data for the Blender worker: matrices, arrays, materials, nothing of Blender."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pairforge.errors import RenderError
from pairforge.frames import F64, Intrinsics, Pose
from pairforge.renderers.blender_backdrop import Backdrop, backdrop
from pairforge.renderers.lamps import Beam, beams, glow
from pairforge.renderers.protocol import ThinLens, View
from pairforge.renderers.snow import Tracks, tracks
from pairforge.scenes.world import Mesh, Sky, World

BLENDER_CAMERA = Pose.of((0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0))
"""OpenCV camera axes (x right, y down, z forward) from Blender's (x right, y up, z backward)."""

APART_FROM = 200_000
"""From so many triangles on Cycles keeps a ray structure a mesh: one of the whole world would be built anew for each
picture, which is dearer than looking through many."""


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
    lit: LitScene | None = None


@dataclass(frozen=True, eq=False)
class LitScene:
    """What is reckoned once a world before it can be lit: its light, and how bright a meter would take it to be."""

    backdrop: Backdrop
    albedo: float


@dataclass(frozen=True, eq=False)
class ViewData:
    """One picture: the camera (OpenCV axes, (4, 4)) and the (4, 4) matrices of parts away from rest."""

    intrinsics: Intrinsics
    world_from_camera: F64
    part_matrices: dict[int, F64]
    lens: ThinLens | None = None
    motion: MotionData | None = None


@dataclass(frozen=True, eq=False)
class MotionData:
    """What moves while the shutter is open: ``poses`` of the camera (key 0, Blender's own axes) and of parts, each
    (K, 7) position and quaternion wxyz at ``offsets_s`` (K,) from the middle of the exposure."""

    exposure_s: float
    readout_s: float
    offsets_s: F64
    poses: dict[int, F64]

    @property
    def sharp(self) -> MotionData | None:
        """The same without blur: each row at the middle of its exposure."""
        return replace(self, exposure_s=0.0) if self.readout_s > 0.0 else None


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


def foreseen(world: World) -> SceneData:
    """``scene_data`` and its light, which the worker would else reckon while nothing renders."""
    data = scene_data(world)
    return replace(data, lit=lit_scene(data))


def lit_scene(data: SceneData) -> LitScene:
    """The light of a scene, and its mean albedo."""
    return LitScene(backdrop(data.sky, data.beams), metered_albedo(data))


def view_data(view: View, parts: int) -> ViewData:
    """The view as matrices; RenderError when it moves a part the world does not have."""
    shown = view.part_poses.keys() | {p for instant in view.instants for p in instant.part_poses}
    unknown = sorted(p for p in shown if not 1 <= p <= parts)
    if unknown:
        raise RenderError(f"the view moves part {unknown[0]}, but the open world has parts 1..{parts}")
    moved = {part_id: pose.matrix for part_id, pose in view.part_poses.items()}
    if not all(np.isfinite(m).all() for m in [view.world_from_camera.matrix, *moved.values()]):
        raise RenderError("the view holds a pose that is not finite")
    return ViewData(view.intrinsics, view.world_from_camera.matrix, moved, view.lens, motion_data(view))


def motion_data(view: View) -> MotionData | None:
    """What moves over the view's instants; None when its shutter is instant or nothing does. RenderError for a
    shutter without at least two instants."""
    shutter = view.shutter
    if shutter is None or shutter.exposure_s + shutter.readout_s <= 0.0:
        return None
    if len(view.instants) < 2:
        raise RenderError(f"the view has a shutter but {len(view.instants)} instants; it needs two or more")
    tracks = {0: [i.world_from_camera @ BLENDER_CAMERA for i in view.instants]}
    for part_id in sorted(view.instants[0].part_poses):
        tracks[part_id] = [i.part_poses[part_id] for i in view.instants]
    poses = {k: np.array([[*p.position_m, *p.quaternion_wxyz] for p in track]) for k, track in tracks.items()}
    if not all(np.isfinite(p).all() for p in poses.values()):
        raise RenderError("the view holds a pose that is not finite")
    moving = {k: p for k, p in poses.items() if (p != p[0]).any()}
    offsets = np.array([i.offset_s for i in view.instants])
    return MotionData(shutter.exposure_s, shutter.readout_s, offsets, moving) if moving else None


_METERED_M2 = 200.0
_SNOWY, _SNOW_ALBEDO = 0.5, 0.8
"""How much of what a camera meters snow may cover, and how bright it is."""
_PLAIN_M2, _WALLS_M2 = 1e5, 5000.0
_SKYWARD, _SKY_ALBEDO = 0.3, 0.65
"""In open country, a plain without walls, so much of what a camera meters is sky, as bright as that albedo; walls of
that area take all but a third of it."""
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def metered_albedo(data: SceneData) -> float:
    """How bright the world is in 0..1, as a camera's meter would guess: the mean luminance of its surfaces' colours
    by area, where no part counts for more than 200 m^2 (a plain to the horizon is mostly out of sight), and of the
    sky where nothing hides it."""
    per_mesh = [_mesh_albedo(mesh) for mesh in data.meshes]
    area, albedo, walls = (np.array([per_mesh[part.mesh][k] for part in data.parts]) for k in range(3))
    metered = np.minimum(area, _METERED_M2)
    bare = float((metered * albedo).sum() / metered.sum()) if metered.sum() > 0.0 else 0.18
    open_air = _SKYWARD * float(np.exp(-walls.sum() / _WALLS_M2)) * bool((area > _PLAIN_M2).any())
    bare = bare * (1.0 - open_air) + _SKY_ALBEDO * open_air
    white = _SNOWY * data.sky.snow_cover
    return bare * (1.0 - white) + _SNOW_ALBEDO * white


def _mesh_albedo(mesh: Mesh) -> tuple[float, float, float]:
    """Area in m^2, mean luminance of the base colours, and area in m^2 of upright faces, leaves left out."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]].astype(np.float64) for k in range(3))
    normal = np.cross(b - a, c - a)
    area = np.linalg.norm(normal, axis=1) / 2
    colours = np.array([material.mean_colour for material in mesh.materials])
    luminance = (colours @ _LUMINANCE)[mesh.face_material]
    firm = np.array([material.pattern != "leaves" for material in mesh.materials])[mesh.face_material]
    upright = firm & (np.abs(normal[:, 2]) < 0.4 * area)
    total, walls = float(area.sum()), float(area[upright].sum())
    return total, float((area * luminance).sum() / total) if total > 0.0 else 0.0, walls
