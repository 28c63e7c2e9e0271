"""PyBullet's ray test over the same triangles: the independent reference of the ray engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from pairforge.frames import F64, Pose
from pairforge.scenes.world import World
from pairforge.sensors.bullet import pybullet as p

_BATCH = p.MAX_RAY_INTERSECTION_BATCH_SIZE - 1
"""A batch of exactly the largest size silently loses its last ray."""


class BulletRays:
    """Every part as a body of its own, concave triangles and all."""

    def __init__(self, world: World) -> None:
        self._client = p.connect(p.DIRECT)
        self._part: dict[int, int] = {}
        self._body: dict[int, int] = {}
        for part in world.parts:
            if not len(part.mesh.faces):
                continue
            shape = p.createCollisionShape(
                p.GEOM_MESH,
                vertices=part.mesh.vertices.astype(float).tolist(),
                indices=part.mesh.faces.ravel().tolist(),
                flags=p.GEOM_FORCE_CONCAVE_TRIMESH,
                physicsClientId=self._client,
            )
            body = p.createMultiBody(0.0, shape, physicsClientId=self._client)
            self._part[body], self._body[part.part_id] = part.part_id, body
            self.move({part.part_id: part.world_from_part})

    def move(self, poses: Mapping[int, Pose]) -> None:
        for part_id, pose in poses.items():
            w, x, y, z = pose.quaternion_wxyz
            where = (pose.position_m.tolist(), (x, y, z, w))
            p.resetBasePositionAndOrientation(self._body[part_id], *where, physicsClientId=self._client)

    def cast(self, origins: F64, directions: F64, reach_m: float = 200.0) -> tuple[F64, F64]:
        """Ranges (N,), inf for none, and parts (N,), 0 for none, along unit directions."""
        ends = origins + directions * reach_m
        rows = []
        for k in range(0, len(origins), _BATCH):
            s = slice(k, k + _BATCH)
            rows += p.rayTestBatch(
                origins[s].tolist(), ends[s].tolist(), numThreads=0, physicsClientId=self._client
            )
        share = np.array([r[2] for r in rows])
        part = np.array([self._part.get(r[0], 0) for r in rows])
        return np.where(part > 0, share * reach_m, np.inf), part

    def prepared(self, origins: F64, directions: F64, reach_m: float = 200.0) -> Callable[[], None]:
        """PyBullet's call alone, over lists made beforehand, its answers thrown away: for timing."""
        ends = origins + directions * reach_m
        cuts = [slice(k, k + _BATCH) for k in range(0, len(origins), _BATCH)]
        batches = [(origins[s].tolist(), ends[s].tolist()) for s in cuts]

        def call() -> None:
            for a, b in batches:
                p.rayTestBatch(a, b, numThreads=0, physicsClientId=self._client)

        return call

    def close(self) -> None:
        p.disconnect(self._client)
