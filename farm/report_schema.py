"""The schema of a job's report: its attempts, newest last, and what each did and used.

Its size is bounded whatever happens: a status reads ten thousand of them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

FORMAT = "pairforge-job-report"
FORMAT_VERSION = 1
MOST_ATTEMPTS = 8
MOST_FAILURES = 100
MOST_NOTES = 20
ERROR_CHARACTERS = 600

State = Literal["running", "done", "failed", "preempted", "lost"]
"""Under way; every scene is there; scenes failed, or an error ended it; stopped from outside, to be begun again;
ended without a word (seen by the attempt after it)."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SceneFailure(_Strict):
    """A scene that was not made, or a try at it that was lost; ``reason`` as in ``farm.protocol.Reason``."""

    scene: int
    reason: str
    tries: int
    error: str


class Attempt(_Strict):
    """One attempt at a job. Its counts are its own; ``frames`` counts keyframes as they
    are made, ``frames_done`` those of whole scenes. ``seconds`` are wall seconds by stage summed over whole scenes;
    ``cpu_s`` and ``peak_bytes`` (resident memory, sampled at heartbeats) are of the process and its descendants on
    this host. ``scene_peak_bytes`` is the most that one worker held for one scene (0: not measured)."""

    number: int = Field(ge=1)
    state: State
    host: str
    process: int
    version: str
    started: AwareDatetime
    heartbeat: AwareDatetime
    ended: AwareDatetime | None = None
    last_frame: AwareDatetime | None = None
    scenes_asked: int = Field(ge=0)
    scenes_kept: int = Field(default=0, ge=0)
    scenes_left_out: int = Field(default=0, ge=0)
    scenes_done: int = Field(default=0, ge=0)
    scenes_failed: int = Field(default=0, ge=0)
    failures: tuple[SceneFailure, ...] = ()
    retries: int = Field(default=0, ge=0)
    last_retry: SceneFailure | None = None
    frames_asked: int = Field(default=0, ge=0)
    frames: int = Field(default=0, ge=0)
    frames_done: int = Field(default=0, ge=0)
    seconds: dict[str, float] = {}
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0
    scene_peak_bytes: int = 0
    slowest_scene: int | None = None
    slowest_scene_s: float | None = None
    bytes_written: int = 0
    notes: tuple[str, ...] = ()
    reports_refused: int = 0


class Forgotten(_Strict):
    """What attempts too old to be kept one by one did together."""

    attempts: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    frames: int = 0
    bytes_written: int = 0


class JobReport(_Strict):
    """``farm/jobs/<job>.json``."""

    format: Literal["pairforge-job-report"] = "pairforge-job-report"
    format_version: Literal[1] = 1
    job: int = Field(ge=0)
    attempts: tuple[Attempt, ...] = Field(min_length=1)
    forgotten: Forgotten = Forgotten()

    @property
    def last(self) -> Attempt:
        return self.attempts[-1]

    @property
    def attempts_made(self) -> int:
        return self.last.number


def with_attempt(earlier: JobReport | None, job: int, attempt: Attempt) -> JobReport:
    """The report with one more attempt; the oldest beyond ``MOST_ATTEMPTS`` are summed up, and an earlier one that
    still says "running" is "lost"."""
    if earlier is None:
        return JobReport(job=job, attempts=(attempt,))
    before = tuple(
        a.model_copy(update={"state": "lost"}) if a.state == "running" else a for a in earlier.attempts
    )
    kept = (*before, attempt)[-MOST_ATTEMPTS:]
    forgotten = earlier.forgotten
    for old in (*before, attempt)[: -len(kept)]:
        forgotten = _summed(forgotten, old)
    return JobReport(job=job, attempts=kept, forgotten=forgotten)


def _summed(total: Forgotten, old: Attempt) -> Forgotten:
    return Forgotten(
        attempts=total.attempts + 1,
        wall_s=round(total.wall_s + old.wall_s, 1),
        cpu_s=round(total.cpu_s + old.cpu_s, 1),
        frames=total.frames + old.frames,
        bytes_written=total.bytes_written + old.bytes_written,
    )
