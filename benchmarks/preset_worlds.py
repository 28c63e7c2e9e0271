"""Views that the presets are measured on: what is hard for a renderer, one of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import Intrinsics
from pairforge.pipeline import stage, view
from pairforge.renderers.protocol import View
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.load import load_scene
from pairforge.scenes.overrides import overrides
from pairforge.scenes.resolve import resolve
from pairforge.scenes.world import World
from pairforge.sensors.labels import camera_frame


@dataclass(frozen=True)
class Sight:
    """A library scene, seen by its first camera at its middle keyframe.

    ``clamp`` bounds what an indirect sample of the reference may bring, 0 for no bound. Sparks (lamps mirrored in wet
    asphalt, a light box in rough metal) would outlast any number of samples without it.
    """

    scene: str
    seed: int
    settings: Mapping[str, str] = field(default_factory=dict)
    clamp: float = 0.0


CLAMP = 10.0
"""The factory's and the presets' own."""

SIGHTS: dict[str, Sight] = {
    "street": Sight("driving.street", 7),
    "night": Sight("driving.street", 7, {"weather": "rainy_night"}, CLAMP),
    "kitchen": Sight("kitchen.counter", 1),
    "glass": Sight("tabletop.glass", 1, clamp=CLAMP),
    "casting": Sight("inspection.casting", 1, clamp=CLAMP),
}
"""Leaves, railings and far cars; lamps and wet asphalt; a room lit through its window; vessels; machined metal."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A world, a view of it, the part map (H, W) of that view, and its ``Sight.clamp``."""

    world: World
    view: View
    part: NDArray[np.uint16]
    clamp: float


def seen(sight: Sight, width_px: int, crop: float = 1.0) -> Seen:
    """The picture ``width_px`` wide, or of that picture the middle ``crop`` of both its sides."""
    scene, _, _ = load_scene(sight.scene)
    ready = stage(resolve(overrides(scene, sight.settings), sight.seed), 0)
    camera = cropped(next(s for s in ready.concrete.sensors if s.kind == "camera"), width_px, crop)
    times = ready.concrete.keyframe_times_ns
    at_ns = times[len(times) // 2]
    frame = camera_frame(ready.engine, ready.timeline, camera, at_ns)
    return Seen(ready.world, view(ready, camera, at_ns), frame.part, sight.clamp)


def cropped(camera: ConcreteSensor, width_px: int, crop: float) -> ConcreteSensor:
    """The camera with ``width_px`` columns, of which the middle ``crop`` are kept, and as many of its rows."""
    s = camera.settings
    by = width_px / s["width_px"]
    full = Intrinsics(
        width_px, round(by * s["height_px"]), *(by * s[key] for key in ("fx", "fy", "cx", "cy"))
    )
    columns, rows = round(crop * full.width_px), round(crop * full.height_px)
    left, top = (full.width_px - columns) // 2, (full.height_px - rows) // 2
    kept = {"width_px": columns, "height_px": rows, "fx": full.fx, "fy": full.fy}
    return replace(camera, settings={**s, **kept, "cx": full.cx - left, "cy": full.cy - top})
