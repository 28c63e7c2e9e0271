"""A drawn scene up for judgement: built, simulated and looked at only as far as a requirement asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import Pose
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene, ConcreteSensor, intrinsics_of
from pairforge.scenes.footprint import Body
from pairforge.scenes.taxonomy import CLASSES
from pairforge.scenes.world import Instance, Shape, World

# Sensors read worlds, and requirements look through sensors: these imports wait until one does.
if TYPE_CHECKING:
    from pairforge.sensors.pixels import PixelHits
    from pairforge.sensors.ray_engine import RayEngine
    from pairforge.sensors.timeline import Timeline


@dataclass(frozen=True)
class Candidate:
    """What a requirement may look at. ``shapes``: those that were built to draw it, held for the world to come."""

    concrete: ConcreteScene
    shapes: tuple[Shape, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def world(self) -> World:
        return build(self.concrete)

    @cached_property
    def timeline(self) -> Timeline:
        from pairforge.sensors.physics import simulate

        return simulate(self.world, self.concrete)

    @cached_property
    def engine(self) -> RayEngine:
        from pairforge.sensors.ray_engine import RayEngine

        return RayEngine(self.world)

    def instance(self, name: str) -> Instance:
        """The instance of that name; SpecError with a suggestion when there is none."""
        for instance in self.world.instances:
            if instance.name == name:
                return instance
        known = did_you_mean(name, [i.name for i in self.world.instances])
        raise SpecError(f'nothing called "{name}" is in the scene. {known}')

    def cameras(self, name: str | None = None) -> tuple[ConcreteSensor, ...]:
        """The camera of that name, or all of them."""
        cameras = tuple(s for s in self.concrete.sensors if s.kind == "camera")
        chosen = tuple(c for c in cameras if name is None or c.name == name)
        if not chosen:
            known = did_you_mean(name or "", [c.name for c in cameras])
            raise SpecError(
                f'the scene has no camera "{name}". {known}'
                if name
                else "the scene has no camera to see anything with; add one to sensors"
            )
        return chosen

    def visible_px(self, name: str, camera: str | None, time_ns: int) -> int:
        """Most pixels that the thing covers in one camera at a time stamp, after occlusion."""
        wanted = self.instance(name).instance_id
        masks = self._masks.get(time_ns, {})
        self._masks[time_ns] = masks
        for sensor in self.cameras(camera):
            if sensor.name not in masks:
                masks[sensor.name] = self._pixels(sensor, time_ns)
        return max(masks[sensor.name].get(wanted, 0) for sensor in self.cameras(camera))

    def hidden_share(self, name: str, by: str, camera: str | None, time_ns: int) -> float:
        """The largest share of the thing's own silhouette that ``by`` covers, of any one camera, 0..1."""
        from pairforge.sensors.solo import solo_mask

        thing, cover = self.instance(name), self.instance(by).instance_id
        best = 0.0
        for sensor in self.cameras(camera):
            hits = self._cast(sensor, time_ns)
            ids = self.world.instance_of_part[hits.part].reshape(self._shape(sensor))
            own = solo_mask(self.engine, hits, ids, thing)
            best = max(best, float((ids[own] == cover).mean()) if own.any() else 0.0)
        return best

    def lowest_m(self, name: str, time_ns: int) -> float:
        """Height of the lowest point of a thing's meshes."""
        instance = self.instance(name)
        pose = self.timeline.world_from_body(instance.instance_id, time_ns)
        return float(Body(name, instance.shape, pose).points[:, 2].min())

    def gap_m(self, a: str, b: str) -> float:
        """The least distance in plan between two things when the scene starts."""
        one, two = (self._body(self.instance(name)) for name in (a, b))
        return min(float(p.outline.distance(q.outline)) for p in one.solids for q in two.solids)

    def speed_mps(self, name: str, time_ns: int) -> float:
        return float(np.linalg.norm(self.timeline.velocity(self.instance(name).instance_id, time_ns)))

    def count(self, what: str) -> int:
        """How many instances are of that family or semantic class."""
        names = {c.semantic_id: c.name for c in CLASSES}
        return sum(what in (i.family, names[i.semantic_id]) for i in self.world.instances)

    @cached_property
    def _masks(self) -> dict[int, dict[str, dict[int, int]]]:
        return {}

    def _pixels(self, sensor: ConcreteSensor, time_ns: int) -> dict[int, int]:
        """Pixels of each instance id in one camera."""
        hits = self._cast(sensor, time_ns)
        counts = np.bincount(self.world.instance_of_part[hits.part])
        return {int(i): int(counts[i]) for i in np.flatnonzero(counts)}

    def _cast(self, sensor: ConcreteSensor, time_ns: int) -> PixelHits:
        """What one camera's pixels meet."""
        from pairforge.sensors.mount import world_from_sensor
        from pairforge.sensors.pixels import cast_pixels

        pose = world_from_sensor(self.world, self.timeline, sensor, time_ns)
        poses = {part: self.timeline.world_from_part(part, time_ns) for part in self.timeline.parts}
        return cast_pixels(self.engine, intrinsics_of(sensor), pose, poses)

    @staticmethod
    def _shape(sensor: ConcreteSensor) -> tuple[int, int]:
        camera = intrinsics_of(sensor)
        return camera.height_px, camera.width_px

    @staticmethod
    def _body(instance: Instance) -> Body:
        pose: Pose = instance.world_from_body
        return Body(instance.name, instance.shape, pose)
