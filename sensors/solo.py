"""How many pixels an instance would fill if it were alone in the world."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pairforge.scenes.world import Instance
from pairforge.sensors.cones import Reach, Window
from pairforge.sensors.pixels import PixelHits
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.ray_scene import TriangleScene


def solo_pixels(
    engine: RayEngine, hits: PixelHits, mask: NDArray[np.uint16], instance: Instance, shown: Window | None
) -> int:
    """How many pixels ``solo_mask`` has. ``shown`` holds all that it has in ``mask``; None: nothing.

    Nothing else is looked at: a thousand small things in a large picture cost no thousand pictures.
    """
    windows = [hits.reach[k].window for k in instance.part_ids if k in hits.reach]
    windows += [] if shown is None else [shown]
    if not windows:
        return 0
    return int(np.count_nonzero(_solo(engine, hits, mask, instance, _hull(windows))))


def solo_mask(
    engine: RayEngine, hits: PixelHits, mask: NDArray[np.uint16], instance: Instance
) -> NDArray[np.bool_]:
    """Pixels (H, W) the instance has in ``mask`` (H, W), and those hidden ones where its own rays meet it.

    It can only be hidden where something nearer than its farthest corner shows.
    """
    height, width = mask.shape
    return _solo(engine, hits, mask, instance, (slice(0, height), slice(0, width)))


def _solo(
    engine: RayEngine, hits: PixelHits, mask: NDArray[np.uint16], instance: Instance, frame: Window
) -> NDArray[np.bool_]:
    """What ``solo_mask`` has in a window that holds all it can have."""
    reach = {k: hits.reach[k] for k in instance.part_ids if k in hits.reach}
    still = [r for k, r in reach.items() if not engine.world.part(k).moves]
    moving = {k: r for k, r in reach.items() if engine.world.part(k).moves}
    filled: NDArray[np.bool_] = mask[frame] == instance.instance_id
    distance = hits.distance.reshape(mask.shape)
    if still:
        scene, own = engine.instance_scene(instance.instance_id), _joined(still)
        _fill(scene, hits, 0, own, distance[own.window], filled[_within(own.window, frame)])
    for part_id, r in moving.items():
        there = filled[_within(r.window, frame)]
        if part_id in hits.alone:
            there |= hits.alone[part_id]
        else:
            mesh = engine.world.part(part_id).mesh
            _fill(engine.scene(mesh), hits, part_id, r, distance[r.window], there)
    return filled


def _fill(
    scene: TriangleScene,
    hits: PixelHits,
    part_id: int,
    reach: Reach,
    seen_m: NDArray[np.float32],
    filled: NDArray[np.bool_],
) -> None:
    """Marks in ``filled``, the pixels in reach, those whose rays meet the scene, which lies in this part's frame (0:
    the world's), though something else is seen there at ``seen_m``."""
    covered = seen_m <= reach.farthest_m
    hidden = np.flatnonzero(covered & ~filled)
    if not len(hidden):
        return
    distance, _, _, _ = scene.cast(hits.view.rays(part_id, reach.window)[hidden])
    rows, columns = np.divmod(hidden[np.isfinite(distance)], covered.shape[1])
    filled[rows, columns] = True


def _joined(reaches: list[Reach]) -> Reach:
    return Reach(
        _hull([r.window for r in reaches]),
        min(r.nearest_m for r in reaches),
        max(r.farthest_m for r in reaches),
    )


def _hull(windows: list[Window]) -> Window:
    """The smallest window that holds all of them."""
    rows, columns = zip(*windows, strict=True)
    return _around(rows), _around(columns)


def _within(window: Window, frame: Window) -> Window:
    """A window as counted from the first pixel of one that holds it."""
    rows, columns = (slice(w.start - f.start, w.stop - f.start) for w, f in zip(window, frame, strict=True))
    return rows, columns


def _around(slices: tuple[slice, ...]) -> slice:
    return slice(min(s.start for s in slices), max(s.stop for s in slices))
