"""Retries and their order, whom an error speaks of, and real Blenders and workers that end before their time."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from pairforge.errors import DatasetError, MachineError, RenderError, RequirementError, SpecError
from pairforge.farm import guard
from pairforge.farm.attempts import BLAMELESS, Attempts, Lost, Ticks, reason_of
from pairforge.farm.kin import cpu_seconds, held_bytes, kin
from pairforge.farm.local import LocalExecutor
from pairforge.farm.options import limits_of
from pairforge.farm.protocol import Done, Failure, Limits
from pairforge.farm.worker import Bench
from pairforge.generate import Request, generate
from tests.farm.check_executor import check_nothing_left
from tests.farm.deeds import ARRIVAL_S, LateUnit, Unit
from tests.farm.test_determinism import SPEC, contents

HERE = Path(__file__).parent
DIED = Lost("died", MachineError("it died"))


def attempts(count: int, **limits: float) -> Attempts:
    return Attempts([Unit(i, HERE) for i in range(count)], Limits(**limits))


def test_a_unit_that_waits_for_its_next_try_holds_nobody_up_and_then_goes_first():
    todo = attempts(3, tries=3, pause_s=10.0)
    first = todo.take(0.0)
    assert todo.lost(first, DIED, 0.0)[1]
    assert todo.take(1.0).index == 1, "others go on meanwhile"
    assert todo.take(10.0) is first, "what is due goes before what was never begun"
    assert todo.take(10.0).index == 2
    assert todo.take(10.0) is None


def test_pauses_double_and_tries_are_counted_to_the_limit():
    todo = attempts(1, tries=3, pause_s=2.0)
    told = []
    for now, pause_s in ((0.0, 2.0), (100.0, 4.0)):
        failure, again = todo.lost(todo.take(now), DIED, now)
        told.append((failure.reason, failure.tries, again))
        assert todo.due_in(now) == pause_s
        assert todo.take(now + pause_s - 0.01) is None
    failure, again = todo.lost(todo.take(200.0), DIED, 200.0)
    assert [*told, (failure.reason, failure.tries, again)] == [
        ("died", 1, True),
        ("died", 2, True),
        ("died", 3, False),
    ]
    assert len(todo) == 0
    assert todo.due_in(200.0) is None


def test_a_wrong_spec_is_never_tried_again():
    todo = attempts(1, tries=9)
    failure, again = todo.lost(todo.take(0.0), Lost("spec", SpecError("no")), 0.0)
    assert (failure.tries, again) == (1, False)


def test_what_a_unit_cannot_have_caused_does_not_count_but_not_for_ever():
    todo = attempts(1, tries=1, pause_s=0.0)
    away = Lost("died", MachineError("its node went away"), blamed=False)
    for _ in range(BLAMELESS):
        assert todo.lost(todo.take(0.0), away, 0.0)[1]
    assert not todo.lost(todo.take(0.0), away, 0.0)[1]


def test_a_keyframe_that_is_made_again_is_told_once():
    count = []
    ticks = Ticks(lambda: count.append(1))
    for frames in (1, 2, 1, 2, 3):
        ticks.made(7, frames)
    ticks.made(8, 1)
    assert len(count) == 4


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (SpecError(""), "spec"),
        (RequirementError(""), "spec"),
        (DatasetError(""), "spec"),
        (ZeroDivisionError(), "spec"),
        (RenderError(""), "render"),
        (MachineError(""), "storage"),
        (OSError(28, ""), "storage"),
        (MemoryError(), "memory"),
    ],
)
def test_whom_an_error_speaks_of(error, reason):
    assert reason_of(error) == reason


def test_limits_as_people_write_them():
    assert limits_of("1.5h", "4GiB", 5) == Limits(seconds=5400.0, memory_bytes=4 << 30, tries=5)
    assert limits_of(None, "800m") == Limits(memory_bytes=800 << 20)
    for time, memory in (("soon", None), ("10 days", None), ("0s", None), (None, "4 apples"), (None, "-1G")):
        with pytest.raises(SpecError, match=r"90s|4GiB"):
            limits_of(time, memory)


def test_kin_are_found_and_weighed_as_psutil_does():
    me = psutil.Process()
    assert {p.pid for p in kin(me.pid)} == {me.pid, *(p.pid for p in me.children(recursive=True))}
    assert held_bytes(me.pid, exact=True) <= held_bytes(me.pid)
    assert kin(2**22 + 1) == []


BURN = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True); input()"


def test_cpu_seconds_of_kin_are_those_of_the_living_and_of_the_dead_that_were_waited_for():
    own_s, kin_s = cpu_seconds(os.getpid())
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-S", "-c", BURN], **streams) as child:
        child.stdout.readline()
        assert cpu_seconds(child.pid)[0] >= 0.25  # of 0.3, to a tick
        assert cpu_seconds(os.getpid())[1] - kin_s >= 0.25  # of 0.3, to a tick
        child.communicate(b"\n")
    later_own_s, later_kin_s = cpu_seconds(os.getpid())
    assert 0.25 <= later_kin_s - kin_s < 5.0
    assert 0.0 <= later_own_s - own_s < 5.0
    assert cpu_seconds(2**22 + 1) == (0.0, 0.0)


def test_what_a_worker_has_loaded_is_not_looked_through_after_every_unit(tmp_path):
    gc.unfreeze()
    bench = Bench()
    try:
        bench.do(Unit(0, tmp_path), None, lambda: None)
        frozen = gc.get_freeze_count()
        assert frozen > 50_000
        bench.do(Unit(1, tmp_path), None, lambda: None)
        assert gc.get_freeze_count() <= frozen, "what a unit leaves is collected"
    finally:
        gc.unfreeze()
        bench.clear()


@pytest.mark.slow
def test_a_worker_is_replaced_after_its_number_of_units(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "UNITS_PER_WORKER", 2)
    seen = []
    begun = guard.WorkerProcess.__init__
    monkeypatch.setattr(
        guard.WorkerProcess, "__init__", lambda self, threads: (seen.append(self), begun(self, threads))[1]
    )
    results = LocalExecutor(1).run([Unit(i, tmp_path) for i in range(5)], lambda: None)
    assert all(isinstance(r, Done) for r in results)
    assert len(seen) == 3
    check_nothing_left(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("deed", "workers"), [("make", 1), ("leak", 2)])
def test_a_worker_is_replaced_when_it_grows_not_when_it_is_large(tmp_path, monkeypatch, deed, workers):
    """One whose scenes need more than half of the limit would otherwise begin afresh for each of them."""
    monkeypatch.setattr(LocalExecutor, "_grown_bytes", lambda self: 1)
    pids: list[int] = []
    begun = guard.WorkerProcess.give

    def give(process: guard.WorkerProcess, *what: object) -> None:
        pids.append(process.pid)
        begun(process, *what)

    monkeypatch.setattr(guard.WorkerProcess, "give", give)
    results = LocalExecutor(1).run([Unit(i, tmp_path, deed) for i in range(3)], lambda: None)
    assert all(isinstance(r, Done) for r in results)
    assert len(set(pids)) == workers
    check_nothing_left(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP])
def test_a_blender_that_ends_midway_costs_one_try_and_no_byte(tmp_path, blender_calm, end):
    """SIGSTOP: it hangs until the unit's time is over, and goes with the worker."""
    struck, lost = [], list[Failure]()

    def strike() -> None:
        if not struck:
            struck.extend(p for p in kin(os.getpid()) if "blender_worker" in " ".join(p.cmdline()))
            struck[0].send_signal(end)

    limits = Limits(tries=2, pause_s=0.0, seconds=40.0 if end == signal.SIGSTOP else None)
    request = Request(SPEC, tmp_path / "data", 1, seed=7, quality="draft")
    outcome = generate(request, LocalExecutor(1, limits), on_frame=strike, on_retry=lost.append)
    assert not outcome.failed
    assert [d.tries for d in outcome.done] == [2]
    assert [f.reason for f in lost] == ["hung" if end == signal.SIGSTOP else "render"]
    assert not struck[0].is_running() or struck[0].status() == psutil.STATUS_ZOMBIE
    assert contents(tmp_path / "data") == blender_calm
    check_nothing_left(tmp_path / "data")


