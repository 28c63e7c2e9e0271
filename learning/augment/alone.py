"""What an instance would show if it were alone: cast on its own triangles, built anew from its concrete item.

Only pictures that cut through what is partly hidden, or that are rolled, need it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.learning.augment.clip import HISTORY
from pairforge.sample import CameraFrame, SceneRecord
from pairforge.scenes.build import shape_of
from pairforge.scenes.concrete import ConcreteItem
from pairforge.scenes.world import Mesh, Sky, World
from pairforge.sensors.bounds import MeshBounds
from pairforge.sensors.camera_view import CameraView
from pairforge.sensors.outline import outline
from pairforge.sensors.ray_scene import TriangleScene


class Alone:
    """The instances of a record, one at a time, as a camera of it would see them with nothing else there."""

    def __init__(self, record: SceneRecord) -> None:
        self._record, (self._mirrored, self._scale) = record, _mapped(record)
        self._items = {item["name"]: item for item in record.concrete.get("items", ())}
        self._scenes: dict[Mesh, TriangleScene] = {}

    def full_box(self, camera: CameraFrame, instance_id: int) -> tuple[float, float, float, float] | None:
        """(x_min, y_min, x_max, y_max) in pixels around all of it that is ahead, past the image too; None:
        none is."""
        meshes = self._meshes(instance_id)
        found = outline(self._view(camera, meshes), [(k, MeshBounds(mesh)) for k, mesh in meshes.items()])
        return None if found is None else found.box

    def pixels(self, camera: CameraFrame, instance_id: int) -> NDArray[np.bool_]:
        """(H, W) the pixels whose rays meet it, whatever stands before it."""
        meshes = self._meshes(instance_id)
        filled: NDArray[np.bool_] = camera.instance == instance_id
        if not meshes:
            return filled
        view, ids = self._view(camera, meshes), np.array(list(meshes), dtype=np.int64)
        corners = np.stack([MeshBounds(mesh).corners for mesh in meshes.values()])
        for part_id, reach in view.windows(ids, corners).items():
            distance, _, _, _ = self._scene(meshes[part_id]).cast(view.rays(part_id, reach.window))
            filled[reach.window] |= np.isfinite(distance).reshape(filled[reach.window].shape)
        return filled

    def _meshes(self, instance_id: int) -> dict[int, Mesh]:
        """Part id -> mesh of the parts that have triangles, in the part's own frame."""
        item = self._items[self._record.instance(instance_id).name]
        shape = shape_of(ConcreteItem(**{**item, "name": "", "motion": "static", "behaviour": {}}))
        ids = [p.part_id for p in self._record.parts if p.instance_id == instance_id]
        pieces = zip(ids, shape.parts, strict=True)
        return {k: piece.mesh for k, piece in pieces if len(piece.mesh.faces)}

    def _scene(self, mesh: Mesh) -> TriangleScene:
        if mesh not in self._scenes:
            self._scenes[mesh] = TriangleScene(mesh.vertices, mesh.faces)
        return self._scenes[mesh]

    def _view(self, camera: CameraFrame, meshes: Mapping[int, Mesh]) -> CameraView:
        """The camera among the record's own poses; meshes of a mirrored world are turned over on the way, and
        a scaled
        world is looked at from as much nearer, which shows the same."""
        view = CameraView(World((), (), (), Sky()), camera.intrinsics, camera.world_from_camera, {})
        most = max(meshes, default=0) + 1
        view.turns, view.offsets = np.zeros((most, 3, 3)), np.zeros((most, 3))
        over: F64 = np.diag([1.0, -1.0 if self._mirrored else 1.0, 1.0])
        for part_id in meshes:
            seen = camera.world_from_camera.inverse @ self._record.world_from_part(part_id, camera.time_ns)
            view.turns[part_id] = seen.rotation @ over
            view.offsets[part_id] = seen.position_m / self._scale
        return view


def _mapped(record: SceneRecord) -> tuple[bool, float]:
    """Whether the record's world has been mirrored, and by how much it has been scaled."""
    mirrored, scale = False, 1.0
    for done in record.extra.get(HISTORY, ()):
        mirrored ^= done["transform"] == "flip"
        scale *= float(done.get("scale", 1.0)) if done["transform"] == "turn_world" else 1.0
    return mirrored, scale
