"""LiDAR sweeps a second on the library street, plain and with what a beam, surfaces and Doppler cost.

python -m benchmarks.lidar
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from benchmarks.measuring import machine, show, street, took
from pairforge.scenes.aim import settings_of
from pairforge.scenes.beams import Beam, Doppler, Raster, Receiver, Rosette, Surfaces
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.draws import Draws
from pairforge.scenes.spec import Lidar
from pairforge.seeding import Stream
from pairforge.sensors.lidar import fired_rays, sweep

LARGE: dict[str, Any] = {"beams": 128, "columns": 1800, "elevation_deg": (-25.0, 15.0), "rate_hz": 10.0}
CASES: dict[str, dict[str, Any]] = {
    "32 x 1080, plain": {},
    "32 x 1080, receiver": {"receiver": Receiver()},
    "32 x 1080, surfaces": {"surfaces": Surfaces(), "receiver": Receiver()},
    "32 x 1080, Doppler": {"doppler": Doppler()},
    "32 x 1080, 7 rays a beam": {"beam": Beam(returns="dual")},
    "32 x 1080, all of it": {
        "beam": Beam(returns="dual"), "receiver": Receiver(), "surfaces": Surfaces(), "doppler": Doppler(),
    },
    "128 x 1800, plain": LARGE,
    "128 x 1800, 7 rays a beam": {**LARGE, "beam": Beam(returns="dual")},
    "raster 125 x 600": {"pattern": Raster(), "rate_hz": 10.0},
    "rosette, 100,000 points a second": {"pattern": Rosette(), "rate_hz": 10.0},
}  # fmt: skip


def sensor(like: ConcreteSensor, **fields: Any) -> ConcreteSensor:
    """A LiDAR where another is mounted."""
    return replace(like, settings=settings_of(Lidar(name=like.name, **fields), Draws(Stream(1))))


def costs() -> Iterator[tuple[str, ...]]:
    """Rows: which LiDAR, rays fired, CPU seconds a sweep, sweeps a CPU second, ratio to the plain one of its size."""
    ready = street()
    roof = next(s for s in ready.concrete.sensors if s.kind == "lidar")
    at_ns = ready.concrete.keyframe_times_ns[0]
    plain: dict[str, float] = {}
    for name, fields in CASES.items():
        own = sensor(roof, **fields)
        rays = len(fired_rays(ready.world, ready.timeline, own, at_ns)[0])
        t = took(lambda own=own: sweep(ready.engine, ready.timeline, own, at_ns, Stream(1)), 3)
        first = plain.setdefault(name.partition(",")[0], t.cpu_s)
        yield name, f"{rays:,}", f"{t.cpu_s:.3f}", f"{1 / t.cpu_s:.1f}", f"{t.cpu_s / first:.1f}x"


def main() -> None:
    print(machine())
    show("LiDAR", ("LiDAR", "rays", "CPU s a sweep", "sweeps a CPU s", "to plain"), costs())


if __name__ == "__main__":
    main()
