"""Rays a second: the ray engine beside PyBullet's ray test, same world, same rays, one run.

    python -m benchmarks.rays            # or: python benchmarks/rays.py

Ratios travel between machines, absolute figures do not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from pairforge.frames import F64, I64
from pairforge.renderers.protocol import View
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.build import build
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.resolve import resolve
from pairforge.seeding import Stream
from pairforge.sensors.labels import camera_frame
from pairforge.sensors.lidar import fired_rays, sweep
from pairforge.sensors.physics import simulate
from pairforge.sensors.ray_engine import RayEngine, Snapshot
from pairforge.sensors.ray_poses import part_poses
from pairforge.sensors.timeline import Timeline
from tests.sensors.bullet_rays import BulletRays


def best_s(work: Callable[[], object], repeats: int = 5) -> float:
    """The least wall time of several runs, the first not counted."""
    work()
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)


def bullet_sweep(bullet: BulletRays, o: F64, d: F64, times: I64, timeline: Timeline) -> None:
    """What a spinning LiDAR amid moving traffic takes there: move every body, cast a column, repeat."""
    for time_ns in np.unique(times):
        now = times == time_ns
        bullet.move({k: t.at(int(time_ns)) for k, t in timeline.parts.items()})
        bullet.cast(o[now], d[now])


def main() -> None:
    concrete = replace(resolve(STREET, seed=7), duration_s=0.5)
    world = build(concrete)
    timeline = simulate(world, concrete)
    engine, bullet = RayEngine(world), BulletRays(world)
    lidar = next(s for s in concrete.sensors if s.kind == "lidar")
    camera = next(s for s in concrete.sensors if s.kind == "camera")
    at_ns = concrete.keyframe_times_ns[0]
    o, d, times = fired_rays(world, timeline, lidar, at_ns)
    poses = part_poses(timeline, at_ns)
    bullet.move(poses)
    still_s = best_s(lambda: engine.cast(o, d, poses))
    snapshot = Snapshot(engine, poses)
    baked_s = best_s(lambda: snapshot.cast(o, d))
    sweep_s = best_s(lambda: engine.cast_over(o, d, times, timeline))
    theirs_s = best_s(lambda: bullet.cast(o, d), repeats=2)
    few = times >= np.unique(times)[-60]
    theirs_sweep_s = best_s(lambda: bullet_sweep(bullet, o[few], d[few], times[few], timeline), repeats=1)
    bullet.close()

    n, moving = len(o), sum(p.moves for p in world.parts)
    triangles = sum(len(p.mesh.faces) for p in world.parts)
    table = Table(title=f"{n:,} LiDAR rays, {triangles:,} triangles, {moving} moving parts")
    for column in ("cast", "engine rays/s", "PyBullet rays/s", "ratio"):
        table.add_column(column, justify="left" if column == "cast" else "right")
    for name, ours, theirs in (
        ("one instant, baked as for a preview", n / baked_s, n / theirs_s),
        ("one instant, moving parts in their frames", n / still_s, n / theirs_s),
        ("each column at its own time", n / sweep_s, few.sum() / theirs_sweep_s),
    ):
        table.add_row(name, f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.0f}x")
    console = Console()
    console.print(table)

    renderer = RaycastRenderer()
    renderer.open(world, "standard")
    frame = camera_frame(engine, timeline, camera, at_ns)
    view = View(frame.intrinsics, frame.world_from_camera, poses)
    size = f"{frame.intrinsics.width_px}x{frame.intrinsics.height_px}"
    for name, work in (
        (f"labels of a {size} camera", lambda: camera_frame(engine, timeline, camera, at_ns)),
        ("a LiDAR sweep with noise", lambda: sweep(engine, timeline, lidar, at_ns, Stream(1))),
        (f"a {size} preview", lambda: renderer.render(view)),
        ("building the engine", lambda: RayEngine(world)),
    ):
        console.print(f"{name}: {best_s(work, repeats=3):.3f} s")


if __name__ == "__main__":
    main()
