"""Storms at full size: 500 scenes under each executor, struck by every fault there is, told against the calm run.

    python -m benchmarks.chaos local work ray --scenes 500 --faults 48 --seed 1 --out out/chaos

prints a row of docs/farm.md's table a run, and writes all that happened to ``<out>/<run>/story.json``. Filling a disk
mounts a small file system, which needs root; elsewhere a limit on the size of files does for it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the harness lives beside the tests

from pairforge.seeding import Stream
from tests.farm.chaos import Command, Fault, Storm, Story, Striker, faults, filling, slowing
from tests.farm.disks import SlowDisk, small_disk
from tests.farm.judges import contents, harm
from tests.farm.processes import MARK, Marked
from tests.farm.watch import Watch
from tests.faulty_proxy import faulty_proxy
from tests.object_store import object_store

SPEC = f"{Path(__file__).parents[1] / 'tests' / 'farm' / 'speck_spec.py'}:SPECK"
WITHIN_S = 3 * 3600.0
LIMIT_S, MOST_LIMIT_S = 60, 240
DISK_MIB = 400
COLUMNS = (
    *(
        "run",
        "workers",
        "scenes",
        "struck",
        "commands that ended badly",
        "scenes begun again",
        "published again",
    ),
    *("wall s", "CPU s", "harm"),
)
BLOCK = 20
WORKERS = ("kill worker", "crash worker", "hang worker")
DRIVERS = ("kill driver", "end driver", "interrupt driver", "power cut", "pause", "twice")
BLENDER = ("kill Blender", "crash Blender", "hang Blender")


@dataclass(frozen=True)
class Ask:
    """What is to be made: the same in peace and in the storm."""

    scenes: int
    spec: str = SPEC
    renderer: str = "raycast"
    seed: int = 7
    workers: int = 2
    limit_s: int = 60

    @property
    def name(self) -> str:
        return f"{self.spec.rpartition('/')[2].replace(':', '-')}-{self.renderer}-{self.scenes}"

    @property
    def limits(self) -> tuple[str, ...]:
        """Six tries: a storm may strike the same scene more than once, and that does not make it poison."""
        return ("--time-limit", f"{self.limit_s}s", "--tries", "6")

    def words(self, out: Path) -> list[str]:
        words = [self.spec, "--scenes", str(self.scenes), "--seed", str(self.seed), "--out", str(out)]
        return [*words, "--renderer", self.renderer, "--quality", "draft"]


@dataclass
class Field:
    """Where a storm takes place: what makes the dataset at ``root``, and what may strike there."""

    root: Path
    commands: Sequence[Command]
    kinds: Sequence[str]
    then: Sequence[Command] = ()
    width: int = 1
    strikers: Mapping[str, Striker] = field(default_factory=dict)
    around: Marked | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    scratch: Path | None = None
    extra: Callable[[], str] = str
    """What else there is to tell afterwards."""


def pairforge(name: str, *words: str) -> Command:
    """A command line of pairforge, its log called ``name``."""
    return Command(name, (sys.executable, "-m", "pairforge", *words))


def generate(ask: Ask, out: Path, *more: str) -> Command:
    return pairforge(
        "generate", "generate", *ask.words(out), "--workers", str(ask.workers), *ask.limits, *more
    )


@contextmanager
def on_disk(folder: Path) -> Iterator[tuple[Path, tuple[str, ...], dict[str, Striker]]]:
    """A folder, the ways in which its disk may be full, and their strikers."""
    with small_disk(folder / "disk", DISK_MIB) as disk:
        if disk is None:
            yield folder, ("limit files",), {}
        else:
            yield disk, ("limit files", "fill disk"), {"fill disk": filling(disk)}


@contextmanager
def local(ask: Ask, folder: Path) -> Iterator[Field]:
    """One ``generate``."""
    with on_disk(folder) as (place, kinds, strikers):
        out = place / "data"
        yield Field(out, [generate(ask, out)], (*WORKERS, *DRIVERS, *kinds), strikers=strikers)


@contextmanager
def blender(ask: Ask, folder: Path) -> Iterator[Field]:
    """The same with Blender in the workers."""
    out = folder / "data"
    yield Field(out, [generate(ask, out)], (*BLENDER, "kill worker", "power cut"))


@contextmanager
def ray(ask: Ask, folder: Path) -> Iterator[Field]:
    """``generate`` on a Ray cluster of a head and two nodes; nodes are killed with all that runs on them, and
    replaced."""
    around = Marked(f"{os.getpid()}:ray")
    patient = {"RAY_health_check_period_ms": "500", "RAY_raylet_start_wait_time_s": "300"}
    as_others = {"RAY_worker_niceness": "0", "RAY_USAGE_STATS_ENABLED": "0"}
    os.environ.update({MARK: around.token, **as_others, **patient})
    from ray.cluster_utils import Cluster

    small = {"object_store_memory": 80 << 20}
    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **small}
    )
    nodes = [cluster.add_node(num_cpus=1, **small) for _ in range(2)]

    def kill_node(storm: Storm, fault: Fault) -> bool:
        node = nodes.pop(int(fault.victim * len(nodes)))
        cluster.remove_node(node, allow_graceful=False)
        nodes.append(cluster.add_node(num_cpus=1, **small))
        return True

    try:
        out = folder / "data"
        command = generate(ask, out, "--executor", "ray", "--address", cluster.address)
        kinds = (*WORKERS, "kill station", "kill node", "kill driver", "end driver", "limit files", "twice")
        yield Field(out, [command], kinds, strikers={"kill node": kill_node}, around=around)
    finally:
        del os.environ[MARK]
        cluster.shutdown()


@contextmanager
def s3(ask: Ask, folder: Path) -> Iterator[Field]:
    """``generate`` into an S3 server behind a line where one request in ten goes wrong, and which is cut at times."""
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    line = Line(ask.seed)
    with object_store() as store, faulty_proxy(store, line.befalls) as (bad, _):
        os.environ.update(store.env)  # what we look at ourselves comes by the good line
        out = store.place("data")
        bad_line = {**bad.env, "PAIRFORGE_SCRATCH": str(scratch)}
        kinds = (*WORKERS, *DRIVERS, "limit files", "cut line")
        yield Field(
            out,
            [generate(ask, out)],
            kinds,
            strikers={"cut line": line.cut},
            environment=bad_line,
            scratch=scratch / f"pairforge-{os.geteuid()}",
            extra=lambda: f"{sum(line.met.values())} requests, {line.said()}",
        )


class Line:
    """What befalls requests: one in ten is late, refused, or broken off before or after its work was done, as drawn
    for its number from a named stream; while the line is cut, all are refused."""

    def __init__(self, seed: int) -> None:
        self.met: Counter[str] = Counter()
        self._draws, self._numbers, self._down = Stream(seed, "bad line"), itertools.count(), False

    def befalls(self, method: str, path: str, times: int) -> str | float | None:
        rng = (self._draws / next(self._numbers)).rng()
        troubles: list[str | float | None] = ["503", "500", "reset", "cut", 2.0 * rng.random()]
        found = "503" if self._down else troubles[rng.integers(len(troubles))] if rng.random() < 0.1 else None
        self.met["late" if isinstance(found, float) else found or "fine"] += 1
        return found

    def cut(self, storm: Storm, fault: Fault) -> bool:
        self._down = True
        storm.undo_later(3.0 + 20.0 * fault.delay_s, self._mend)
        return True

    def _mend(self) -> None:
        self._down = False

    def said(self) -> str:
        return ", ".join(f"{n} {what}" for what, n in sorted(self.met.items()))


@contextmanager
def work(ask: Ask, folder: Path) -> Iterator[Field]:
    """A plan of blocks of twenty, done by ``work`` processes of a worker each, as many at a time as there are to be
    workers, as a scheduler would."""
    with on_disk(folder) as (place, kinds, strikers):
        out = place / "data"
        plan = [*ask.words(out), *ask.limits, "--scenes-per-job", str(BLOCK), "--measure", "0"]
        subprocess.run(pairforge("plan", "plan", *plan).argv, check=True, stdout=subprocess.DEVNULL)
        spec = ("--spec", ask.spec) if ":" in ask.spec else ()
        jobs = range(-(-ask.scenes // BLOCK))
        works = [pairforge(f"job-{k:03d}", "work", str(out), "--job", str(k), *spec) for k in jobs]
        kinds = (*WORKERS, *DRIVERS, *kinds)
        finish = [pairforge("finish", "finish", str(out))]
        yield Field(out, works, kinds, then=finish, width=ask.workers, strikers=strikers)


FIELDS: dict[str, Callable[[Ask, Path], AbstractContextManager[Field]]] = {
    "local": local,
    "work": work,
    "ray": ray,
    "s3": s3,
    "blender": blender,
}


def in_peace(ask: Ask, out: Path) -> dict[str, bytes]:
    """The dataset as it is when nothing happens; made once and kept."""
    root = out / "calm" / ask.name / "data"
    command = generate(ask, root)
    story = Storm(root.parent, [command], (), Watch(root)).run(WITHIN_S)
    if not story.whole:
        sys.exit(f"not even in peace: see {root.parent}/generate.log")
    return contents(root)


def storm(name: str, ask: Ask, count: int, seed: int, out: Path) -> bool:
    """One run, told and judged; True when no harm was done."""
    calm = in_peace(ask, out)
    folder = out / f"{name}-{ask.workers}"
    shutil.rmtree(folder, ignore_errors=True)
    tmp, slow = folder / "tmp", SlowDisk(folder / "slow")
    tmp.mkdir(parents=True)
    # Of everything that is started, be it by a cluster that stands around.
    with changed(os.environ, {"TMPDIR": str(tmp), **slow.environment}), FIELDS[name](ask, folder) as where:
        watch = Watch(where.root, where.scratch)
        storm = Storm(
            folder / "logs",
            where.commands,
            faults(seed, count, (*where.kinds, "slow disk"), ask.scenes),
            watch,
            width=where.width,
            then=where.then,
            around=where.around,
            environment=where.environment,
            strikers={"slow disk": slowing(slow), **where.strikers},
        )
        story = storm.run(WITHIN_S)
        wrong = harm(calm, where.root, ask.scenes, watch, story, tmp)
        extra = where.extra()
    (folder / "story.json").write_text(
        json.dumps({**told(name, ask, story, watch, wrong), "extra": extra}, indent=1)
    )
    print(row(name, ask, story, watch, wrong), flush=True)
    if extra:
        print(f"  {extra}", flush=True)
    return not wrong


@contextmanager
def changed(environment: MutableMapping[str, str], changes: Mapping[str, str]) -> Iterator[None]:
    """``environment`` with ``changes``, and as it was afterwards."""
    before = {name: environment.get(name) for name in changes}
    environment.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del environment[name]
            else:
                environment[name] = value


def told(name: str, ask: Ask, story: Story, watch: Watch, wrong: Sequence[str]) -> dict[str, object]:
    again = {"published again": watch.made_again, "begun again": watch.begun_again}
    return {"run": name, **asdict(ask), **vars(story), **again, "harm": list(wrong)}


def row(name: str, ask: Ask, story: Story, watch: Watch, wrong: Sequence[str]) -> str:
    """A row of the table in docs/farm.md."""
    struck = ", ".join(f"{n} {kind}" for kind, n in sorted(story.struck.items()))
    ended = sum(n for code, n in story.codes.items() if code)
    cells = [name, str(ask.workers), str(ask.scenes), f"{sum(story.struck.values())}: {struck}", str(ended)]
    cells += [str(watch.begun_again), str(watch.made_again), f"{story.wall_s:.0f}", f"{story.cpu_s:.0f}"]
    return f"| {' | '.join(cells)} | {'; '.join(wrong[:5]) or 'none'} |"


def patience_s() -> int:
    """Seconds a scene may take: as many times a minute as processes stand in line for each core now."""
    in_line = os.getloadavg()[0] / len(os.sched_getaffinity(0))
    return round(min(MOST_LIMIT_S, LIMIT_S * max(1.0, in_line)))


def main() -> None:
    # Disks, servers and clusters end with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("runs", nargs="+", choices=sorted(FIELDS))
    ask.add_argument("--scenes", type=int, default=500)
    ask.add_argument("--faults", type=int, default=48)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--workers", type=int, default=2, help="one begins each next scene ahead")
    ask.add_argument("--limit", type=int, default=patience_s(), help="seconds a scene")
    ask.add_argument("--spec", default=SPEC)
    ask.add_argument("--out", type=Path, default=Path("out/chaos"))
    asked = ask.parse_args()
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"|{'---|' * len(COLUMNS)}")
    unharmed = []
    for name in asked.runs:
        renderer = "blender" if name == "blender" else "raycast"
        wanted = Ask(asked.scenes, asked.spec, renderer, workers=asked.workers, limit_s=asked.limit)
        unharmed.append(storm(name, wanted, asked.faults, asked.seed, asked.out.resolve()))
    sys.exit(0 if all(unharmed) else 1)


if __name__ == "__main__":
    main()
