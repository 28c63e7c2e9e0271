"""What executors cost and what workers gain: per unit, per second of work, and in memory.

``python -m benchmarks.executors overhead`` gives trivial units to each executor and to no executor at all.
``python -m benchmarks.executors street RENDERER`` makes scenes of the library street (320x180, draft, a second long,
unless asked otherwise) with one and two workers, and with Blender's threads as they are or divided among workers; one
worker begins each next scene ahead, "alone" has it wait for its turn. Prints Markdown. Wall seconds need an idle
machine; CPU seconds are of the run and all its children; memory is the most that they held together, in fair shares
of what they share, looked at twice a second.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from benchmarks.measuring import machine
from pairforge.farm.attempts import Attempts
from pairforge.farm.kin import cpu_seconds, held_bytes
from pairforge.farm.local import LocalExecutor
from pairforge.farm.protocol import Done, Executor, Limits
from pairforge.generate import Request, generate
from pairforge.registry import EXECUTORS, RENDERERS
from pairforge.scratch import scratch
from tests.farm.deeds import Unit

FEW, MANY = 20, 420
STREET = {"duration_s": "1", "keyframe_rate_hz": "2"}
Choice = tuple[str, int]


class Peak:
    """The most memory held while the block runs, and the CPU seconds used in it."""

    def __enter__(self) -> Peak:
        self.bytes, self._over = 0, threading.Event()
        self._look_once()
        self._before_s = sum(cpu_seconds(os.getpid()))
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self) -> None:
        while not self._over.wait(0.5):
            self._look_once()

    def _look_once(self) -> None:
        self.bytes = max(self.bytes, held_bytes(os.getpid(), exact=True))

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.cpu_s = sum(cpu_seconds(os.getpid())) - self._before_s


def seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def overhead() -> None:
    """Milliseconds a unit beyond the first few, which pay for starting."""
    print(f"{machine()}; units that write one small file, {MANY - FEW} of them\n")
    print("| executor | start and end, s | a unit, ms | peak, MB |\n|---|---|---|---|")
    renderer = RENDERERS.load("raycast")()
    with scratch("benchmark") as root:
        units = [Unit(i, root) for i in range(MANY)]
        took = seconds(lambda: [unit.run(renderer, lambda: None) for unit in units])
    print(f"| none, in this process | 0.0 | {took / MANY * 1e3:.2f} | {held_bytes(os.getpid()) / 1e6:.0f} |")
    for name in EXECUTORS.names():
        for workers in (1, 2):
            row(f"{name}, {workers}", lambda n=name, w=workers: EXECUTORS.load(n)(workers=w, limits=Limits()))


def row(name: str, make: Callable[[], Executor]) -> None:
    def run(count: int) -> None:
        with scratch("benchmark") as root:
            units = [Unit(i, root) for i in range(count)]
            assert all(isinstance(r, Done) for r in make().run(units, lambda: None))

    with Peak() as peak:
        few, many = seconds(lambda: run(FEW)), seconds(lambda: run(MANY))
    unit = (many - few) / (MANY - FEW)
    print(f"| {name} | {few - FEW * unit:.1f} | {unit * 1e3:.2f} | {peak.bytes / 1e6:.0f} |", flush=True)


def street(renderer: str, choices: list[Choice], quality: str, width: int, scenes: int) -> None:
    """Time and memory; ``choices`` are of workers ("alone" or a number) and Blender's threads a worker (0: all)."""
    print(
        f"{machine()}; driving.street, {renderer} {quality}, {scenes} scenes of 2 keyframes, {width} wide\n"
    )
    columns = "| workers | threads each | wall, s | against the first | CPU, s | peak, MB |"
    print(f"{columns}\n|{'---|' * 6}")
    first = 0.0
    size = {"CAM_FRONT.width_px": str(width), "CAM_FRONT.height_px": str(width * 9 // 16)}
    for workers, threads in choices:
        os.environ["PAIRFORGE_BLENDER_THREADS"] = str(threads)
        with scratch("benchmark") as root, Peak() as peak, turns(kept=workers == "alone"):
            request = Request(
                "driving.street",
                root / "data",
                scenes,
                seed=7,
                renderer=renderer,
                quality=quality,  # type: ignore[arg-type]
                settings={**STREET, **size},
            )
            crew = LocalExecutor(1 if workers == "alone" else int(workers))
            took = seconds(lambda r=request, e=crew: _made(r, e))
        first = first or took
        cells = [workers, str(threads or "all"), f"{took:.1f}", f"{first / took:.2f}", f"{peak.cpu_s:.1f}"]
        print(f"| {' | '.join(cells)} | {peak.bytes / 1e6:.0f} |", flush=True)


@contextmanager
def turns(*, kept: bool) -> Iterator[None]:
    """With ``kept`` no scene is begun before its turn."""
    after = Attempts.after
    if kept:
        Attempts.after = lambda self, job: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        Attempts.after = after  # type: ignore[method-assign]


def _made(request: Request, executor: Executor) -> None:
    assert not generate(request, executor).failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("overhead", "street"))
    parser.add_argument("renderer", nargs="?", default="raycast")
    parser.add_argument("--choices", default="alonex0,1x0,2x0,2x1", help="workers x threads, ...")
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--scenes", type=int, default=4)
    asked = parser.parse_args()
    if asked.what == "overhead":
        overhead()
    else:
        pairs = [choice.rsplit("x", 1) for choice in asked.choices.split(",")]
        choices = [(workers, int(threads)) for workers, threads in pairs]
        street(asked.renderer, choices, asked.quality, asked.width, asked.scenes)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
