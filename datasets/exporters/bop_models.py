"""The objects of a scene as BOP's models: rigid meshes in millimetres about the middle of their box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import pdist

from pairforge.frames import F64, Intrinsics, Pose
from pairforge.open3d import o3d
from pairforge.sample import SceneRecord
from pairforge.scenes.world import World

MM = 1000.0
RIGID_M, RIGID_ANGLE = 1e-6, 1e-6
"""Parts of a rigid thing keep their places to within this, in metres and in quaternion terms."""


@dataclass(frozen=True, eq=False)
class Model:
    """``body_from_model`` shifts by the middle of the mesh's own box; ``vertices`` (V, 3) mm, ``faces`` (F, 3)."""

    instance_id: int
    body_from_model: Pose
    vertices: F64
    faces: NDArray[np.int64]
    colours: NDArray[np.uint8]

    def ply(self) -> bytes:
        """ASCII PLY with normals and colours (sRGB) at its vertices."""
        mesh = trimesh.Trimesh(
            self.vertices, self.faces, vertex_colors=self.colours, process=False, validate=False
        )
        return bytes(trimesh.exchange.ply.export_ply(mesh, encoding="ascii", vertex_normal=True))

    def info(self) -> dict[str, Any]:
        """BOP's models_info: box and diameter in mm."""
        low, size = self.vertices.min(axis=0), np.ptp(self.vertices, axis=0)
        found = {"diameter": _diameter(self.vertices)}
        found |= {f"min_{axis}": float(v) for axis, v in zip("xyz", low, strict=True)}
        return found | {f"size_{axis}": float(v) for axis, v in zip("xyz", size, strict=True)}

    def silhouette(self, camera: Intrinsics, camera_from_model: Pose) -> tuple[NDArray[np.bool_], int, int]:
        """The mask of the whole object, hidden or not, on a canvas that reaches a picture's size past each edge, cut
        to where it can be; and the column and row of its corner in the picture."""
        left, top, right, bottom = _extent(
            camera, camera_from_model.points(self.vertices / MM), camera.width_px, camera.height_px
        )
        u, v = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5)
        directions = camera_from_model.inverse.vectors(camera.rays_at(np.stack([u, v], axis=-1)))
        origin = camera_from_model.inverse.position_m * MM
        rays = np.concatenate([np.broadcast_to(origin, directions.shape), directions], axis=-1)
        scene = o3d.t.geometry.RaycastingScene(nthreads=1)
        scene.add_triangles(_tensor(self.vertices, np.float32), _tensor(self.faces, np.uint32))
        if not rays.size:
            return np.zeros(u.shape, dtype=bool), left, top
        hit = scene.cast_rays(_tensor(rays, np.float32), nthreads=1)["t_hit"].numpy()
        return np.asarray(np.isfinite(hit)), left, top


def _tensor(array: NDArray[Any], kind: Any) -> Any:
    return o3d.core.Tensor.from_numpy(np.ascontiguousarray(array, dtype=kind))


def models(world: World, record: SceneRecord, times_ns: list[int], classes: frozenset[str]) -> list[Model]:
    """Those things of these classes whose parts never move against each other, by instance id."""
    found = []
    for row in record.instances:
        if row.semantic not in classes:
            continue
        parts = world.instance(row.instance_id).part_ids
        if _rigid(record, row.instance_id, parts, times_ns):
            found.append(_model(world, record, row.instance_id, parts, times_ns[0]))
    return found


def _rigid(record: SceneRecord, one: int, parts: tuple[int, ...], times_ns: list[int]) -> bool:
    for part in parts:
        poses = [record.world_from_body(one, t).inverse @ record.world_from_part(part, t) for t in times_ns]
        for pose in poses[1:]:
            if np.abs(pose.position_m - poses[0].position_m).max() > RIGID_M:
                return False
            if 1.0 - abs(float(pose.quaternion_wxyz @ poses[0].quaternion_wxyz)) > RIGID_ANGLE:
                return False
    return True


def _model(world: World, record: SceneRecord, one: int, parts: tuple[int, ...], time_ns: int) -> Model:
    vertices, faces, colours, count = [], [], [], 0
    for part in parts:
        mesh = world.part(part).mesh
        body_from_part = record.world_from_body(one, time_ns).inverse @ record.world_from_part(part, time_ns)
        for k, material in enumerate(mesh.materials):
            own = mesh.faces[mesh.face_material == k]
            used, index = np.unique(own, return_inverse=True)
            vertices.append(body_from_part.points(mesh.vertices[used]))
            faces.append(index.reshape(-1, 3) + count)
            colours.append(np.tile(_srgb(material.colour), (len(used), 1)))
            count += len(used)
    points = np.concatenate(vertices)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    return Model(one, Pose.of(middle), (points - middle) * MM, np.concatenate(faces), np.concatenate(colours))


def _srgb(linear: Sequence[float]) -> NDArray[np.uint8]:
    """sRGB bytes of linear RGB in 0..1 (IEC 61966-2-1)."""
    x = np.asarray(linear, dtype=np.float64)[:3]
    curved = np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.clip(x, 0.0, None) ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(np.clip(curved, 0.0, 1.0) * 255), dtype=np.uint8)


def _extent(camera: Intrinsics, points: F64, beyond_x: int, beyond_y: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of where points (N, 3) show, no further than ``beyond`` past the picture's edges."""
    low = np.array([-beyond_x, -beyond_y])
    high = np.array([camera.width_px + beyond_x, camera.height_px + beyond_y])
    seen = camera.project(points)
    if np.isnan(seen).any():
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])
    start = np.clip(np.floor(seen.min(axis=0)), low, high).astype(int)
    end = np.clip(np.ceil(seen.max(axis=0)), low, high).astype(int)
    return int(start[0]), int(start[1]), int(end[0]), int(end[1])


def _diameter(points: F64) -> float:
    """The largest distance between two vertices."""
    try:
        points = points[ConvexHull(points).vertices]
    except QhullError:
        points = np.unique(points, axis=0)  # flat
    return float(pdist(points).max()) if len(points) > 1 else 0.0
