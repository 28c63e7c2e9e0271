"""What labels cost beside the picture: one street frame, Blender at each quality, one run.

    python -m benchmarks.labels [--qualities draft,standard,high] [--width 1600]

The worker that renders is another process: its CPU seconds are its own, and labels run beside it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks.measuring import machine, show, street, took
from benchmarks.presets import measure
from pairforge.pipeline import view
from pairforge.renderers.blender_presets import PRESETS
from pairforge.renderers.protocol import Quality
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.sensors.labels import camera_frame

QUALITIES: tuple[Quality, ...] = ("draft", "standard", "high")
_FRAMES = {"draft": 3, "standard": 3, "high": 1}


def widened(camera: ConcreteSensor, width_px: int) -> ConcreteSensor:
    """The same view in more pixels."""
    s, by = camera.settings, width_px / camera.settings["width_px"]
    size = {"width_px": width_px, "height_px": round(by * s["height_px"])}
    return replace(camera, settings={**s, **size, **{key: by * s[key] for key in ("fx", "fy", "cx", "cy")}})


def shares(qualities: Sequence[Quality] = QUALITIES, width_px: int = 640) -> Iterator[tuple[str, ...]]:
    """Rows: quality; seconds to build, of the first frame, of a later one, its CPU seconds; peak MB; labels' share of
    the later frame, by CPU and by wall."""
    ready = street()
    camera = widened(next(s for s in ready.concrete.sensors if s.kind == "camera"), width_px)
    at_ns = ready.concrete.keyframe_times_ns[0]
    labels = took(lambda: camera_frame(ready.engine, ready.timeline, camera, at_ns))
    for quality in qualities:
        print(f"rendering at {quality} ...", file=sys.stderr, flush=True)
        m = measure(ready.world, view(ready, camera, at_ns), PRESETS[quality], _FRAMES[quality])
        print(
            f"{quality}: {m.cpu_s:.1f} CPU s a frame, labels {labels.cpu_s:.3f}", file=sys.stderr, flush=True
        )
        yield (
            quality,
            *(f"{s:.1f}" for s in (m.build_s, m.first_s, m.next_s, m.cpu_s)),
            f"{m.peak_mb:.0f}",
            f"{labels.cpu_s:.3f}",
            f"{labels.cpu_s / m.cpu_s:.1%}",
            f"{labels.wall_s / m.next_s:.1%}",
        )


def report(qualities: Sequence[Quality] = QUALITIES, width_px: int = 640) -> None:
    columns = (
        "preset",
        "build s",
        "first s",
        "frame s",
        "CPU s",
        "peak MB",
        "labels CPU s",
        "share of CPU",
        "of wall",
    )
    show("A Blender frame, and the labels beside it", columns, shares(qualities, width_px))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--qualities", default=",".join(QUALITIES))
    parser.add_argument("--width", type=int, default=640)
    options = parser.parse_args()
    chosen = options.qualities.split(",")
    print(machine())
    report([q for q in QUALITIES if q in chosen], options.width)


if __name__ == "__main__":
    main()
