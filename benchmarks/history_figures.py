"""What the history keeps: small hot paths of making, writing, reading and proving a dataset, as counts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.counting import disk, instructions, rays
from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.captioners.languages.protocol import codes
from pairforge.captioners.protocol import names
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_text import caption_findings
from pairforge.datasets.store import write_scene
from pairforge.pipeline import Stage, keyframes, prepare
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.sample import Keyframe
from pairforge.scenes.library.tabletop import DROP
from pairforge.scenes.overrides import overrides
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Camera, Scene
from pairforge.seeding import Stream
from pairforge.sensors.labels import camera_frame
from pairforge.sensors.lidar import sweep

SEED = 7
INSTRUCTIONS, EXACT, BYTES, MODULES = "instructions", "count", "bytes", "modules"
TOLERANCE = {INSTRUCTIONS: 0.05, EXACT: 0.0, BYTES: 0.02, MODULES: 0.05}
"""By how much a figure may grow, by its unit, before somebody has to say so."""
_IMPORTED = """
import sys
before = set(sys.modules)
import {module}
print(len(set(sys.modules) - before))
"""


@dataclass(frozen=True)
class Counted:
    """One figure of the history."""

    figure: str
    unit: str
    value: int


def figures() -> Iterator[Counted]:
    """All of them; under a minute of one core."""
    yield from _imports()
    yield from _resolving()
    yield from _sensing()
    yield from _text()
    with TemporaryDirectory(prefix="history-") as folder:
        yield from _storing(Path(folder))


def small() -> Scene:
    """Seven things dropped on a table, one keyframe of a small camera and a LiDAR."""
    camera = next(s for s in DROP.sensors if isinstance(s, Camera)).name
    size = {f"{camera}.width_px": 160, f"{camera}.height_px": 90}
    return overrides(DROP, {**size, "warm_up_s": 3.0, "duration_s": 0.5, "keyframe_rate_hz": 2.0})


@cache
def ready() -> Stage:
    return prepare(small(), SEED, 0)


@cache
def frame() -> Keyframe:
    (made,) = keyframes(ready(), RaycastRenderer(), "draft")
    return made


def _imports() -> Iterator[Counted]:
    """What is imported before anything happens: a module more is a slower start of every job."""
    for module in ("pairforge.cli", "pairforge.pipeline"):
        said = subprocess.run(
            [sys.executable, "-c", _IMPORTED.format(module=module)],
            check=True,
            capture_output=True,
            text=True,
        )
        yield Counted(f"import {module}: modules", MODULES, int(said.stdout))


def _resolving() -> Iterator[Counted]:
    scene = small()
    resolve(scene, SEED)
    with instructions() as found:
        resolve(scene, SEED)
    yield Counted("resolve a table scene", INSTRUCTIONS, found["instructions"])


def _sensing() -> Iterator[Counted]:
    stage = ready()
    time_ns = stage.concrete.keyframe_times_ns[0]
    camera = next(s for s in stage.concrete.sensors if s.kind == "camera")
    lidar = next(s for s in stage.concrete.sensors if s.kind == "lidar")
    for name, work in (
        ("labels of a 160x90 camera", lambda: camera_frame(stage.engine, stage.timeline, camera, time_ns)),
        ("a LiDAR sweep", lambda: sweep(stage.engine, stage.timeline, lidar, time_ns, Stream(1))),
    ):
        work()
        with rays() as cast, instructions() as found:
            work()
        yield Counted(f"{name}: rays", EXACT, cast["rays"])
        yield Counted(f"{name}: casts", EXACT, cast["casts"])
        yield Counted(name, INSTRUCTIONS, found["instructions"])


def _text() -> Iterator[Counted]:
    seen, record = frame(), ready().record

    def said() -> list[object]:
        captions = write(seen, record, names(), Stream(3), codes())
        return [f for c in captions for f in caption_findings(Proof(seen, record), c)]

    for name, work in (
        ("facts of a keyframe", lambda: measure(seen, record)),
        ("captions of every kind and language, written and proved", said),
    ):
        work()
        with instructions() as found:
            work()
        yield Counted(name, INSTRUCTIONS, found["instructions"])


def _storing(folder: Path) -> Iterator[Counted]:
    frames = [replace(frame(), captions=())]
    for root in (folder / "warm", folder / "counted"):
        with disk() as asked, instructions() as found:
            done = write_scene(root, "tabletop-drop-000000", ready().record, frames)
    kept = sum(entry.bytes for entry in done.files.values())
    yield Counted("write a scene of one keyframe", INSTRUCTIONS, found["instructions"])
    yield Counted("write a scene of one keyframe: bytes", BYTES, kept)
    for what in ("syncs", "renames", "opened", "listed"):
        yield Counted(f"write a scene of one keyframe: {what}", EXACT, asked[what])