@pytest.fixture(scope="module")
def blender_calm(tmp_path_factory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("calm") / "data"
    assert not generate(Request(SPEC, out, 1, seed=7, quality="draft"), LocalExecutor(1)).failed
    return contents(out)


@pytest.mark.slow
def test_a_unit_is_not_charged_with_the_imports_of_a_fresh_worker_but_with_all_after_them(tmp_path):
    """The limit is shorter than what a fresh worker takes to be ready, as on a busy machine."""
    limits = Limits(seconds=ARRIVAL_S * 2 / 3, tries=1, pause_s=0.0)
    jobs = [LateUnit(0, tmp_path), LateUnit(1, tmp_path, "hang")]
    well, hung = sorted(LocalExecutor(2, limits).run(jobs, lambda: None), key=lambda r: r.index)
    assert isinstance(well, Done)
    assert isinstance(hung, Failure)
    assert (hung.reason, hung.tries) == ("hung", 1)
    check_nothing_left(tmp_path)


@pytest.mark.slow
def test_a_worker_that_cannot_read_its_unit_in_time_is_ended_and_the_unit_blamed(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "START_S", ARRIVAL_S / 2)
    limits = Limits(tries=1, pause_s=0.0)
    (late,) = LocalExecutor(1, limits).run([LateUnit(0, tmp_path)], lambda: None)
    assert isinstance(late, Failure)
    assert late.reason == "died"
    assert "did not begin it within 3 s" in str(late.error)
