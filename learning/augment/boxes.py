"""2D boxes of a picture whose pixels have been moved, taken again from its masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.ndimage import find_objects

from pairforge.learning.augment.alone import Alone
from pairforge.learning.augment.labels import amodal_masks
from pairforge.sample import Box2D, CameraFrame, SceneRecord

Bounds = tuple[float, float, float, float]


@dataclass(eq=False)
class Reboxing:
    """Boxes of ``new``, a picture made of ``old``. ``full``: where the whole of a thing that old's box told of is in
    the new picture; None: where that does not follow from the box. ``exact``: new pixels are some of the old."""

    record: SceneRecord
    old: CameraFrame
    new: CameraFrame
    full: Callable[[Bounds], Bounds] | None
    exact: bool

    def boxes(self) -> tuple[Box2D, ...]:
        """One for every instance that had one and still has a pixel, in the old order."""
        windows = dict(enumerate(find_objects(self.new.instance), start=1))
        return tuple(
            self._box(b, windows[b.instance_id])
            for b in self.old.boxes
            if windows.get(b.instance_id) is not None
        )

    def _box(self, old: Box2D, window: tuple[slice, slice]) -> Box2D:
        k, (rows, columns) = old.instance_id, window
        visible: Bounds = (float(columns.start), float(rows.start), float(columns.stop), float(rows.stop))
        px = int(np.count_nonzero(self.new.instance[window] == k))
        full = _around(self._full(old) or visible, visible)
        solo = max(self._solo(old, full, px), px)
        inside = _area(self._within(full))
        return Box2D(k, px, solo, visible, full, 1.0 - px / solo, 1.0 - inside / _area(full))

    def _full(self, old: Box2D) -> Bounds | None:
        if self.full is not None:
            return self.full(old.full_box)
        return self._alone.full_box(self.new, old.instance_id)

    def _solo(self, old: Box2D, full: Bounds, px: int) -> int:
        """The pixels it would have alone: known where nothing hides it, where all of it is still there, or from its
        amodal mask; else it is cast."""
        if old.visible_px == old.solo_px:
            return px
        if self.exact and self._within(full) == full:
            return old.solo_px
        if old.instance_id in self._amodal:
            return int(np.count_nonzero(self._amodal[old.instance_id]))
        return int(np.count_nonzero(self._alone.pixels(self.new, old.instance_id)))

    def _within(self, box: Bounds) -> Bounds:
        width, height = self.new.intrinsics.width_px, self.new.intrinsics.height_px
        x0, x1 = (min(max(x, 0.0), float(width)) for x in (box[0], box[2]))
        y0, y1 = (min(max(y, 0.0), float(height)) for y in (box[1], box[3]))
        return x0, y0, x1, y1

    @cached_property
    def _alone(self) -> Alone:
        return Alone(self.record)

    @cached_property
    def _amodal(self) -> dict[int, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
        return amodal_masks(self.new)


def _around(a: Bounds, b: Bounds) -> Bounds:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _area(box: Bounds) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)
