"""What a plan's scenes cost: figures measured on a few of them, and what follows for all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Amount = Annotated[float, Field(ge=0, le=1e18, allow_inf_nan=False)]
SAFETY_TIME, LEAST_TIME_LIMIT_S = 10.0, 300.0
"""A scene gets ten times the longest measured: a slower machine with busy neighbours, or one that was suspended for a
minute or two, is no hang."""
SAFETY_MEMORY, MEMORY_STEP = 1.5, 256 << 20


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Spread(_Strict):
    """A quantity over the measured scenes; ``spread`` is the standard deviation of a sample (0 for one)."""

    mean: Amount
    spread: Amount
    least: Amount
    most: Amount

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        deviation = stdev(values) if len(values) > 1 else 0.0
        return cls(
            mean=_short(fmean(values)),
            spread=_short(deviation),
            least=_short(min(values)),
            most=_short(max(values)),
        )


class Measured(_Strict):
    """Figures of the scenes ``scenes``, made for the purpose and thrown away. Of one scene: ``wall_s`` and ``cpu_s``
    (all its processes), of which ``renderer_cpu_s`` in the renderer's own process; ``stages`` wall seconds by stage
    (some overlap); ``bytes`` published; ``keyframes``. ``start_s`` is what a worker takes beside its scenes,
    ``peak_bytes`` the most memory that its processes held together, ``failed`` how many scenes could not be made."""

    scenes: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=1, max_length=10_000)
    failed: int = Field(ge=0)
    cores: int = Field(ge=1)
    keyframes: Spread
    wall_s: Spread
    cpu_s: Spread
    renderer_cpu_s: Spread
    stages: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")], Spread] = Field(max_length=100)
    bytes: Spread
    start_s: Amount
    peak_bytes: int = Field(ge=0, le=1 << 60)

    @property
    def time_limit_s(self) -> float:
        """The time limit of one scene that these figures propose: ten times the longest, five minutes at least."""
        return _rounded(max(SAFETY_TIME * self.wall_s.most, LEAST_TIME_LIMIT_S))

    @property
    def memory_bytes(self) -> int:
        """Memory to ask a scheduler for, for each worker: half as much again as was seen."""
        return math.ceil(SAFETY_MEMORY * self.peak_bytes / MEMORY_STEP) * MEMORY_STEP

    @property
    def cores_used(self) -> float:
        """CPU seconds a wall second: how many cores one worker kept busy."""
        return self.cpu_s.mean / self.wall_s.mean if self.wall_s.mean else 1.0

    def job_s(self, scenes: int) -> float:
        """Wall seconds of a job of that many scenes with one worker."""
        return self.start_s + scenes * self.wall_s.mean


class Estimate(_Strict):
    """What a whole plan will cost, from its measured figures; ``uncertainty`` is the standard error of the mean wall
    time, as a part of it (NaN never: 1 when a single scene was measured)."""

    scenes: int
    keyframes: int
    jobs: int
    job_s: float
    worker_hours: float
    cpu_hours: float
    uncertainty: float
    storage_bytes: int
    hours_at: dict[int, float]


def estimate(
    measured: Measured, scenes: int, scenes_per_job: int, workers: Sequence[int] = (1, 10, 100, 1000)
) -> Estimate:
    """Totals of ``scenes`` scenes in jobs of ``scenes_per_job``, a worker each, ``workers`` jobs at a time."""
    jobs = math.ceil(scenes / scenes_per_job)
    whole_s = scenes * measured.wall_s.mean + jobs * measured.start_s
    sampled = len(measured.scenes)
    error = 1.0
    if sampled > 1 and measured.wall_s.mean:
        error = measured.wall_s.spread / math.sqrt(sampled) / measured.wall_s.mean
    longest_s = measured.job_s(min(scenes, scenes_per_job))
    return Estimate(
        scenes=scenes,
        keyframes=round(scenes * measured.keyframes.mean),
        jobs=jobs,
        job_s=longest_s,
        worker_hours=whole_s / 3600,
        cpu_hours=scenes * measured.cpu_s.mean / 3600,
        uncertainty=error,
        storage_bytes=round(scenes * measured.bytes.mean),
        hours_at={w: math.ceil(jobs / w) * longest_s / 3600 for w in workers if w <= jobs or w == 1},
    )


def scenes_in(measured: Measured, minutes: float, scenes: int) -> int:
    """How many scenes make a job of at most that many minutes, one at least: two digits of it, since a clock's jitter
    reaches the third."""
    fit = max(1.0, (60 * minutes - measured.start_s) / max(measured.wall_s.mean, 1e-6))
    step = int(10 ** max(0, math.floor(math.log10(fit)) - 1))
    return min(scenes, step * int(fit / step))


def _short(value: float) -> float:
    """Four significant digits: more would be a pretence."""
    return float(f"{value:.4g}")


def _rounded(seconds: float) -> float:
    """Up to a whole minute."""
    return 60.0 * math.ceil(seconds / 60)
