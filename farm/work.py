"""Doing one job of a plan, anywhere: what is missing of its scenes is made here, in worker processes."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from pairforge.datasets.manifest import check_same
from pairforge.datasets.records import is_whole
from pairforge.errors import MachineError
from pairforge.farm import plan as plans
from pairforge.farm import quarantine
from pairforge.farm.logs import say, say_result, say_retry, tell_all
from pairforge.farm.named_spec import check_loaded, named_spec
from pairforge.farm.plan import Plan
from pairforge.farm.protocol import Done, Failure
from pairforge.farm.stop import STOPPED, Notice
from pairforge.registry import EXECUTORS

if TYPE_CHECKING:
    from pairforge.farm.job import Job
    from pairforge.farm.report_schema import Attempt
    from pairforge.farm.shift import Shift

NOTICE_S = 25.0
"""Kubernetes gives 30 seconds between SIGTERM and SIGKILL."""


class Code(IntEnum):
    """How work ends. Schedulers may begin again on MACHINE and STOPPED; the others would end alike."""

    DONE = 0
    BAD_INPUT = 2
    QUARANTINED = 3
    MACHINE = 4
    STOPPED = STOPPED


@dataclass(frozen=True)
class Order:
    """Job ``job`` of the plan at ``plan``. ``spec`` is the file of a plan whose spec is one (it alone is ever run);
    ``scratch`` holds temporary files; ``notice_s`` is what SIGTERM leaves until SIGKILL;
    ``metrics`` is a file for Prometheus' figures."""

    plan: str | Path
    job: int
    spec: str | None = None
    workers: int = 1
    scratch: Path | None = None
    notice_s: float = NOTICE_S
    metrics: Path | None = None


@dataclass(frozen=True)
class Result:
    """How a job ended: scenes made now, there already, left out or set aside as poison, and failed for the machine's
    sake; ``said`` is a line for who reads logs."""

    code: Code
    job: int
    made: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()
    poison: tuple[int, ...] = ()
    failed: tuple[Failure, ...] = ()
    said: str = ""


@dataclass(frozen=True)
class Block:
    """The scenes of a job as they stand: ``kept`` are there already, ``left_out`` in quarantine."""

    root: Path
    plan: Plan
    scenes: tuple[int, ...]
    kept: tuple[int, ...]
    left_out: tuple[int, ...]

    @property
    def todo(self) -> tuple[int, ...]:
        gone = {*self.kept, *self.left_out}
        return tuple(i for i in self.scenes if i not in gone)


def work(
    order: Order,
    on_plan: Callable[[int], None] = lambda frames: None,
    on_frame: Callable[[], None] = lambda: None,
    on_retry: Callable[[Failure], None] = lambda failure: None,
    on_result: Callable[[Done | Failure], None] = lambda result: None,
) -> Result:
    """Do the job; scenes that are there already cost a look each, and a job that is done imports nothing heavy.

    Raises SpecError and DatasetError for bad input, SystemExit(143) when SIGTERM stopped it; trouble of the machine
    and of the store is a Result.
    """
    try:
        block = look(order)
        if not block.todo:
            return _idle(order, block)
        on_result = tell_all(say_result, on_result)
        on_retry = tell_all(say_retry, on_retry)
        return _do(order, block, on_plan, on_frame, on_retry, on_result)
    except (MachineError, OSError) as error:
        return Result(Code.MACHINE, order.job, said=f"{error}")


def look(order: Order) -> Block:
    """What there is of a job. Raises SpecError, DatasetError, MachineError."""
    root, plan = plans.read(order.plan)
    scenes = plan.scenes_of(order.job)
    check_same(root, plan.identity)
    kept = tuple(i for i in scenes if is_whole(root, plan.slug(i)))
    held = {p.scene for p in quarantine.read(root)} if len(kept) < len(scenes) else set[int]()
    return Block(root, plan, scenes, kept, tuple(i for i in scenes if i in held and i not in kept))


def _idle(order: Order, block: Block) -> Result:
    """Nothing is to be made. A status looks at reports alone: where none says that the job is done, one is left."""
    from pairforge.farm.report import Reporter, is_done

    if not is_done(block.root, order.job):
        with Reporter(block.root, order.job, block.scenes, block.kept, block.left_out):
            pass
    code = Code.QUARANTINED if block.left_out else Code.DONE
    return Result(code, order.job, kept=block.kept, poison=block.left_out, said="nothing to do")


def _do(
    order: Order,
    block: Block,
    on_plan: Callable[[int], None],
    on_frame: Callable[[], None],
    on_retry: Callable[[Failure], None],
    on_result: Callable[[Done | Failure], None],
) -> Result:
    from pairforge.farm.report import Reporter
    from pairforge.farm.shift import Shift

    plan, spec = block.plan, named_spec(block.plan, order.spec)
    jobs, frames = _jobs(block, spec)
    on_plan(frames)
    executor = EXECUTORS.load("local")(workers=order.workers, limits=plan.executor_limits())
    beat = _measured(order, plan)
    with (
        scratch_folder(order.scratch),
        Notice(order.notice_s, executor.drain) as notice,
        Reporter(
            block.root, order.job, block.scenes, block.kept, block.left_out, frames, on_beat=beat
        ) as reporter,
    ):
        shift = Shift(block.root, plan, spec, reporter)
        say("begun", f"plan {plan.id} at {block.root}", frames=frames)
        for result in executor.run(
            jobs, both(reporter.frame, on_frame), tell_all(reporter.retried, on_retry)
        ):
            shift.take(result)
            on_result(result)
            if shift.refused:
                executor.drain()
        shift.end()
        if notice.given and shift.told < len(jobs):
            sys.exit(STOPPED)
    return _result(order, block, shift)


def both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    """One after the other."""

    def called() -> None:
        first()
        second()

    return called


def _jobs(block: Block, spec: str) -> tuple[list[Job], int]:
    """What an executor is given, and how many keyframes that is."""
    from pairforge.farm.job import jobs_of, load_spec

    identity = block.plan.identity
    scene, _, sha256 = load_spec(spec, identity.overrides, identity.spec_sha256)
    check_loaded(block.plan, scene.name, sha256)
    jobs = jobs_of(identity, spec, block.root, block.todo)
    return jobs, len(jobs) * round(scene.duration_s * scene.keyframe_rate_hz)


def _result(order: Order, block: Block, shift: Shift) -> Result:
    poison = tuple(sorted([*shift.poison, *block.left_out]))
    if shift.machine:
        said = str(shift.machine[0].error)
        return Result(Code.MACHINE, order.job, shift.made, block.kept, poison, shift.machine, said)
    return Result(Code.QUARANTINED if poison else Code.DONE, order.job, shift.made, block.kept, poison)


def _measured(order: Order, plan: Plan) -> Callable[[Attempt], None]:
    """What writes the metrics of an attempt, if any were asked for."""
    if order.metrics is None:
        return lambda attempt: None
    from pairforge.farm.metrics import of_attempt, write

    path, labels = order.metrics, {"plan": plan.id, "scene": plan.identity.scene}
    return lambda attempt: write(path, of_attempt(attempt, order.job, labels))


@contextmanager
def scratch_folder(folder: Path | None) -> Iterator[None]:
    """Temporary files of this process and its children go into ``folder``."""
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    before, cached = os.environ.get("TMPDIR"), tempfile.tempdir
    os.environ["TMPDIR"], tempfile.tempdir = str(folder), str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = cached
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
