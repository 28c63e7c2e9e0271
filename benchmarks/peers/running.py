"""Runs a contender in a process of its own and measures it from outside: wall and CPU seconds, memory, bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

HERE = Path(__file__).parent
VENVS = Path(sys.prefix).resolve().parent / ".venvs"
_LOOK_S = 0.2


@dataclass(frozen=True)
class Contender:
    """A script of ``contenders/``, the environment that it runs in ("": our own), and what its command line adds."""

    name: str
    script: str
    environment: str
    settings: str
    options: tuple[str, ...] = ()

    @property
    def python(self) -> str:
        return str(VENVS / f"peers-{self.environment}" / "bin/python") if self.environment else sys.executable


@dataclass(frozen=True)
class Run:
    """``wall_s`` and ``cpu_s`` from the start of the process to its end, of it and all its children; ``peak_mb`` the
    largest sum of their memory, what they share counted once (PSS)."""

    frames: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    kept_bytes: int


@dataclass(frozen=True)
class Measured:
    """A first frame with all that comes before it, and what each frame more costs."""

    first: Run
    many: Run

    @property
    def _more(self) -> int:
        return self.many.frames - self.first.frames

    @property
    def wall_s(self) -> float:
        return (self.many.wall_s - self.first.wall_s) / self._more

    @property
    def cpu_s(self) -> float:
        return (self.many.cpu_s - self.first.cpu_s) / self._more

    @property
    def kept_bytes(self) -> float:
        return (self.many.kept_bytes - self.first.kept_bytes) / self._more


def run(contender: Contender, exchange: Path, out: Path, samples: int, frames: int) -> Run:
    """One run into a fresh folder ``out``; raises CalledProcessError with its last words in ``out``.log."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = [contender.python, str(HERE / "contenders" / contender.script), str(exchange), str(out)]
    command += ["--samples", str(samples), "--frames", str(frames), "--settings", contender.settings]
    log = out.with_suffix(".log")
    with log.open("w") as said:
        start, before = time.perf_counter(), os.times()
        command += contender.options
        child = subprocess.Popen(command, stdout=said, stderr=said, env=_environment(contender))
        peak = _Peak(child.pid)
        code = child.wait()
        wall_s, after = time.perf_counter() - start, os.times()
        peak.stop()
    if code:
        print("\n".join(log.read_text().splitlines()[-15:]), file=sys.stderr)
        raise subprocess.CalledProcessError(code, command)
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    kept = sum(p.stat().st_size for p in out.rglob("*") if p.is_file() and "scratch" not in p.parts)
    return Run(frames, wall_s, cpu_s, peak.mb, kept)


def unpack(contender: Contender, out: Path, exchange: Path) -> None:
    """Turns what a contender keeps into the arrays that are compared, by its own libraries."""
    script = HERE / "contenders" / f"unpack_{contender.script.partition('_')[0]}.py"
    if script.exists():
        subprocess.run([contender.python, script, out, exchange], check=True)


def measure(contender: Contender, exchange: Path, out: Path, samples: int, frames: int) -> Measured:
    """A run of one frame, then one of ``frames``, which is what stays in ``out``."""
    first = run(contender, exchange, out, samples, 1)
    return Measured(first, run(contender, exchange, out, samples, frames))


def _environment(contender: Contender) -> dict[str, str]:
    """Ours for ourselves; for others without our import path."""
    root = str(HERE.parents[1])
    ours = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return kept if contender.environment else kept | {"PYTHONPATH": ours}


class _Peak(threading.Thread):
    """Looks at the memory of a process and its descendants until it is stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._root, self._over = psutil.Process(pid), threading.Event()
        self.mb = 0.0
        self.start()

    def run(self) -> None:
        while not self._over.wait(_LOOK_S):
            with suppress(psutil.NoSuchProcess):
                family = [self._root, *self._root.children(recursive=True)]
                self.mb = max(self.mb, sum(_pss_mb(p.pid) for p in family))

    def stop(self) -> None:
        self._over.set()
        self.join()


def _pss_mb(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1]) / 1024
    return 0.0
