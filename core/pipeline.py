"""A sample's way, one line a stage:

spec --resolve(seed)--> concrete spec --build--> World --simulate--> Timeline --sense/render--> Keyframe
     --measure--> facts --caption--> text

Each stage is a pure function of its input and a named random stream; nothing later reaches back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import reduce
from operator import truediv
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.captioners.happenings import happenings_of
from pairforge.causes import causes_of
from pairforge.darkroom import Darkroom, Pictures
from pairforge.record import scene_record
from pairforge.renderers.falling import with_particles
from pairforge.renderers.glare import with_glare
from pairforge.renderers.imager import developed
from pairforge.renderers.protocol import Quality, Renderer, View
from pairforge.sample import CameraFrame, Keyframe, LidarFrame, Reading, SceneRecord
from pairforge.scenes.candidate import Candidate
from pairforge.scenes.concrete import ConcreteScene, ConcreteSensor, frame_times_ns, imager_of
from pairforge.scenes.resolve import resolve_candidate
from pairforge.scenes.spec import Scene
from pairforge.scenes.world import World
from pairforge.seeding import Stream
from pairforge.sensors.boxes import boxes3d
from pairforge.sensors.protocol import SENSORS, Sensing
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.timeline import Timeline
from pairforge.stopwatch import Stopwatch
from pairforge.views import view_of

AHEAD = 2
"""How many keyframes may be sensed, and how many pictured, before it is their turn."""


@dataclass(frozen=True, eq=False)
class Stage:
    """A scene made ready to be sensed: everything but the keyframes."""

    index: int
    concrete: ConcreteScene
    world: World
    timeline: Timeline
    engine: RayEngine
    record: SceneRecord


def scene_seed(seed: int, index: int) -> int:
    """The seed of scene ``index`` in a dataset of that seed; independent of how many scenes there are."""
    return (Stream(seed) / "scene" / index).integer()


def prepare(
    scene: Scene,
    seed: int,
    index: int,
    do: Mapping[str, Any] | None = None,
    watch: Stopwatch | None = None,
    room: Darkroom | None = None,
) -> Stage:
    """spec -> resolve -> build -> simulate, for scene ``index`` of the dataset with that seed.

    ``room`` begins to open the world as soon as it is built.
    """
    watch = watch or Stopwatch()
    with watch.stage("resolve"):
        candidate = resolve_candidate(scene, scene_seed(seed, index), do)
    return staged(candidate, index, watch, room)


def stage(concrete: ConcreteScene, index: int, watch: Stopwatch | None = None) -> Stage:
    """build -> simulate, from a concrete scene (this is how a frame is replayed)."""
    return staged(Candidate(concrete), index, watch)


def staged(
    candidate: Candidate, index: int, watch: Stopwatch | None = None, room: Darkroom | None = None
) -> Stage:
    """Builds and simulates what no requirement has asked for yet."""
    watch = watch or Stopwatch()
    concrete = candidate.concrete
    with watch.stage("build"):
        world = candidate.world
    if room is not None:
        room.open(world, (s.kind for s in concrete.sensors))
    with watch.stage("simulate"):
        timeline = candidate.timeline
    with watch.stage("build"):
        engine = candidate.engine
    record = scene_record(index, concrete, world, timeline)
    with watch.stage("measure"):
        record = replace(record, happenings=happenings_of(record))
    if concrete.causes:
        with watch.stage("causes"):
            record = replace(record, causes=causes_of(concrete, record))
    return Stage(index, concrete, world, timeline, engine, record)


def keyframes(
    ready: Stage,
    renderer: Renderer,
    quality: Quality,
    only: tuple[int, ...] | None = None,
    watch: Stopwatch | None = None,
) -> Iterator[Keyframe]:
    """render + sense -> measure -> caption, one keyframe after another (or those of ``only``). Raises RenderError."""
    watch = watch or Stopwatch()
    with Darkroom(renderer, quality, watch) as room:
        room.open(ready.world, (s.kind for s in ready.concrete.sensors))
        yield from keyframes_by(ready, room, only, watch)


def keyframes_by(
    ready: Stage, room: Darkroom, only: tuple[int, ...] | None = None, watch: Stopwatch | None = None
) -> Iterator[Keyframe]:
    """``keyframes`` by a room in which the world is open.

    Its renderer never waits: while it makes a picture the next ones are already asked for, rays are cast for the
    keyframes to come, and the last keyframe is described and, by the caller, written. At most ``AHEAD`` keyframes are
    sensed or pictured before their turn.
    """
    watch = watch or Stopwatch()
    due = deque(range(len(ready.concrete.keyframe_times_ns)) if only is None else only)
    to_picture, to_sense = due.copy(), due.copy()
    pictured, sensed = deque[Future[Pictures]](), deque[Keyframe]()
    while due:
        while to_picture and len(pictured) < AHEAD:
            pictured.append(room.take(_views(ready, to_picture.popleft())))
        while not sensed or (to_sense and len(sensed) < AHEAD and not pictured[0].done()):
            with watch.stage("sense"):
                sensed.append(_sense(ready, to_sense.popleft()))
        with watch.stage("wait_for_render"):
            pictures = pictured.popleft().result()
        due.popleft()
        yield _described(ready, _with_pictures(ready, sensed.popleft(), pictures, watch), watch)


def view(ready: Stage, sensor: ConcreteSensor, time_ns: int) -> View:
    """What a renderer must be shown to picture one camera at one time stamp."""
    return view_of(ready.world, ready.timeline, sensor, time_ns)


def _views(ready: Stage, k: int) -> Mapping[str, Iterable[View]]:
    """Camera -> what it is shown at keyframe ``k``, and any other sensor -> the views that it asks for."""
    return {
        c.name: [view(ready, c, t) for t in frame_times_ns(ready.concrete, c, k)]
        for c in _sensors(ready, "camera")
    } | {
        s.name: views(_asked(ready, s, k))
        for s in ready.concrete.sensors
        if (views := SENSORS.load(s.kind).views) is not None
    }


def _sense(ready: Stage, k: int) -> Keyframe:
    """What all sensors give at keyframe ``k``, the pictures still black; nothing of those that need pictures."""
    time_ns = ready.concrete.keyframe_times_ns[k]
    blind = [s for s in ready.concrete.sensors if SENSORS.load(s.kind).views is None]
    all_sensed = {s.name: _frames(ready, s, k) for s in blind}
    sensed = {name: frames[-1] for name, frames in all_sensed.items()}
    sweeps = {name: frames[:-1] for name, frames in all_sensed.items() if len(frames) > 1}
    cameras = {name: frame for name, frame in sensed.items() if isinstance(frame, CameraFrame)}
    lidars = {name: frame for name, frame in sensed.items() if isinstance(frame, LidarFrame)}
    readings = {name: frame for name, frame in sensed.items() if isinstance(frame, Reading)}
    ego = ready.record.ego
    boxes = boxes3d(ready.world, ready.timeline, time_ns, cameras, lidars, ego)
    ego_id = next((i.instance_id for i in ready.world.instances if i.name == ego), 0)
    controls = ready.timeline.controls_at(ego_id, time_ns)
    return Keyframe(
        ready.index, k, time_ns, cameras, lidars, boxes, controls, readings=readings, sweeps=sweeps
    )


def _frames(ready: Stage, sensor: ConcreteSensor, k: int) -> tuple[Any, ...]:
    """What one sensor gives at keyframe ``k``: its sweeps, which have no boxes, and last the keyframe's own frame."""
    model, times = SENSORS.load(sensor.kind), frame_times_ns(ready.concrete, sensor, k)
    frames = [model.sense(_asked(ready, sensor, k, n, t)) for n, t in enumerate(times, 1 - len(times))]
    bare = (replace(f, boxes=()) if isinstance(f, CameraFrame) else f for f in frames[:-1])
    return (*bare, frames[-1])


