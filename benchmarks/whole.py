"""The whole way, by stage: what a dataset costs beside Cycles' own sampling and denoising.

    python -m benchmarks.whole [--scene driving.street] [--scenes 2] [--quality standard] [--frames 0] [--lidar-only]

Makes scenes as ``pairforge work`` does with one worker, in this process and its Blender, into a folder that is thrown
away: each is drawn and simulated while the one before is pictured (with ``--in-turn`` it is not). Cycles' phases are
those that it reports itself. With ``--alone`` the last scene's pictures are then taken again with nothing beside,
for what sampling and denoising take when all else is free. Wall seconds mean something on an idle machine only.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psutil

from benchmarks.measuring import machine, show
from pairforge import stopwatch
from pairforge.darkroom import Darkroom, foresee
from pairforge.datasets.store import write_scene
from pairforge.farm.foresight import Foresight
from pairforge.pipeline import Stage, keyframes_by, prepare, view
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.protocol import Quality
from pairforge.sample import Keyframe
from pairforge.scenes.concrete import frame_times_ns
from pairforge.scenes.load import load_scene
from pairforge.scenes.spec import Lidar, Scene

_CYCLES = "cycles"


@dataclass
class Spent(stopwatch.Stopwatch):
    """Also the CPU seconds of the stage's own thread."""

    cpu: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.thread_time()
        with super().stage(name):
            yield
        self.cpu[name] = self.cpu.get(name, 0.0) + time.thread_time() - start


@dataclass(frozen=True)
class Coming:
    """A scene that may be begun ahead."""

    scene: Scene
    seed: int
    index: int

    def foresee(self) -> tuple[Stage, Spent, Any]:
        watch = Spent()
        ready = prepare(self.scene, self.seed, self.index, watch=watch)
        kinds = (s.kind for s in ready.concrete.sensors)
        return ready, watch, foresee(BlenderRenderer.name, ready.world, kinds, watch)


@dataclass(frozen=True)
class Whole:
    """Wall and CPU seconds (of this process and Blender) of one scene, by stage and by Cycles' phase."""

    frames: int
    wall_s: float
    cpu_s: float
    stages: Spent
    phases: dict[str, tuple[float, float]]

    @property
    def cycles_s(self) -> float:
        return self.phases.get(_CYCLES, (0.0, 0.0))[0]

    @property
    def cycles_cpu_s(self) -> float:
        return self.phases.get(_CYCLES, (0.0, 0.0))[1]


def cpu_s() -> float:
    """Of this process and its children, so far."""
    me = psutil.Process()
    times = [p.cpu_times() for p in [me, *me.children(recursive=True)]]
    return sum(t.user + t.system for t in times)


def made(
    coming: Coming, then: Coming | None, quality: Quality, renderer: BlenderRenderer, foresight: Foresight
) -> tuple[Stage, Whole]:
    """One scene, made and measured, and the next begun meanwhile."""
    count = 0
    wall, cpu = time.perf_counter(), cpu_s()

    def written(frames: Iterator[Keyframe]) -> Iterator[Keyframe]:
        nonlocal count
        while (frame := next(frames, None)) is not None:
            with watch.stage("encode, write"):
                yield frame
            count += 1

    foreseen = foresight.take(coming)
    watch = Spent() if foreseen is None else foreseen[1]
    with tempfile.TemporaryDirectory() as folder, Darkroom(renderer, quality, watch) as room:
        room.wake(s.KIND for s in coming.scene.sensors)
        if foreseen is None:
            ready = prepare(coming.scene, coming.seed, coming.index, watch=watch, room=room)
        else:
            ready = foreseen[0]
            room.open(ready.world, (s.kind for s in ready.concrete.sensors), foreseen[2])
        if then is not None:
            foresight.begin(then)
        with watch.stage("all after building"):
            write_scene(folder, "scene", ready.record, written(keyframes_by(ready, room, watch=watch)))
    taken = time.perf_counter() - wall, cpu_s() - cpu
    phases = renderer.clock() if renderer.worker_pid else {}
    return ready, Whole(count, *taken, watch, phases)


