"""What lenses that bend, exposure, readout and focus cost in Blender: ratios to a plain picture from the same place.

python -m benchmarks.cameras [--qualities draft,standard] [--width 640]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import replace

import psutil

from benchmarks.measuring import machine, show, street
from pairforge.frames import Intrinsics
from pairforge.pipeline import view
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.protocol import Quality, View
from pairforge.scenes.concrete import ConcreteSensor

_REPEATS = 2


def cameras(width: int) -> dict[str, ConcreteSensor]:
    """The street's front camera, plain and otherwise, all of the same number of pixels."""
    plain = next(s for s in street().concrete.sensors if s.kind == "camera")
    height = width * 9 // 16
    pinhole = Intrinsics.from_fov(width, height, 70.0)
    fisheye = width / 2 / math.radians(95.0)

    def camera(model: str, focal: float, terms: tuple[float, ...], **settings: object) -> ConcreteSensor:
        lens = {
            "fx": focal,
            "fy": focal,
            "cx": width / 2,
            "cy": height / 2,
            "model": model,
            "distortion": terms,
        }
        own = {**plain.settings, "width_px": width, "height_px": height, **lens, **settings}
        return replace(plain, settings=own)

    def straight(**settings: object) -> ConcreteSensor:
        return camera("pinhole", pinhole.fx, (), **settings)

    return {
        "pinhole": straight(),
        "brown_conrady": camera("brown_conrady", pinhole.fx, (-0.28, 0.09, 0.001, -0.001, -0.01)),
        "kannala_brandt, 190 degrees": camera("kannala_brandt", fisheye, (0.0,) * 4),
        "equirectangular, 360 degrees": camera("equirectangular", width / (2 * math.pi), ()),
        "readout 1/50 s": straight(shutter={"exposure_s": 0.0, "readout_s": 0.02}),
        "exposure 1/30 s": straight(shutter={"exposure_s": 1 / 30, "readout_s": 0.0}),
        "exposure 1/30 s and readout 1/50 s": straight(shutter={"exposure_s": 1 / 30, "readout_s": 0.02}),
        "depth of field": straight(lens={"f_number": 1.8, "focus_m": 8.0, "focal_length_mm": 50.0}),
    }


def costs(qualities: list[Quality], width: int) -> Iterator[tuple[str, ...]]:
    """Rows: quality, camera, CPU seconds of the worker a picture, ratio to the pinhole's."""
    ready, found = street(), cameras(width)
    at_ns = ready.concrete.keyframe_times_ns[0]
    for quality in qualities:
        renderer = BlenderRenderer()
        try:
            renderer.open(ready.world, quality)
            seconds = {name: _cpu_s(renderer, view(ready, c, at_ns)) for name, c in found.items()}
        finally:
            renderer.close()
        for name, s in seconds.items():
            yield quality, name, f"{s:.2f}", f"{s / seconds['pinhole']:.2f}"


def _cpu_s(renderer: BlenderRenderer, shown: View) -> float:
    """Least CPU seconds of several pictures, after a first one."""
    worker = psutil.Process(renderer.worker_pid)
    renderer.render(shown)
    taken = []
    for _ in range(_REPEATS):
        before = worker.cpu_times()
        renderer.render(shown)
        after = worker.cpu_times()
        taken.append(after.user + after.system - before.user - before.system)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--qualities", default="draft,standard")
    parser.add_argument("--width", type=int, default=640)
    asked = parser.parse_args()
    print(machine())
    show("A picture", ("preset", "camera", "CPU s", "ratio"), costs(asked.qualities.split(","), asked.width))


if __name__ == "__main__":
    main()
