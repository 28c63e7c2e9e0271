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
from pairforge.errors import DatasetError, MachineError, SpecError
from pairforge.farm import plan as plans
from pairforge.farm import quarantine
from pairforge.farm.logs import say, say_result, say_retry, tell_all
from pairforge.farm.plan import Plan
from pairforge.farm.protocol import Done, Failure
from pairforge.farm.stop import STOPPED, Notice
from pairforge.registry import EXECUTORS

if TYPE_CHECKING:
    from pairforge.farm.report import Reporter
    from pairforge.farm.report_schema import Attempt

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


def work(
    order: Order,
    on_plan: Callable[[int], None] = lambda frames: None,
    on_frame: Callable[[], None] = lambda: None,
    on_retry: Callable[[Failure], None] = lambda failure: None,
    on_result: Callable[[Done | Failure], None] = lambda result: None,
) -> Result:
    """Do the job; scenes that are there already cost a look each, and a job that is done imports nothing heavy.

    Raises SpecError and DatasetError for bad input; trouble of the machine and of the store is a Result.
    """
    try:
        root, plan = plans.read(order.plan)
        scenes = plan.scenes_of(order.job)
        check_same(root, plan.identity)
        kept = tuple(i for i in scenes if is_whole(root, plan.slug(i)))
        held = {p.scene for p in quarantine.read(root)} if len(kept) < len(scenes) else set[int]()
        left_out = tuple(i for i in scenes if i in held and i not in kept)
        todo = [i for i in scenes if i not in held and i not in kept]
        if not todo:
            return _idle(order, root, scenes, kept, left_out)
        on_result = tell_all(say_result, on_result)
        on_retry = tell_all(say_retry, on_retry)
        return _do(order, root, plan, scenes, kept, left_out, todo, on_plan, on_frame, on_retry, on_result)
    except (MachineError, OSError) as error:
        return Result(Code.MACHINE, order.job, said=f"{error}")


def _idle(
    order: Order, root: Path, scenes: tuple[int, ...], kept: tuple[int, ...], left_out: tuple[int, ...]
) -> Result:
    """Nothing is to be made. A status looks at reports alone: where none says that the job is done, one is left."""
    from pairforge.farm.report import Reporter, is_done

    if not is_done(root, order.job):
        with Reporter(root, order.job, scenes, kept, left_out):
            pass
    code = Code.QUARANTINED if left_out else Code.DONE
    return Result(code, order.job, kept=kept, poison=left_out, said="nothing to do")


def _do(
    order: Order,
    root: Path,
    plan: Plan,
    scenes: tuple[int, ...],
    kept: tuple[int, ...],
    left_out: tuple[int, ...],
    todo: list[int],
    on_plan: Callable[[int], None],
    on_frame: Callable[[], None],
    on_retry: Callable[[Failure], None],
    on_result: Callable[[Done | Failure], None],
) -> Result:
    from pairforge.farm.job import Job, load_spec
    from pairforge.farm.report import Reporter

    spec = named_spec(plan, order.spec)
    scene, _, sha256 = load_spec(spec, plan.identity.overrides, plan.identity.spec_sha256)
    check_loaded(plan, scene.name, sha256)
    frames = len(todo) * round(scene.duration_s * scene.keyframe_rate_hz)
    jobs = [
        Job(
            spec=spec,
            spec_sha256=plan.identity.spec_sha256,
            settings=dict(plan.identity.overrides),
            seed=plan.identity.seed,
            index=i,
            root=root,
            slug=plan.slug(i),
            renderer=plan.identity.renderer,
            quality=plan.identity.quality,  # type: ignore[arg-type]  # check_identity has looked
        )
        for i in todo
    ]
    on_plan(frames)
    executor = EXECUTORS.load("local")(workers=order.workers, limits=plan.executor_limits())
    with (
        scratch_folder(order.scratch),
        Notice(order.notice_s, executor.drain) as notice,
        Reporter(root, order.job, scenes, kept, left_out, frames, on_beat=_measured(order, plan)) as reporter,
    ):
        shift = _Shift(root, plan, spec, reporter)

        def ticked() -> None:
            reporter.frame()
            on_frame()

        say("begun", f"plan {plan.id} at {root}", frames=frames)
        for result in executor.run(jobs, ticked, tell_all(reporter.retried, on_retry)):
            shift.take(result)
            on_result(result)
            if shift.refused:
                executor.drain()
        shift.end()
        if notice.given and shift.told < len(jobs):
            sys.exit(STOPPED)
    return shift.result(order.job, kept, left_out)


