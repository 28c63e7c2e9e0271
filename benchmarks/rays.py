"""Rays a second: the ray engine beside PyBullet's ray test, same world, same rays, one run.

    python -m benchmarks.rays

Both go from numpy rays to numpy ranges and ids; the engine also gives normals. "The call alone" leaves PyBullet's
lists and answers unconverted, which no user can.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.measuring import Took, machine, show, street, took
from pairforge.frames import F64, I64
from pairforge.pipeline import view
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.aim import settings_of
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.draws import Draws
from pairforge.seeding import Stream
from pairforge.sensors.labels import camera_frame, intrinsics_of
from pairforge.sensors.lidar import fired_rays, sweep
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.pixels import cast_pixels
from pairforge.sensors.protocol import SENSORS, Sensing
from pairforge.sensors.radar import Radar
from pairforge.sensors.ray_engine import RayEngine, Snapshot
from pairforge.sensors.ray_poses import part_poses
from pairforge.sensors.timeline import Timeline
from pairforge.sensors.ultrasonic import Ultrasonic
from tests.sensors.bullet_rays import BulletRays

_COLUMNS = 60
"""LiDAR columns that PyBullet is timed on: it moves every body for each."""


def bullet_sweep(bullet: BulletRays, o: F64, d: F64, times: I64, timeline: Timeline) -> None:
    """What a spinning LiDAR amid moving traffic takes there: move every body, cast a column, repeat."""
    for time_ns in np.unique(times):
        now = times == time_ns
        bullet.move({k: t.at(int(time_ns)) for k, t in timeline.parts.items()})
        bullet.cast(o[now], d[now])


def against_bullet() -> Iterator[tuple[str, ...]]:
    """Rows: cast, rays, engine rays/CPU s, PyBullet rays/CPU s, ratio, ratio to the call alone."""
    ready = street()
    world, timeline, engine = ready.world, ready.timeline, ready.engine
    lidar = next(s for s in ready.concrete.sensors if s.kind == "lidar")
    camera = next(s for s in ready.concrete.sensors if s.kind == "camera")
    at_ns = ready.concrete.keyframe_times_ns[0]
    poses, pose = part_poses(timeline, at_ns), world_from_sensor(world, timeline, camera, at_ns)
    k = intrinsics_of(camera)
    bullet = BulletRays(world)
    bullet.move(poses)

    d = pose.vectors(k.rays().reshape(-1, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    o = np.broadcast_to(pose.position_m, d.shape)
    ours = took(lambda: cast_pixels(engine, k, pose, poses))
    whole, alone = took(lambda: bullet.cast(o, d), 1), _call_alone(bullet, o, d)
    yield _row("a camera's pixels at one instant", len(o), ours, whole, alone)

    o, d, times = fired_rays(world, timeline, lidar, at_ns)
    whole, alone = took(lambda: bullet.cast(o, d), 2), _call_alone(bullet, o, d)
    baked = Snapshot(engine, poses)
    ours = took(lambda: baked.cast(o, d))
    yield _row("a LiDAR's rays at one instant, baked", len(o), ours, whole, alone)
    ours = took(lambda: engine.cast(o, d, poses))
    yield _row("a LiDAR's rays at one instant", len(o), ours, whole, alone)
    few = times >= np.unique(times)[-_COLUMNS]
    theirs = took(lambda: bullet_sweep(bullet, o[few], d[few], times[few], timeline), 1)
    theirs = Took(theirs.wall_s * len(o) / few.sum(), theirs.cpu_s * len(o) / few.sum())
    ours = took(lambda: engine.cast_over(o, d, times, timeline))
    yield _row("a LiDAR's rays, each column at its own time", len(o), ours, theirs, None)
    bullet.close()


def _call_alone(bullet: BulletRays, o: F64, d: F64) -> Took:
    return took(bullet.prepared(o, d), 2)


def _row(name: str, rays: int, ours: Took, theirs: Took, call: Took | None) -> tuple[str, ...]:
    return (
        name,
        f"{rays:,}",
        f"{rays / ours.cpu_s:,.0f}",
        f"{rays / theirs.cpu_s:,.0f}",
        f"{theirs.cpu_s / ours.cpu_s:.0f}x",
        f"{call.cpu_s / ours.cpu_s:.0f}x" if call else "",
    )


def sensors() -> Iterator[tuple[str, ...]]:
    """Rows: what, wall seconds, CPU seconds."""
    ready = street()
    timeline, engine = ready.timeline, ready.engine
    at_ns = ready.concrete.keyframe_times_ns[0]
    camera = next(s for s in ready.concrete.sensors if s.kind == "camera")
    shown = view(ready, camera, at_ns)
    size = f"{shown.intrinsics.width_px}x{shown.intrinsics.height_px}"
    yield _seconds(f"labels, {size}", took(lambda: camera_frame(engine, timeline, camera, at_ns)))
    for quality in ("draft", "standard"):
        renderer = RaycastRenderer()
        renderer.open(ready.world, quality)
        yield _seconds(f"{quality} preview, {size}", took(lambda r=renderer: r.render(shown), 3))
    lidar = next(s for s in ready.concrete.sensors if s.kind == "lidar")
    yield _seconds("a LiDAR sweep", took(lambda: sweep(engine, timeline, lidar, at_ns, Stream(1))))
    for name, spec in (
        ("a radar frame", Radar(name="front", mount="ego")),
        ("the same without mirrors", Radar(name="front", mount="ego", bounces=0)),
        ("half a second of an ultrasonic sensor", Ultrasonic(name="park", mount="ego")),
    ):
        settings = settings_of(spec, Draws(Stream(1)))
        unit = ConcreteSensor(spec.name, spec.KIND, "ego", (3.41, 0.0, 0.5), (1.0, 0.0, 0.0, 0.0), settings)
        asked = Sensing(
            engine, timeline, ready.concrete, unit, at_ns, at_ns - 500_000_000, Stream(1, "a"), Stream(1, "b")
        )
        sense = SENSORS.load(spec.KIND).sense
        yield _seconds(name, took(lambda sense=sense, asked=asked: sense(asked)))
    yield _seconds("building the ray engine", took(lambda: RayEngine(ready.world), 2))


def _seconds(name: str, t: Took) -> tuple[str, ...]:
    return name, f"{t.wall_s:.3f}", f"{t.cpu_s:.3f}"


def main() -> None:
    parts = street().world.parts
    triangles = sum(len(p.mesh.faces) for p in parts)
    moving = sum(p.moves for p in parts)
    print(f"{machine()}; {triangles:,} triangles, {moving} of {len(parts)} parts move")
    columns = ("cast", "rays", "engine rays/CPU s", "PyBullet rays/CPU s", "ratio", "to the call alone")
    show("Ray engine against PyBullet's rayTestBatch", columns, against_bullet())
    show("Sensors", ("what", "wall s", "CPU s"), sensors())


if __name__ == "__main__":
    main()
