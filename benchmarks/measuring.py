"""What the benchmarks share: a street under way, a stopwatch for wall and CPU, and a table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from time import perf_counter, process_time

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))  # the oracle lives beside the tests

from pairforge.pipeline import Stage, stage
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.resolve import resolve


@dataclass(frozen=True)
class Took:
    """Least of several runs: wall seconds, and CPU seconds of all threads of this process."""

    wall_s: float
    cpu_s: float


def took(work: Callable[[], object], repeats: int = 5) -> Took:
    """Measures ``work``, the first run not counted. On a busy machine only the CPU seconds mean anything."""
    work()
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = perf_counter(), process_time()
        work()
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
    return Took(min(walls), min(cpus))


@cache
def street() -> Stage:
    """The library street with seed 7, half a second of it."""
    return stage(replace(resolve(STREET, seed=7), duration_s=0.5), 0)


def machine() -> str:
    """Cores and CPU model of this machine."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else "unknown machine"


def show(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Prints a table, its first column left, the others right."""
    table = Table(title=title, title_justify="left")
    for k, column in enumerate(columns):
        table.add_column(column, justify="right" if k else "left")
    for row in rows:
        table.add_row(*row)
    Console(width=120 if not sys.stdout.isatty() else None).print(table)
