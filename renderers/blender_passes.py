"""Cycles' own opinion of what each pixel sees: the witness against which labels are checked."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from pairforge.errors import RenderError
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.protocol import View
from pairforge.scenes.world import World

_MAX_PART_ID = 32767
"""Blender keeps an object's pass index in 15 bits."""


def cycles_passes(
    world: World, view: View, renderer: BlenderRenderer | None = None
) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """``depth`` (H, W) float32 metres, as labels have it (``Intrinsics.z_depth``), inf where nothing is hit, and
    ``part`` (H, W) uint16 ids.

    Cast by Cycles with one sample through every pixel centre, each row at the middle of its exposure, all in focus.
    Give a ``renderer`` that has ``world`` open to look at many views of it; without one a worker is started for this
    call. Raises RenderError, also for a world of more than 32767 parts.
    """
    if len(world.parts) > _MAX_PART_ID:
        raise RenderError(
            f"Blender numbers {_MAX_PART_ID} objects at most; this world has {len(world.parts)} parts"
        )
    if renderer is not None:
        depth, part = cast(tuple[NDArray[np.float32], NDArray[np.uint16]], renderer.request("passes", view))
        k = view.intrinsics
        # Of any camera but its own pinhole, Cycles gives the range.
        if k.z_depth and not k.is_pinhole:
            depth = np.where(part > 0, depth * k.rays()[..., 2], np.inf).astype(np.float32)
        return depth, part
    own = BlenderRenderer()
    try:
        own.open(world, "draft")
        return cycles_passes(world, view, own)
    finally:
        own.close()
