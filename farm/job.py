"""One scene of a dataset as a unit of work: plain data, enough to do it anywhere."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pairforge.darkroom import Darkroom, foresee
from pairforge.datasets.manifest import Identity, slug_of
from pairforge.datasets.store import write_scene
from pairforge.errors import DatasetError
from pairforge.farm.protocol import Done
from pairforge.renderers.protocol import Quality, Renderer
from pairforge.sample import Keyframe
from pairforge.scenes.load import load_scene
from pairforge.scenes.overrides import overrides
from pairforge.scenes.spec import Scene
from pairforge.stopwatch import Stopwatch

if TYPE_CHECKING:  # whoever only deals jobs out needs no engines: two thirds of a CPU second
    from pairforge.pipeline import Stage


@dataclass(frozen=True)
class SceneWork:
    """Make scene ``index`` of the dataset at ``root``. ``spec`` is a library name or ``file.py:NAME`` whose source
    must still hash to ``spec_sha256``; ``settings`` are the ``--set`` overrides as text."""

    spec: str
    spec_sha256: str
    settings: Mapping[str, str]
    seed: int
    index: int
    root: Path
    slug: str
    renderer: str
    quality: Quality

    def run(self, renderer: Renderer, on_frame: Callable[[], None]) -> Done:
        return do(self, renderer, on_frame)


@dataclass(frozen=True)
class Job(SceneWork):
    """The same, with what comes before its pictures done ahead where an executor has the time for it. Whoever has a
    ``run`` of their own derive from ``SceneWork``: this one is begun by ``run_foreseen``."""

    def foresee(self) -> Foreseen:
        from pairforge.pipeline import prepare

        watch = Stopwatch()
        ready = prepare(_scene_of(self), self.seed, self.index, watch=watch)
        kinds = (s.kind for s in ready.concrete.sensors)
        return Foreseen(ready, watch, foresee(self.renderer, ready.world, kinds, watch))

    def run_foreseen(
        self,
        renderer: Renderer,
        on_frame: Callable[[], None],
        foreseen: Foreseen | None,
        on_ready: Callable[[], None],
    ) -> Done:
        return do(self, renderer, on_frame, foreseen, on_ready)


def jobs_of(identity: Identity, spec: str, root: Path, scenes: Iterable[int]) -> list[Job]:
    """A job for each of these scenes of the dataset at ``root``, by its ``identity`` (which was checked when it was
    made or read). ``spec`` is where its spec is on this machine."""
    return [
        Job(
            spec=spec,
            spec_sha256=identity.spec_sha256,
            settings=dict(identity.overrides),
            seed=identity.seed,
            index=i,
            root=root,
            slug=slug_of(identity.scene, i),
            renderer=identity.renderer,
            quality=cast(Quality, identity.quality),
        )
        for i in scenes
    ]


@dataclass(frozen=True, eq=False)
class Foreseen:
    """A scene drawn and simulated, what that took, and what its renderer could do ahead."""

    ready: Stage
    watch: Stopwatch
    opening: Any


def load_spec(
    spec: str, settings: Mapping[str, str], must_hash_to: str | None = None
) -> tuple[Scene, str, str]:
    """The scene with its overrides, its source text, and the source's sha256; raises SpecError. A file that does not
    hash to ``must_hash_to`` is not run."""
    scene, source, sha256 = load_scene(spec, must_hash_to)
    return overrides(scene, dict(settings)), source, sha256


def _scene_of(job: SceneWork) -> Scene:
    scene, _, sha256 = load_spec(job.spec, job.settings, job.spec_sha256)
    if sha256 != job.spec_sha256:
        raise DatasetError(f'the spec "{job.spec}" changed while its dataset was being made; start a new one')
    return scene


def do(
    job: SceneWork,
    renderer: Renderer,
    on_frame: Callable[[], None],
    foreseen: Foreseen | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> Done:
    """Make one scene, from its beginning or from what was ``foreseen`` of it, and publish it; ``on_frame`` is called
    after each keyframe, ``on_ready`` when it is drawn and simulated.

    Raises DatasetError when the spec changed since the plan was made, RenderError, MachineError.
    """
    from pairforge.pipeline import keyframes_by

    watch, count = Stopwatch() if foreseen is None else foreseen.watch, 0

    def counted(frames: Iterable[Keyframe]) -> Iterator[Keyframe]:
        nonlocal count
        for frame in frames:
            yield frame
            count += 1
            on_frame()

    with Darkroom(renderer, job.quality, watch) as room:
        ready = _begun(job, room, watch) if foreseen is None else foreseen.ready
        if foreseen is not None:
            room.open(ready.world, (s.kind for s in ready.concrete.sensors), foreseen.opening)
        on_ready()
        frames = keyframes_by(ready, room, watch=watch)
        record = write_scene(job.root, job.slug, ready.record, counted(frames))
    gc.collect()  # ray scenes hold native memory that cycles would keep until much later
    size = sum(file.bytes for file in record.files.values())
    return Done(job.index, count, dict(watch.seconds), bytes=size)


def _begun(job: SceneWork, room: Darkroom, watch: Stopwatch) -> Stage:
    """The scene drawn and simulated, while the renderer starts and opens its world."""
    from pairforge.pipeline import prepare

    scene = _scene_of(job)
    room.wake(s.KIND for s in scene.sensors)
    return prepare(scene, job.seed, job.index, watch=watch, room=room)
