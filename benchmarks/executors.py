"""What executors cost and what workers gain: per unit, per second of work, and in memory.

``python -m benchmarks.executors overhead`` gives trivial units to each executor and to no executor at all.
``python -m benchmarks.executors street RENDERER`` makes scenes of the library street (320x180, draft, a second long)
with one and two workers, and with Blender's threads as they are or divided among workers. Prints Markdown. Wall
seconds need an idle machine; memory is the most that the run and all its children held together, looked at ten times
a second.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from benchmarks.measuring import machine
from pairforge.farm.kin import held_bytes
from pairforge.farm.local import LocalExecutor
from pairforge.farm.protocol import Done, Executor, Limits
from pairforge.generate import Request, generate
from pairforge.registry import EXECUTORS, RENDERERS
from tests.farm.deeds import Unit

FEW, MANY = 20, 420
STREET = {
    "duration_s": "1",
    "keyframe_rate_hz": "2",
    "CAM_FRONT.width_px": "320",
    "CAM_FRONT.height_px": "180",
}
SCENES = 4


@contextmanager
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="pairforge-benchmark-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class Peak:
    """The most memory held while the block runs."""

    def __enter__(self) -> Peak:
        self.bytes, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.bytes = max(self.bytes, held_bytes(os.getpid()))

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def overhead() -> None:
    """Milliseconds a unit beyond the first few, which pay for starting."""
    print(f"{machine()}; units that write one small file, {MANY - FEW} of them\n")
    print("| executor | start and end, s | a unit, ms | peak, MB |\n|---|---|---|---|")
    renderer = RENDERERS.load("raycast")()
    with scratch() as root:
        units = [Unit(i, root) for i in range(MANY)]
        took = seconds(lambda: [unit.run(renderer, lambda: None) for unit in units])
    print(f"| none, in this process | 0.0 | {took / MANY * 1e3:.2f} | {held_bytes(os.getpid()) / 1e6:.0f} |")
    for name in EXECUTORS.names():
        for workers in (1, 2):
            row(f"{name}, {workers}", lambda n=name, w=workers: EXECUTORS.load(n)(workers=w, limits=Limits()))


def row(name: str, make: Callable[[], Executor]) -> None:
    def run(count: int) -> None:
        with scratch() as root:
            units = [Unit(i, root) for i in range(count)]
            assert all(isinstance(r, Done) for r in make().run(units, lambda: None))

    with Peak() as peak:
        few, many = seconds(lambda: run(FEW)), seconds(lambda: run(MANY))
    unit = (many - few) / (MANY - FEW)
    print(f"| {name} | {few - FEW * unit:.1f} | {unit * 1e3:.2f} | {peak.bytes / 1e6:.0f} |", flush=True)


def street(renderer: str, choices: list[tuple[int, int]]) -> None:
    """Scenes a minute; ``choices`` are of workers and Blender's threads a worker (0: all)."""
    print(f"{machine()}; driving.street, {renderer} draft, {SCENES} scenes of 2 keyframes at 320x180\n")
    print("| workers | threads each | wall, s | against the first | peak, MB |\n|---|---|---|---|---|")
    first = 0.0
    for workers, threads in choices:
        os.environ["PAIRFORGE_BLENDER_THREADS"] = str(threads)
        with scratch() as root, Peak() as peak:
            request = Request(
                "driving.street",
                root / "data",
                SCENES,
                seed=7,
                renderer=renderer,
                quality="draft",
                settings=STREET,
            )
            took = seconds(lambda r=request, w=workers: _made(r, LocalExecutor(w)))
        first = first or took
        print(
            f"| {workers} | {threads or 'all'} | {took:.1f} | {first / took:.2f} | {peak.bytes / 1e6:.0f} |",
            flush=True,
        )


def _made(request: Request, executor: Executor) -> None:
    assert not generate(request, executor).failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("overhead", "street"))
    parser.add_argument("renderer", nargs="?", default="raycast")
    parser.add_argument("--choices", default="1x0,2x0,2x1", help="workers x threads, ...")
    asked = parser.parse_args()
    if asked.what == "overhead":
        overhead()
    else:
        pairs = [tuple(int(n) for n in choice.split("x")) for choice in asked.choices.split(",")]
        street(asked.renderer, [(w, t) for w, t in pairs])
    sys.stdout.flush()


if __name__ == "__main__":
    main()
