"""What labels cost beside the picture: one street frame, Blender at each quality, one run.

    python -m benchmarks.labels [--qualities draft,standard,high]

The worker that renders is another process: its CPU seconds are its own, and labels run beside it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from benchmarks.measuring import machine, show, street, took
from benchmarks.presets import measure
from pairforge.pipeline import view
from pairforge.renderers.blender_presets import PRESETS
from pairforge.renderers.protocol import Quality
from pairforge.sensors.labels import camera_frame

QUALITIES: tuple[Quality, ...] = ("draft", "standard", "high")
_FRAMES = {"draft": 3, "standard": 3, "high": 1}


def shares(qualities: Sequence[Quality] = QUALITIES) -> Iterator[tuple[str, ...]]:
    """Rows: quality; seconds to build, of the first frame, of a later one, its CPU seconds; peak MB; labels' share of
    the later frame, by CPU and by wall."""
    ready = street()
    camera = next(s for s in ready.concrete.sensors if s.kind == "camera")
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


def report(qualities: Sequence[Quality] = QUALITIES) -> None:
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
    show("A Blender frame, and the labels beside it", columns, shares(qualities))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--qualities", default=",".join(QUALITIES))
    chosen = parser.parse_args().qualities.split(",")
    print(machine())
    report([q for q in QUALITIES if q in chosen])


if __name__ == "__main__":
    main()
