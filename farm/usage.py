"""What a process and its descendants use: wall and CPU seconds, memory."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from pairforge.farm.kin import cpu_seconds, held_bytes


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
        # With what ran before us, which goes on, or is waited for later.
        self._cpu_before = sum(cpu_seconds(os.getpid()))

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._start

    def measure(self) -> Used:
        cpu_s = sum(cpu_seconds(os.getpid())) - self._cpu_before
        return Used(self.elapsed_s, cpu_s, held_bytes(os.getpid()))
