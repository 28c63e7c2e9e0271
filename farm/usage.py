"""What a process and its descendants use: wall and CPU seconds, memory."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Used:
    """``wall_s`` since the start, ``cpu_s`` of this process since then and of its descendants, dead ones that were
    waited for included; ``memory_bytes`` resident now, pages that processes share counted once for each."""

    wall_s: float
    cpu_s: float
    memory_bytes: int


class Usage:
    """Measures from the moment it is made."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._process = psutil.Process()
        self._cpu_before = self._now()[0]  # with what ran before us, which goes on, or is waited for later

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._start

    def measure(self) -> Used:
        cpu, memory = self._now()
        return Used(self.elapsed_s, cpu - self._cpu_before, memory)

    def _now(self) -> tuple[float, int]:
        """CPU seconds that this process and its descendants ever used, and bytes resident in them."""
        cpu, memory = 0.0, 0
        for process in [self._process, *self._process.children(recursive=True)]:
            with suppress(psutil.Error):  # it ended meanwhile
                cpu += _cpu(process)
                memory += process.memory_info().rss
        return cpu, memory


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)
