"""Rays a second amid 50 moving bodies, each ray at its own time, beside the same world standing still.

    python -m benchmarks.movers

The still world is the same triangles as one Embree scene, everything where it is at the end of the sweep: what a
simulator casts that takes one picture of the world per sweep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from benchmarks.measuring import machine, show, took
from pairforge.frames import F64, I64
from pairforge.pipeline import Stage, prepare
from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.library.driving import AVENUE, LEADER, PEDESTRIANS
from pairforge.scenes.placement import OnLane, OnPavement
from pairforge.scenes.world import World
from pairforge.sensors.labels import intrinsics_of
from pairforge.sensors.lidar import fired_rays
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.ray_poses import part_poses

BODIES = 50
SHUTTER_NS = 25_000_000
"""A rolling shutter reads its rows over so long."""
CROWD = AVENUE.plus(
    replace(
        PEDESTRIANS[1],
        name="strollers",
        count=34,
        place=OnPavement(side=Choice("left", "right"), s_m=Uniform(15.0, 175.0), yaw_deg=Choice(0.0, 180.0)),
    ),
    replace(LEADER, name="queue", count=6, place=OnLane(lane=2, s_m=Uniform(15.0, 150.0))),
)


@cache
def crowd() -> Stage:
    """The avenue under way with at least ``BODIES`` moving bodies."""
    ready = prepare(replace(CROWD, duration_s=0.5), 7, 0)
    assert len(ready.timeline.bodies) >= BODIES
    return ready


def frozen(world: World, ready: Stage, time_ns: int) -> World:
    """The world as it stands at one instant, with nothing that moves."""
    poses = part_poses(ready.timeline, time_ns)
    parts = (
        replace(p, world_from_part=poses.get(p.part_id, p.world_from_part), moves=False) for p in world.parts
    )
    return replace(world, parts=tuple(parts))


DENSE = {"beams": 128, "columns": 1800, "elevation_deg": [-25.0, 15.0], "rate_hz": 10.0}
"""The settings of a unit of 128 beams, fired at 0.2 degrees."""


def rays(
    ready: Stage, kind: str, time_ns: int, changed: Mapping[str, Any] | None = None
) -> tuple[F64, F64, I64]:
    """Origins, directions (N, 3) and times (N,) of a sweep, or of a picture read row by row."""
    sensor = next(s for s in ready.concrete.sensors if s.kind == kind)
    sensor = replace(sensor, settings={**sensor.settings, **(changed or {})})
    if kind == "lidar":
        return fired_rays(ready.world, ready.timeline, sensor, time_ns)
    k = intrinsics_of(sensor)
    pose = world_from_sensor(ready.world, ready.timeline, sensor, time_ns)
    directions = pose.vectors(k.rays().reshape(-1, 3))
    times = np.linspace(time_ns - SHUTTER_NS, time_ns, k.height_px).astype(np.int64)
    origins = np.tile(pose.position_m, (len(directions), 1))
    return origins, directions, np.repeat(times, k.width_px)


def rows() -> Iterator[tuple[str, ...]]:
    """Rows: rays, how many, still rays/CPU s, moving rays/CPU s, moving as a share of still."""
    ready = crowd()
    at_ns = ready.concrete.keyframe_times_ns[0]
    still = RayEngine(frozen(ready.world, ready, at_ns))
    for name, kind, changed in (
        ("a LiDAR sweep of 32 beams, each column at its own time", "lidar", {}),
        ("the same of 128 beams", "lidar", DENSE),
        ("a rolling shutter", "camera", {}),
    ):
        o, d, times = rays(ready, kind, at_ns, changed)
        alone = took(lambda o=o, d=d: still.cast(o, d, {}), 9)
        amid = took(lambda o=o, d=d, t=times: ready.engine.cast_over(o, d, t, ready.timeline), 9)
        speeds = len(o) / alone.cpu_s, len(o) / amid.cpu_s
        yield name, f"{len(o):,}", *(f"{s:,.0f}" for s in speeds), f"{speeds[1] / speeds[0]:.0%}"


def main() -> None:
    ready = crowd()
    parts = ready.world.parts
    print(
        f"{machine()}; {sum(len(p.mesh.faces) for p in parts):,} triangles, "
        f"{len(ready.timeline.bodies)} moving bodies of {sum(p.moves for p in parts)} moving parts"
    )
    columns = ("rays", "number", "still world, rays/CPU s", "moving, rays/CPU s", "share")
    show("Rays at their own times amid moving bodies", columns, rows())


if __name__ == "__main__":
    main()
