"""How a planned dataset fares, from any machine: its plan and the reports of its jobs, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from pairforge.datasets.files import names, read_all
from pairforge.errors import DatasetError
from pairforge.farm import plan as plans
from pairforge.farm.clock import now
from pairforge.farm.plan import Plan
from pairforge.farm.quarantine import Poison
from pairforge.farm.quarantine import read as read_quarantine
from pairforge.farm.report import parse_report
from pairforge.farm.report_schema import Attempt, Forgotten, JobReport, SceneFailure

STALLED_AFTER_S = 180.0
"""Eighteen heartbeats."""
AT_A_TIME = 500
"""Reports whose bytes are held at once."""
LEAST_S = 20.0
"""A job that has worked for less tells too little of its pace: the plan's figures stand in."""

JobState = Literal["failed", "stalled", "preempted", "running", "waiting", "done"]
JOB_STATES: tuple[JobState, ...] = get_args(JobState)
"""Scenes failed, or an error ended it; no heartbeat for too long; stopped from outside, to be begun again; under way;
never begun; every scene is there or in quarantine."""


@dataclass(frozen=True)
class JobLine:
    """A job at a glance. ``scenes_made`` are those that its newest attempt found or made, with the part of one that
    is under way; ``pace`` is scenes a second of that attempt, ``scene_s`` seconds a scene (None: too early to tell),
    ``silent_s`` seconds since its last heartbeat."""

    job: int
    state: JobState
    scenes: int
    scenes_made: float = 0.0
    attempt: int = 0
    host: str = ""
    wall_s: float = 0.0
    silent_s: float = 0.0
    pace: float | None = None
    frame_pace: float = 0.0
    scene_s: float | None = None
    peak_bytes: int = 0
    failures: tuple[SceneFailure, ...] = ()
    scenes_failed: int = 0
    note: str = ""


@dataclass(frozen=True)
class Totals:
    """Over all attempts of all jobs. ``seconds`` are wall seconds by stage, of ``frames_done`` keyframes."""

    attempts: int = 0
    retries: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    frames: int = 0
    frames_done: int = 0
    scenes_done: int = 0
    bytes_written: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    trouble: Mapping[str, int] = field(default_factory=dict)
    peak_bytes: int = 0
    peak_job: int | None = None
    scene_peak_bytes: int = 0