def _seen(ready: Stage, sensed: Keyframe, pictures: Pictures) -> dict[str, Reading]:
    """All readings in the order of the sensors, now with those that are made from pictures."""
    found = dict(sensed.readings)
    for sensor in ready.concrete.sensors:
        model = SENSORS.load(sensor.kind)
        if model.views is not None:
            asked = _asked(ready, sensor, sensed.frame_index)
            found[sensor.name] = model.sense(replace(asked, pictures=tuple(pictures[sensor.name])))
    return {s.name: found[s.name] for s in ready.concrete.sensors if s.name in found}


def _asked(
    ready: Stage, sensor: ConcreteSensor, k: int, sweep: int = 0, time_ns: int | None = None
) -> Sensing:
    """The question put to a sensor's model at keyframe ``k``: its own frame (``sweep`` 0), or one so many before."""
    times, draws = ready.concrete.keyframe_times_ns, Stream(ready.concrete.seed) / "sense"
    period_ns = round(1e9 / ready.concrete.keyframe_rate_hz)
    return Sensing(
        engine=ready.engine,
        timeline=ready.timeline,
        concrete=ready.concrete,
        sensor=sensor,
        time_ns=times[k] if time_ns is None else time_ns,
        since_ns=times[k - 1] if k else max(times[0] - period_ns, 0),
        stream=draws / k / sensor.name / f"sweep_{-sweep}" if sweep else draws / k / sensor.name,
        scene_stream=draws / "scene" / sensor.name,
    )


