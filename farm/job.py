"""One scene of a dataset as a unit of work: plain data, enough to do it anywhere."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pairforge.darkroom import Darkroom
from pairforge.datasets.store import write_scene
from pairforge.errors import DatasetError
from pairforge.farm.protocol import Done
from pairforge.pipeline import keyframes_by, prepare
from pairforge.renderers.protocol import Quality, Renderer
from pairforge.sample import Keyframe
from pairforge.scenes.load import load_scene
from pairforge.scenes.overrides import overrides
from pairforge.scenes.spec import Scene
from pairforge.stopwatch import Stopwatch


@dataclass(frozen=True)
class Job:
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


def load_spec(
    spec: str, settings: Mapping[str, str], must_hash_to: str | None = None
) -> tuple[Scene, str, str]:
    """The scene with its overrides, its source text, and the source's sha256; raises SpecError. A file that does not
    hash to ``must_hash_to`` is not run."""
    scene, source, sha256 = load_scene(spec, must_hash_to)
    return overrides(scene, dict(settings)), source, sha256


def do(job: Job, renderer: Renderer, on_frame: Callable[[], None]) -> Done:
    """Make one scene and publish it; ``on_frame`` is called after each keyframe.

    Raises DatasetError when the spec changed since the plan was made, RenderError, MachineError.
    """
    scene, _, sha256 = load_spec(job.spec, job.settings, job.spec_sha256)
    if sha256 != job.spec_sha256:
        raise DatasetError(f'the spec "{job.spec}" changed while its dataset was being made; start a new one')
    watch, count = Stopwatch(), 0

    def counted(frames: Iterable[Keyframe]) -> Iterator[Keyframe]:
        nonlocal count
        for frame in frames:
            yield frame
            count += 1
            on_frame()

    with Darkroom(renderer, job.quality, watch) as room:
        room.wake(s.KIND for s in scene.sensors)
        ready = prepare(scene, job.seed, job.index, watch=watch, room=room)
        frames = keyframes_by(ready, room, watch=watch)
        record = write_scene(job.root, job.slug, ready.record, counted(frames))
    gc.collect()  # ray scenes hold native memory that cycles would keep until much later
    size = sum(file.bytes for file in record.files.values())
    return Done(job.index, count, dict(watch.seconds), bytes=size)