@dataclass(frozen=True)
class Status:
    """What was seen ``at`` a moment."""

    place: str
    plan: Plan
    at: datetime
    jobs: tuple[JobLine, ...]
    totals: Totals
    poison: tuple[Poison, ...] = ()
    unreadable: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> dict[JobState, int]:
        """Jobs by state; every state stands there."""
        counted = Counter(j.state for j in self.jobs)
        return {state: counted[state] for state in JOB_STATES}

    def of(self, state: JobState) -> list[JobLine]:
        return [j for j in self.jobs if j.state == state]

    @property
    def scenes_wanted(self) -> int:
        return len(self.plan.wanted)

    @cached_property
    def scenes_made(self) -> int:
        return sum(int(j.scenes_made) for j in self.jobs)

    @cached_property
    def scenes_left(self) -> float:
        """Scenes still to make, parts of scenes under way taken off."""
        return max(0.0, self.scenes_wanted - len(self.poison) - sum(j.scenes_made for j in self.jobs))

    @property
    def complete(self) -> bool:
        return self.scenes_made == self.scenes_wanted

    @property
    def settled(self) -> bool:
        """Whether nothing more will come by itself: all is made but what stands in quarantine."""
        return self.scenes_made + len(self.poison) >= self.scenes_wanted

    @property
    def troubled(self) -> bool:
        """Whether somebody should look: a failure, a stalled job, a poison scene, a report that cannot be read."""
        return bool(self.counts["failed"] or self.counts["stalled"] or self.poison or self.unreadable)

    @property
    def exit_code(self) -> int:
        """0: complete. 1: troubled. 3: not complete yet, and nothing is wrong."""
        return 1 if self.troubled else 0 if self.complete else 3

    @cached_property
    def frame_pace(self) -> float:
        """Keyframes a second of the jobs that run now."""
        return sum(j.frame_pace for j in self.of("running"))

    @cached_property
    def pace(self) -> float:
        """Scenes a second of the jobs that run now; a job that has just begun counts as the plan foresees."""
        return sum(self._pace_of(j) or 0.0 for j in self.of("running"))

    @cached_property
    def scene_s(self) -> float | None:
        """Wall seconds of one job for each of its scenes: as these jobs took, else as planned."""
        if self.totals.scenes_done:
            return self.totals.wall_s / self.totals.scenes_done
        return self.plan.measured.wall_s.mean if self.plan.measured else None

    @cached_property
    def eta_s(self) -> float | None:
        """Seconds until all is made if as many jobs go on running as now; None when that cannot be told."""
        if not self.scenes_left:
            return 0.0
        if not self.pace:
            return None
        tails = [(j.scenes - j.scenes_made) / (self._pace_of(j) or self.pace) for j in self.of("running")]
        waiting = any(self.counts[state] for state in ("waiting", "preempted", "failed", "stalled"))
        return max([*tails, self.scenes_left / self.pace]) if waiting else max(tails)

    @cached_property
    def cpu_hours(self) -> float:
        return self.totals.cpu_s / 3600

    @cached_property
    def cpu_hours_in_all(self) -> float | None:
        """What all will have cost: spent, and each scene still to make at the mean so far, else as planned."""
        cost = self.scene_cpu_s
        return None if cost is None else self.cpu_hours + self.scenes_left * cost / 3600

    @property
    def scene_cpu_s(self) -> float | None:
        """CPU seconds of one scene."""
        if self.totals.scenes_done:
            return self.totals.cpu_s / self.totals.scenes_done
        return self.plan.measured.cpu_s.mean if self.plan.measured else None

    @property
    def cpu_hours_planned(self) -> float | None:
        return self.plan.estimate.cpu_hours if self.plan.estimate else None

    @cached_property
    def to_begin(self) -> tuple[int, ...]:
        """Jobs that somebody has to begin, or begin again."""
        return tuple(j.job for j in self.jobs if j.state not in ("done", "running"))

    def slowest(self, most: int = 5) -> list[JobLine]:
        """Jobs whose scenes took longest, slowest first."""
        timed = [j for j in self.jobs if j.scene_s is not None]
        return sorted(timed, key=lambda j: (-(j.scene_s or 0.0), j.job))[:most]

    def _pace_of(self, job: JobLine) -> float | None:
        planned = self.plan.measured.wall_s.mean if self.plan.measured else None
        return job.pace if job.pace else 1 / planned if planned else None


class Look:
    """Looks at a plan again and again; reports of jobs that are done are not read twice."""

    def __init__(self, place: str | Path, stalled_after_s: float = STALLED_AFTER_S) -> None:
        self._place, self._stalled_after_s = str(place), stalled_after_s
        self._root, self._plan = plans.read(place)
        self._settled: dict[int, JobReport] = {}

    def __call__(self) -> Status:
        """How it stands now. Raises DatasetError when there is no plan, MachineError and OSError of the store."""
        reports, unreadable = self._reports()
        self._settled = {job: r for job, r in reports.items() if r.last.state == "done"}
        poison: tuple[Poison, ...] = ()
        try:
            poison = read_quarantine(self._root)
        except DatasetError as error:  # a damaged file must not hide all the rest
            unreadable.append(str(error))
        at = now()
        return Status(
            place=self._place,
            plan=self._plan,
            at=at,
            jobs=tuple(self._lines(reports, {p.scene for p in poison}, at)),
            totals=totals_of(reports.values()),
            poison=poison,
            unreadable=tuple(unreadable),
        )

    def _reports(self) -> tuple[dict[int, JobReport], list[str]]:
        """Reports by job, and what is wrong with those that cannot be read."""
        folder = self._root / "farm" / "jobs"
        there = {job: folder / name for name in names(folder) if (job := _job_of(name)) is not None}
        there = {job: path for job, path in sorted(there.items()) if job < self._plan.jobs}
        found = {job: r for job, r in self._settled.items() if job in there}
        unreadable = []
        new = [path for job, path in there.items() if job not in found]
        for some in (new[k : k + AT_A_TIME] for k in range(0, len(new), AT_A_TIME)):
            for path, data in zip(some, read_all(some), strict=True):
                try:
                    if isinstance(data, DatasetError):
                        raise data
                    report = parse_report(data, path)
                    found[report.job] = report
                except DatasetError as error:
                    unreadable.append(str(error))
        return found, unreadable

    def _lines(self, reports: Mapping[int, JobReport], held: set[int], at: datetime) -> Iterator[JobLine]:
        wanted, block = len(self._plan.wanted), self._plan.scenes_per_job
        for job in range(self._plan.jobs):
            scenes = min(block, wanted - job * block)
            if job not in reports:
                yield JobLine(job, "waiting", scenes)
                continue
            line = line_of(reports[job], scenes, at, self._stalled_after_s)
            if line.state == "failed" and held and self._all_held(line, held):
                line = replace(line, state="done")
            yield line

    def _all_held(self, line: JobLine, held: set[int]) -> bool:
        """Whether all that a job has not made stands in quarantine: to begin it again would do nothing."""
        return line.scenes_made + len(held.intersection(self._plan.scenes_of(line.job))) >= line.scenes


