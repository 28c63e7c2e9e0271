"""What a renderer is shown to picture a camera: its optics, and where all is while its shutter is open."""

from __future__ import annotations

import math

from pairforge.renderers.protocol import Instant, ShutterTimes, ThinLens, View
from pairforge.scenes.concrete import ConcreteSensor, intrinsics_of
from pairforge.scenes.world import World
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.ray_poses import part_poses
from pairforge.sensors.timeline import Timeline

STEP_S = 0.005
"""Instants are at most about this far apart, as long as there are no more than FEWEST..MOST of them."""
FEWEST, MOST = 3, 17


def view_of(world: World, timeline: Timeline, sensor: ConcreteSensor, time_ns: int) -> View:
    """The view of one camera's frame with that time stamp."""
    intrinsics, settings = intrinsics_of(sensor), sensor.settings
    shutter = ShutterTimes(**settings["shutter"]) if "shutter" in settings else None
    if shutter is not None and shutter.exposure_s + shutter.readout_s <= 0.0:
        shutter = None
    return View(
        intrinsics,
        world_from_sensor(world, timeline, sensor, time_ns),
        part_poses(timeline, time_ns),
        shutter,
        () if shutter is None else _instants(world, timeline, sensor, time_ns, shutter),
        ThinLens(**settings["lens"]) if "lens" in settings else None,
    )


def _instants(
    world: World, timeline: Timeline, sensor: ConcreteSensor, time_ns: int, shutter: ShutterTimes
) -> tuple[Instant, ...]:
    """Evenly spaced over all rows' exposures, an odd number, so that the middle is one of them."""
    rows = intrinsics_of(sensor).height_px
    half_s = (shutter.readout_s * (1.0 - 1.0 / rows) + shutter.exposure_s) / 2
    count = min(max(2 * math.ceil(2 * half_s / STEP_S) + 1, FEWEST), MOST)
    shifts = [round(half_s * 1e9 * (2 * k / (count - 1) - 1)) for k in range(count)]
    return tuple(
        Instant(
            ns * 1e-9,
            world_from_sensor(world, timeline, sensor, time_ns + ns),
            part_poses(timeline, time_ns + ns),
        )
        for ns in shifts
    )
