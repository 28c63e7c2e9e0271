"""What a job tells while it works: one small file, ``farm/jobs/<job>.json``, that any machine can read.

Nothing of it is hashed or verified; losing it loses no data.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from pydantic import ValidationError

from pairforge import __version__
from pairforge.datasets import timings
from pairforge.datasets.files import is_file, read_bytes, write_atomic
from pairforge.errors import DatasetError, first_fault
from pairforge.farm.clock import now
from pairforge.farm.logs import say
from pairforge.farm.protocol import Done, Failure
from pairforge.farm.report_schema import (
    ERROR_CHARACTERS,
    MOST_FAILURES,
    MOST_NOTES,
    Attempt,
    JobReport,
    SceneFailure,
    State,
    with_attempt,
)
from pairforge.farm.usage import Usage

HEARTBEAT_S = 10.0
TIMINGS_EVERY_S = 60.0
PATIENCE_S = 15.0
"""How long the last report waits for a store that is still busy with the one before."""


def report_path(root: Path, job: int) -> Path:
    return root / "farm" / "jobs" / f"{job:06d}.json"


def read_report(path: Path) -> JobReport:
    """A job's report; DatasetError when it is missing or damaged."""
    return parse_report(read_bytes(path), path)


def parse_report(data: bytes, path: Path) -> JobReport:
    """The report in these bytes, read from ``path``; DatasetError when they are none."""
    try:
        return JobReport.model_validate_json(data)
    except ValidationError as error:
        where, said = first_fault(error)
        raise DatasetError(
            f"{path} is no job report of this pairforge ({where}: {said}). Delete it: no data are lost by it."
        ) from error


def is_done(root: Path, job: int) -> bool:
    """Whether a job's report says that it is done."""
    report = _earlier(report_path(root, job))
    return report is not None and report.last.state == "done"


