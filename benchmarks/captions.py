"""How fast are captions said and proved from stored facts?

``python -m benchmarks.captions --data out/captions`` makes a small dataset of each of several worlds there, once,
opens its keyframes, and then, in two processes at once, writes captions of every kind and language from the stored
facts, reads each back and checks every claim against those facts. Reading files, and proving the facts themselves
against the arrays, are not counted. Prints a row a language; ``--profile`` prints where the time goes instead.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.measuring import machine, show
from pairforge.captioners.caption import write
from pairforge.captioners.languages.protocol import codes
from pairforge.captioners.protocol import names
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_text import caption_findings
from pairforge.datasets.reader import Dataset
from pairforge.farm.local import LocalExecutor
from pairforge.generate import Request, generate
from pairforge.sample import Keyframe, SceneRecord
from pairforge.seeding import Stream

WORLDS = (
    *("driving.street", "roads.crossroads", "scenarios.cut_in", "tabletop.drop", "tabletop.stack"),
    *("kitchen.counter", "shelf.goods", "inspection.part"),
)
SCENES, SEED = 2, 5
Stored = tuple[Keyframe, SceneRecord]


@dataclass(frozen=True)
class Pace:
    """Captions and sentences written and proved, and seconds that it took: wall, CPU, of them writing."""

    captions: Counter[str]
    sentences: int
    wall_s: float
    cpu_s: float
    write_s: float


def make(folder: Path, worlds: Sequence[str]) -> None:
    """The datasets, where they are not there yet."""
    for world in worlds:
        made = generate(Request(world, folder / world, SCENES, SEED, "raycast", "draft"), LocalExecutor(2))
        assert not made.failed, made.failed


def opened(folder: Path, worlds: Sequence[str], part: int, parts: int) -> list[Stored]:
    """The stored keyframes of every ``parts``-th scene from ``part`` on, without their captions."""
    found: list[Stored] = []
    for world in worlds:
        dataset = Dataset(folder / world)
        for index in dataset.scenes[part::parts]:
            record = dataset.record(index)
            found += [(replace(frame, captions=()), record) for frame in dataset.frames(index)]
    return found


def said_and_proved(frames: Sequence[Stored], repeats: int) -> Pace:
    """Writes and proves everything ``repeats`` times over, by other draws each time."""
    counts, sentences, write_s = Counter[str](), 0, 0.0
    wall, cpu = perf_counter(), process_time()
    for repeat in range(repeats):
        for n, (frame, record) in enumerate(frames):
            start = process_time()
            captions = write(frame, record, names(), Stream(repeat, str(n)), codes())
            write_s += process_time() - start
            proof = Proof(frame, record)
            for caption in captions:
                wrong = list(caption_findings(proof, caption))
                assert not wrong, (frame.key, caption.text, wrong)
                counts[caption.language] += 1
                sentences += len(caption.statements)
    return Pace(counts, sentences, perf_counter() - wall, process_time() - cpu, write_s)


def _worker(folder: Path, worlds: Sequence[str], part: int, parts: int, repeats: int) -> Pace:
    frames = opened(folder, worlds, part, parts)
    said_and_proved(frames, 1)  # templates and patterns are compiled once a process
    return said_and_proved(frames, repeats)


def report(folder: Path, worlds: Sequence[str], workers: int, repeats: int) -> None:
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        asked = [pool.submit(_worker, folder, worlds, part, workers, repeats) for part in range(workers)]
        paces = [done.result() for done in asked]
    total = sum((p.captions for p in paces), Counter[str]())
    wall = max(p.wall_s for p in paces)
    by_cpu = sum(p.captions.total() / p.cpu_s for p in paces)
    share = sum(p.write_s for p in paces) / sum(p.cpu_s for p in paces)
    rows = [[language, str(n)] for language, n in sorted(total.items())]
    show(f"Captions written and proved, {machine()}", ("language", "captions"), rows)
    print(
        f"{total.total()} captions ({sum(p.sentences for p in paces)} sentences) by {workers} processes in "
        f"{wall:.1f} s: "
        f"{total.total() / wall:.0f} a second of the clock, {by_cpu:.0f} by CPU time; {share:.0%} of it writing"
    )


def profile(work: Callable[[], object], rows: int) -> None:
    """Prints the functions in which most time was spent."""
    profiler = cProfile.Profile()
    profiler.runcall(work)
    for order in ("tottime", "cumtime"):
        pstats.Stats(profiler).sort_stats(order).print_stats(rows)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("--world", action="append", default=[])
    ask.add_argument("--data", type=Path, default=Path("out/captions"))
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--repeats", type=int, default=10)
    ask.add_argument("--profile", type=int, default=0, metavar="ROWS")
    options = ask.parse_args()
    worlds = tuple(options.world) or WORLDS
    make(options.data, worlds)
    if options.profile:
        frames = opened(options.data, worlds, 0, 1)
        said_and_proved(frames, 1)
        profile(lambda: said_and_proved(frames, options.repeats), options.profile)
    else:
        report(options.data, worlds, options.workers, options.repeats)


if __name__ == "__main__":
    main()