def _sensors(ready: Stage, kind: str) -> list[ConcreteSensor]:
    return [s for s in ready.concrete.sensors if s.kind == kind]


def _with_pictures(ready: Stage, sensed: Keyframe, rgb: Pictures, watch: Stopwatch) -> Keyframe:
    """The keyframe with its pictures, and in them what falls and glares and what the imager makes of it; labels are
    of what is solid."""
    sky, draws = ready.world.sky, Stream(ready.concrete.seed)
    imagers = {c.name: imager_of(c) for c in _sensors(ready, "camera")}
    with watch.stage("overlay"):

        def pictured(frame: CameraFrame, picture: NDArray[np.uint8], *path: str) -> CameraFrame:
            falling, chip = (
                reduce(truediv, path, draws / what / sensed.frame_index) for what in ("falling", "imager")
            )
            seen = with_particles(with_glare(picture, sky), frame, sky, falling)
            imager = imagers[frame.sensor]
            return replace(
                frame, rgb=seen if imager is None else developed(seen, imager, frame.intrinsics, chip)
            )

        cameras = {n: pictured(c, rgb[n][-1], n) for n, c in sensed.cameras.items()}
        sweeps = dict(sensed.sweeps)
        for name in sorted(cameras.keys() & sweeps.keys()):
            taken = zip(sweeps[name], rgb[name][:-1], strict=True)
            sweeps[name] = tuple(
                pictured(frame, picture, name, f"sweep_{len(sweeps[name]) - n}")
                for n, (frame, picture) in enumerate(taken)
                if isinstance(frame, CameraFrame)
            )
    with watch.stage("sense"):
        readings = _seen(ready, sensed, rgb)
    return replace(sensed, cameras=cameras, sweeps=sweeps, readings=readings)


def _described(ready: Stage, frame: Keyframe, watch: Stopwatch) -> Keyframe:
    """The keyframe with its facts, measured from its own arrays, and the text that states them."""
    with watch.stage("measure"):
        frame = replace(frame, facts=measure(frame, ready.record))
    with watch.stage("caption"):
        draws = Stream(ready.concrete.seed) / "caption" / frame.frame_index
        kinds, languages = ready.concrete.captions, ready.concrete.languages
        return replace(frame, captions=write(frame, ready.record, kinds, draws, languages))