def look(place: str | Path, stalled_after_s: float = STALLED_AFTER_S) -> Status:
    """One look at a plan: a file, a dataset's root, or a URL of either."""
    return Look(place, stalled_after_s)()


def line_of(report: JobReport, scenes: int, at: datetime, stalled_after_s: float) -> JobLine:
    """A job's report at a glance."""
    last = report.last
    silent_s = max(0.0, (at - last.heartbeat).total_seconds())
    state = _state(last, silent_s, stalled_after_s)
    partly = _partly(last) if state == "running" else 0.0
    own = last.scenes_done + partly
    return JobLine(
        job=report.job,
        state=state,
        scenes=scenes,
        scenes_made=min(float(scenes), last.scenes_kept + own),
        attempt=last.number,
        host=last.host,
        wall_s=last.wall_s,
        silent_s=silent_s,
        pace=own / last.wall_s if own and last.wall_s >= LEAST_S else None,
        frame_pace=last.frames / last.wall_s if last.wall_s else 0.0,
        scene_s=last.wall_s / own if last.scenes_done else None,
        peak_bytes=max(a.peak_bytes for a in report.attempts),
        failures=last.failures,
        scenes_failed=last.scenes_failed,
        note=last.notes[-1] if last.notes else "",
    )


def _state(last: Attempt, silent_s: float, stalled_after_s: float) -> JobState:
    match last.state:
        case "done" | "failed" | "preempted":
            return last.state
        case _:
            return "stalled" if silent_s > stalled_after_s else "running"


def _partly(last: Attempt) -> float:
    """Scenes' worth of keyframes that belong to scenes under way."""
    to_make = last.scenes_asked - last.scenes_kept - last.scenes_left_out
    if not last.frames_asked or to_make <= 0:
        return 0.0
    begun = max(0, last.frames - last.frames_done) * to_make / last.frames_asked
    return min(begun, float(to_make - last.scenes_done))


def totals_of(reports: Iterable[JobReport]) -> Totals:
    """Sums over all attempts of all jobs."""
    reports = tuple(reports)
    attempts = [a for r in reports for a in r.attempts]
    spent: list[Attempt | Forgotten] = [*attempts, *(r.forgotten for r in reports)]
    seconds: dict[str, float] = {}
    trouble: Counter[str] = Counter()
    for a in attempts:
        for stage, s in a.seconds.items():
            seconds[stage] = seconds.get(stage, 0.0) + s
        trouble[a.host] += a.retries + a.scenes_failed + (a.state == "lost")
    most = max(((a.peak_bytes, r.job) for r in reports for a in r.attempts), default=(0, None))
    return Totals(
        attempts=sum(r.attempts_made for r in reports),
        retries=sum(a.retries for a in attempts),
        wall_s=sum(x.wall_s for x in spent),
        cpu_s=sum(x.cpu_s for x in spent),
        frames=sum(x.frames for x in spent),
        bytes_written=sum(x.bytes_written for x in spent),
        frames_done=sum(a.frames_done for a in attempts),
        scenes_done=sum(a.scenes_done for a in attempts),
        seconds=dict(sorted(seconds.items(), key=lambda item: -item[1])),
        trouble={host: n for host, n in sorted(trouble.items(), key=lambda item: (-item[1], item[0])) if n},
        peak_bytes=most[0],
        peak_job=most[1],
        scene_peak_bytes=max((a.scene_peak_bytes for a in attempts), default=0),
    )


def _job_of(name: str) -> int | None:
    """The job that a report's file name tells of."""
    stem, _, suffix = name.partition(".")
    return int(stem) if suffix == "json" and stem.isdecimal() else None
