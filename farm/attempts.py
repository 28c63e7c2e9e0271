"""Which unit is begun when, and what follows from an attempt that was lost: the one policy of all executors."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pairforge.errors import MachineError, PairforgeError, RenderError
from pairforge.farm.protocol import Failure, Limits, Reason, Work

BLAMELESS = 20
"""Losses of one unit for which it is not to blame (its machine went away) before they count against it after all."""
CROWDED = 2
"""Losses for which memory may be to blame while another unit was prepared, after which none is prepared any more."""


def reason_of(error: BaseException) -> Reason:
    """Whom an exception raised by a unit speaks of. What nobody foresaw is the scene's: it would come again."""
    if isinstance(error, RenderError):
        return "render"
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, MachineError | OSError):
        return "storage"
    return "spec"


@dataclass(frozen=True)
class Frames:
    """The unit under way has made so many keyframes."""

    made: int


@dataclass(frozen=True)
class Lost:
    """An attempt ended without a result. ``blamed`` False: the unit did not surely cause it (it had not been begun,
    its machine went away, or another was being prepared beside it), so that the attempt does not count. ``crowded``:
    another was, and memory may be what the two lacked."""

    reason: Reason
    error: PairforgeError
    blamed: bool = True
    crowded: bool = False


class Attempts:
    """Units waiting to be begun, each at most ``limits.tries`` times. ``now`` is any clock of seconds.

    Retries that are due go before what was never begun, so that the worst does not come last; until then they hold
    nobody up.
    """

    def __init__(self, jobs: Sequence[Work], limits: Limits) -> None:
        self._limits = limits
        self._jobs, self._next = jobs, 0  # those from the next on were never begun
        self._again: list[tuple[float, int, Work]] = []
        self._tries: Counter[int] = Counter()
        self._blameless: Counter[int] = Counter()
        self._lost: set[int] = set()
        self._crowded = 0

    def __len__(self) -> int:
        """How many units wait."""
        return len(self._jobs) - self._next + len(self._again)

    def take(self, now: float) -> Work | None:
        """The unit to begin now, None when there is none (or none yet)."""
        if self._again and self._again[0][0] <= now:
            job = heapq.heappop(self._again)[2]
        elif self._next < len(self._jobs):
            job = self._jobs[self._next]
            self._next += 1
        else:
            return None
        self._tries[job.index] += 1
        return job

    def after(self, job: Work) -> Work | None:
        """What one worker that has just taken ``job`` will most likely take next, to be prepared beside it.

        None when nothing waits, when ``job`` was lost before (it is then done alone, so that what befalls it is its
        own doing), or when two units at a time are more than the memory holds.
        """
        fits = job.index not in self._lost and self._crowded < CROWDED
        waits = self._next < len(self._jobs) and fits
        return self._jobs[self._next] if waits else None

    def due_in(self, now: float) -> float | None:
        """Seconds until ``take`` gives a unit; None when nothing waits."""
        if self._next < len(self._jobs):
            return 0.0
        return max(0.0, self._again[0][0] - now) if self._again else None

    def tries(self, job: Work) -> int:
        """How often ``job`` was begun so far."""
        return self._tries[job.index]

    def lost(self, job: Work, how: Lost, now: float) -> tuple[Failure, bool]:
        """An attempt ended without a result: what happened, and whether the unit will be begun again."""
        self._lost.add(job.index)
        self._crowded += how.crowded
        if not how.blamed:
            self._blameless[job.index] += 1
            self._tries[job.index] -= self._blameless[job.index] <= BLAMELESS
        tries = self._tries[job.index]
        failure = Failure(job.index, how.error, how.reason, max(1, tries))
        if how.reason == "spec" or tries >= self._limits.tries:
            return failure, False
        wait_s = self._limits.pause_s * 2 ** max(0, tries - 1)
        heapq.heappush(self._again, (now + wait_s, job.index, job))
        return failure, True


class Ticks:
    """Tells of each keyframe once, however often it is made."""

    def __init__(self, on_frame: Callable[[], None]) -> None:
        self._on_frame = on_frame
        self._told: dict[int, int] = {}

    def made(self, index: int, frames: int) -> None:
        """Unit ``index`` has now made ``frames`` keyframes."""
        if frames > self._told.get(index, 0):
            self._told[index] = frames
            self._on_frame()