class Reporter(AbstractContextManager["Reporter"]):
    """Keeps the report of one attempt at a job up to date, from its first moment to its last.

    ``scenes`` are those of the job, of which ``kept`` were there already and ``left_out`` are quarantined; ``frames``
    is how many keyframes the others have together (0: not known). ``on_beat`` is called after each report with what
    it said. A store that refuses a report is counted and never raised, and so is an error of ``on_beat``.

    How it ends: "failed" when a scene failed or an error left it, "preempted" when it was left by SIGTERM, Ctrl-C or
    before all scenes were made, else "done".
    """

    def __init__(
        self,
        root: Path,
        job: int,
        scenes: Sequence[int],
        kept: Sequence[int] = (),
        left_out: Sequence[int] = (),
        frames: int = 0,
        heartbeat_s: float = HEARTBEAT_S,
        on_beat: Callable[[Attempt], None] = lambda attempt: None,
    ) -> None:
        self._on_beat = on_beat
        self._root, self._job, self._every_s = root, job, heartbeat_s
        self._earlier = _earlier(report_path(root, job))
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._over = threading.Event()
        self._usage = Usage()
        self._timings: dict[int, dict[str, float]] = {}
        self._timings_kept_at = self._usage.elapsed_s
        start = now()
        self._now = Attempt(
            number=self._earlier.attempts_made + 1 if self._earlier else 1,
            state="running",
            host=socket.gethostname(),
            process=os.getpid(),
            version=__version__,
            started=start,
            heartbeat=start,
            scenes_asked=len(scenes),
            scenes_kept=len(kept),
            scenes_left_out=len(left_out),
            frames_asked=frames,
        )
        self._pulse = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    @property
    def attempt(self) -> Attempt:
        """This attempt as it stands."""
        with self._lock:
            return self._now

    def __enter__(self) -> Reporter:
        self._write()
        self._pulse.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if value is not None and kind not in (SystemExit, KeyboardInterrupt, GeneratorExit):
            self.note(f"{type(value).__name__}: {value}")
        with self._lock:
            self._change(state=self._ending(kind), ended=now())
        self._write(last=True)

    def frame(self) -> None:
        """A keyframe is made."""
        with self._lock:
            self._change(frames=self._now.frames + 1, last_frame=now())

    def done(self, done: Done) -> None:
        """A scene is whole."""
        with self._lock:
            was, took = self._now, sum(done.seconds.values())
            seconds = {
                s: was.seconds.get(s, 0.0) + done.seconds.get(s, 0.0) for s in [*was.seconds, *done.seconds]
            }
            self._timings[done.index] = dict(done.seconds)
            slowest = was.slowest_scene_s is None or took > was.slowest_scene_s
            self._change(
                scenes_done=was.scenes_done + 1,
                frames_done=was.frames_done + done.frames,
                seconds={s: round(x, 4) for s, x in sorted(seconds.items())},
                bytes_written=was.bytes_written + done.bytes,
                scene_peak_bytes=max(was.scene_peak_bytes, done.peak_bytes),
                slowest_scene=done.index if slowest else was.slowest_scene,
                slowest_scene_s=round(took, 4) if slowest else was.slowest_scene_s,
            )

    def retried(self, failure: Failure) -> None:
        """A try was lost and will be made again."""
        with self._lock:
            self._change(retries=self._now.retries + 1, last_retry=_told(failure))

    def failed(self, failure: Failure) -> None:
        """A scene will not be made by this attempt. The first hundred keep their reasons, all are counted."""
        with self._lock:
            told = (*self._now.failures, _told(failure))[:MOST_FAILURES]
            self._change(scenes_failed=self._now.scenes_failed + 1, failures=told)

    def note(self, text: str) -> None:
        """Something that who looks should read; the newest twenty are kept."""
        with self._lock:
            self._change(notes=(*self._now.notes, text[:ERROR_CHARACTERS])[-MOST_NOTES:])

    def _change(self, **fields: object) -> None:
        self._now = self._now.model_copy(update=fields)

    def _ending(self, kind: type[BaseException] | None) -> State:
        was = self._now
        if kind in (SystemExit, KeyboardInterrupt, GeneratorExit):
            return "preempted"
        if kind is not None or was.scenes_failed:
            return "failed"
        accounted = was.scenes_done + was.scenes_kept + was.scenes_left_out
        return "done" if accounted >= was.scenes_asked else "preempted"

    def _beat(self) -> None:
        while not self._over.wait(self._every_s):
            self._write()

    def _write(self, last: bool = False) -> None:
        if not self._writing.acquire(timeout=PATIENCE_S if last else 0):
            return
        try:
            self._unharmed(lambda: self._put(last))
            self._unharmed(lambda: self._on_beat(self.attempt))
        finally:
            self._writing.release()

    def _unharmed(self, act: Callable[[], None]) -> None:
        """Whatever a store's client raises: a report must never stop the work that it reports."""
        try:
            act()
        except Exception as error:
            with self._lock:
                self._change(reports_refused=self._now.reports_refused + 1)
            say("report_refused", str(error), logging.WARNING)

    def _put(self, last: bool) -> None:
        usage = self._usage.measure()
        with self._lock:
            self._change(
                heartbeat=now(),
                wall_s=round(usage.wall_s, 1),
                cpu_s=round(max(self._now.cpu_s, usage.cpu_s), 1),
                peak_bytes=max(self._now.peak_bytes, usage.memory_bytes),
            )
            text = with_attempt(self._earlier, self._job, self._now).model_dump_json(indent=1) + "\n"
            timed = dict(self._timings)
        say(
            "heartbeat" if not last else "ended",
            self._now.state,
            frames=self._now.frames,
            seconds=self._now.wall_s,
            peak_bytes=self._now.peak_bytes,
            bytes=self._now.bytes_written,
        )
        write_atomic(self._root, report_path(self._root, self._job), text.encode())
        if timed and (last or self._usage.elapsed_s - self._timings_kept_at > TIMINGS_EVERY_S):
            timings.keep(self._root, self._job, timed)
            self._timings_kept_at = self._usage.elapsed_s
            with self._lock:
                self._timings = {k: v for k, v in self._timings.items() if k not in timed}


def _earlier(path: Path) -> JobReport | None:
    """What earlier attempts told; None when there is nothing, or nothing that can be read."""
    try:
        return read_report(path) if is_file(path) else None
    except Exception:  # as in _unharmed: a damaged report, or a store that refuses, must not stop the work
        return None


def _told(failure: Failure) -> SceneFailure:
    return SceneFailure(
        scene=failure.index,
        reason=failure.reason,
        tries=failure.tries,
        error=str(failure.error)[:ERROR_CHARACTERS],
    )
