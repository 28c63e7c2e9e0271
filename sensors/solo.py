"""How many pixels an instance would fill if it were alone in the world."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pairforge.scenes.world import Instance
from pairforge.sensors.cones import Reach
from pairforge.sensors.pixels import PixelHits
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.ray_scene import TriangleScene


def solo_pixels(engine: RayEngine, hits: PixelHits, mask: NDArray[np.uint16], instance: Instance) -> int:
    """How many pixels ``solo_mask`` has."""
    return int(np.count_nonzero(solo_mask(engine, hits, mask, instance)))


def solo_mask(
    engine: RayEngine, hits: PixelHits, mask: NDArray[np.uint16], instance: Instance
) -> NDArray[np.bool_]:
    """Pixels (H, W) the instance has in ``mask`` (H, W), and those hidden ones where its own rays meet it.

    It can only be hidden where something nearer than its farthest corner shows.
    """
    reach = {k: hits.reach[k] for k in instance.part_ids if k in hits.reach}
    still = [r for k, r in reach.items() if not engine.world.part(k).moves]
    moving = {k: r for k, r in reach.items() if engine.world.part(k).moves}
    filled: NDArray[np.bool_] = mask == instance.instance_id
    if still:
        _fill(engine.instance_scene(instance.instance_id), hits, 0, _joined(still), filled)
    for part_id, r in moving.items():
        if part_id in hits.alone:
            filled[r.window] |= hits.alone[part_id]
        else:
            _fill(engine.scene(engine.world.part(part_id).mesh), hits, part_id, r, filled)
    return filled


def _fill(
    scene: TriangleScene, hits: PixelHits, part_id: int, reach: Reach, filled: NDArray[np.bool_]
) -> None:
    """Marks the pixels in reach whose rays meet the scene, which lies in this part's frame (0: the world's)."""
    covered = hits.distance.reshape(filled.shape)[reach.window] <= reach.farthest_m
    hidden = np.flatnonzero(covered & ~filled[reach.window])
    if not len(hidden):
        return
    distance, _, _, _ = scene.cast(hits.view.rays(part_id, reach.window)[hidden])
    rows, columns = np.divmod(hidden[np.isfinite(distance)], covered.shape[1])
    filled[reach.window][rows, columns] = True


def _joined(reaches: list[Reach]) -> Reach:
    rows, columns = zip(*(r.window for r in reaches), strict=True)
    return Reach(
        (_around(rows), _around(columns)),
        min(r.nearest_m for r in reaches),
        max(r.farthest_m for r in reaches),
    )


def _around(slices: tuple[slice, ...]) -> slice:
    return slice(min(s.start for s in slices), max(s.stop for s in slices))
