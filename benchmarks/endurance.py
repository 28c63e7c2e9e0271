"""Does a long scene cost more at its end? CPU seconds and memory of keyframes, the first hundred against the last.

    python -m benchmarks.endurance [--frames 2100] [--renderer blender|raycast] [--seconds 170]

Small pictures of a block, a ball and a can, made and written as any scene is. Keyframes before ``_WARM`` are left
out: they load what is loaded once. The run ends by itself after ``--seconds``, and tells how far it came.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import psutil

from benchmarks.measuring import machine, show
from pairforge.datasets.store import write_scene
from pairforge.pipeline import keyframes, stage
from pairforge.registry import RENDERERS
from pairforge.sample import Keyframe
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Scene
from tests.farm.tiny_spec import TINY

_WARM, _SPAN = 20, 100


@dataclass(frozen=True)
class Mark:
    """After a keyframe: CPU seconds and MB of the driver and of the renderer's process."""

    cpu_s: tuple[float, float]
    mb: tuple[float, float]


@cache
def kin() -> tuple[list[psutil.Process], ...]:
    """The driver, and what it started. Asked once: a search through all processes of the machine costs the driver
    milliseconds that grow with them."""
    me = psutil.Process()
    return [me], me.children(recursive=True)


def mark() -> Mark:
    times = [[p.cpu_times() for p in of] for of in kin()]
    cpu_s = [sum(t.user + t.system for t in of) for of in times]
    mb = [sum(p.memory_info().rss for p in of) / 1e6 for of in kin()]
    return Mark((cpu_s[0], cpu_s[1]), (mb[0], mb[1]))


def long_scene(frames: int) -> Scene:
    """So many keyframes of a block, a ball and a can, in small pictures."""
    small = (replace(s, width_px=64, height_px=36) if s.KIND == "camera" else s for s in TINY.sensors)
    return replace(TINY, duration_s=frames / 20, keyframe_rate_hz=20.0, sensors=tuple(small))


def run(renderer_name: str, frames: int, seconds: float) -> list[Mark]:
    """A mark a keyframe, of a scene of so many that is written as it goes."""
    ready = stage(resolve(long_scene(frames), seed=7), 0)
    renderer, marks, end = RENDERERS.load(renderer_name)(), list[Mark](), time.monotonic() + seconds

    def marked() -> Iterator[Keyframe]:
        for frame in keyframes(ready, renderer, "draft"):
            yield frame
            marks.append(mark())
            if time.monotonic() > end:
                return

    try:
        with tempfile.TemporaryDirectory() as folder:
            write_scene(folder, "long", ready.record, marked())
    finally:
        renderer.close()
    return marks


def rows(marks: list[Mark]) -> Iterator[tuple[str, ...]]:
    """Of driver and renderer: CPU ms a keyframe and MB, at the beginning and at the end, and their ratio."""
    spans = slice(_WARM, _WARM + _SPAN), slice(len(marks) - _SPAN, len(marks))
    for k, who in enumerate(("driver", "renderer")):
        cpu = [1e3 * float(np.diff([m.cpu_s[k] for m in marks[s]]).mean()) for s in spans]
        mb = [float(np.mean([m.mb[k] for m in marks[s]])) for s in spans]
        for what, (first, last) in (("CPU ms a keyframe", cpu), ("MB", mb)):
            ratio = f"{last / first:.3f}" if first else ""
            yield f"{who}, {what}", f"{first:.1f}", f"{last:.1f}", ratio


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--frames", type=int, default=2100)
    ask.add_argument("--renderer", default="blender")
    ask.add_argument("--seconds", type=float, default=1e9)
    options = ask.parse_args()
    marks = run(options.renderer, options.frames, options.seconds)
    print(machine())
    columns = "of which", f"{_WARM} to {_WARM + _SPAN}", f"{len(marks) - _SPAN} to {len(marks)}", "ratio"
    show(f"{len(marks)} keyframes by {options.renderer}", columns, rows(marks))


if __name__ == "__main__":
    main()
