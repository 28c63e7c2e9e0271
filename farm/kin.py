"""A process and all that it started: which they are, what memory they hold together, what CPU time they have used."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil


def kin(pid: int) -> list[psutil.Process]:
    """The process and its descendants that are there now; empty when it is gone."""
    found: list[psutil.Process] = []
    for one in [pid, *_descendants(pid)]:
        with contextlib.suppress(psutil.Error):
            found.append(psutil.Process(one))
    return found


def held_bytes(pid: int, *, exact: bool = False) -> int:
    """What the process and its descendants hold: resident sizes, which count pages that several map once for each, or
    (``exact``, some milliseconds a gigabyte) their fair shares of such pages."""
    total = 0
    for process in kin(pid):
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss if exact else process.memory_info().rss
    return total


def cpu_seconds(pid: int) -> tuple[float, float]:
    """CPU seconds that the process itself has used, and its descendants: those that are there, and dead ones that
    were waited for. What orphans used is lost with them; zero for a process that is gone."""
    own_s = kin_s = 0.0
    for process in kin(pid):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            spent_s = times.user + times.system
            own_s, kin_s = (spent_s, kin_s) if process.pid == pid else (own_s, kin_s + spent_s)
            kin_s += times.children_user + times.children_system
    return own_s, kin_s


def _descendants(pid: int) -> list[int]:
    # psutil's own way reads every process of the machine (8 ms among 300); this one reads the kin alone.
    direct: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(ProcessLookupError):
                direct += [int(child) for child in (task / "children").read_text().split()]
    except FileNotFoundError:
        with contextlib.suppress(psutil.Error):
            return [p.pid for p in psutil.Process(pid).children(recursive=True)]
        return []
    return direct + [further for child in direct for further in _descendants(child)]
