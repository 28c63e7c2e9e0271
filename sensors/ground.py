"""The exact ground of a world, as rendered and labelled: what stands below a point, by Embree on its triangles."""

from __future__ import annotations

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.world import World
from pairforge.sensors.ray_scene import TriangleScene


class ExactGround:
    """The triangles of all stuff (instance id 0) that never moves."""

    def __init__(self, world: World) -> None:
        parts = [q for q in world.parts if q.instance_id == 0 and not q.moves and len(q.mesh.faces)]
        starts = np.cumsum([0, *(len(q.mesh.vertices) for q in parts)])
        vertices = [q.world_from_part.points(q.mesh.vertices) for q in parts]
        faces = [q.mesh.faces.astype(np.int64) + start for q, start in zip(parts, starts, strict=False)]
        self._scene = TriangleScene(
            np.concatenate([np.zeros((0, 3)), *vertices]),
            np.concatenate([np.zeros((0, 3), np.int64), *faces]),
        )

    def below(self, points: F64, direction: tuple[float, float, float] = (0.0, 0.0, -1.0)) -> F64:
        """(N,) metres from points (N, 3) down (or along a unit ``direction``) to the ground; inf where there is
        none."""
        ways = np.tile(np.asarray(direction, dtype=np.float64), (len(points), 1))
        return np.asarray(self._scene.first_hits(points, ways)[0], dtype=np.float64)