def alone(ready: Stage, renderer: BlenderRenderer) -> tuple[float, dict[str, tuple[float, float]]]:
    """Wall seconds of the pictures of the open world, taken again with nothing beside, and Cycles' phases."""
    views = [
        view(ready, camera, t)
        for k in range(len(ready.concrete.keyframe_times_ns))
        for camera in ready.concrete.sensors
        if camera.kind == "camera"
        for t in frame_times_ns(ready.concrete, camera, k)
    ]
    start = time.perf_counter()
    for each in views:
        renderer.render(each)
    return time.perf_counter() - start, renderer.clock()


def rows(whole: Whole) -> Iterator[tuple[str, ...]]:
    """Stage, where it runs, wall and CPU seconds, share of the whole wall."""
    for name, wall in whole.stages.seconds.items():
        yield _row(name, "driver", wall, whole.stages.cpu[name], whole)
    for name, (wall, cpu) in whole.phases.items():
        yield _row(name, "Blender", wall, cpu, whole)
    yield _row("all", "both", whole.wall_s, whole.cpu_s, whole)


def _row(name: str, where: str, wall: float, cpu: float, whole: Whole) -> tuple[str, ...]:
    return name, where, f"{wall:.2f}", f"{cpu:.2f}", f"{wall / whole.wall_s:.1%}"


def scene_of(options: argparse.Namespace) -> Scene:
    scene = load_scene(options.scene).scene
    if options.frames:
        scene = replace(scene, duration_s=options.frames / scene.keyframe_rate_hz)
    if options.lidar_only:
        scene = replace(scene, sensors=tuple(s for s in scene.sensors if isinstance(s, Lidar)))
    return scene


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--scene", default="driving.street")
    ask.add_argument("--scenes", type=int, default=2)
    ask.add_argument("--seed", type=int, default=7)
    ask.add_argument("--frames", type=int, default=0, help="keyframes a scene; 0: the scene's own")
    ask.add_argument("--quality", default="standard", choices=("draft", "standard", "high"))
    ask.add_argument("--lidar-only", action="store_true")
    ask.add_argument("--alone", action="store_true")
    ask.add_argument("--in-turn", action="store_true", help="begin no scene before its turn")
    options = ask.parse_args()
    scene, renderer = scene_of(options), BlenderRenderer()
    columns = "stage", "where", "wall s", "CPU s", "of the wall"
    print(machine())
    try:
        if not options.lidar_only:
            renderer.clock()
        done, foresight = [], Foresight()
        coming = [Coming(scene, options.seed, index) for index in range(options.scenes)]
        for index, (this, after) in enumerate(zip(coming, [*coming[1:], None], strict=True)):
            then = None if options.in_turn else after
            ready, whole = made(this, then, options.quality, renderer, foresight)
            show(f"scene {index}: {whole.frames} keyframes", columns, rows(whole))
            done.append(whole)
        wall_s, cycles_s, cpu, cycles_cpu = (
            sum(getattr(w, name) for w in done) for name in ("wall_s", "cycles_s", "cpu_s", "cycles_cpu_s")
        )
        print(
            f"Cycles sampled and denoised {cycles_s:.2f} of {wall_s:.2f} s: {1 - cycles_s / wall_s:.1%} besides;"
        )
        print(f"{cpu - cycles_cpu:.2f} CPU s besides, {1 - cycles_cpu / cpu:.1%} of {cpu:.2f}")
        if options.alone and not options.lidar_only:
            took_s, phases = alone(ready, renderer)
            rest, by = done[-1].wall_s, phases[_CYCLES][0]
            print(f"the last scene's pictures alone: {took_s:.2f} s, {by:.2f} of it sampling and denoising;")
            print(f"of its {rest:.2f} s {1 - by / rest:.1%} are more than that")
    finally:
        renderer.close()


if __name__ == "__main__":
    main()
