"""One worker process under limits: started, given units, watched, ended with everything that it started."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection

import psutil

from pairforge.blas import ONE_THREAD
from pairforge.errors import MachineError
from pairforge.farm.attempts import Frames, Lost
from pairforge.farm.kin import held_bytes, kin
from pairforge.farm.protocol import Done, Foresighted, Limits, Reason, Work
from pairforge.farm.worker import BEGUN, DONE, FAILED, FRAME, STOP, TAKEN
from pairforge.scratch import claim_scratch
from pairforge.units import bytes_text

BLENDER_THREADS = "PAIRFORGE_BLENDER_THREADS"
LOOK_S = 0.5
"""Seconds between two looks at a worker's memory; ask ``Guard.heard`` at least this often."""
UNITS_PER_WORKER = 200
GROWTH = 1.25
"""How much more than after its first unit a worker must hold to count as grown."""
START_S, WAKE_S = 300.0, 60.0
"""Seconds in which a new worker, imports included, and one that has done units must have begun what it was given."""
_UNSEEN_S = 5.0
_GRACE_S = 10.0
_LOG_LINES = 15
_LOG_BYTES = 16384


class Guard:
    """Does one unit at a time in a process of its own, which is replaced when it died, grew, or did many units.

    The owner calls ``begin``, then ``heard`` again and again (``ear`` is ready when there is something to hear) until
    a Done or a Lost comes. ``grown_bytes``: a worker that holds more than this between two units, and a quarter more
    than after its first, is replaced (a fresh one would soon hold as much as that).
    ``threads``: how many Blender may use, unless the environment says so (None: as many as it finds). ``units``: how
    many a worker does before it is replaced (None: ``UNITS_PER_WORKER``).
    """

    def __init__(
        self,
        limits: Limits,
        grown_bytes: int | None = None,
        threads: int | None = None,
        units: int | None = None,
    ) -> None:
        self._limits, self._grown_bytes, self._threads = limits, grown_bytes, threads
        self._units = UNITS_PER_WORKER if units is None else units
        self._process: WorkerProcess | None = None
        self.job: Work | None = None
        self._then: Foresighted | None = None
        self._watch = _Watch()

    @property
    def ear(self) -> Connection:
        assert self._process is not None
        return self._process.pipe

    @property
    def pid(self) -> int | None:
        """The worker's process id, None when there is none."""
        return None if self._process is None else self._process.pid

    def begin(self, job: Work, then: Work | None = None) -> None:
        """Have ``job`` done; there must be none under way. ``then`` is what is likely to follow: it may be prepared
        meanwhile, and if the worker then dies or holds too much, it cannot be told whose fault that was."""
        assert self.job is None
        if self._process is not None and self._worn(self._process):
            self._process.retire()
            self._process = None
        if self._process is None:
            self._process = WorkerProcess(self._threads)
        self.job, self._watch = job, _Watch()
        self._then = then if isinstance(then, Foresighted) else None
        with contextlib.suppress(OSError):  # it is dead: ``heard`` will say so
            self._process.give(job, self._then)

    def heard(self) -> Iterator[Frames | Done | Lost]:
        """What happened since; after a Done or a Lost there is no unit under way. Never waits."""
        process = self._process
        if process is None or self.job is None:
            return
        try:
            while self.job is not None and process.pipe.poll():
                yield from self._understood(process, *process.pipe.recv())
        except (EOFError, OSError, pickle.UnpicklingError):
            yield self._lost(process, "died", process.obituary())
        if self.job is not None and (fault := self._fault(process)):
            yield self._lost(process, *fault)

    def _understood(self, process: WorkerProcess, what: str, value: object) -> Iterator[Frames | Done | Lost]:
        if what == TAKEN:
            self._watch.taken = True
        elif what == BEGUN:
            self._watch.begin()
        elif what == FRAME:
            assert isinstance(value, int)
            yield Frames(value)
        else:
            peak = max(self._watch.peak, held_bytes(process.pid))
            self.job = None
            process.units += 1
            process.pass_on_output()
            if what == DONE:
                assert isinstance(value, Done)
                yield replace(value, peak_bytes=peak)
            elif what == FAILED:
                assert isinstance(value, tuple)
                yield Lost(*value)

    def _fault(self, process: WorkerProcess) -> tuple[Reason, str] | None:
        """Why the unit under way must be ended now."""
        passed_s = self._watch.passed()
        if not self._watch.begun:
            due_s = WAKE_S if process.units else START_S
            return ("died", f"its worker did not begin it within {due_s:g} s") if passed_s > due_s else None
        limit = self._limits
        if limit.seconds is not None and passed_s > limit.seconds:
            return "hung", f"it was not done after {limit.seconds:g} s, its time limit"
        if not self._watch.look_due():
            return None
        held = held_bytes(process.pid)
        # Resident sizes count shared pages twice, so nobody is ended before they are told apart.
        if limit.memory_bytes is not None and held > limit.memory_bytes:
            held = held_bytes(process.pid, exact=True)
        self._watch.peak = max(self._watch.peak, held)
        if limit.memory_bytes is not None and held > limit.memory_bytes:
            return (
                "memory",
                f"it held {bytes_text(held)}, more than its limit of {bytes_text(limit.memory_bytes)}",
            )
        return None

    def _lost(self, process: WorkerProcess, reason: Reason, what: str) -> Lost:
        assert self.job is not None
        if reason == "hung":
            process.say_where()
        text = f"scene {self.job.index}: {what}. {process.log_tail()}"
        short = process.killed
        process.kill()
        self._process, self.job = None, None
        shared = self._then is not None and reason != "hung"
        crowded = shared and (reason == "memory" or short)
        return Lost(reason, MachineError(text), self._watch.taken and not shared, crowded)

    def _worn(self, process: WorkerProcess) -> bool:
        if process.units >= self._units or not process.alive:
            return True
        if self._grown_bytes is None:
            return False
        held = held_bytes(process.pid)
        if process.units == 1:
            process.settled_bytes = held
        return held > max(self._grown_bytes, GROWTH * process.settled_bytes)

    def dismiss(self) -> None:
        """Let the worker end by itself, so that several may at once; ``end`` it afterwards."""
        if self._process is not None and self.job is None:
            self._process.dismiss()

    def end(self, *, gently: bool = False) -> None:
        """End the worker and all that it started, at once or (``gently``) when it is idle; safe to call twice."""
        if self._process is not None:
            if gently and self.job is None:
                self._process.retire()
            else:
                self._process.kill()
        self._process, self.job = None, None