def _measured(order: Order, plan: Plan) -> Callable[[Attempt], None]:
    """What writes the metrics of an attempt, if any were asked for."""
    if order.metrics is None:
        return lambda attempt: None
    from pairforge.farm.metrics import of_attempt, write

    path, labels = order.metrics, {"plan": plan.id, "scene": plan.identity.scene}
    return lambda attempt: write(path, of_attempt(attempt, order.job, labels))


class _Shift:
    """Results of one job as they come."""

    def __init__(self, root: Path, plan: Plan, spec: str, reporter: Reporter) -> None:
        self._root, self._plan, self._spec, self._reporter = root, plan, spec, reporter
        self._made: list[int] = []
        self._failures: list[Failure] = []
        self._poison: dict[int, Failure] = {}

    @property
    def told(self) -> int:
        """How many scenes have ended, one way or the other."""
        return len(self._made) + len(self._failures)

    @property
    def refused(self) -> bool:
        """Whether the disk or the store said no: it would say no to the next scene too."""
        return any(f.reason == "storage" for f in self._failures)

    @property
    def machine(self) -> tuple[Failure, ...]:
        """Failures that are no scene's fault."""
        return tuple(f for f in self._failures if f.index not in self._poison)

    def take(self, result: Done | Failure) -> None:
        if isinstance(result, Done):
            self._made.append(result.index)
            self._reporter.done(result)
            return
        self._reporter.failed(result)
        self._failures.append(result)
        if result.reason == "spec":
            self._put(result)

    def end(self) -> None:
        """Set aside every scene that is at fault."""
        for failure in quarantine.at_fault(self._failures, len(self._made)):
            if failure.index not in self._poison:
                self._put(failure)
        if self.machine:
            self._reporter.note(
                "the machine or the store is at fault; the scenes that it lost are not set aside"
            )

    def _put(self, failure: Failure) -> None:
        plan = self._plan
        command = quarantine.reproducer(
            self._spec, plan.identity, plan.scenes, plan.executor_limits(), failure
        )
        quarantine.put(self._root, failure, plan.slug(failure.index), command)
        self._poison[failure.index] = failure

    def result(self, job: int, kept: tuple[int, ...], left_out: tuple[int, ...]) -> Result:
        made, poison = tuple(sorted(self._made)), tuple(sorted([*self._poison, *left_out]))
        if self.machine:
            said = str(self.machine[0].error)
            return Result(Code.MACHINE, job, made, kept, poison, self.machine, said)
        return Result(Code.QUARANTINED if poison else Code.DONE, job, made, kept, poison)


def named_spec(plan: Plan, named: str | None) -> str:
    """What to load: the library scene of the plan, or the file that the one who works it has named.

    A plan alone never leads to code. SpecError when a file is needed and none is named, or the other way round.
    """
    source = plan.identity.spec_source
    if not plan.spec_is_file:
        if named is not None:
            raise SpecError(f'the plan makes the library\'s scene "{source}"; leave --spec away')
        return source
    file, _, name = source.rpartition(":")
    if named is None:
        raise SpecError(
            f"the plan was made from a file {file} (sha256 {plan.identity.spec_sha256[:12]}…). A plan never runs "
            f"code by itself: say where you have that file, as in --spec path/{file}"
        )
    path, colon, other = named.rpartition(":")
    if colon and other != name:
        raise SpecError(f'the plan makes the scene "{name}" of {file}, not "{other}"')
    return f"{path if colon else named}:{name}"


def check_loaded(plan: Plan, scene: str, sha256: str) -> None:
    """DatasetError when what was loaded is not what the plan says."""
    if sha256 != plan.identity.spec_sha256:
        raise DatasetError(
            f'"{plan.identity.spec_source}" is not what it was when the plan was made: its sha256 is {sha256[:12]}…, '
            f"not {plan.identity.spec_sha256[:12]}…. Install the pairforge of the plan, or make a new plan."
        )
    if scene != plan.identity.scene:
        raise DatasetError(f'the spec makes the scene "{scene}", the plan says "{plan.identity.scene}"')


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
