"""What every executor must do; ``tests/core/test_conformance.py`` asks it of all that are registered."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from pairforge.datasets.files import STAGING
from pairforge.farm.protocol import Done, Executor, Failure, Limits
from tests.farm.deeds import FRAMES, Unit, made

Make = Callable[[int, Limits], Executor]
"""(workers, limits) -> an executor."""

LIMITS = Limits(memory_bytes=600 << 20, tries=2, pause_s=0.05)
FATES = {
    "make": None,
    "wrong_spec": ("spec", 1),
    "unforeseen": ("spec", 1),
    "die": ("died", 2),
    "crash": ("died", 2),
    "eat": ("memory", 2),
    "full_disk": ("storage", 2),
    "render_at_second": None,
    "die_at_first": None,
    "surroundings": None,
}
"""Deed -> reason and tries of its failure; None: it is done."""
AGAIN = ("die", "crash", "eat", "full_disk", "render_at_second", "die_at_first")


def check_executor(make: Make, root: Path) -> None:
    """Asks everything of the executors that ``make`` makes; ``root`` is an empty folder."""
    check_nothing_to_do(make)
    check_each_unit_has_its_fate(make, root / "fates")
    check_a_unit_that_hangs(make, root / "hung")
    check_leaving_midway(make, root / "left")
    check_draining(make, root / "drained")


def check_nothing_to_do(make: Make) -> None:
    assert list(make(2, LIMITS).run([], lambda: None)) == []


def check_each_unit_has_its_fate(make: Make, root: Path) -> None:
    """One result a unit, faults told apart, neighbours unharmed, each keyframe told once."""
    root.mkdir()
    deeds = [*FATES, "make", "make", "make"]
    units = [Unit(i, root, deed) for i, deed in enumerate(deeds)]
    ticks, lost = [0], list[Failure]()
    results = list(make(2, LIMITS).run(units, lambda: _count(ticks), lost.append))

    assert sorted(r.index for r in results) == list(range(len(units))), "one result a unit"
    for result in results:
        deed, fate = deeds[result.index], FATES[deeds[result.index]]
        if fate is None:
            assert isinstance(result, Done), (deed, result)
            assert result.tries == (2 if "_at_" in deed else 1)
            assert result.seconds == {"deed": 0.25}
            assert 20 << 20 < result.peak_bytes < LIMITS.memory_bytes
            assert (root / "made" / str(result.index)).read_bytes() == made(result.index)
        else:
            assert isinstance(result, Failure), (deed, result)
            assert (result.reason, result.tries) == fate, (deed, str(result.error))
    _check_words({deeds[r.index]: str(r.error) for r in results if isinstance(r, Failure)})
    told = {deeds[f.index]: str(f.error) for f in lost}
    assert sorted(deeds[f.index] for f in lost) == sorted(AGAIN), f"each lost attempt is told, not {told}"
    done = sum(isinstance(r, Done) for r in results)
    assert ticks == [done * FRAMES + 2], "each keyframe once, and those of the two that failed after one"
    found = (root / "environment.txt").read_text().splitlines()
    assert {"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1"} <= set(found)
    check_nothing_left(root)


def _check_words(said: dict[str, str]) -> None:
    """Whoever reads an error knows what happened and where."""
    assert "there is no such thing" in said["wrong_spec"]
    assert "ZeroDivisionError: a defect of ours" in said["unforeseen"]
    assert "deeds.py" in said["unforeseen"], "where it happened"
    assert "signal 9" in said["die"]
    assert "Segmentation fault" in said["crash"]
    assert "600.0 MiB" in said["eat"]


def check_a_unit_that_hangs(make: Make, root: Path) -> None:
    """It is ended with what it started, and says where it stood; its neighbours are not."""
    root.mkdir()
    units = [Unit(i, root, deed) for i, deed in enumerate(("make", "make", "hang", "make"))]
    results = {r.index: r for r in make(2, Limits(seconds=20.0, tries=1)).run(units, lambda: None)}
    hung = results.pop(2)
    assert all(isinstance(r, Done) for r in results.values())
    assert isinstance(hung, Failure)
    assert (hung.reason, hung.tries) == ("hung", 1)
    assert "20 s" in str(hung.error)
    assert "in hang" in str(hung.error), "where it hung"
    check_nothing_left(root)


def check_leaving_midway(make: Make, root: Path) -> None:
    """An iterator that is closed, as an exception or a signal does, ends all workers and leaves nothing half-made."""
    root.mkdir()
    units = [Unit(0, root, "make"), *(Unit(i, root, "wait_for_leave") for i in range(1, 6))]
    results = make(2, Limits()).run(units, lambda: None)
    assert next(iter(results)).index == 0
    soon(lambda: len(list(root.glob(f"{STAGING}/*"))) >= 1)
    results.close()  # type: ignore[attr-defined]
    assert [p.name for p in (root / "made").iterdir()] == ["0"]
    check_nothing_left(root)


def check_draining(make: Make, root: Path) -> None:
    """After ``drain`` what is under way is finished and nothing more is begun."""
    root.mkdir()
    executor = make(1, Limits())

    def drain() -> None:
        executor.drain()
        (root / "leave").touch()

    results = list(executor.run([Unit(i, root, "wait_for_leave") for i in range(3)], drain))
    assert [(type(r), r.index) for r in results] == [(Done, 0)]
    check_nothing_left(root)


def check_nothing_left(root: Path) -> None:
    assert not (root / STAGING).exists(), "something half-made stayed"
    soon(lambda: not strays(), "processes stayed")


def strays() -> list[str]:
    """Workers, and what workers started, of this process or of nobody."""
    found = []
    for process in psutil.process_iter(["cmdline", "ppid", "status"]):
        ours = process.info["ppid"] in (1, os.getpid()) and process.info["status"] != psutil.STATUS_ZOMBIE
        command = " ".join(process.info["cmdline"] or [])
        if ours and ("pairforge.farm.worker" in command or "pairforge-stray" in command):
            found.append(command)
    return found


def soon(true: Callable[[], bool], what: str = "it took too long", within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def alive(process: psutil.Process) -> bool:
    """Whether it runs; one that has ended and was not asked after yet does not. While threads of a killed one give
    its memory back its first thread has ended already, and its files are still open and its locks held."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1)
    except psutil.NoSuchProcess:
        return False


def _count(ticks: list[int]) -> None:
    ticks[0] += 1
