"""What a view should see, by a ray caster that shares nothing with ours: Open3D's, each part placed by hand."""

from __future__ import annotations

import numpy as np
import open3d as o3d
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.renderers.protocol import View
from pairforge.scenes.world import World


def cast(world: World, view: View, ways: F64) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Lengths along ``ways`` (..., 3), directions in the camera's axes, and part ids (0: nothing), both (...)."""
    scene = o3d.t.geometry.RaycastingScene()
    for part in world.parts:
        pose = view.part_poses.get(part.part_id, part.world_from_part)
        scene.add_triangles(
            pose.points(part.mesh.vertices).astype(np.float32), part.mesh.faces.astype(np.uint32)
        )
    rays = view.world_from_camera.vectors(ways)
    eyes = np.broadcast_to(view.world_from_camera.position_m, rays.shape)
    hits = scene.cast_rays(o3d.core.Tensor(np.concatenate([eyes, rays], -1).astype(np.float32)))
    geometry = hits["geometry_ids"].numpy().astype(np.int64)
    return hits["t_hit"].numpy(), np.where(geometry == scene.INVALID_ID, 0, geometry + 1)