class _Watch:
    """Time and memory of one attempt: ``taken`` by the worker, and ``begun`` once that has imported what it needs,
    from when on the unit's time counts. Time in which nobody could look (a machine asleep, a job suspended) does not,
    since the unit could not work in it either."""

    def __init__(self) -> None:
        self.taken, self.begun, self.peak = False, False, 0
        self._passed_s, self._seen = 0.0, time.monotonic()
        self._looked = 0.0

    def begin(self) -> None:
        self.begun, self._passed_s, self._seen = True, 0.0, time.monotonic()

    def passed(self) -> float:
        now = time.monotonic()
        self._passed_s += min(now - self._seen, _UNSEEN_S)
        self._seen = now
        return self._passed_s

    def look_due(self) -> bool:
        if due := self._seen - self._looked >= LOOK_S:
            self._looked = self._seen
        return due


class WorkerProcess:
    """A running ``farm.worker`` at the head of a process group of its own, with a scratch folder of its own."""

    def __init__(self, threads: int | None = None) -> None:
        self.units, self.settled_bytes = 0, 0
        self._scratch = claim_scratch("worker")
        self._log = tempfile.TemporaryFile(mode="w+b", dir=self._scratch.folder)  # noqa: SIM115  (closed with the process)
        self._passed_on = 0
        ours, theirs = socket.socketpair()
        with theirs:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "pairforge.farm.worker", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno(), self._scratch.lock],
                process_group=0,
                env=_environment(str(self._scratch.folder), threads),
            )
        self.pipe = Connection(ours.detach())
        with contextlib.suppress(OSError):
            self.pipe.send_bytes(pickle.dumps([str(p) for p in sys.path]))

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return bool(psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE)

    @property
    def killed(self) -> bool:
        """Whether somebody ended it by signal 9, as a machine does that is short of memory."""
        return self._popen.returncode == -signal.SIGKILL

    def give(self, job: Work, then: Foresighted | None = None) -> None:
        """Raises OSError when the worker is gone."""
        self.pipe.send_bytes(pickle.dumps((job, then)))

    def obituary(self) -> str:
        """How it died, now that its pipe has closed; ends what it started."""
        self._kill_group()
        code = self._popen.wait()
        if self.killed:
            return (
                "its worker died of signal 9, which is what a machine sends that is short of memory; fewer workers "
                "need less of it"
            )
        if code < 0:
            return f"its worker died of signal {-code} ({signal.strsignal(-code)})"
        return f"its worker died with exit code {code}"

    def say_where(self) -> None:
        """Has it write to its log where it stands."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGUSR1)
            time.sleep(0.1)

    def log_tail(self) -> str:
        """The last lines that it printed."""
        lines = self._printed(0).decode(errors="replace").strip().splitlines()[-_LOG_LINES:]
        return "\n  ".join(["Its last output:", *lines]) if lines else "It printed nothing."

    def pass_on_output(self) -> None:
        """Shows on our standard error what it printed since."""
        if said := self._printed(self._passed_on):
            self._passed_on = os.fstat(self._log.fileno()).st_size
            sys.stderr.write(said.decode(errors="replace"))

    def _printed(self, start: int) -> bytes:
        size = os.fstat(self._log.fileno()).st_size
        start = max(start, size - _LOG_BYTES)
        return os.pread(self._log.fileno(), size - start, start)

    def dismiss(self) -> None:
        """Asks it to end when it is idle; ``retire`` waits for that."""
        with contextlib.suppress(OSError):
            self.pipe.send_bytes(STOP)

    def retire(self) -> None:
        """Ends it gently, then whatever it left."""
        self.dismiss()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(_GRACE_S)
        self.kill()

    def kill(self) -> None:
        """Ends it, its children and its scratch files, whatever state they are in; safe to call twice."""
        strays = kin(self.pid)[1:]
        self._kill_group()
        for process in strays:
            with contextlib.suppress(psutil.Error):
                process.kill()
        self._popen.wait()
        self.pipe.close()
        self._log.close()
        self._scratch.drop()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def _environment(folder: str, threads: int | None) -> dict[str, str]:
    """One BLAS thread: the processes are the parallelism, and sums never split differently."""
    blender = {} if threads is None else {BLENDER_THREADS: str(threads)}
    return {**blender, **os.environ, **ONE_THREAD, "TMPDIR": folder, "PYTHONUNBUFFERED": "1"}
